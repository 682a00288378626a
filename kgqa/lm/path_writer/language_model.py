"""The shipped model as a `LanguageModel`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from kgqa.lm.hf_tokenizer import HuggingFaceTokenizer
from kgqa.lm.key_value_pool import KeyValuePool
from kgqa.lm.log_probabilities import check_texts, distributions, memory_errors
from kgqa.lm.path_writer.modeling import LayerCache, PathWriter, encoder_folder, load_encoder
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.lm.path_writer.question_text import START_PIECES, load_tokenizer, pair_ids, question_ids
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.lm.path_writer.word_pieces import WordPieces
from kgqa.lm.prepacking import can_prepack, prepack_layers
from kgqa.lm.protocol import PathReading, Relevance
from kgqa.lm.request import Distributions, Request, in_their_places
from kgqa.lm.sentence_encoder import SentenceEncoder
from kgqa.lm.tree_rows import TreeRows

__all__ = ["WEIGHTS", "PathWriterLanguageModel"]

WEIGHTS = Path(__file__).parent / "weights"
"""The folder of the weights that ship."""

_MAX_LENGTH = 1024
_KEPT_QUESTIONS = 32

_Question = tuple[str, tuple[str, ...]]
_Memory = list[LayerCache]


class PathWriterLanguageModel:
    """Writes relation paths for questions in English.

    It scores texts of the other grammars too, but was trained on relation paths only. A question is
    read once; token trees of up to 32 questions are read in one pass. Scores are those of the whole
    word-piece vocabulary, in float32, computed in bfloat16 where the processor has it. `passes`
    counts the passes of the decoder.
    """

    def __init__(
        self, model: PathWriter, encoder: Path, dtype: torch.dtype, reranker: Reranker | None = None
    ) -> None:
        if not model.has_encoder:
            model.attach_encoder(load_encoder(model.config, dtype))
        self.model = model.to(dtype).eval()
        self.dtype = dtype
        self.folder: Path | None = None
        self.reranker = reranker.to(dtype).eval() if reranker else None
        self.tokenizer = HuggingFaceTokenizer(WordPieces(encoder), vocabulary_size=model.config.vocab_size)
        self._question_tokenizer = load_tokenizer(encoder)
        self._sentences = SentenceEncoder.around(self._question_tokenizer, self.model.encoder)
        self._memories: dict[_Question, _Memory] = {}  # in the order of their last use
        self._pool = KeyValuePool()
        self._rows = TreeRows(self._pool, lambda prompt: [START_PIECES[prompt.grammar]], _KEPT_QUESTIONS)
        self.passes = 0

    @classmethod
    def load(cls, folder: Path = WEIGHTS, dtype: torch.dtype | None = None) -> Self:
        """The model in a folder of weights; the one that ships by default.

        `dtype` is bfloat16 where the processor multiplies it, else float32. Raises `ModelError`
        when the weights or the encoder are missing or do not belong together. Its layers are
        prepacked where the processor does that: it is to be asked, not trained.
        """
        model = PathWriter.load(folder)
        encoder, dtype = encoder_folder(model.config), dtype or fast_dtype()
        model.attach_encoder(load_encoder(model.config, dtype))
        found = cls(model, encoder, dtype, Reranker.load(folder, model.encoder))
        found.folder = folder
        if can_prepack(dtype):
            for part in (found.model, found.model.encoder, found.reranker):
                if part is not None:
                    prepack_layers(part)
        return found

    @torch.inference_mode()
    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text; see `LanguageModel.score`."""
        size = self.model.config.vocab_size
        for request in requests:
            check_texts(request.texts, size, _MAX_LENGTH)
        found: list[Distributions] = []
        with memory_errors(self._rows.clear):
            asking = [request for request in requests if request.texts]
            for at in range(0, len(asking), _KEPT_QUESTIONS):
                found += self._read_trees(asking[at : at + _KEPT_QUESTIONS])
        return in_their_places(requests, found, size)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """What texts mean to its encoder; see `Embeds`."""
        return self._sentences.encode(texts)

    @property
    def relevance(self) -> Relevance | None:
        """What its reranker says, to 0.01 nats; `None` without one. See `Reranks`."""
        return self._relevance if self.reranker else None

    @torch.inference_mode()
    def _relevance(
        self, question: str, topics: Sequence[str], paths: Sequence[PathReading]
    ) -> NDArray[np.float32]:
        if self.reranker is None or not paths:
            return np.zeros(len(paths), dtype=np.float32)
        pairs = [pair_ids(self._question_tokenizer, question, topics, path) for path in paths]
        scores: NDArray[np.float32] = self.reranker(pairs).numpy().round(2)
        return scores

    def _read_trees(self, requests: Sequence[Request]) -> list[Distributions]:
        try:
            plan = self._rows.place(requests, self.model.device)
            memory, mask = _stacked(self._read([(r.prompt.question, r.prompt.topics) for r in requests]))
            packed = plan.packed()
            self._pool.place(plan.rows, packed.slots, plan.used, packed.owners)
            self.passes += 1
            states = self.model.decode_tree(
                packed.ids,
                packed.positions,
                plan.sees,
                self._pool.update,
                memory,
                mask,
                packed.packing if len(plan.rows) > 1 else None,
            )
            wanted = states[0, packed.wanted]
            # One product for all questions, the long side first: faster than one a question by half.
            logits = (self.model.piece_embeddings @ wanted.T).T.contiguous()
            sizes = [len(at) for at in plan.places]
            return [distributions(some) for some in torch.split(logits, sizes)]
        except BaseException:  # nothing of the plan can be relied on
            self._rows.clear()
            raise

    def _read(self, questions: Sequence[_Question]) -> list[_Memory]:
        """What the decoder sees of each question; those that are new are read in one pass."""
        new = [question for question in dict.fromkeys(questions) if question not in self._memories]
        if new:
            rows = [question_ids(self._question_tokenizer, *question) for question in new]
            ids = pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
            mask = ids != 0
            layers = self.model.read(self.model.encode(ids, mask), mask)
            for at, (question, row) in enumerate(zip(new, rows, strict=True)):
                self._memories[question] = [
                    (key[at, :, : len(row)], value[at, :, : len(row)]) for key, value in layers
                ]
        for question in dict.fromkeys(questions):
            self._memories[question] = self._memories.pop(question)
        found = [self._memories[question] for question in questions]
        for oldest in list(self._memories)[: -2 * _KEPT_QUESTIONS]:
            del self._memories[oldest]
        return found


def _stacked(memories: Sequence[_Memory]) -> tuple[list[LayerCache], Tensor]:
    """What was read of several questions as one batch, and which of it is not padding."""
    lengths = torch.tensor([memory[0][0].shape[1] for memory in memories])
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    layers = [
        tuple(
            pad_sequence([part.transpose(0, 1) for part in parts], batch_first=True).transpose(1, 2)
            for parts in zip(*layer, strict=True)
        )
        for layer in zip(*memories, strict=True)
    ]
    return [(key, value) for key, value in layers], mask
