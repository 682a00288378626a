"""The values of a graph with changes, from those of its index: only what changed is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.adjacency import Ids
from kgqa.graph.indexed_graph import Difference, IndexedGraph
from kgqa.graph.relation_facts import FactsByRelation
from kgqa.graph.updating.layered_adjacency import LayeredAdjacency
from kgqa.graph.values.cell_values import CELL_ARRAYS, can_be_cells
from kgqa.graph.values.node_values import NodeValues, SomeNodes, days_by_year, read_nodes
from kgqa.graph.values.value import COMPARABLE, ValueKind
from kgqa.graph.values.value_arrays import Facts, Pairs, Survey, values_of_relations

__all__ = ["ChangedValues", "change_values"]

Arrays = Mapping[str, NDArray[Any]]


class ChangedValues(NamedTuple):
    """What differs from the values of the index.

    `arrays` are those of the relations that are `own` (bool), and the kinds and units of all relations, and
    the years of all days.
    """

    nodes: NodeValues
    arrays: Arrays
    own: NDArray[np.bool_]
    unit_names: tuple[str, ...]


def change_values(
    graph: IndexedGraph,
    difference: Difference,
    base: Arrays,
    base_nodes: NodeValues,
    unit_names: tuple[str, ...],
) -> ChangedValues:
    """The values of a graph with changes, given the arrays of its index, and the values of nodes there.

    Computed are those of relations with facts added or removed, with another name, or with a tail that is
    another; but not of relations that had no values and still have a tail that is none.
    """
    names, touched = list(unit_names), difference.entities
    fresh = read_nodes(graph, touched, names)
    nodes = SomeNodes(touched, fresh, base_nodes)
    kinds = _longer(base["relation_kinds"], graph.relation_count)
    own = np.zeros(graph.relation_count, dtype=np.bool_)
    new_tails = _NewTails.of(graph, difference, nodes)
    for relation in np.union1d(difference.relations, new_tails.relations).tolist():
        if relation >= len(base["witnesses"]) or not new_tails.keep_out(
            int(base["witnesses"][relation]), relation
        ):
            own[relation] = True
        elif ValueKind.TEXT in new_tails.kinds(relation):
            kinds[relation] = ValueKind.TEXT
    facts, pairs = _facts(graph, np.flatnonzero(own).tolist())
    survey = Survey(nodes, graph.relation_count)
    survey.add(pairs, can_be_cells(graph, pairs.tails, nodes.at("plain", pairs.tails)))
    is_known = ~np.isin(base["cell_nodes"], touched)
    known = {name: base[name][is_known] for name in CELL_ARRAYS}
    arrays = values_of_relations(graph, nodes, survey.kinds, survey.candidates, pairs, facts, known, names)
    units = _longer(base["relation_units"], graph.relation_count)
    kinds[own], units[own] = arrays["relation_kinds"][own], arrays["relation_units"][own]
    arrays |= {"relation_kinds": kinds, "relation_units": units}
    arrays |= _years(base, {name: base_nodes.at(name, touched) for name in fresh}, fresh)
    return ChangedValues(nodes, arrays, own, tuple(names))


@dataclass(frozen=True)
class _NewTails:
    """Tails of relations that may be new or changed, sorted by relation."""

    graph: IndexedGraph
    touched: NDArray[np.int64]
    nodes: NodeValues
    relations: Ids
    tails: Ids

    @classmethod
    def of(cls, graph: IndexedGraph, difference: Difference, nodes: NodeValues) -> Self:
        """Those of all changed rows, and changed entities."""
        assert isinstance(graph.outward, LayeredAdjacency)
        _, added, tails = graph.outward.changed_edges
        owners, reaching, _ = graph.inward.gather(difference.entities)
        relations = np.concatenate([added[np.isin(added, difference.relations)], reaching])
        tails = np.concatenate([tails[np.isin(added, difference.relations)], difference.entities[owners]])
        order = np.argsort(relations, kind="stable")
        return cls(graph, difference.entities, nodes, relations[order], tails[order].astype(np.int32))

    def kinds(self, relation: int) -> NDArray[np.uint8]:
        """The kinds of the tails of one relation."""
        low, high = np.searchsorted(self.relations, [relation, relation + 1])
        return self.nodes.at("kinds", self.tails[low:high])

    def keep_out(self, witness: int, relation: int) -> bool:
        """Whether a relation still has no values: its witness is there, and no new tail has an order."""
        return (
            witness >= 0
            and not np.isin(witness, self.touched)
            and len(self.graph.inward.over(witness, relation)) > 0
            and not np.isin(self.kinds(relation), COMPARABLE).any()
        )


def _facts(graph: IndexedGraph, relations: list[int]) -> tuple[Facts, Pairs]:
    """All facts of some relations, and the pairs in them."""
    by_relation = FactsByRelation.of_graph(graph)
    found = [by_relation.of(relation) for relation in relations]
    distinct = [np.unique(tails) for _, tails in found]
    nothing = np.empty(0, dtype=np.int32)
    return (
        Facts(
            np.concatenate([nothing, *(heads for heads, _ in found)]),
            _repeated(relations, [tails for _, tails in found]),
            np.concatenate([nothing, *(tails for _, tails in found)]),
        ),
        Pairs(_repeated(relations, distinct), np.concatenate([nothing, *distinct])),
    )


def _repeated(relations: list[int], parts: list[Ids]) -> Ids:
    return np.repeat(np.array(relations, dtype=np.int32), [len(part) for part in parts])


def _longer(array: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    return np.concatenate([array, np.zeros(count - len(array), dtype=np.uint8)])


def _years(base: Arrays, old: Arrays, fresh: Arrays) -> dict[str, NDArray[np.int64]]:
    """The years of all days: those of the index without nodes that changed, and with what they are now."""
    gone = days_by_year(old)
    parts = [(base["year_numbers"], base["year_counts"]), (gone[0], -gone[1]), days_by_year(fresh)]
    numbers, at = np.unique(np.concatenate([years for years, _ in parts]), return_inverse=True)
    counts = np.zeros(len(numbers), dtype=np.int64)
    np.add.at(counts, at, np.concatenate([number for _, number in parts]))
    return {"year_numbers": numbers[counts > 0], "year_counts": counts[counts > 0]}
