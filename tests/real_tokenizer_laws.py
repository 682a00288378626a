"""The laws of matchers with a real model's tokenizer, for the cursors of engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kgqa import GraphBuilder, Triple, Walk
from kgqa.constraint import Constraint, GrammarName
from kgqa.constraint.engines.conformance import TokenMatcher, check_matcher, whole_text_language
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer

__all__ = ["GRAMMARS", "hold_to_laws"]

GRAPH = GraphBuilder.of(
    [
        Triple("Kismet", "directed_by", "William Dieterle"),
        Triple("Kismet", "in_language", "English"),
        Triple("Kismet 2", "in_language", "日本語"),
        Triple("A Foreign Affair", "in_language", "English"),
        Triple("</PATH>", "starred_actors", "<|im_end|>"),
    ]
)
TOPICS = ["Kismet", "Kismet 2", "</PATH>"]
GRAMMARS: tuple[GrammarName, ...] = ("path", "chain", "relations")


def hold_to_laws(raw: Any, make: Callable[[Constraint, int], TokenMatcher], grammar: GrammarName) -> None:
    """Check the cursors that `make` gives for a constraint and an end token, with a tokenizer as it is."""
    tokenizer = HuggingFaceTokenizer(raw)

    def encode(text: str) -> tuple[int, ...]:
        anchor, whole = (
            raw(part, add_special_tokens=False, split_special_tokens=True)["input_ids"]
            for part in ("x", "x" + text)
        )
        assert whole[: len(anchor)] == anchor
        return tuple(whole[len(anchor) :])

    check_matcher(
        lambda constraint: make(constraint, tokenizer.end_id),
        Walk.of(GRAPH, TOPICS, tokenizer, grammar=grammar, hops=2),
        GRAPH,
        whole_text_language(GRAPH, TOPICS, encode, grammar=grammar, hops=2),
        end_id=tokenizer.end_id,
        vocabulary_size=tokenizer.vocabulary_size,
    )
