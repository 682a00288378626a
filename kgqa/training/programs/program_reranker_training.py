"""Training of the reranker of programs on lists of likely programs."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from kgqa.errors import UsageError
from kgqa.lm.path_writer.precision import mixed_precision
from kgqa.lm.path_writer.question_text import program_pair_ids
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.training.curve import Curve
from kgqa.training.programs.program_lists import ProgramList
from kgqa.training.training_run import TrainingRun, cosine_rate

__all__ = ["ProgramRerankerTraining"]

_RIGHT_ONES = 2


@dataclass(frozen=True)
class ProgramRerankerTraining:
    """Maximises the share of the right programs in the softmax over a list, with AdamW.

    A step reads `lists` lists, each with up to 2 right programs (the question's own first) and `wrong`
    others. A checkpoint is written every `checkpoint_every` steps, and a run that finds one resumes it.
    """

    steps: int
    lists: int = 12
    wrong: int = 7
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-3
    warmup: int = 40
    weight_decay: float = 0.02
    checkpoint_every: int = 200
    seed: int = 0

    def train(
        self,
        reranker: Reranker,
        tokenizer: Tokenizer,
        lists: Sequence[ProgramList],
        shares: Mapping[str, float],
        checkpoint: Path,
        dev: Callable[[Reranker], float] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Curve:
        """Train in place; `shares` says how often the lists of each source are drawn.

        Raises `UsageError` when no list with right and wrong programs has a share, and as `TrainingRun`.
        """
        by_source: dict[str, list[ProgramList]] = {}
        for of in lists:
            if shares.get(of.source) and any(of.right) and not all(of.right):
                by_source.setdefault(of.source, []).append(of)
        if not by_source:
            raise UsageError(f"no lists of programs of {', '.join(sorted(shares))}")
        checksum = hashlib.sha256(repr(list(lists)).encode("utf-8", "replace")).hexdigest()[:16]
        settings = {**asdict(self), "lists of": checksum, "shares": dict(shares)}
        run = TrainingRun(reranker, self._optimizer(reranker), self._rate, settings, dev)
        if not run.resume(checkpoint):
            run.begin()
        progress(run.done)
        sources = sorted(by_source)
        for first in range(run.done, self.steps, self.checkpoint_every):
            last = min(first + self.checkpoint_every, self.steps)
            chance = random.Random(self.seed + first)
            reranker.train()
            total = 0.0
            for step in range(first, last):
                drawn = chance.choices(sources, [shares[source] for source in sources], k=self.lists)
                batch = [self._some(chance.choice(by_source[source]), chance) for source in drawn]
                total += run.descend(_loss(reranker, tokenizer, batch), step + 1)
                progress(step + 1)
            reranker.eval()
            run.note(last, total / (last - first))
            run.save(checkpoint)
        run.finish()
        return run.curve

    def _some(self, of: ProgramList, chance: random.Random) -> tuple[ProgramList, list[int], int]:
        """Some places of a list, the right ones first, and how many of them are right."""
        right = [place for place, is_right in enumerate(of.right) if is_right]
        wrong = [place for place, is_right in enumerate(of.right) if not is_right]
        right.sort(key=lambda place: (not of.same[place], chance.random()))
        right = right[:_RIGHT_ONES]
        return of, [*right, *chance.sample(wrong, min(len(wrong), self.wrong))], len(right)

    def _optimizer(self, reranker: Reranker) -> torch.optim.Optimizer:
        groups = [
            {"params": reranker.layers.parameters(), "lr": self.learning_rate},
            {"params": reranker.head.parameters(), "lr": self.head_learning_rate},
        ]
        return torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=self.weight_decay)

    def _rate(self, step: int) -> float:
        return cosine_rate(step, self.steps, self.warmup)


def _loss(
    reranker: Reranker, tokenizer: Tokenizer, batch: Sequence[tuple[ProgramList, list[int], int]]
) -> Tensor:
    """The mean negative log-share of the right programs, in nats."""
    pairs = [
        program_pair_ids(tokenizer, of.question, of.readings[place])
        for of, places, _ in batch
        for place in places
    ]
    with mixed_precision():
        scores = reranker(pairs)
    losses = []
    for some, (_, _, right) in zip(scores.split([len(places) for _, places, _ in batch]), batch, strict=True):
        losses.append(-some.log_softmax(0)[:right].logsumexp(0))
    return torch.stack(losses).mean()
