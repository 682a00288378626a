"""Whether an answer is given: of the kind that is asked for, with enough values, and sure enough."""

from __future__ import annotations

from dataclasses import replace

from kgqa.answer import Answer, Evidence, ExpectedForm
from kgqa.graph import IndexedGraph
from kgqa.program import CoverageRule

__all__ = ["of_asked_kind", "unsure"]


def of_asked_kind(
    answer: Answer, graph: IndexedGraph, coverage: CoverageRule | None, *, check_form: bool
) -> Answer:
    """The answer, if it is of the kind that is asked for, with what is to be said of its coverage."""
    if answer.proof is None:
        expected = ExpectedForm.of(answer.question) if check_form and answer else None
        if expected is not None and not expected.fits_entities(answer, graph):
            return _emptied(answer, expected.reason)
    elif coverage is not None and answer:
        share = answer.proof.coverage
        match coverage.action_for(share):
            case "abstain":
                return _emptied(answer, f"only {share:.0%} of what is compared has a value")
            case "warn":
                said = f"Only {share:.0%} of what is compared has a value: others may be the answer."
                return replace(answer, warnings=(*answer.warnings, said))
    return answer


def unsure(answer: Answer, evidence: Evidence | None, least: float) -> Answer:
    """The empty answer in place of one whose confidence is below `least`."""
    if evidence is not None and evidence.dissimilarity > 0:
        return _emptied(answer, "nothing that was found in the graph is about what the question asks")
    found_one = "chain" if answer.proof is None else "program"
    return _emptied(answer, f"no {found_one} is probable enough to answer from: {least:g} is needed")


def _emptied(answer: Answer, reason: str) -> Answer:
    """The answer without anything in it, and why."""
    return replace(answer, entities=(), proof=None, vote_share=None, warnings=(), reason=reason)
