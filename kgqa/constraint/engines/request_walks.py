"""Constraints for the requests that an inference engine gets."""

from __future__ import annotations

import threading
from functools import lru_cache

from kgqa.constraint.engines.held_graphs import HeldGraphs
from kgqa.constraint.engines.walk_request import WalkRequest
from kgqa.constraint.filters.scope import Scope
from kgqa.constraint.protocol import Constraint
from kgqa.constraint.tokenizer import CachingTokenizer, Tokenizer
from kgqa.constraint.walk import Walk
from kgqa.errors import UnknownEntityError
from kgqa.graph import IndexedGraph

__all__ = ["RequestWalks"]

WALKS, SCOPES = 256, 16
"""Constraints, and parts of graphs, that are kept for later requests."""


class RequestWalks:
    """Makes the constraints of requests over some graphs for one tokenizer; equal requests share theirs.

    Whoever uses one of these constraints holds `lock`: engines have several threads.
    """

    def __init__(self, graphs: HeldGraphs, tokenizer: Tokenizer) -> None:
        self.lock = threading.RLock()
        self._graphs = graphs
        self._tokenizer = CachingTokenizer(tokenizer)
        self._made = lru_cache(maxsize=WALKS)(self._make)
        self._scopes: dict[tuple[object, ...], Scope] = {}

    def constraint(self, text: str) -> Constraint:
        """The constraint of a request's text.

        Raises `UsageError` for a text that is no request, `DataError` for a graph, topic or name that is not
        there, `NoChainError` where no chain leads from any topic.
        """
        with self.lock:
            return self._made(WalkRequest.decode(text))

    def _make(self, request: WalkRequest) -> Constraint:
        graph = self._graphs.of(request)
        topics = [entity for topic in request.topics for entity in _entities(graph, topic)]
        scope = self._scope(request, graph)
        walk = Walk.over(
            scope.reach, topics, self._tokenizer, request.grammar, request.hops, request.allow_return
        )
        return scope.narrowed(walk)

    def _scope(self, request: WalkRequest, graph: IndexedGraph) -> Scope:
        filters = request.without, request.only_relation, request.must_use, request.answer_type
        key = (graph.checksum, request.inverse, *filters)
        found = self._scopes.pop(key, None) or request.scope(graph)
        self._scopes[key] = found  # the latest is the last one
        while len(self._scopes) > SCOPES:
            self._scopes.pop(next(iter(self._scopes)))
        return found


def _entities(graph: IndexedGraph, topic: str) -> tuple[str, ...]:
    """The entity of an identifier, else all of a name."""
    found = graph.find(topic)
    if not found:
        raise UnknownEntityError(topic)
    return found[:1] if found[0] == topic else found
