"""The vote of programs: those that denote the same vote together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.answer.expected_form import ExpectedForm
from kgqa.answer.vote import weights_of
from kgqa.constraint import ProgramWalk
from kgqa.decode import Hypothesis
from kgqa.errors import UsageError, check_count
from kgqa.graph import IndexedGraph
from kgqa.program import Proof, prove

__all__ = ["ProgramVote"]


@dataclass(frozen=True)
class ProgramVote:
    """Answers what most of the weight of the hypotheses denotes, with the proof of the best program for it.

    The weight of a hypothesis is the softmax of its score over all hypotheses. Programs with the same
    denotation vote together, however they are written. All members of a denoted set are the answer; each has
    the vote share of the whole. Chains are shown for the first `chains_shown` of them.

    Where the form of the question says what it asks for (`ExpectedForm`: "how many" a number), programs that
    denote something else have no vote, unless `check_form` is false; without others, the answer is empty.
    """

    chains_shown: int = 100
    check_form: bool = True

    keeps_ranking: ClassVar[bool] = True
    votes_on: ClassVar[str] = "programs"

    def __post_init__(self) -> None:
        check_count(self.chains_shown, "chains_shown")

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis], graph: IndexedGraph) -> Answer:
        """The denotation with the most votes; the empty answer without hypotheses."""
        expected = ExpectedForm.of(question) if self.check_form else None
        ranked = sorted(hypotheses, key=lambda h: (-h.score, h.tokens))
        if expected is not None:
            ranked = [h for h in ranked if _fits(h, expected, graph)]
        weights = weights_of([h.score for h in ranked])
        votes: dict[object, float] = {}
        best: dict[object, Hypothesis] = {}
        for hypothesis, weight in zip(ranked, weights, strict=True):
            key = _walk(hypothesis).denotation(hypothesis.state).key()
            votes[key] = votes.get(key, 0.0) + weight
            best.setdefault(key, hypothesis)
        if not votes:
            return Answer(question, reason=expected.reason if expected and hypotheses else "")
        chosen = max(votes, key=lambda key: votes[key])
        hypothesis, share = best[chosen], min(1.0, votes[chosen])
        proof = prove(_walk(hypothesis).programs(hypothesis.state)[0], graph)
        entities = tuple(self._entities(hypothesis, proof, share))
        return Answer(question, entities, proof=proof, vote_share=None if entities else share)

    def _entities(self, hypothesis: Hypothesis, proof: Proof, share: float) -> Iterator[RankedEntity]:
        for place, entity in enumerate(hypothesis.ends):
            chain = proof.witness(entity) if place < self.chains_shown else None
            yield RankedEntity(entity, share, (chain,) if chain is not None else ())


def _fits(hypothesis: Hypothesis, expected: ExpectedForm, graph: IndexedGraph) -> bool:
    walk, state = _walk(hypothesis), hypothesis.state
    return expected.fits_program(walk.programs(state)[0], walk.denotation(state), graph)


def _walk(hypothesis: Hypothesis) -> ProgramWalk:
    if not isinstance(hypothesis.constraint, ProgramWalk):
        raise UsageError("ProgramVote is for programs; choose the grammar programs, or another aggregator")
    return hypothesis.constraint
