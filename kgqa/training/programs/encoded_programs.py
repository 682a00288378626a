"""Questions with programs as tensors: what the grammar allows at each piece, and which piece is right."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer as PieceTokenizer
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from kgqa.constraint import Mentioned, ProgramWalk, Tokenizer
from kgqa.errors import KgqaError, UsageError
from kgqa.graph import IndexedGraph
from kgqa.linking import ProgramLinker
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.lm.path_writer.question_text import SEP, START_PIECES, question_ids
from kgqa.program import Combine, Executor, Extreme, Has, InClass, Keep, Program, program_segments

__all__ = ["EncodedProgram", "EncodedPrograms", "ProgramBatch", "encode_program", "simplified"]

_GROUP = 32
"""Questions that the encoder reads at once."""
_DRAWN_TOGETHER = 16
"""Batches that are sorted by length together."""


class EncodedProgram(NamedTuple):
    """A question and its program as pieces, and what the grammar allows at each of these and at the end.

    `allowed` has, for each piece and for the end (`[SEP]`), all pieces that might come; `right` is the place
    of the right one among them.
    """

    source: str
    question: tuple[int, ...]
    pieces: tuple[int, ...]
    allowed: tuple[NDArray[np.int32], ...]
    right: tuple[int, ...]


def encode_program(
    source: str,
    question: str,
    topics: Sequence[str],
    program: Program,
    graph: IndexedGraph,
    tokenizer: Tokenizer,
    pieces: PieceTokenizer,
) -> EncodedProgram | None:
    """A question with its program over a graph; None if the grammar does not lead to the program.

    `topics` are identifiers that are meant; further names are found in the question, as they are when it is
    asked.
    """
    try:
        program = simplified(program, Executor.of(graph))
        mentioned = ProgramLinker().mentioned(question, graph, topics)
        walk = ProgramWalk.programs_of(graph, mentioned, tokenizer)
    except KgqaError:
        return None
    segments = program_segments(program, graph)
    target = tuple(token for ids in tokenizer.encode_batch(segments) for token in ids)
    state, allowed, right = walk.start, [], []
    for place, token in enumerate((*target, SEP)):
        choices = walk.allowed(state)
        if walk.accepts(state):
            choices = np.append(choices, np.int32(SEP))
        (found,) = np.nonzero(choices == token)
        if not len(found):
            return None
        allowed.append(choices)
        right.append(int(found[0]))
        if place < len(target):
            state = walk.advance(state, token)
    asked = question_ids(pieces, question, _names(mentioned, graph), masked=False)
    return EncodedProgram(source, tuple(asked), target, tuple(allowed), tuple(right))


def _names(mentioned: Mentioned, graph: IndexedGraph) -> tuple[str, ...]:
    return tuple(dict.fromkeys(graph.label(name) or name for name in mentioned.names))


def simplified(program: Program, executor: Executor) -> Program:
    """A program without what the grammar does not offer since it changes nothing.

    That is a class that all members belong to, a superlative of a single member, and "with" a path where the
    rest of the program denotes the same without it.
    """
    members, kept = executor.start(program.start), []
    for clause in program.clauses:
        if isinstance(clause, Combine):
            clause = replace(clause, program=simplified(clause.program, executor))
        after = executor.apply(clause, members)
        trivial = isinstance(clause, Keep) and isinstance(clause.condition, InClass)
        single = isinstance(clause, Extreme) and not clause.measure.by and len(members) == 1
        if (trivial or single) and len(after) == len(members):
            continue
        kept.append(clause)
        members = after
    whole = replace(program, clauses=tuple(kept))
    for clause in kept:
        if isinstance(clause, Keep) and isinstance(clause.condition, Has) and not clause.negated:
            shorter = replace(whole, clauses=tuple(other for other in whole.clauses if other is not clause))
            if executor.execute(shorter).key() == executor.execute(whole).key():
                whole = shorter
    return whole


@dataclass(frozen=True)
class ProgramBatch:
    """Padded tensors of some examples.

    *Shape:* `memory` (examples, question pieces, layers x hidden); `attention_mask` (examples, question
    pieces); `given` (examples, pieces) from the start piece, padded with 0. `places` are the positions in
    `given`, flattened, where there is a choice; `choices` the allowed pieces of all of them, one after the
    other, `owners` the number of the position of each, `right` the place in `choices` of each right one.
    """

    memory: Tensor
    attention_mask: Tensor
    given: Tensor
    places: Tensor
    choices: Tensor
    owners: Tensor
    right: Tensor


@dataclass
class EncodedPrograms:
    """Encoded programs with the frozen encoder's states of their questions, which it reads once."""

    examples: Sequence[EncodedProgram]
    model: PathWriter
    _memories: dict[int, Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, examples: Iterable[EncodedProgram | None], model: PathWriter) -> Self:
        """Those of the examples that the grammar leads to."""
        return cls([example for example in examples if example is not None], model)

    @property
    def checksum(self) -> str:
        """The same for the same examples."""
        content = repr([(e.question, e.pieces, e.right) for e in self.examples])
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def draws(self, batch_size: int, shares: Mapping[str, float], seed: int) -> Iterator[ProgramBatch]:
        """Endless random batches of examples of like length; a source is drawn by its share.

        Raises `UsageError` when no example's source has a share.
        """
        chance = random.Random(seed)
        by_source: dict[str, list[int]] = {}
        for index, example in enumerate(self.examples):
            if shares.get(example.source):
                by_source.setdefault(example.source, []).append(index)
        if not by_source:
            raise UsageError(f"no examples of {', '.join(sorted(shares))}")
        sources = sorted(by_source)
        weights = [shares[source] for source in sources]
        while True:
            drawn = [
                chance.choice(by_source[source])
                for source in chance.choices(sources, weights, k=batch_size * _DRAWN_TOGETHER)
            ]
            drawn.sort(key=lambda i: (len(self.examples[i].pieces), len(self.examples[i].question)))
            starts = list(range(0, len(drawn), batch_size))
            chance.shuffle(starts)
            for start in starts:
                yield self.batch(drawn[start : start + batch_size])

    def batch(self, indices: Sequence[int]) -> ProgramBatch:
        """A batch of examples by their places."""
        memories = self._read(indices)
        memory = pad_sequence(memories, batch_first=True).to(fast_dtype())
        lengths = torch.tensor([len(memory) for memory in memories])
        mask = torch.arange(memory.shape[1])[None, :] < lengths[:, None]
        rows = [torch.tensor([START_PIECES["programs"], *self.examples[i].pieces]) for i in indices]
        given = pad_sequence(rows, batch_first=True)
        places: list[int] = []
        choices: list[NDArray[np.int32]] = []
        right: list[int] = []
        count = 0
        for row, index in enumerate(indices):
            example = self.examples[index]
            for at, (allowed, chosen) in enumerate(zip(example.allowed, example.right, strict=True)):
                if len(allowed) > 1:
                    places.append(row * given.shape[1] + at)
                    choices.append(allowed)
                    right.append(count + chosen)
                    count += len(allowed)
        sizes = torch.tensor([len(allowed) for allowed in choices])
        return ProgramBatch(
            memory,
            mask,
            given,
            torch.tensor(places),
            torch.from_numpy(np.concatenate(choices)).long(),
            torch.repeat_interleave(torch.arange(len(sizes)), sizes),
            torch.tensor(right),
        )

    def _read(self, indices: Sequence[int]) -> list[Tensor]:
        """The encoder's states of questions, in bfloat16 to save memory."""
        new = [i for i in dict.fromkeys(indices) if i not in self._memories]
        for start in range(0, len(new), _GROUP):
            some = new[start : start + _GROUP]
            ids = pad_sequence([torch.tensor(self.examples[i].question) for i in some], batch_first=True)
            encoded = self.model.encode(ids, (ids != 0).long()).to(torch.bfloat16)
            for row, index in enumerate(some):
                self._memories[index] = encoded[row, : len(self.examples[index].question)].clone()
        return [self._memories[i] for i in indices]
