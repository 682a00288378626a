"""What `--without`, `--only-relation`, `--must-use` and `--answer-type` may name."""

from __future__ import annotations

from collections.abc import Sequence

from kgqa.constraint import Either, EndsIn, Filter, Only, Using, Without, entities_of_type
from kgqa.errors import DataError, UnknownEntityError, UnknownRelationError
from kgqa.graph import IndexedGraph
from kgqa.validation.name_lookup import NameLookup

__all__ = ["named_filters"]


def named_filters(
    graph: IndexedGraph,
    without: Sequence[str] | None,
    only_relations: Sequence[str] | None,
    must_use: Sequence[str] | None,
    answer_types: Sequence[str] | None,
) -> tuple[Filter, ...]:
    """The filters that the options ask for, with names resolved to identifiers.

    A name may be an identifier, a label or, of an entity, an alias; one that several bear means all
    of them, of which one is enough where it must be used. Raises `UnknownEntityError` or
    `UnknownRelationError`, and `DataError` for a type that nothing is of.
    """
    names = NameLookup(graph)
    found: list[Filter] = []
    if without:
        relations, entities = zip(*(_both(names, name) for name in without), strict=True)
        found.append(Without(relations=set().union(*relations), entities=set().union(*entities)))
    if only_relations:
        found.append(Only(relations={one for name in only_relations for one in _relations(names, name)}))
    for name in must_use or ():
        over, through = _both(names, name)
        readings = [Using(relations={one}) for one in over] + [Using(entities={one}) for one in through]
        found.append(readings[0] if len(readings) == 1 else Either(tuple(readings)))
    if answer_types:
        found.append(EndsIn({one for name in answer_types for one in _instances(graph, name)}))
    return tuple(found)


def _relations(names: NameLookup, name: str) -> Sequence[str]:
    found = names.relations(name)
    if not found:
        raise UnknownRelationError(name)
    return found[:1] if found[0] == name else found


def _entities(graph: IndexedGraph, name: str) -> Sequence[str]:
    matches = graph.find_ranked(name)
    return [match.entity for match in matches if match.rank == matches[0].rank]


def _both(names: NameLookup, name: str) -> tuple[Sequence[str], Sequence[str]]:
    """The relations and the entities of a name."""
    entities = _entities(names.graph, name)
    if not entities:
        try:
            return _relations(names, name), ()
        except UnknownRelationError:
            raise UnknownEntityError(name, "and no relation of that name") from None
    return _relations(names, name) if names.relations(name) else (), entities


def _instances(graph: IndexedGraph, name: str) -> frozenset[str]:
    kinds = _entities(graph, name)
    if not kinds:
        raise UnknownEntityError(name, "it cannot be the type of an answer")
    found = frozenset().union(*(entities_of_type(graph, kind) for kind in kinds))
    if not found:
        raise DataError(f"nothing in the graph is an instance of {name!r} (rdf:type, instance of, is a ...)")
    return found
