"""The answers of a run that a reviewer has not judged yet, and those that were accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from kgqa.evaluation import Record
from kgqa.graph import IndexedGraph
from kgqa.review.verdict import Judgement, Verdict

__all__ = ["Agreement", "accepted_questions", "agreements", "named", "waiting"]


def waiting(records: Iterable[Record], judged: Collection[Judgement], reviewer: str) -> list[Record]:
    """The answered questions that a reviewer has not judged, the least confident answer first.

    Answers without a confidence come last, in the order of the run.
    """
    done = {one.id for one in judged if one.reviewer == reviewer}
    left = [record for record in records if record.answers and record.id not in done]
    return sorted(left, key=lambda record: 2.0 if record.confidence is None else record.confidence)


@dataclass(frozen=True)
class Agreement:
    """How far two reviewers agree on the questions that both judged.

    `kappa` is Cohen's kappa of accepting or not (1: always, 0: as by chance); `None` where both gave the same
    verdict throughout, so that chance alone would agree.
    """

    reviewers: tuple[str, str]
    questions: int
    same: int
    kappa: float | None

    def to_dict(self) -> dict[str, Any]:
        """The agreement for JSON."""
        return {
            "reviewers": list(self.reviewers),
            "questions": self.questions,
            "same": self.same,
            "kappa": self.kappa,
        }


def agreements(judged: Sequence[Judgement]) -> list[Agreement]:
    """The agreement of each pair of reviewers with questions in common, by name. See Cohen (1960)."""
    by_reviewer: dict[str, dict[str, bool]] = {}
    for one in judged:
        by_reviewer.setdefault(one.reviewer, {})[one.id] = one.verdict is Verdict.ACCEPT
    found = []
    for first, second in combinations(sorted(by_reviewer), 2):
        common = by_reviewer[first].keys() & by_reviewer[second].keys()
        pairs = Counter((by_reviewer[first][id_], by_reviewer[second][id_]) for id_ in common)
        if common:
            same = pairs[True, True] + pairs[False, False]
            found.append(Agreement((first, second), len(common), same, _kappa(pairs)))
    return found


def _kappa(pairs: Mapping[tuple[bool, bool], int]) -> float | None:
    count = sum(pairs.values())
    observed = (pairs.get((True, True), 0) + pairs.get((False, False), 0)) / count
    first = sum(number for (one, _), number in pairs.items() if one) / count
    second = sum(number for (_, other), number in pairs.items() if other) / count
    expected = first * second + (1 - first) * (1 - second)
    return None if expected == 1 else (observed - expected) / (1 - expected)


def accepted_questions(
    records: Mapping[str, Record], judged: Sequence[Judgement], graph: IndexedGraph
) -> Iterator[dict[str, Any]]:
    """The questions whose answer was accepted by most of its reviewers, as rows of a question file.

    `answers` are those that the same relations lead to as to the accepted one; `gold_paths` the best chain of
    each by names, as `kgqa train` reads them. An answer that a program computed has none. A question whose
    answer is not the one that was judged (the run was made again) is left out.
    """
    votes: dict[str, list[bool]] = {}
    for one in judged:
        record = records.get(one.id)
        if record is not None and record.answers[:1] == (one.answer,):
            votes.setdefault(one.id, []).append(one.verdict is Verdict.ACCEPT)
    for id_, said in votes.items():
        if 2 * sum(said) <= len(said):
            continue
        record = records[id_]
        chains = _best_chains(record)
        paths = [[named(triple, graph) for triple in chain] for chain in chains.values()]
        yield {
            "id": id_,
            "question": record.question,
            "topic_entities": list(record.topic_entities),
            "answers": [record.answers[at] for at in chains] or list(record.answers),
            "answer_type": record.answer_type,
            **({"gold_paths": paths} if paths else {}),
        }


def _best_chains(record: Record) -> dict[int, Sequence[tuple[str, str, str]]]:
    """The best chain of each answer, by its place, if it has the first one's relations; none of a program."""
    best: dict[int, Sequence[tuple[str, str, str]]] = {}
    if record.proof is None:
        for chain, of in zip(record.chains, record.proves, strict=True):
            best.setdefault(of, chain)
    first = [relation for _, relation, _ in best.get(0, ())]
    return {at: chain for at, chain in best.items() if [relation for _, relation, _ in chain] == first}


def named(triple: Sequence[str], graph: IndexedGraph) -> list[str]:
    """A triple by names; what the graph does not hold (any more) stays an identifier."""
    head, relation, tail = triple
    names = [graph.label(end) if end in graph.entities else None for end in (head, tail)]
    said = graph.relation_label(relation) if relation in graph.relation_names else relation
    return [names[0] or head, said, names[1] or tail]
