"""The values of a graph: a kind and an order for each relation, as arrays in memory or on disk."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import UsageError, check_count
from kgqa.graph.arrays.array_folder import open_arrays, write_arrays
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.naming import local_name
from kgqa.graph.values.cell import guess_value
from kgqa.graph.values.changed_values import change_values
from kgqa.graph.values.extreme import Extreme, SortedFacts, find_extreme
from kgqa.graph.values.node_values import NodeValues, NoValues, SomeNodes
from kgqa.graph.values.unit import unit_of_comment, unit_of_name
from kgqa.graph.values.value import COMPARABLE, Value, ValueKind
from kgqa.graph.values.value_arrays import ARRAYS, compute_values

__all__ = ["ValueTable"]

FORMAT, VERSION = "kgqa-values", 3
FOLDER = f"values-{hashlib.sha256(FORMAT.encode()).hexdigest()[:16]}"
"""The folder of the arrays in an index folder; replaced when it is of another graph."""

RDFS_COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"

Comparison = Literal["below", "above", "inside", "equals"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ValueTable:
    """The values of the nodes of a graph, and the facts of each relation sorted by the value of their tails.

    Nodes and relations are the numbers of the graph. Literals mean something for themselves (`kinds_of`).
    What a node means under a relation depends on the relation (`values_of`): its tails are compared as one
    kind (`relation_kind`), those of other kinds count as having no value.

    The table of a graph is computed once (`of`). It is stored in the graph's index folder, if it has one,
    and memory-mapped from there. Of a graph with changes only what differs from its index is computed.

    >>> from kgqa.graph import GraphBuilder
    >>> graph = GraphBuilder.of([("Nile", "length in km", "6,650"), ("Rhine", "length in km", "1,230")])
    >>> table = ValueTable.of(graph)
    >>> relation = graph.relation_id("length in km")
    >>> table.relation_kind(relation), table.unit_of(relation)
    (<ValueKind.NUMBER: 1>, 'km')
    >>> longest = table.extreme(relation, np.arange(graph.entity_count), least=False)
    >>> graph.entity(longest.members[0]), str(table.value(relation, longest.tails[0])), longest.valued
    ('Nile', '6,650 km', 2)
    """

    graph: IndexedGraph
    arrays: Mapping[str, NDArray[Any]]
    """The arrays by their names; see `kgqa.graph.values.value_arrays`."""
    unit_names: tuple[str, ...]
    nodes: NodeValues
    """What nodes mean for themselves."""
    own: NDArray[np.bool_] | None = None
    """The relations in `arrays`, where those of the others are in `base`; bool of shape (relations,)."""
    base: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """The arrays of the index, of a graph with changes."""
    _units: dict[int, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The table of a graph: from memory, from its index folder, or computed."""
        found = graph.derived.get(cls)
        if not isinstance(found, cls):
            found = graph.derived[cls] = cls._of(graph)
        return found

    @classmethod
    def _of(cls, graph: IndexedGraph) -> Self:
        if graph.difference is None:
            arrays, unit_names = _load(graph)
            return cls(graph, arrays, unit_names, SomeNodes(arrays["literals"], arrays, NoValues()))
        index = cls.of(graph.difference.base)
        changed = change_values(graph, graph.difference, index.arrays, index.nodes, index.unit_names)
        return cls(graph, changed.arrays, changed.unit_names, changed.nodes, changed.own, index.arrays)

    def kinds_of(self, nodes: NDArray[Any]) -> NDArray[np.uint8]:
        """The kinds of the own values of some nodes. Resources have none."""
        return self.nodes.at("kinds", nodes)

    @property
    def years_of_days(self) -> NDArray[np.int64]:
        """The years of all days among the literals, sorted."""
        return self.arrays["year_numbers"]

    def relation_kind(self, relation: int) -> ValueKind:
        """The kind that the tails of a relation are compared as.

        It is the kind that most of its distinct tails have, of those with an order; equally many: the
        first in the order of `ValueKind`. `TEXT` for texts only, `NONE` for a relation without literals.
        """
        return ValueKind(int(self.arrays["relation_kinds"][relation]))

    def step_kind(self, relations: Sequence[int]) -> ValueKind:
        """The kind of relations that are one step: that of the first (by identifier) that has an order."""
        kinds = (self.relation_kind(relation) for relation in sorted(relations, key=self.graph.relation))
        return next((kind for kind in kinds if kind in COMPARABLE), ValueKind.NONE)

    @property
    def comparable_relations(self) -> NDArray[np.int64]:
        """The relations whose tails can be compared, sorted."""
        return np.flatnonzero(np.isin(self.arrays["relation_kinds"], COMPARABLE))

    def values_of(self, relation: int, nodes: NDArray[Any]) -> tuple[Floats, Floats]:
        """What nodes mean as tails of a relation: two float64 arrays, low and high, NaN where nothing."""
        nodes = np.asarray(nodes)
        if self.is_column(relation):
            known, lows, highs = self._parts(relation, "column", "column_nodes", "column_low", "column_high")
            at = np.minimum(np.searchsorted(known, nodes.astype(known.dtype)), len(known) - 1)
            here = known[at] == nodes
            low, high = lows[at], highs[at]
        else:
            kind = self.relation_kind(relation)
            kinds, units, low, high = self.nodes.several(nodes, "kinds", "units", "low", "high")
            here = (kinds == kind) & (kind in COMPARABLE) & (units == self.arrays["relation_units"][relation])
        return np.where(here, low, np.nan), np.where(here, high, np.nan)

    def value(self, relation: int, node: int) -> Value:
        """What one node means as a tail of a relation, with its text and unit."""
        low, high = (float(part[0]) for part in self.values_of(relation, np.array([node])))
        text = self.graph.labels[node]
        if not math.isnan(low):
            number = guess_value(text).text if self.is_column(relation) else text  # without its unit
            return Value(self.relation_kind(relation), low, high, number, self.unit_of(relation))
        own = ValueKind(int(self.kinds_of(np.array([node]))[0]))
        kind = ValueKind.NONE if own == ValueKind.NONE else ValueKind.TEXT
        return Value(kind, low, high, text)

    def by_value(self, relation: int) -> SortedFacts:
        """The facts of a relation whose tails have values, sorted by low, high, head and tail.

        The arrays are slices of arrays for all relations; nothing is copied.
        """
        names = ("fact_heads", "fact_tails", "fact_low", "fact_high")
        return SortedFacts(*self._parts(relation, "fact", *names))

    def heads(self, relation: int) -> NDArray[np.int32]:
        """The distinct heads of the facts in `by_value`, sorted; int32."""
        return self._parts(relation, "head", "heads")[0]

    def extreme(self, relation: int, members: NDArray[Any], least: bool, count: int = 1) -> Extreme:
        """The `count` members with the least or greatest values of a relation, and all equal to the last.

        `members` are node numbers, or a bool array of shape (entities,). Values are compared by low, then
        high: a year is before the days in it but the first. A member with several values has its best one.
        Members without a value are passed over; `valued` says how many have one.

        Raises `UsageError` for a `count` below 1 or a mask of another shape.
        """
        check_count(count, "count")
        mask = self._mask(members)
        return find_extreme(self.by_value(relation), self.heads(relation), mask, least, count)

    def where(self, relation: int, comparison: Comparison, value: Value) -> NDArray[np.int64]:
        """The positions in `by_value` of the facts whose tails compare so with a value, sorted.

        `comparison` is the name of a method of `Value`. Nothing for a value of another kind or unit.
        """
        facts = self.by_value(relation)
        like = Value(self.relation_kind(relation), 0.0, 0.0, "", self.unit_of(relation))
        if not like.comparable(value):
            return np.empty(0, dtype=np.int64)
        is_date = like.kind == ValueKind.DATE
        low, high = facts.low, facts.high
        start, stop = 0, len(low)
        match comparison:
            case "below":
                stop = int(np.searchsorted(low, value.low, "left"))
                rows = np.arange(stop)
                return rows[high[:stop] <= value.low] if is_date else rows
            case "above":
                start = int(np.searchsorted(low, value.high, "left" if is_date else "right"))
                return np.arange(start, stop)
            case "inside" | "equals":
                last = value.low if comparison == "equals" else value.high
                start = int(np.searchsorted(low, value.low, "left"))
                stop = int(np.searchsorted(low, last, "right"))
                rows = np.arange(start, stop)
                same = (
                    high[start:stop] == value.high
                    if comparison == "equals"
                    else high[start:stop] <= value.high
                )
                return rows[same]
        raise UsageError(f"comparison must be below, above, inside or equals, not {comparison!r:.80}")

    def unit_of(self, relation: int) -> str:
        """The unit of a relation's numbers: of datatype, label, name or `rdfs:comment`; empty if unknown."""
        unit = self._units.get(relation)
        if unit is None:
            unit = self._units[relation] = self._find_unit(relation)
        return unit

    def _find_unit(self, relation: int) -> str:
        if self.relation_kind(relation) != ValueKind.NUMBER:
            return ""
        unit = self.unit_names[int(self.arrays["relation_units"][relation])]
        identifier = self.graph.relation(relation)
        for name in (self.graph.relation_labels[relation], local_name(identifier), identifier):
            unit = unit or unit_of_name(name)
        return unit or self._comment_unit(identifier)

    def _comment_unit(self, identifier: str) -> str:
        graph = self.graph
        if RDFS_COMMENT not in graph.relation_names or identifier not in graph.entities:
            return ""
        comments = graph.outward.over(graph.entity_id(identifier), graph.relation_id(RDFS_COMMENT))
        found = {unit for comment in comments if (unit := unit_of_comment(graph.labels[comment]))}
        return found.pop() if len(found) == 1 else ""

    def _mask(self, members: NDArray[Any]) -> NDArray[np.bool_]:
        members = np.asarray(members)
        if members.dtype != np.bool_:
            mask = np.zeros(self.graph.entity_count, dtype=np.bool_)
            mask[members] = True
            return mask
        if members.shape != (self.graph.entity_count,):
            raise UsageError(
                f"members must be a mask of shape ({self.graph.entity_count},), not {members.shape}"
            )
        return members

    def is_column(self, relation: int) -> bool:
        """Whether the tails of a relation are cells of an untyped source, read as values."""
        return len(self._parts(relation, "column", "column_nodes")[0]) > 0

    def _parts(self, relation: int, kind: str, *names: str) -> tuple[NDArray[Any], ...]:
        """What some arrays have for a relation."""
        arrays = self.arrays if self.own is None or self.own[relation] else self.base
        start, stop = arrays[f"{kind}_offsets"][relation : relation + 2].tolist()
        return tuple(arrays[name][start:stop] for name in names)


def _load(graph: IndexedGraph) -> tuple[Mapping[str, NDArray[Any]], tuple[str, ...]]:
    """The arrays and the names of units, from the index folder if they are there and of this graph."""
    facts = {"format": FORMAT, "version": VERSION, "graph": graph.checksum}
    folder = graph.folder / FOLDER if graph.folder else None
    found = open_arrays(folder) if folder else None
    if found:
        stored, arrays = found
        units = stored.pop("units", None)
        if stored == facts and arrays.keys() == set(ARRAYS) and isinstance(units, list):
            return arrays, tuple(map(str, units))
    arrays, names = compute_values(graph)
    if folder:
        write_arrays(folder, {**facts, "units": names}, arrays)
    return arrays, tuple(names)
