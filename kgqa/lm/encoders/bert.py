"""A BERT encoder for inference.

It equals transformers' (a test compares them). It exists because the import of transformers would be half of
the time of `kgqa ask`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self, cast

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from kgqa.lm.encoders.unfilled import Unfilled
from kgqa.lm.forward.grain import rounded
from kgqa.lm.forward.packing import Packing

__all__ = ["Bert", "BertShape", "with_one_product"]


_NARROWEST = 16  # narrower batches are summed in another order than wider ones


@dataclass(frozen=True)
class BertShape:
    """The sizes of a BERT, named as in its `config.json`."""

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


def with_one_product(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A published checkpoint's weights with query, key and value joined into one product."""
    joined = dict(weights)
    for query in [name for name in weights if ".attention.self.query." in name]:
        parts = [query.replace(".query.", f".{name}.") for name in ("query", "key", "value")]
        name = query.replace("attention.self.query", "query_key_value")
        joined[name] = torch.cat([joined.pop(part) for part in parts])
    return joined


class Bert(nn.Module):
    """A BERT encoder over word pieces, with the weight names of published checkpoints."""

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
        with Unfilled():
            model = cls(BertShape.load(folder / "config.json"))
        weights = load_file(folder / "model.safetensors")
        unused = [name for name in weights if name.startswith("pooler.") or name.endswith("position_ids")]
        used = {name: weight for name, weight in weights.items() if name not in unused}
        model.load_state_dict(with_one_product(used))
        return model.eval()

    @property
    def word_embeddings(self) -> Tensor:
        """The word-piece embeddings. *Shape:* (vocabulary, hidden)."""
        return cast("nn.Embedding", self.embeddings["word_embeddings"]).weight

    @property
    def layers(self) -> nn.ModuleList:
        """The layers; each takes states and their packing."""
        return cast("nn.ModuleList", self.encoder["layer"])

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[list[Tensor], Packing]:
        """The states before the first layer and after each, without padding tokens but some at the end.

        A text's states do not depend on the other texts of the batch, except for rounding on some CPUs.

        *Shape:* ids and mask (batch, tokens), states (tokens of all texts, `rounded`; hidden).
        """
        first, packing = self.embed(input_ids, attention_mask)
        states = [first]
        for layer in self.layers:
            states.append(layer(states[-1], packing))
        return states, packing

    def embed(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Packing]:
        """The states before the first layer, as in `forward`."""
        wider = (0, max(0, _NARROWEST - input_ids.shape[1]))
        input_ids, mask = functional.pad(input_ids, wider), functional.pad(attention_mask.bool(), wider)
        packing = Packing.of(mask)
        packing = packing.grown(rounded(len(packing.back)))
        ids = input_ids.flatten()[packing.back]
        hidden = (
            self.embeddings["word_embeddings"](ids)
            + self.embeddings["token_type_embeddings"](torch.zeros_like(ids))
            + self.embeddings["position_embeddings"](packing.back % input_ids.shape[1])
        )
        states: Tensor = self.embeddings["LayerNorm"](hidden)
        return states, packing


class _Layer(nn.Module):
    """A post-norm transformer layer over packed texts."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        size, self.heads = shape.hidden_size, shape.num_attention_heads
        self.query_key_value = nn.Linear(size, 3 * size)
        self.attention = nn.ModuleDict({"output": _output(size, size, shape)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(size, shape.intermediate_size)})
        self.output = _output(shape.intermediate_size, size, shape)

    def forward(self, hidden: Tensor, packing: Packing) -> Tensor:
        query, key, value = self._by_text(self.query_key_value(hidden), packing)
        # Written out: for texts this short the fused kernel takes longer, and so does softmax in bfloat16.
        weights = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5
        weights = weights.masked_fill(~packing.real[:, None, None], -1e4)
        weights = weights.softmax(dim=-1, dtype=torch.float32).to(value.dtype)
        mixed = (weights @ value).transpose(1, 2).flatten(2)
        hidden = _added(cast("nn.ModuleDict", self.attention["output"]), packing.gather(mixed)[0], hidden)
        grown = functional.gelu(self.intermediate["dense"](hidden))
        return _added(self.output, grown, hidden)

    def _by_text(self, states: Tensor, packing: Packing) -> tuple[Tensor, ...]:
        """Query, key and value. *Shape:* (tokens, 3 x hidden) in, (texts, heads, tokens, size) out."""
        rows, longest = packing.where.shape
        spread = states.index_select(0, packing.where.flatten())
        return spread.view(rows, longest, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind()


def _output(given: int, size: int, shape: BertShape) -> nn.ModuleDict:
    return nn.ModuleDict(
        {"dense": nn.Linear(given, size), "LayerNorm": nn.LayerNorm(size, shape.layer_norm_eps)}
    )


def _added(output: nn.ModuleDict, states: Tensor, before: Tensor) -> Tensor:
    result: Tensor = output["LayerNorm"](output["dense"](states) + before)
    return result
