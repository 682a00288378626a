"""Holds vLLM's grammar class to the laws of matchers, in an environment with vLLM; takes a model's folder."""

from __future__ import annotations

import sys
import threading
from typing import Any, Self

import torch
from transformers import AutoTokenizer

from kgqa import GraphBuilder, Triple, Walk
from kgqa.constraint import Constraint, GrammarName
from kgqa.constraint.engines.conformance import check_matcher, whole_text_language
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.vllm.chain_grammar import ChainGrammar

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


class Adapter:
    """The grammar under the names of `TokenMatcher`."""

    def __init__(self, constraint: Constraint, end_id: int) -> None:
        self.made = constraint, end_id
        self.grammar = ChainGrammar(constraint, end_id, threading.RLock())
        self.tokens: list[int] = []

    def accept_token(self, token: int) -> bool:
        ended = self.grammar.is_terminated()
        valid = self.grammar.validate_tokens([token]) == [token]
        accepted = self.grammar.accept_tokens("a request", [token])
        assert accepted == valid or ended, "validate_tokens and accept_tokens disagree"
        self.tokens += [token] * accepted
        return accepted

    def rollback(self, count: int) -> None:
        self.grammar.rollback(count)
        del self.tokens[len(self.tokens) - count :]

    def reset(self) -> None:
        self.grammar.reset()
        self.tokens = []

    def fork(self) -> Self:
        other = type(self)(*self.made)
        assert other.grammar.accept_tokens("a request", self.tokens)
        other.tokens = self.tokens.copy()
        return other

    def fill_next_token_bitmask(self, bitmask: Any, row: int) -> None:
        self.grammar.fill_bitmask(torch.from_numpy(bitmask), row)

    def is_terminated(self) -> bool:
        return self.grammar.is_terminated()

    def forced_tokens(self) -> tuple[int, ...]:
        return self.grammar.matcher.forced_tokens()


def main() -> None:
    from vllm.v1.structured_output.backend_types import StructuredOutputGrammar

    wanted = StructuredOutputGrammar.__abstractmethods__
    assert wanted <= set(dir(ChainGrammar)), f"vLLM also wants {wanted - set(dir(ChainGrammar))}"
    raw = AutoTokenizer.from_pretrained(sys.argv[1])
    tokenizer = HuggingFaceTokenizer(raw)

    def encode(text: str) -> tuple[int, ...]:
        anchor, whole = (
            raw(part, add_special_tokens=False, split_special_tokens=True)["input_ids"]
            for part in ("x", "x" + text)
        )
        assert whole[: len(anchor)] == anchor
        return tuple(whole[len(anchor) :])

    for grammar in GRAMMARS:
        check_matcher(
            lambda constraint: Adapter(constraint, tokenizer.end_id),
            Walk.of(GRAPH, TOPICS, tokenizer, grammar=grammar, hops=2),
            GRAPH,
            whole_text_language(GRAPH, TOPICS, encode, grammar=grammar, hops=2),
            end_id=tokenizer.end_id,
            vocabulary_size=tokenizer.vocabulary_size,
        )
        print(f"{grammar}: conforms")


if __name__ == "__main__":
    main()
