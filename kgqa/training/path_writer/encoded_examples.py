"""Examples as tensors: encoder states of the questions, word pieces of the targets, padded batches."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from kgqa.errors import UsageError
from kgqa.graph import RelationStep
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.precision import fast_dtype, mixed_precision
from kgqa.lm.path_writer.question_text import CLS, SEP, question_ids
from kgqa.training.examples.example import Example, likely_targets, step_text

__all__ = ["Batch", "EncodedExamples", "log_probabilities", "reweigh_targets"]

_GROUP = 16  # questions that the encoder reads at once


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

    The encoder is frozen, so it reads each question once, when it is first drawn. `unmasked` is the
    share of questions in which the topic's mention is not masked, `unnamed` the share without the topic's
    name, so that the model relies on neither. `checksum` is that of the examples and the questions' pieces.
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
        self._model = model
        self._questions = [
            question_ids(
                tokenizer,
                example.question,
                example.topics,
                masked=chance.random() >= unmasked,
                named=chance.random() >= unnamed,
            )
            for example in self.examples
        ]
        content = repr((self.examples, self._questions))
        self.checksum = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:16]
        self._memories: dict[int, Tensor] = {}
        numbers = range(len(self._questions))
        self._order = sorted(numbers, key=lambda number: (len(self._questions[number]), number))
        self._place = {index: place for place, index in enumerate(self._order)}
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
        self._encode({index for index, _ in rows} - self._memories.keys())
        memories = [self._memories[index] for index, _ in rows]
        memory = pad_sequence(memories, batch_first=True).to(fast_dtype())
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
            rows.sort(key=lambda row: (len(row[1]), len(self._questions[row[0]])))
            starts = list(range(0, len(rows), batch_size))
            chance.shuffle(starts)
            for start in starts:
                yield self.batch(rows[start : start + batch_size])

    def _encode(self, indices: Collection[int]) -> None:
        """Store the encoder's states of questions, in bfloat16 to save memory.

        Questions are read in fixed groups, so that the states do not depend on the order of the draws.
        """
        for group in sorted({self._place[index] // _GROUP for index in indices}):
            some = self._order[group * _GROUP : (group + 1) * _GROUP]
            ids = pad_sequence([torch.tensor(self._questions[i]) for i in some], batch_first=True)
            encoded = self._model.encode(ids, (ids != 0).long()).to(torch.bfloat16)
            for row, index in enumerate(some):
                self._memories[index] = encoded[row, : len(self._questions[index])].clone()


def reweigh_targets(
    model: PathWriter, encoded: EncodedExamples, sources: Collection[str], batch_size: int = 128
) -> int:
    """Multiply the weights of targets of `sources` by the model's probabilities, and normalise them.

    The expectation step of weak supervision: a path that fits the words of the question gains, one
    that reaches the answer by accident loses. Returns how many examples have more than one target.
    """
    model.eval()
    open_examples = [i for i, e in enumerate(encoded.examples) if e.source in sources and len(e.targets) > 1]
    rows = [(i, encoded.pieces(t.steps)) for i in open_examples for t in encoded.examples[i].targets]
    known = torch.tensor(encoded.known_pieces())
    scores: list[float] = []
    for start in range(0, len(rows), batch_size):
        scores += log_probabilities(model, encoded.batch(rows[start : start + batch_size]), known).tolist()
    remaining = iter(scores)
    for index in open_examples:
        example = encoded.examples[index]
        logs = [math.log(t.weight) + next(remaining) for t in example.targets]
        shares = {t.steps: math.exp(log - max(logs)) for t, log in zip(example.targets, logs, strict=True)}
        encoded.examples[index] = dataclasses.replace(example, targets=likely_targets(shares))
    return len(open_examples)


@torch.no_grad()
def log_probabilities(model: PathWriter, batch: Batch, known: Tensor) -> Tensor:
    """The log-probability of each row's target, in nats, if only `known` pieces may be written.

    *Shape:* known (pieces,), sorted; result (examples,).
    """
    given, wanted = batch.pieces[:, :-1], batch.pieces[:, 1:]
    with mixed_precision():
        states, _ = model.decode(given, model.read(batch.memory, batch.attention_mask), batch.attention_mask)
        logits = states @ model.piece_embeddings[known].to(states.dtype).T
    real = wanted != 0
    places = torch.searchsorted(known, wanted.masked_fill(~real, int(known[0])))
    chosen = logits.float().log_softmax(-1).gather(-1, places[..., None])[..., 0]
    return (chosen * real).sum(dim=1)
