"""The constraint with a real model's tokenizer as transformers has it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from kgqa import GraphBuilder, Triple, Walk
from kgqa.constraint import GrammarName
from kgqa.constraint.engines.conformance import check_matcher, whole_text_language
from kgqa.constraint.engines.matcher import Matcher
from kgqa.lm.load import as_language_model, load_transformers

pytestmark = pytest.mark.slow  # a model is loaded

GRAPH = GraphBuilder.of(
    [
        Triple("Kismet", "directed_by", "William Dieterle"),
        Triple("Kismet", "in_language", "English"),
        Triple("Kismet 2", "in_language", "日本語"),
        Triple("A Foreign Affair", "in_language", "English"),
    ]
)
TOPICS = ["Kismet", "Kismet 2"]


@pytest.mark.parametrize("grammar", [name for name in get_args(GrammarName) if name != "programs"])
def test_the_tokenizer_of_a_real_model_conforms(smollm2_folder: Path, grammar: GrammarName) -> None:
    model, raw = load_transformers(smollm2_folder, device="cpu")
    tokenizer = as_language_model(model, raw).tokenizer

    def encode(text: str) -> tuple[int, ...]:
        anchor, whole = (
            raw(part, add_special_tokens=False, split_special_tokens=True)["input_ids"]
            for part in ("x", "x" + text)
        )
        assert whole[: len(anchor)] == anchor
        return tuple(whole[len(anchor) :])

    check_matcher(
        lambda constraint: Matcher(constraint, tokenizer.end_id),
        Walk.of(GRAPH, TOPICS, tokenizer, grammar=grammar, hops=2),
        GRAPH,
        whole_text_language(GRAPH, TOPICS, encode, grammar=grammar, hops=2),
        end_id=tokenizer.end_id,
        vocabulary_size=tokenizer.vocabulary_size,
    )
