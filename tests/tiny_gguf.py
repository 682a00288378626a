"""A GGUF file with random weights in float32, exact in half precision, and the vocabulary of a real model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

__all__ = ["tiny_gguf"]

WIDTH, INNER, LAYERS, HEADS, WINDOW = 64, 96, 2, 4, 512


def tiny_gguf(file: Path, real: Path, seed: int = 0) -> Path:
    """Write a Llama with two layers; all that concerns the tokenizer is copied from a real model."""
    gguf = pytest.importorskip("gguf", reason="no gguf: pip install gguf==0.19.0")
    writer = gguf.GGUFWriter(file, "llama")
    tokens = 0
    for field in gguf.GGUFReader(real).fields.values():
        if field.name.startswith("tokenizer."):
            value = field.contents()
            tokens = len(value) if field.name == "tokenizer.ggml.tokens" else tokens
            writer.add_key_value(field.name, value, field.types[0], sub_type=_inner(field))
    writer.add_context_length(WINDOW)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(tokens)
    random = np.random.default_rng(seed)
    shapes = {"token_embd": (tokens, WIDTH), "output_norm": (WIDTH,), "output": (tokens, WIDTH)}
    for layer in range(LAYERS):
        own = {"attn_norm": (WIDTH,), "ffn_norm": (WIDTH,), "ffn_down": (WIDTH, INNER)}
        own |= {f"attn_{name}": (WIDTH, WIDTH) for name in ("q", "k", "v", "output")}
        own |= {f"ffn_{name}": (INNER, WIDTH) for name in ("gate", "up")}
        shapes |= {f"blk.{layer}.{name}": shape for name, shape in own.items()}
    for name, shape in shapes.items():
        scale = 1.0 if len(shape) == 1 else 2.0 / WIDTH**0.5
        drawn = (random.standard_normal(shape) * scale).astype(np.float16).astype(np.float32)
        writer.add_tensor(f"{name}.weight", np.abs(drawn) if len(shape) == 1 else drawn)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _inner(field: Any) -> Any:
    return field.types[-1] if len(field.types) > 1 else None
