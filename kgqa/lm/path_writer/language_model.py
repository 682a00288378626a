"""The path writer as a `LanguageModel`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from kgqa.cache_memory import cache_bytes as share_of_cache
from kgqa.lm.encoders.sentence_encoder import SentenceEncoder
from kgqa.lm.forward.grain import GRAIN, padded, rounded
from kgqa.lm.forward.key_value_pool import KeyValuePool
from kgqa.lm.forward.log_probabilities import check_texts, distributions, memory_errors
from kgqa.lm.forward.tree_rows import TreeRows
from kgqa.lm.hf.prepacking import PrepackedLinear, can_prepack, prepack_layers
from kgqa.lm.path_writer.choice_scores import choice_scores
from kgqa.lm.path_writer.modeling import LayerCache, PathWriter, encoder_folder, load_encoder
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.lm.path_writer.question_text import (
    START_PIECES,
    load_tokenizer,
    pair_ids,
    program_pair_ids,
    question_ids,
)
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.lm.path_writer.word_pieces import word_piece_tokenizer
from kgqa.lm.protocol import PathReading, ProgramReading, ProgramRelevance, Relevance
from kgqa.lm.request import Distributions, Request, restore_empty
from kgqa.lm.weights_fingerprint import weights_fingerprint

__all__ = ["WEIGHTS", "PathWriterLanguageModel"]

WEIGHTS = Path(__file__).parent / "weights"
"""The folder of the weights that ship."""

PROGRAMS = "programs"
"""The folder of the writer of programs, in that of the weights."""

_MAX_LENGTH = 1024
_KEPT_QUESTIONS = 32
_CACHE_SHARE = 0.08
"""The default bound of the cached keys and values of texts."""
_BUFFER_ROWS = 64
_SLOT_GRAIN = 128
"""As `GRAIN`, of the slots for the keys and values of a row."""

_Question = tuple[str, tuple[str, ...]]
_Memory = list[LayerCache]

T = TypeVar("T")


class PathWriterLanguageModel:
    """Scores relation paths for questions in English.

    It scores texts of the other grammars too, but was trained on relation paths only. A question is
    encoded once; the token trees of up to 32 questions are scored in one pass. Log-probabilities are
    float32 over the whole word-piece vocabulary, computed in bfloat16 where the CPU multiplies it.
    `cache_bytes` bounds the cached keys and values of texts (None: 8 % of `KGQA_CACHE_MB`); those of
    questions take at most an eighth of it more. `passes` counts the passes of the decoder.
    """

    def __init__(
        self,
        model: PathWriter,
        encoder: Path,
        dtype: torch.dtype,
        reranker: Reranker | None = None,
        *,
        cache_bytes: int | None = None,
        programs: Self | None = None,
        masked: bool = True,
    ) -> None:
        if not model.has_encoder:
            model.attach_encoder(load_encoder(model.config, dtype))
        self.model = model.to(dtype).eval()
        self.dtype = dtype
        self.folder: Path | None = None
        self.reranker = reranker.to(dtype).eval() if reranker else None
        self.tokenizer = word_piece_tokenizer(encoder, model.config.vocab_size)
        self._question_tokenizer = load_tokenizer(encoder)
        self._sentences = SentenceEncoder.around(self._question_tokenizer, self.model.encoder)
        self._memories: dict[_Question, _Memory] = {}  # least recently used first
        cache_bytes = share_of_cache(_CACHE_SHARE) if cache_bytes is None else cache_bytes
        self._memory_bytes = cache_bytes // 8
        self._alone: tuple[_Question, tuple[_Memory, Tensor]] | None = None
        self._pool = KeyValuePool()
        self._rows = TreeRows(
            self._pool,
            lambda prompt: [START_PIECES[prompt.grammar]],
            _KEPT_QUESTIONS,
            cache_bytes,
            grains=(GRAIN, _SLOT_GRAIN),
        )
        self._product = self.model.piece_embeddings.new_empty((2, 0))
        self._output: PrepackedLinear | None = None
        self._programs = programs
        self._masked = masked
        self.passes = 0

    @classmethod
    def load(
        cls,
        folder: str | Path = WEIGHTS,
        dtype: torch.dtype | None = None,
        *,
        cache_bytes: int | None = None,
    ) -> Self:
        """The model in a folder of weights; the one that ships by default.

        `dtype` is bfloat16 where the CPU multiplies it, else float32. Raises `ModelError` when the
        weights or the encoder are missing or do not belong together. The layers are prepacked where
        the CPU supports it: the model is for inference, not for training.
        """
        folder = Path(folder)
        model = PathWriter.load(folder)
        encoder, dtype = encoder_folder(model.config), dtype or fast_dtype()
        model.attach_encoder(load_encoder(model.config, dtype))
        programs = None
        if (folder / PROGRAMS).is_dir():
            writer = PathWriter.load(folder / PROGRAMS)
            writer.attach_encoder(model.encoder)
            reader = Reranker.load(folder / PROGRAMS, model.encoder)
            programs = cls(writer, encoder, dtype, reader, cache_bytes=cache_bytes, masked=False)
        reranker = Reranker.load(folder, model.encoder)
        found = cls(model, encoder, dtype, reranker, cache_bytes=cache_bytes, programs=programs)
        found.folder = folder
        if can_prepack(dtype):
            with torch.inference_mode():
                found._output = PrepackedLinear(model.piece_embeddings, None)
            if programs:
                programs._output = found._output
            parts = [model, model.encoder, found.reranker]
            parts += [programs.model, programs.reranker] if programs else []
            for part in parts:
                if part is not None:
                    prepack_layers(part)
        return found

    @property
    def writes_programs(self) -> bool:
        """Whether it was trained to write programs."""
        return self._programs is not None

    @torch.inference_mode()
    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """See `LanguageModel.score`."""
        found: dict[int, Distributions] = {}
        for writer, places in self._writers(requests):
            found |= writer._passes(requests, places, writer._distributions)
        asked = [found[at] for at in sorted(found)]
        return restore_empty(requests, asked, self.model.config.vocab_size)

    @torch.inference_mode()
    def score_choices(
        self, requests: Sequence[Request], choices: Sequence[Sequence[NDArray[np.int32]]]
    ) -> list[list[NDArray[np.float64]]]:
        """See `ScoresChoices`."""
        found: dict[int, list[NDArray[np.float64]]] = {}
        for writer, places in self._writers(requests):
            found |= writer._passes(requests, places, partial(writer._choice_scores, choices))
        return [found.get(at, []) for at in range(len(requests))]

    def _writers(self, requests: Sequence[Request]) -> list[tuple[Self, list[int]]]:
        """The places of the requests that each writer reads: programs have their own."""
        chains: list[int] = []
        programs = chains if self._programs is None else []
        for at, request in enumerate(requests):
            (programs if request.prompt.grammar == "programs" else chains).append(at)
        return [(self, chains), *([] if self._programs is None else [(self._programs, programs)])]

    def _passes(
        self,
        requests: Sequence[Request],
        places: Sequence[int],
        read: Callable[[Sequence[Tensor], Sequence[int]], list[T]],
    ) -> dict[int, T]:
        """What `read` makes of the states after the texts of each request that has any, pass by pass."""
        for at in places:
            check_texts(requests[at].texts, self.model.config.vocab_size, _MAX_LENGTH)
        waiting = [at for at in places if requests[at].texts]
        found: dict[int, T] = {}
        if not waiting:
            return found
        with memory_errors(self._rows.clear):
            while waiting:
                some, waiting = waiting[: self._rows.room], waiting[self._rows.room :]
                states = self._read_trees([requests[at] for at in some])
                found |= zip(some, read(states, some), strict=True)
        return found

    def _distributions(self, states: Sequence[Tensor], _: Sequence[int]) -> list[Distributions]:
        wanted = torch.cat(list(states))
        logits = self._logits(padded(wanted, 0))[: len(wanted)]
        return [distributions(some) for some in torch.split(logits, [len(part) for part in states])]

    @cached_property
    def fingerprint(self) -> str:
        """The same for two models with the same weights, reranker and writer of programs included."""
        own = weights_fingerprint(self.model, self.reranker)
        if self._programs is None:
            return own
        return hashlib.sha256(f"{own} {self._programs.fingerprint}".encode()).hexdigest()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Sentence embeddings by its encoder; see `Embeds`."""
        return self._sentences.encode(texts)

    @property
    def relevance(self) -> Relevance | None:
        """The scores of its reranker, rounded to 0.01 nats; `None` without one. See `Reranks`."""
        return self._relevance if self.reranker else None

    @property
    def program_relevance(self) -> ProgramRelevance | None:
        """The scores of its reranker for programs, rounded to 0.01 nats; `None` without one."""
        if self._programs is None or self._programs.reranker is None:
            return None
        return self._programs._program_relevance

    @torch.inference_mode()
    def _program_relevance(self, question: str, programs: Sequence[ProgramReading]) -> NDArray[np.float32]:
        if self.reranker is None or not programs:
            return np.zeros(len(programs), dtype=np.float32)
        pairs = [program_pair_ids(self._question_tokenizer, question, reading) for reading in programs]
        scores: NDArray[np.float32] = self.reranker(pairs).numpy().round(2)
        return scores

    @torch.inference_mode()
    def _relevance(
        self, question: str, topics: Sequence[str], paths: Sequence[PathReading]
    ) -> NDArray[np.float32]:
        if self.reranker is None or not paths:
            return np.zeros(len(paths), dtype=np.float32)
        pairs = [pair_ids(self._question_tokenizer, question, topics, path) for path in paths]
        scores: NDArray[np.float32] = self.reranker(pairs).numpy().round(2)
        return scores

    def _choice_scores(
        self, choices: Sequence[Sequence[NDArray[np.int32]]], states: Sequence[Tensor], places: Sequence[int]
    ) -> list[list[NDArray[np.float64]]]:
        every = [tokens for at in places for tokens in choices[at]]
        scores = iter(choice_scores(torch.cat(list(states)), self.model.piece_embeddings, every))
        return [list(islice(scores, len(choices[at]))) for at in places]

    def _read_trees(self, requests: Sequence[Request]) -> Sequence[Tensor]:
        """The states after the texts of each request, computed in one pass. *Shape:* (texts, hidden) each."""
        try:
            plan = self._rows.place(requests, self.model.device)
            memory, mask = self._memory([(r.prompt.question, r.prompt.topics) for r in requests])
            packed = plan.packed(GRAIN)
            self._pool.place(plan.rows, packed.slots, plan.used, packed.owners)
            self.passes += 1
            states = self.model.decode_tree(
                packed.ids,
                packed.positions,
                plan.sees,
                self._pool.update,
                memory,
                mask,
                packed.packing,
            )
            self._rows.trim()
            return torch.split(states[0, packed.wanted], [len(at) for at in plan.places])
        except BaseException:  # the plan counted its tokens as cached
            self._rows.clear()
            raise

    def _logits(self, states: Tensor) -> Tensor:
        """The logits in float32, in memory of their own. *Shape:* (texts, pieces)."""
        if self._output is not None:  # a third of the time of the product below, or less
            scores: Tensor = self._output(states)
            return scores.float()
        embeddings = self.model.piece_embeddings
        texts, pieces = len(states), len(embeddings)
        if self._product.shape[1] < texts * pieces:  # buffers that are kept leave no gaps in the heap
            rows = rounded(texts, _BUFFER_ROWS)
            self._product = embeddings.new_empty((2, rows * pieces))
        first, second = self._product[:, : texts * pieces]
        # One product for all questions, the long side first: half the time of one a question.
        product = torch.mm(embeddings, states.T, out=first.view(pieces, texts))
        logits = second.view(texts, pieces).copy_(product.T)
        found: Tensor = logits.to(torch.float32, copy=True)
        return found

    def _memory(self, questions: Sequence[_Question]) -> tuple[_Memory, Tensor]:
        """The keys and values of the questions and their mask; those of a question alone are kept."""
        if self._alone is not None and [self._alone[0]] == questions:
            return self._alone[1]
        found = _stacked(self._read(questions))
        self._alone = (questions[0], found) if len(questions) == 1 else None
        return found

    def _read(self, questions: Sequence[_Question]) -> list[_Memory]:
        """The keys and values of each question for the decoder; new questions are encoded in one pass."""
        new = [question for question in dict.fromkeys(questions) if question not in self._memories]
        if new:
            rows = [question_ids(self._question_tokenizer, *q, masked=self._masked) for q in new]
            ids = padded(pad_sequence([torch.tensor(row) for row in rows], batch_first=True), 1)
            mask = ids != 0
            layers = self.model.read(self.model.encode(ids, mask), mask)
            for at, (question, row) in enumerate(zip(new, rows, strict=True)):
                # Copies: views would keep the memory of the whole batch.
                self._memories[question] = [
                    (key[at, :, : len(row)].clone(), value[at, :, : len(row)].clone())
                    for key, value in layers
                ]
        for question in dict.fromkeys(questions):
            self._memories[question] = self._memories.pop(question)
        found = [self._memories[question] for question in questions]
        used = sum(map(_bytes, self._memories.values()))
        for oldest in list(self._memories):
            if len(self._memories) <= 2 * _KEPT_QUESTIONS and used <= self._memory_bytes:
                break
            used -= _bytes(self._memories.pop(oldest))
        return found


def _bytes(memory: _Memory) -> int:
    return sum(key.nbytes + value.nbytes for key, value in memory)


def _stacked(memories: Sequence[_Memory]) -> tuple[_Memory, Tensor]:
    """The keys and values of several questions as one padded batch, and its mask."""
    lengths = torch.tensor([memory[0][0].shape[1] for memory in memories])
    mask = torch.arange(rounded(int(lengths.max()))) < lengths[:, None]
    layers = [
        tuple(
            padded(pad_sequence([part.transpose(0, 1) for part in parts], batch_first=True), 1).transpose(
                1, 2
            )
            for parts in zip(*layer, strict=True)
        )
        for layer in zip(*memories, strict=True)
    ]
    return [(key, value) for key, value in layers], mask
