"""The shipped model as a `LanguageModel`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor
from transformers import BertTokenizerFast

from kgqa.errors import ModelError
from kgqa.lm.hf_tokenizer import HuggingFaceTokenizer
from kgqa.lm.path_writer.modeling import LayerCache, PathWriter, encoder_folder, load_encoder
from kgqa.lm.path_writer.question_text import START_PIECES, load_tokenizer, question_ids
from kgqa.lm.prompt import Prompt
from kgqa.lm.protocol import Scores

__all__ = ["WEIGHTS", "PathWriterLanguageModel"]

WEIGHTS = Path(__file__).parent / "weights"
"""The folder of the weights that ship."""

_MAX_LENGTH = 1024
_KEPT_QUESTIONS = 16


class PathWriterLanguageModel:
    """Writes relation paths for questions in English.

    It scores texts of the other grammars too, but was trained on relation paths only. A question is
    read once; its continuations are decoded in one batch. Scores are those of the whole word-piece
    vocabulary, in float32, computed in bfloat16 where the processor has it.
    """

    def __init__(self, model: PathWriter, encoder: Path, dtype: torch.dtype) -> None:
        model.attach_encoder(load_encoder(model.config, dtype))
        self.model = model.to(dtype).eval()
        self.dtype = dtype
        self.tokenizer = HuggingFaceTokenizer(
            BertTokenizerFast.from_pretrained(encoder), vocabulary_size=model.config.vocab_size
        )
        self._question_tokenizer = load_tokenizer(encoder)
        self._read = lru_cache(_KEPT_QUESTIONS)(self._read_question)

    @classmethod
    def load(cls, folder: Path = WEIGHTS, dtype: torch.dtype | None = None) -> Self:
        """The model in a folder of weights; the one that ships by default.

        `dtype` is bfloat16 where the processor multiplies it, else float32. Raises `ModelError`
        when the weights or the encoder are missing or do not belong together.
        """
        model = PathWriter.load(folder)
        return cls(model, encoder_folder(model.config), dtype or _fast_dtype())

    @torch.inference_mode()
    def score(self, prompt: Prompt, continuations: Sequence[Sequence[int]]) -> list[Scores]:
        """Score texts that continue the prompt; see `LanguageModel.score`."""
        if not continuations:
            return []
        texts = [tuple(int(token) for token in tokens) for tokens in continuations]
        longest = max(len(text) for text in texts)
        self._check(texts, longest)
        memory, mask = self._read(prompt.question, prompt.topics)
        rows = list(dict.fromkeys(texts))
        given = torch.zeros(len(rows), longest + 1, dtype=torch.long)
        given[:, 0] = START_PIECES[prompt.grammar]
        for row, text in enumerate(rows):
            given[row, 1 : len(text) + 1] = torch.tensor(text, dtype=torch.long)
        states, _ = self.model.decode(given, memory, mask)
        following, index = self._following(states, rows)
        return [_scores(text, following, index) for text in texts]

    def _following(
        self, states: Tensor, rows: Sequence[tuple[int, ...]]
    ) -> tuple[np.ndarray, dict[tuple[int, ...], int]]:
        """Log-probabilities after every prefix of the rows, each prefix once."""
        place = {
            row[:length]: (number, length)
            for number, row in enumerate(rows)
            for length in range(len(row) + 1)
        }
        numbers, lengths = (torch.tensor(column) for column in zip(*place.values(), strict=True))
        logits = states[numbers, lengths] @ self.model.piece_embeddings.T
        following = logits.float().log_softmax(-1).numpy()
        if not np.isfinite(following).all():
            raise ModelError("the path writer's scores are not finite; are its weights damaged?")
        return following, {prefix: index for index, prefix in enumerate(place)}

    def _read_question(self, question: str, topics: tuple[str, ...]) -> tuple[list[LayerCache], Tensor]:
        ids = torch.tensor([question_ids(self._question_tokenizer, question, topics)])
        mask = torch.ones_like(ids)
        return self.model.read(self.model.encode(ids, mask), mask), mask

    def _check(self, texts: Sequence[Sequence[int]], longest: int) -> None:
        size = self.model.config.vocab_size
        if longest > _MAX_LENGTH:
            raise ModelError(f"{longest} tokens exceed the path writer's {_MAX_LENGTH}; ask for fewer hops")
        for text in texts:
            for token in text:
                if not 0 <= token < size:
                    raise ModelError(f"token {token} is outside the vocabulary of {size} word pieces")


def _scores(text: tuple[int, ...], following: np.ndarray, index: dict[tuple[int, ...], int]) -> Scores:
    tokens = [following[index[text[:at]], token] for at, token in enumerate(text)]
    return Scores(np.array(tokens, dtype=np.float32), following[index[text]])


def _fast_dtype() -> torch.dtype:
    """Bfloat16 where the processor multiplies it in hardware."""
    has = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if has else torch.float32
