"""The chains of a graph that may answer questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

from kgqa.constraint import (
    Constraint,
    Filter,
    GrammarName,
    Mentioned,
    ProgramWalk,
    Scope,
    StepGrammar,
    StepWalk,
    Tokenizer,
    Walk,
)
from kgqa.errors import UsageError, check_count
from kgqa.graph import IndexedGraph

__all__ = ["ChainSpace"]


@dataclass(frozen=True, eq=False)
class ChainSpace:
    """The chains of up to `hops` hops of one graph, in the form of a `grammar`.

    Chains take steps against the direction of triples when `inverse`, and come back to their own start when
    `allow_return`. Only chains that all `filters` keep belong to it.

    Raises `UnknownEntityError` or `UnknownRelationError` for names in `filters` that the graph does not hold,
    `UsageError` for any other bad value.
    """

    graph: IndexedGraph
    grammar: GrammarName = "relations"
    hops: int = 3
    inverse: bool = True
    allow_return: bool = False
    filters: tuple[Filter, ...] = ()

    def __post_init__(self) -> None:
        check_count(self.hops, "hops")
        if self.grammar not in (known := get_args(GrammarName)):
            raise UsageError(f"grammar must be one of {', '.join(known)}, not {self.grammar!r:.60}")
        if not (isinstance(self.filters, tuple | list) and all(isinstance(f, Filter) for f in self.filters)):
            raise UsageError(f"filters is a tuple of Filters (kgqa.constraint), not {self.filters!r:.60}")
        if self.filters and self.grammar == "programs":
            raise UsageError("filters: they are for chains; a program says in its conditions what it keeps")
        if self.filters:
            _ = self._scope.reach  # an unknown name is an error now, not one a question

    def walk(
        self,
        topics: Sequence[str],
        tokenizer: Tokenizer,
        mentioned: Mentioned | None = None,
        *,
        plans: bool = False,
    ) -> Constraint:
        """The chains from these topics (identifiers) as token sequences of a tokenizer.

        Programs are made of all that a question mentioned; without it, of the topics alone. With `plans`
        relation paths are written as RoG's plans. Raises
        `UnknownEntityError` for an unknown topic, `NoChainError` when no chain leads from any.
        """
        if self.grammar == "programs":
            mentioned = mentioned or Mentioned(tuple((topic,) for topic in topics))
            return ProgramWalk.programs_over(self._scope.reach, mentioned, tokenizer, self.hops)
        reach, back = self._scope.reach, self.allow_return
        found = Walk.over(reach, topics, tokenizer, self.grammar, self.hops, back, plans=plans)
        return self._scope.narrowed(found)

    def step_walk(self, topics: Sequence[str]) -> tuple[StepWalk, Constraint]:
        """The chains from these topics as sequences of steps, and that walk narrowed by the filters.

        Raises as `walk`, and `UsageError` for the grammar of branching chains, which has no steps.
        """
        if self.grammar in ("chain", "programs"):
            raise UsageError(f"grammar: {self.grammar} has no single next step; choose relations or path")
        grammar: StepGrammar = "path" if self.grammar == "path" else "relations"
        steps = StepWalk.over(self._scope.reach, topics, grammar, self.hops, self.allow_return)
        return steps, self._scope.narrowed(steps)

    def names(self, topics: Sequence[str]) -> tuple[str, ...]:
        """The names of topics as a prompt gives them, each once."""
        return tuple(dict.fromkeys(self.graph.label(topic) or topic for topic in topics))

    @cached_property
    def _scope(self) -> Scope:
        return Scope(self.graph, self.inverse, self.filters)
