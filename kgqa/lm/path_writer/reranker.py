"""The reranker: a cross-encoder that scores how well a path answers a question."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Literal, Self

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from kgqa.errors import ModelError
from kgqa.lm.encoders.bert import Bert, with_one_product
from kgqa.lm.forward.grain import padded
from kgqa.lm.path_writer.packed_weights import packed, unpacked

__all__ = ["RERANKER", "Reranker"]

_ROWS = 5
"""As `GRAIN`, of the pairs of a pass: ten beams need no spare rows."""
RERANKER = "reranker.safetensors"
"""Its file, beside the path writer's own."""


class Reranker(nn.Module):
    """A cross-encoder ("Passage Re-ranking with BERT", 2019): one score a pair, in nats.

    The layers of the sentence encoder, trained further, under a linear layer; the embeddings are
    the encoder's own, which are not trained and not stored.
    """

    def __init__(self, encoder: Bert) -> None:
        super().__init__()
        self.layers = copy.deepcopy(encoder.layers).float().requires_grad_(True)
        self.head = nn.Linear(encoder.shape.hidden_size, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self._encoder = [encoder]  # a list hides it from parameters() and state_dict()

    @classmethod
    def load(cls, folder: Path, encoder: Bert) -> Self | None:
        """The reranker in a folder of a path writer, in float32; `None` where there is none.

        Raises `ModelError` for a damaged or foreign one.
        """
        file = folder / RERANKER
        if not file.is_file():
            return None
        reranker = cls(encoder)
        try:
            reranker.load_state_dict(with_one_product(unpacked(load_file(file))))
        except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ModelError(f"{file} is no whole reranker ({reason}); copy it again") from error
        return reranker.eval()

    def save(self, folder: Path, *, bits: Literal[8, 16] = 16) -> None:
        """Write what `load` reads, in half precision or in eight bits."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = packed(self.state_dict(), bits)
        save_file(weights, folder / RERANKER, metadata={"format": "pt"})

    def copied(self, dtype: torch.dtype) -> Self:
        """A copy in another number format over the same embeddings."""
        other = type(self)(self._encoder[0])
        other.load_state_dict(self.state_dict())
        return other.to(dtype).eval()

    def forward(self, pairs: list[list[int]]) -> Tensor:
        """The score of each pair of piece ids, in float32. *Shape:* (pairs,)."""
        rows = [torch.tensor(row, dtype=torch.long) for row in pairs]
        spare = [rows[0].new_empty(0)] * (-len(rows) % _ROWS)
        ids = padded(pad_sequence([*rows, *spare], batch_first=True), 1)
        hidden, packing = self._encoder[0].embed(ids, ids != 0)
        hidden = hidden.to(self.head.weight.dtype)
        for layer in self.layers:
            hidden = layer(hidden, packing)
        mean = packing.means(hidden)
        scores: Tensor = self.head(mean.to(self.head.weight.dtype))
        return scores[: len(pairs), 0].float()
