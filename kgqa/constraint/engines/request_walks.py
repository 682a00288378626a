"""Constraints for the requests that an inference engine gets."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple, TypeVar

from kgqa.constraint.engines.held_graphs import HeldGraphs
from kgqa.constraint.engines.walk_request import WalkRequest
from kgqa.constraint.filters.scope import Scope
from kgqa.constraint.protocol import Constraint
from kgqa.constraint.tokenizer import CachingTokenizer, Tokenizer
from kgqa.constraint.walk import Walk
from kgqa.errors import UnknownEntityError
from kgqa.graph import IndexedGraph

__all__ = ["LockedConstraint", "RequestWalks"]

WALKS, SCOPES = 256, 16
"""Constraints, and parts of graphs, that are kept for later requests."""
SEARCHED = 20_000
"""What a filter of whole chains may visit for one mask (a second), since all other requests wait."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LockedConstraint(NamedTuple):
    """A constraint and what is held while it is used: engines have several threads."""

    constraint: Constraint
    lock: threading.RLock


class _Part(NamedTuple):
    """A part of a graph that the walks of some requests share."""

    scope: Scope
    tokenizer: CachingTokenizer
    lock: threading.RLock


class RequestWalks:
    """Makes the constraints of requests over some graphs for one tokenizer; equal requests share theirs.

    Thread-safe. Reading a graph for the first time holds up only requests for the same part of it.
    """

    def __init__(self, graphs: HeldGraphs, tokenizer: Tokenizer) -> None:
        self._graphs = graphs
        self._tokenizer = tokenizer
        self._lock = threading.Lock()
        self._walks: OrderedDict[WalkRequest, LockedConstraint] = OrderedDict()
        self._parts: OrderedDict[tuple[object, ...], _Part] = OrderedDict()

    def find(self, text: str) -> LockedConstraint:
        """The constraint of a request's text.

        Raises `UsageError` for a text that is no request, `DataError` for a graph, topic or name that is not
        there, `NoChainError` where no chain leads from any topic, `BudgetError` where a filter cannot tell
        within `SEARCHED` states; so do masks.
        """
        request = WalkRequest.decode(text)
        with self._lock:
            graph = self._graphs.of(request)
            part, known = self._part(request, graph), self._walks.get(request)
        if known is not None:
            return known
        topics = [entity for topic in request.topics for entity in _entities(graph, topic)]
        with part.lock:
            walk = Walk.over(
                part.scope.reach,
                topics,
                part.tokenizer,
                request.grammar,
                request.hops,
                request.allow_return,
            )
            found = LockedConstraint(part.scope.narrowed(walk, SEARCHED), part.lock)
        with self._lock:
            if part in self._parts.values():
                found = self._walks.setdefault(request, found)
                _drop_old(self._walks, request, WALKS)
        return found

    def prepare(self, text: str) -> LockedConstraint:
        """As `find`, with all tables read or made that the first mask needs. Raises also `TokenizerError`."""
        found = self.find(text)
        with found.lock:
            found.constraint.allowed(found.constraint.start)
        return found

    def _part(self, request: WalkRequest, graph: IndexedGraph) -> _Part:
        filters = request.without, request.only_relation, request.must_use, request.answer_type
        key = (graph.checksum, request.inverse, *filters)
        part = self._parts.get(key)
        if part is None:
            part = _Part(request.scope(graph), CachingTokenizer(self._tokenizer), threading.RLock())
            self._parts[key] = part
        for old in _drop_old(self._parts, key, SCOPES):
            for one in [one for one, walk in self._walks.items() if walk.lock is old.lock]:
                del self._walks[one]  # it holds the tables of its part
        return part


def _drop_old(known: OrderedDict[Key, Value], key: Key, most: int) -> list[Value]:
    """Put a key last, and take out the first values of too many."""
    known.move_to_end(key)
    return [known.popitem(last=False)[1] for _ in range(len(known) - most)]


def _entities(graph: IndexedGraph, topic: str) -> tuple[str, ...]:
    """The entity of an identifier, else all of a name."""
    found = graph.find(topic)
    if not found:
        raise UnknownEntityError(topic)
    return found[:1] if found[0] == topic else found
