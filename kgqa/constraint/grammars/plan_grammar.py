"""Relation paths as RoG's models write them: `directed_by <SEP> in_language`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from kgqa.constraint.grammars.grammar import NO_STEPS, Phrase
from kgqa.constraint.grammars.relation_grammar import RelationGrammar
from kgqa.constraint.tables.reach import Reach
from kgqa.constraint.tables.step_rows import Steps
from kgqa.constraint.verbalize import arrow
from kgqa.graph.adjacency import Ids

__all__ = ["PLAN_MARK", "PlanGrammar"]

PLAN_MARK = " <SEP>"
"""The segment between two relations of a plan."""


class PlanGrammar(RelationGrammar):
    """The language of `RelationGrammar`, written as relation plans of "Reasoning on Graphs" (RoG, ICLR 2024).

    A plan is `r1 <SEP> r2`, without arrows; a step against its triples, which RoG has not, keeps its arrow in
    front of the relation: `r1 <SEP> <- r2`.
    """

    def __init__(self, reach: Reach, topics: tuple[int, ...], hops: int, allow_return: bool = False) -> None:
        super().__init__(reach, topics, hops, allow_return)
        self._phrases = lru_cache(maxsize=512)(lambda node: tuple(self._written(node)))

    def steps(self, _node: Steps) -> Ids:
        """None: its steps are phrases."""
        return NO_STEPS

    def phrases(self, node: Steps) -> Sequence[Phrase]:
        """The steps that may follow, each with the mark between relations in front."""
        return self._phrases(node)

    def _written(self, node: Steps) -> Iterator[Phrase]:
        mark = (PLAN_MARK,) if node else ()
        for step in super().steps(node).tolist():
            against = (arrow(True),) if step & 1 else ()
            yield Phrase((*mark, *against, self._reach.steps.texts[step >> 1]), self.after_step(node, step))
