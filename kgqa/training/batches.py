"""Examples in the form that the model takes: encoder states once, then padded batches."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from kgqa.errors import UsageError
from kgqa.graph import RelationStep
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.question_text import CLS, SEP, question_ids
from kgqa.training.example import Example, step_text

__all__ = ["Batch", "EncodedExamples"]


@dataclass(frozen=True)
class Batch:
    """Padded tensors of some examples, one target each.

    *Shape:* `memory` (examples, question pieces, layers x hidden); `attention_mask` (examples,
    question pieces); `pieces` (examples, target pieces + 1) from `[CLS]` to `[SEP]`, padded with 0.
    """

    memory: Tensor
    attention_mask: Tensor
    pieces: Tensor


class EncodedExamples:
    """Examples with the encoder's states of their questions and the word pieces of their targets.

    The encoder is frozen, so it reads every question once. `unmasked` is the share of questions
    that keep the topic's mention, `unnamed` the share whose topic's name is withheld, so that the
    model relies on neither.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        model: PathWriter,
        tokenizer: Tokenizer,
        *,
        seed: int = 0,
        unmasked: float = 0.0,
        unnamed: float = 0.0,
    ) -> None:
        chance = random.Random(seed)
        self.examples = list(examples)
        questions = [
            question_ids(
                tokenizer,
                example.question,
                example.topics,
                masked=chance.random() >= unmasked,
                named=chance.random() >= unnamed,
            )
            for example in self.examples
        ]
        self.memories = _encoder_states(model, questions)
        self._steps: dict[RelationStep, list[int]] = {}
        for example in self.examples:
            for target in example.targets:
                for step in target.steps:
                    if step not in self._steps:
                        encoded = tokenizer.encode(step_text(step), add_special_tokens=False)
                        self._steps[step] = encoded.ids

    def pieces(self, steps: Sequence[RelationStep]) -> list[int]:
        """The word pieces of a relation path, from `[CLS]` to `[SEP]`."""
        return [CLS, *(piece for step in steps for piece in self._steps[step]), SEP]

    def known_pieces(self) -> list[int]:
        """All pieces that occur in targets, sorted."""
        return sorted({SEP, *(piece for ids in self._steps.values() for piece in ids)})

    def batch(self, rows: Sequence[tuple[int, Sequence[int]]]) -> Batch:
        """A batch of (example's index, target's pieces)."""
        memories = [self.memories[index] for index, _ in rows]
        memory = pad_sequence(memories, batch_first=True)
        lengths = torch.tensor([len(memory) for memory in memories])
        mask = torch.arange(memory.shape[1])[None, :] < lengths[:, None]
        pieces = [torch.tensor(ids) for _, ids in rows]
        return Batch(memory, mask, pad_sequence(pieces, batch_first=True))

    def draws(self, batch_size: int, shares: Mapping[str, float], seed: int) -> Iterator[Batch]:
        """Endless random batches of examples of like length.

        A source is drawn by its share, an example of it evenly, a target of it by its weight. Raises
        `UsageError` when no example's source has a share.
        """
        chance = random.Random(seed)
        by_source: dict[str, list[int]] = {}
        for index, example in enumerate(self.examples):
            by_source.setdefault(example.source, []).append(index)
        sources = sorted(set(shares) & set(by_source))
        if not sources:
            raise UsageError(f"no examples of {', '.join(sorted(shares))}, only of {', '.join(by_source)}")
        weights = [shares[source] for source in sources]
        while True:
            rows = []
            for source in chance.choices(sources, weights, k=batch_size * 24):
                index = chance.choice(by_source[source])
                targets = self.examples[index].targets
                (target,) = chance.choices(targets, [t.weight for t in targets])
                rows.append((index, self.pieces(target.steps)))
            rows.sort(key=lambda row: (len(row[1]), len(self.memories[row[0]])))
            starts = list(range(0, len(rows), batch_size))
            chance.shuffle(starts)
            for start in starts:
                yield self.batch(rows[start : start + batch_size])


def _encoder_states(model: PathWriter, questions: Sequence[list[int]]) -> list[Tensor]:
    """The encoder's states of each question, in bfloat16."""
    states: list[Tensor] = [torch.empty(0)] * len(questions)
    order = sorted(range(len(questions)), key=lambda index: len(questions[index]))
    for start in range(0, len(order), 128):
        indices = order[start : start + 128]
        ids = pad_sequence([torch.tensor(questions[i]) for i in indices], batch_first=True)
        encoded = model.encode(ids, (ids != 0).long()).to(torch.bfloat16)
        for row, index in enumerate(indices):
            states[index] = encoded[row, : len(questions[index])].clone()
    return states
