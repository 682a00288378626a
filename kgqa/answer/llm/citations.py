"""The citations of an LLM, weighed against the vote of the chains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from kgqa.answer.answer import Answer
from kgqa.answer.llm.evidence import EvidenceLine

__all__ = ["cited_share", "weighed"]

_RIGHT_IS_CITED = 0.95
"""How probable it is that an LLM cites a chain of the right answer."""
_VOTE_IS_BLIND = 0.1
"""How probable it is that the vote shares say nothing about the answer."""
_SHARE = 0.5
"""Answers with at least this share of the best posterior probability are given."""


def cited_share(proofs: Mapping[str, Iterable[EvidenceLine]], shown: Sequence[EvidenceLine]) -> float:
    """The share of the lines that an LLM cites, with half a line added to those cited and those not."""
    cited = {line.number for lines in proofs.values() for line in lines}
    return (len(cited) + 0.5) / (len(shown) + 1)


def weighed(voted: Answer, cited: Answer, share: float, lines: int) -> Answer:
    """The answers of the vote and of the LLM, in the order of their posterior probability.

    The prior probability of an answer is its share of the vote (0 for one that the vote leaves out), mixed
    with a uniform distribution over the `lines` of evidence, since the vote may be wrong. A right answer is
    cited with a probability of 0.95, any other with that of the `share` of lines that the LLM cites
    (`cited_share`), at most 0.95 too: an LLM that cites line after line says nothing, and the vote stands;
    one that cites one line of ten has chosen, and its answer comes first. Answers with less than half of the
    best posterior are left out.
    """
    if not cited.entities:
        return voted
    last_first = voted.entities[::-1]
    shares = accumulate((ranked.vote_share for ranked in last_first), max)  # falling in the vote's order
    prior = {ranked.entity: share for ranked, share in zip(last_first, shares, strict=True)}
    proven = {ranked.entity: ranked for ranked in cited.entities}
    voters = {ranked.entity: ranked for ranked in voted.entities}
    found = voters | {entity: ranked for entity, ranked in proven.items() if entity not in voters}
    share = min(share, _RIGHT_IS_CITED)  # a citation never speaks against an answer
    is_cited, is_not = _RIGHT_IS_CITED / share, (1 - _RIGHT_IS_CITED) / (1 - share)
    posterior = {
        entity: ((1 - _VOTE_IS_BLIND) * prior.get(entity, 0.0) + _VOTE_IS_BLIND / lines)
        * (is_cited if entity in proven else is_not)
        for entity in found
    }
    order = sorted(found, key=lambda entity: -posterior[entity])
    kept = (entity for entity in order if posterior[entity] >= _SHARE * posterior[order[0]])
    answers = (replace(found[entity], chains=proven.get(entity, found[entity]).chains) for entity in kept)
    return replace(cited, entities=tuple(answers))
