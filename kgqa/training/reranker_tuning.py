"""Further training of a reranker on the questions that a path writer learnt from."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from kgqa.graph import IndexedGraph
from kgqa.lm import LanguageModel
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.training.candidates import candidate_lists
from kgqa.training.curve import Curve
from kgqa.training.example import Example
from kgqa.training.reranker_training import RerankerTraining

__all__ = ["RerankerTuning"]


@dataclass(frozen=True)
class RerankerTuning:
    """Trains a reranker on what a path writer finds likely for questions about one graph.

    Of the examples `questions` are decoded, of each source by its share, to paths of up to `hops` hops.
    """

    graph: IndexedGraph
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
        """Train in place, as `RerankerTraining.train` does, and with what it raises.

        Where the writer finds nothing to tell apart the reranker stays as it is.
        """
        chance = random.Random(self.training.seed)
        some: list[Example] = []
        for source, share in sorted(shares.items()):
            of_source = [example for example in examples if example.source == source]
            count = round(self.questions * share / sum(shares.values()))
            some += chance.sample(of_source, min(count, len(of_source)))
        lists = list(candidate_lists(self.graph, writer, some, self.training.seed, hops=self.hops))
        if not lists:
            return Curve()
        return self.training.train(reranker, tokenizer, lists, shares, checkpoint, dev, progress)
