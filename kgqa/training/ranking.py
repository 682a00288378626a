"""Hits@1 of the path writer alone: constrained beam search over the relation paths of a graph."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor

from kgqa.graph import IndexedGraph, RelationStep, fold_name
from kgqa.lm.path_writer.modeling import LayerCache, PathWriter
from kgqa.lm.path_writer.question_text import CLS, SEP, question_ids
from kgqa.training.example import step_text
from kgqa.training.frontier import Frontier

__all__ = ["PathRanker", "Ranked", "hits_at_1"]

Steps = tuple[RelationStep, ...]


class Ranked(NamedTuple):
    """A relation path with its log-probability (nats) and the answers it reaches, best first."""

    log_probability: float
    steps: Steps
    answers: tuple[str, ...]


class _State(NamedTuple):
    steps: Steps
    partial: tuple[int, ...] = ()


class _Hypothesis(NamedTuple):
    log_probability: float
    state: _State
    row: int


@dataclass
class PathRanker:
    """Ranks the relation paths that leave a topic.

    Walks of more than `max_steps` steps are cut, except while they stand on unnamed nodes.
    """

    model: PathWriter
    tokenizer: Tokenizer
    graph: IndexedGraph
    max_steps: int = 3
    beams: int = 10
    _segments: dict[RelationStep, tuple[int, ...]] = field(default_factory=dict)

    @torch.no_grad()
    def rank(self, question: str, topic: str, names: Sequence[str]) -> list[Ranked]:
        """The best relation paths from `topic`, best first."""
        ids = torch.tensor([question_ids(self.tokenizer, question, names)])
        mask = torch.ones_like(ids)
        with torch.autocast("cpu", torch.bfloat16):
            memory = self.model.read(self.model.encode(ids, mask), mask)
        walk = _Walk(self, Frontier.at(self.graph, topic))
        live = [_Hypothesis(0.0, _State(()), 0)]
        done: list[Ranked] = []
        cache: list[LayerCache] | None = None
        newest = torch.tensor([[CLS]])
        while live:
            scores, cache = self._following(newest, memory, mask, cache)
            grown: list[tuple[float, int, _State, int]] = []
            for row, hypothesis in enumerate(live):
                for piece, state in walk.onward(hypothesis.state):
                    score = hypothesis.log_probability + float(scores[row, piece])
                    if piece == SEP:
                        answers = walk.frontier(state.steps).answers()
                        done.append(Ranked(score, state.steps, tuple(answers)))
                    else:
                        grown.append((score, row, state, piece))
            done = sorted(done, key=lambda r: (-r.log_probability, r.steps))[: self.beams]
            floor = done[-1].log_probability if len(done) == self.beams else float("-inf")
            grown = [g for g in sorted(grown, key=lambda g: (-g[0], g[2])) if g[0] > floor]
            grown = grown[: self.beams]
            live = [_Hypothesis(score, state, row) for score, row, state, _ in grown]
            newest = torch.tensor([[piece] for *_, piece in grown])
            kept = torch.tensor([row for _, row, _, _ in grown], dtype=torch.long)
            cache = [(key[kept], value[kept]) for key, value in cache]
        return done

    def _following(
        self, newest: Tensor, memory: list[LayerCache], mask: Tensor, cache: list[LayerCache] | None
    ) -> tuple[Tensor, list[LayerCache]]:
        with torch.autocast("cpu", torch.bfloat16):
            states, cache = self.model.decode(newest, memory, mask, cache)
            logits = states[:, -1] @ self.model.piece_embeddings.to(states.dtype).T
        return logits.float().log_softmax(-1), cache

    def segment(self, step: RelationStep) -> tuple[int, ...]:
        """The word pieces of a step."""
        if step not in self._segments:
            encoded = self.tokenizer.encode(step_text(step), add_special_tokens=False)
            self._segments[step] = tuple(encoded.ids)
        return self._segments[step]


class _Walk:
    """What may follow, piece by piece, from one topic."""

    def __init__(self, ranker: PathRanker, start: Frontier) -> None:
        self.ranker = ranker
        self.frontiers: dict[Steps, Frontier] = {(): start}
        self.steps: dict[Steps, list[tuple[tuple[int, ...], RelationStep]]] = {}

    def frontier(self, steps: Steps) -> Frontier:
        return self.frontiers[steps]

    def onward(self, state: _State) -> Iterator[tuple[int, _State]]:
        """The pieces that may follow, each once, with the state that they lead to."""
        size = len(state.partial)
        seen: set[int] = set()
        for segment, step in self._segments(state.steps):
            if segment[:size] != state.partial or segment[size] in seen:
                continue
            seen.add(segment[size])
            partial = segment[: size + 1]
            complete = partial == segment
            steps = (*state.steps, step) if complete else state.steps
            yield segment[size], _State(steps, () if complete else partial)
        if state.steps and not state.partial and self.frontiers[state.steps].ends_named():
            yield SEP, state

    def _segments(self, steps: Steps) -> list[tuple[tuple[int, ...], RelationStep]]:
        if steps not in self.steps:
            frontier = self.frontiers[steps]
            named = not steps or frontier.ends_named()
            over = len(steps) >= self.ranker.max_steps + (0 if named else 1)
            onward = {} if over else frontier.onward()
            for step, reached in onward.items():
                self.frontiers[*steps, step] = reached
            # Shorter first: a relation that is the beginning of another ends where it ends.
            self.steps[steps] = sorted((self.ranker.segment(step), step) for step in onward)
        return self.steps[steps]


def hits_at_1(ranked: Sequence[Sequence[Ranked]], answers: Collection[str]) -> bool:
    """Whether the first answer is right; `ranked` has the paths from each topic, best first.

    It is the first answer of the best path, preferably one that the other topics' best paths reach.
    """
    right = {fold_name(answer) for answer in answers}
    best = [paths[0] for paths in ranked if paths]
    if not best:
        return False
    best.sort(key=lambda path: -path.log_probability)
    shared = [name for name in best[0].answers if all(name in path.answers for path in best[1:])]
    return fold_name((shared or best[0].answers)[0]) in right
