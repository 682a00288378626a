"""Holds vLLM's grammar class to the laws of matchers, in an environment with vLLM; takes a model's folder."""

from __future__ import annotations

import sys
import threading
from typing import Any, Self

import torch
from real_tokenizer_laws import GRAMMARS, hold_to_laws
from transformers import AutoTokenizer

from kgqa.constraint import Constraint
from kgqa.lm.vllm.chain_grammar import ChainGrammar


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
    for grammar in GRAMMARS:
        hold_to_laws(raw, Adapter, grammar)
        print(f"{grammar}: conforms")


if __name__ == "__main__":
    main()
