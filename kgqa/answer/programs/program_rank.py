"""Ranking of programs by a cross-encoder that reads question, program and result side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kgqa.constraint import ProgramWalk
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph, clean_name
from kgqa.lm import ProgramReading, ProgramRelevance
from kgqa.program import Denotation, program_text

__all__ = ["ProgramRank", "program_reading"]

_SHOWN = 3
"""Names of a set that are read."""


@dataclass(frozen=True, eq=False)
class ProgramRank:
    """Ranks the hypotheses by their own score plus `weight` times the cross-encoder's, both times `trust`.

    A program is read with what it denotes, so that "how many" may look for a number. The two scores are not
    independent; `trust` keeps their sum from being overconfident.
    """

    relevance: ProgramRelevance
    weight: float = 2.0
    trust: float = 1.0

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first."""
        ordered = sorted(hypotheses, key=lambda hypothesis: hypothesis.tokens)
        if len(ordered) > 1:
            found = self.relevance(question, [_reading(hypothesis, graph) for hypothesis in ordered])
            worse = np.asarray(found.max() - found, dtype=np.float64)
        else:
            worse = np.zeros(len(ordered))
        scored = [
            hypothesis.rescored(self.trust * (hypothesis.score - self.weight * nats))
            for hypothesis, nats in zip(ordered, worse.tolist(), strict=True)
        ]
        return sorted(scored, key=lambda hypothesis: hypothesis.rank)


def _reading(hypothesis: Hypothesis, graph: IndexedGraph) -> ProgramReading:
    walk = hypothesis.constraint
    assert isinstance(walk, ProgramWalk)
    program = walk.programs(hypothesis.state)[0]
    return program_reading(program_text(program, graph), walk.denotation(hypothesis.state), graph)


def program_reading(text: str, denotation: Denotation, graph: IndexedGraph) -> ProgramReading:
    """A program and what it denotes: "number 9", "yes", "1: Danube", "53: Albania, Andorra, Austria"."""
    if denotation.members is not None:
        names = [clean_name(graph.labels[node]) for node in denotation.members[:_SHOWN].tolist()]
        return ProgramReading(text, f"{len(denotation.members)}: {', '.join(names)}")
    if denotation.value is not None:
        return ProgramReading(text, f"number {denotation.value}")
    if denotation.table is not None:
        return ProgramReading(text, f"table of {len(denotation.table.members)}")
    return ProgramReading(text, "yes" if denotation.truth else "no")
