"""Training of the reranker on lists of candidate paths."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor

from kgqa.errors import UsageError
from kgqa.graph import IndexedGraph
from kgqa.lm import LanguageModel, PathReading
from kgqa.lm.path_writer.precision import mixed_precision
from kgqa.lm.path_writer.question_text import pair_ids
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.training.curve import Curve
from kgqa.training.examples.example import Example
from kgqa.training.reranker.candidates import CandidateList, candidate_lists
from kgqa.training.training_run import TrainingRun, cosine_rate

__all__ = ["RerankerTraining", "RerankerTuning"]

_RIGHT_ONES = 4
_NO_TOPIC = 0.15
_NO_ENDS = 0.1


class _Pairs(NamedTuple):
    """The readings of one list, and the probability that each should get (they sum to 1)."""

    readings: list[PathReading]
    shares: list[float]


@dataclass(frozen=True)
class RerankerTraining:
    """Minimises the cross-entropy between the weights of candidates and their scores, list by list.

    A step reads `lists` lists, each with up to 4 right candidates and `wrong` others. In the share `ends` of
    the lists the candidates are entities instead: the ends of the best path, each read with that path. In
    some lists the topic is not masked, in some readings the ends are not shown, so that the reranker relies
    on neither. A checkpoint is written every `checkpoint_every` steps, and a run that finds one resumes it.
    """

    steps: int
    lists: int = 16
    wrong: int = 7
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-3
    warmup: int = 40
    weight_decay: float = 0.02
    ends: float = 0.08
    checkpoint_every: int = 100
    seed: int = 0

    def train(
        self,
        reranker: Reranker,
        tokenizer: Tokenizer,
        lists: Sequence[CandidateList],
        shares: Mapping[str, float],
        checkpoint: Path,
        dev: Callable[[Reranker], float] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Curve:
        """Train in place; `shares` says how often the lists of each source are drawn.

        With `dev` the weights of the checkpoint with the best score are kept; the starting weights are one
        of the candidates.

        Raises `UsageError` when no list's source has a share, and as `TrainingRun` does.
        """
        settings = {**asdict(self), "candidates": _checksum(lists), "shares": dict(shares)}
        run = TrainingRun(reranker, self._optimizer(reranker), self._rate, settings, dev)
        if not run.resume(checkpoint):
            run.begin()
        progress(run.done)
        for first in range(run.done, self.steps, self.checkpoint_every):
            last = min(first + self.checkpoint_every, self.steps)
            chance = random.Random(self.seed + first)
            drawn = _drawn(lists, shares, self.ends, chance)
            reranker.train()
            total = 0.0
            for step in range(first, last):
                batch = [self._pairs(*next(drawn), chance) for _ in range(self.lists)]
                total += run.descend(_loss(reranker, tokenizer, batch), step + 1)
                progress(step + 1)
            reranker.eval()
            run.note(last, total / (last - first))
            run.save(checkpoint)
        run.finish()
        return run.curve

    def _pairs(
        self, of: CandidateList, by_ends: bool, chance: random.Random
    ) -> tuple[str, Sequence[str], _Pairs]:
        pairs = _end_pairs(of, chance) if by_ends else self._path_pairs(of, chance)
        return of.question, of.topics if chance.random() >= _NO_TOPIC else (), pairs

    def _path_pairs(self, of: CandidateList, chance: random.Random) -> _Pairs:
        right = [candidate for candidate in of.candidates if candidate.weight > 0]
        wrong = [candidate for candidate in of.candidates if candidate.weight <= 0]
        right = chance.sample(right, min(len(right), _RIGHT_ONES))
        picked = [*right, *chance.sample(wrong, min(len(wrong), self.wrong + 1 - len(right)))]
        total = sum(candidate.weight for candidate in picked)
        readings = []
        for candidate in picked:
            shown = min(len(candidate.ends), chance.choice((1, 2, 2)))
            ends = chance.sample(candidate.ends, shown) if chance.random() >= _NO_ENDS else []
            readings.append(PathReading(candidate.steps, tuple(ends)))
        return _Pairs(readings, [candidate.weight / total for candidate in picked])

    def _optimizer(self, reranker: Reranker) -> torch.optim.Optimizer:
        groups = [
            {"params": reranker.layers.parameters(), "lr": self.learning_rate},
            {"params": reranker.head.parameters(), "lr": self.head_learning_rate},
        ]
        return torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=self.weight_decay)

    def _rate(self, step: int) -> float:
        return cosine_rate(step, self.steps, self.warmup)


def _end_pairs(of: CandidateList, chance: random.Random) -> _Pairs:
    """Up to 8 ends of the best path, each as a reading of its own."""
    best = max(of.candidates, key=lambda candidate: candidate.weight)
    right = [end for end, is_right in zip(best.ends, best.right, strict=True) if is_right]
    wrong = [end for end, is_right in zip(best.ends, best.right, strict=True) if not is_right]
    right = chance.sample(right, min(len(right), _RIGHT_ONES))
    ends = [*right, *chance.sample(wrong, min(len(wrong), 8 - len(right)))]
    shares = [1 / len(right)] * len(right) + [0.0] * (len(ends) - len(right))
    return _Pairs([PathReading(best.steps, (end,)) for end in ends], shares)


def _drawn(
    lists: Sequence[CandidateList], shares: Mapping[str, float], ends: float, chance: random.Random
) -> Iterator[tuple[CandidateList, bool]]:
    """Endless draws of a list, and True if its ends are the candidates.

    No list of a source is drawn again before all others of that source.
    """
    by_source: dict[str, list[CandidateList]] = {}
    for of in lists:
        if shares.get(of.source):
            by_source.setdefault(of.source, []).append(of)
    if not by_source:
        raise UsageError(f"no candidates of {', '.join(sorted(shares))}")
    pools: dict[str, list[CandidateList]] = {source: [] for source in by_source}
    weights = {source: shares[source] for source in by_source}
    mixed = [of for of in lists if shares.get(of.source) and _is_mixed(of)]
    if mixed and ends:
        by_source[""], pools[""], weights[""] = mixed, [], ends
    while True:
        (source,) = chance.choices(list(weights), list(weights.values()))
        if not pools[source]:
            pools[source] = chance.sample(by_source[source], len(by_source[source]))
        yield pools[source].pop(), not source


def _is_mixed(of: CandidateList) -> bool:
    """Whether the best path has right and wrong ends."""
    best = max(of.candidates, key=lambda candidate: candidate.weight)
    return any(best.right) and not all(best.right)


def _loss(
    reranker: Reranker, tokenizer: Tokenizer, batch: Sequence[tuple[str, Sequence[str], _Pairs]]
) -> Tensor:
    """The mean cross-entropy of the lists, in nats."""
    with mixed_precision():
        scores = reranker(
            [
                pair_ids(tokenizer, question, topics, reading)
                for question, topics, pairs in batch
                for reading in pairs.readings
            ]
        )
    split = scores.split([len(pairs.readings) for _, _, pairs in batch])
    losses = [
        -(torch.tensor(pairs.shares) * some.log_softmax(0)).sum()
        for (_, _, pairs), some in zip(batch, split, strict=True)
    ]
    return torch.stack(losses).mean()


def _checksum(lists: Sequence[CandidateList]) -> str:
    return hashlib.sha256(repr(lists).encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True)
class RerankerTuning:
    """Trains a reranker on the paths that a path writer finds likely for training questions.

    `questions` of the examples are decoded, of each source by its share, to paths of up to `hops` hops.
    `graph` is what examples without a graph of their own are about.
    """

    graph: IndexedGraph | None
    training: RerankerTraining
    questions: int = 600
    hops: int = 3

    def train(
        self,
        reranker: Reranker,
        tokenizer: Tokenizer,
        writer: LanguageModel,
        examples: Sequence[Example],
        shares: Mapping[str, float],
        checkpoint: Path,
        dev: Callable[[Reranker], float] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Curve:
        """Train in place, as `RerankerTraining.train` does; it raises the same errors.

        The reranker stays as it is when no question has both right and wrong candidates.
        """
        chance = random.Random(self.training.seed)
        drawn: list[Example] = []
        for source, share in sorted(shares.items()):
            of_source = [example for example in examples if example.source == source]
            count = round(self.questions * share / sum(shares.values()))
            drawn += chance.sample(of_source, min(count, len(of_source)))
        lists = list(candidate_lists(self.graph, writer, drawn, self.training.seed, hops=self.hops))
        if not lists:
            return Curve()
        return self.training.train(reranker, tokenizer, lists, shares, checkpoint, dev, progress)
