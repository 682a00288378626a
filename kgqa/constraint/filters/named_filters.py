"""Filters from names, as people write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from kgqa.constraint.filters.chain_filters import EndsIn, Using
from kgqa.constraint.filters.edge_filters import Only, Without
from kgqa.constraint.filters.entity_types import entities_of_type
from kgqa.constraint.filters.filter import Either, Filter
from kgqa.constraint.filters.name_lookup import NameLookup
from kgqa.errors import DataError, UnknownEntityError, UnknownRelationError, check_names
from kgqa.graph import IndexedGraph

__all__ = ["named_filters"]


def named_filters(
    graph: IndexedGraph,
    *,
    without: Sequence[str] | None = None,
    only_relation: Sequence[str] | None = None,
    must_use: Sequence[str] | None = None,
    answer_type: Sequence[str] | None = None,
    absent: Callable[[str, str], None] | None = None,
) -> tuple[Filter, ...]:
    """The filters for these names of relations, entities and types; none for an empty or missing list.

    Chains use nothing that `without` names, no relation but those of `only_relation`, and everything
    that `must_use` names; they end at an instance of one of `answer_type`.

    A name is an identifier, a label or, of an entity, an alias. An ambiguous name means all that
    have it; a chain must use one of them. Raises `UnknownEntityError` or `UnknownRelationError` for
    a name that the graph does not have, `DataError` for a type without instances, `UsageError` for a
    text where a list of names is expected.

    Of a graph that is a part of another one, `absent` is called instead with the field and a name that the
    part does not have; if it returns, the name stands for nothing.

    >>> from kgqa.graph import GraphBuilder, Triple
    >>> graph = GraphBuilder.of([Triple("Emma", "author", "Jane Austen"), Triple("Emma", "year", "1815")])
    >>> for one in named_filters(graph, without=["year"], must_use=["Jane Austen"]):
    ...     print(one)
    without relation 'year'
    using entity 'Jane Austen'
    """
    for field, names in {
        "without": without,
        "only_relation": only_relation,
        "must_use": must_use,
        "answer_type": answer_type,
    }.items():
        check_names(names, field)
    lookup = NameLookup(graph)
    found: list[Filter] = []
    if without:
        meant = [_meant(lookup, name, "without", absent) for name in without]
        relations = {relation for one in meant for relation in one.relations}
        entities = {entity for one in meant for entity in one.entities}
        found.append(Without(relations=relations, entities=entities))
    if only_relation:
        named = [_relations(lookup, name, "only_relation", absent) for name in only_relation]
        found.append(Only(relations={relation for one in named for relation in one}))
    for name in must_use or ():
        one = _meant(lookup, name, "must_use", absent)
        readings = [Using(relations={relation}) for relation in one.relations]
        readings += [Using(entities={entity}) for entity in one.entities]
        found.append(readings[0] if len(readings) == 1 else Either(tuple(readings)))
    if answer_type:
        found.append(EndsIn({entity for name in answer_type for entity in _instances(graph, name, absent)}))
    return tuple(found)


_Absent = Callable[[str, str], None] | None


class _Meant(NamedTuple):
    """What a name may stand for."""

    relations: Sequence[str]
    entities: Sequence[str]


def _meant(lookup: NameLookup, name: str, field: str, absent: _Absent) -> _Meant:
    entities = _entities(lookup.graph, name)
    if entities or lookup.relations(name):
        return _Meant(_relations(lookup, name, field, absent) if lookup.relations(name) else (), entities)
    if absent is None:
        raise UnknownEntityError(name, f"nor a relation of that name (in {field})")
    absent(field, name)
    return _Meant((), ())


def _relations(lookup: NameLookup, name: str, field: str, absent: _Absent) -> Sequence[str]:
    found = lookup.relations(name)
    if found:
        return found[:1] if found[0] == name else found
    if absent is None:
        raise UnknownRelationError(name, f"in {field}")
    absent(field, name)
    return ()


def _entities(graph: IndexedGraph, name: str) -> Sequence[str]:
    matches = graph.find_ranked(name)
    return [match.entity for match in matches if match.rank == matches[0].rank]


def _instances(graph: IndexedGraph, name: str, absent: _Absent) -> frozenset[str]:
    types = _entities(graph, name)
    if not types and absent is None:
        raise UnknownEntityError(name, "in answer_type")
    found: frozenset[str] = frozenset().union(*(entities_of_type(graph, kind) for kind in types))
    if not found:
        if absent is None:
            raise DataError(
                f"nothing in the graph is an instance of {name!r} (rdf:type, instance of, ...); "
                "in answer_type"
            )
        absent("answer_type", name)
    return found
