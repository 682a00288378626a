"""The sentence encoder: a BERT that reads, and nothing else.

Transformers has the same model (a test holds this one to it), but takes longer to import than a
question takes to be answered: it would be half of the time of `kgqa ask`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self, cast

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Bert", "BertShape"]


@dataclass(frozen=True)
class BertShape:
    """The sizes of a BERT, by the names of its `config.json`."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a `config.json`."""
        values = json.loads(file.read_text("utf-8"))
        return cls(**{field.name: values[field.name] for field in fields(cls) if field.name in values})


class Bert(nn.Module):
    """Reads word pieces; its weights have the names of published checkpoints."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.shape = shape
        size = shape.hidden_size
        self.embeddings = nn.ModuleDict(
            {
                "word_embeddings": nn.Embedding(shape.vocab_size, size),
                "position_embeddings": nn.Embedding(shape.max_position_embeddings, size),
                "token_type_embeddings": nn.Embedding(shape.type_vocab_size, size),
                "LayerNorm": nn.LayerNorm(size, shape.layer_norm_eps),
            }
        )
        layers = nn.ModuleList(_Layer(shape) for _ in range(shape.num_hidden_layers))
        self.encoder = nn.ModuleDict({"layer": layers})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The encoder of a folder with `config.json` and `model.safetensors`."""
        model = cls(BertShape.load(folder / "config.json"))
        weights = load_file(folder / "model.safetensors")
        unused = [name for name in weights if name.startswith("pooler.") or name.endswith("position_ids")]
        model.load_state_dict({name: weight for name, weight in weights.items() if name not in unused})
        return model.eval()

    @property
    def word_embeddings(self) -> Tensor:
        """The word-piece embeddings. *Shape:* (vocabulary, hidden)."""
        return cast("nn.Embedding", self.embeddings["word_embeddings"]).weight

    @property
    def layers(self) -> nn.ModuleList:
        """Its layers, each of which takes states and what may be seen."""
        return cast("nn.ModuleList", self.encoder["layer"])

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> list[Tensor]:
        """The states before the first layer and behind each.

        *Shape:* ids and mask (batch, tokens), states (batch, tokens, hidden).
        """
        states = [self.embed(input_ids)]
        visible = attention_mask.bool()[:, None, None, :]
        for layer in self.layers:
            states.append(layer(states[-1], visible))
        return states

    def embed(self, input_ids: Tensor) -> Tensor:
        """The states before the first layer. *Shape:* ids (batch, tokens), states (batch, tokens, hidden)."""
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        hidden = (
            self.embeddings["word_embeddings"](input_ids)
            + self.embeddings["token_type_embeddings"](torch.zeros_like(input_ids))
            + self.embeddings["position_embeddings"](positions)
        )
        states: Tensor = self.embeddings["LayerNorm"](hidden)
        return states


class _Layer(nn.Module):
    """A post-norm transformer layer."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        size, self.heads = shape.hidden_size, shape.num_attention_heads
        parts = nn.ModuleDict({name: nn.Linear(size, size) for name in ("query", "key", "value")})
        self.attention = nn.ModuleDict({"self": parts, "output": _output(size, size, shape)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(size, shape.intermediate_size)})
        self.output = _output(shape.intermediate_size, size, shape)

    def forward(self, hidden: Tensor, visible: Tensor) -> Tensor:
        parts = cast("nn.ModuleDict", self.attention["self"])
        query, key, value = (self._split(parts[name](hidden)) for name in ("query", "key", "value"))
        # written out: for texts this short the fused kernel takes longer
        weights = (query @ key.transpose(2, 3) * query.shape[-1] ** -0.5).masked_fill(~visible, -1e4)
        mixed = weights.softmax(dim=-1) @ value
        hidden = _added(
            cast("nn.ModuleDict", self.attention["output"]), mixed.transpose(1, 2).flatten(2), hidden
        )
        grown = functional.gelu(self.intermediate["dense"](hidden))
        return _added(self.output, grown, hidden)

    def _split(self, states: Tensor) -> Tensor:
        batch, length, size = states.shape
        return states.view(batch, length, self.heads, size // self.heads).transpose(1, 2)


def _output(given: int, size: int, shape: BertShape) -> nn.ModuleDict:
    return nn.ModuleDict(
        {"dense": nn.Linear(given, size), "LayerNorm": nn.LayerNorm(size, shape.layer_norm_eps)}
    )


def _added(output: nn.ModuleDict, states: Tensor, before: Tensor) -> Tensor:
    result: Tensor = output["LayerNorm"](output["dense"](states) + before)
    return result
