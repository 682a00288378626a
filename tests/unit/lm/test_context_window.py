"""How far every token of a text sees all that is before it, as configurations say it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import transformers as hf

from kgqa.lm.hf.context_window import attention_span


@pytest.mark.parametrize(
    ("settings", "span"),
    [
        ({}, None),
        ({"sliding_window": None, "layer_types": ["full_attention"]}, None),
        ({"sliding_window": 64}, 64),
        ({"sliding_window": 64, "attention_chunk_size": 32}, 32),
        ({"sliding_window": 64, "layer_types": ["full_attention", "sliding_attention"]}, 64),
        ({"layer_types": ["full_attention", "sliding_attention"]}, 0),
        ({"sliding_window": 64, "layer_types": ["sliding_attention", "linear_attention"]}, 0),
        ({"window_size": [64, 32]}, 0),
    ],
)
def test_the_span_is_said_only_where_the_configuration_says_it(
    settings: dict[str, Any], span: int | None
) -> None:
    assert attention_span(SimpleNamespace(**settings)) == span


def test_the_spans_of_published_models() -> None:
    assert attention_span(hf.MistralConfig()) == 4096
    assert attention_span(hf.Gemma3TextConfig(sliding_window=512)) == 512
    assert attention_span(hf.Llama4TextConfig()) == 8192
    assert attention_span(hf.LlamaConfig()) is None
    assert attention_span(hf.Qwen3NextConfig()) == 0
