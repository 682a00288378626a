"""Holds SGLang's classes with the constraint to what SGLang calls; takes a model's folder and a graph's.

Runs where SGLang's own base classes can be imported, which needs neither its kernels nor a GPU.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any, Self

import torch
from real_tokenizer_laws import GRAMMARS, hold_to_laws
from transformers import AutoTokenizer

from kgqa.constraint import Constraint
from kgqa.constraint.engines import bitmask as bits
from kgqa.constraint.engines.held_graphs import HeldGraphs
from kgqa.constraint.engines.request_walks import RequestWalks
from kgqa.constraint.engines.walk_request import WalkRequest
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.sglang import plugin
from kgqa.lm.sglang.chain_backend import backend_class, grammar_class


class Adapter:
    """The grammar object under the names of `TokenMatcher`."""

    def __init__(self, constraint: Constraint, end_id: int) -> None:
        self.grammar = grammar_class()(constraint, end_id, threading.RLock())
        self.tokens: list[int] = []

    def accept_token(self, token: int) -> bool:
        if self.grammar.is_terminated():  # SGLang takes no notice of what comes then
            before = self.grammar.matcher.tokens
            self.grammar.accept_token(token)
            assert self.grammar.matcher.tokens == before
            return False
        try:
            self.grammar.accept_token(token)
        except ValueError:
            return False
        self.tokens.append(token)
        return True

    def rollback(self, count: int) -> None:
        self.grammar.rollback(count)
        del self.tokens[len(self.tokens) - count :]

    def reset(self) -> None:
        self.rollback(len(self.tokens))

    def fork(self) -> Self:
        other = type(self).__new__(type(self))
        other.grammar, other.tokens = self.grammar.copy(), []
        for token in self.tokens:
            assert other.accept_token(token)
        return other

    def fill_next_token_bitmask(self, bitmask: Any, row: int) -> None:
        self.grammar.fill_vocab_mask(torch.from_numpy(bitmask), row)

    def is_terminated(self) -> bool:
        return bool(self.grammar.is_terminated())

    def forced_tokens(self) -> tuple[int, ...]:
        found: tuple[int, ...] = self.grammar.matcher.forced_tokens()
        return found


def main() -> None:
    raw = AutoTokenizer.from_pretrained(sys.argv[1])
    for grammar in GRAMMARS:
        hold_to_laws(raw, Adapter, grammar)
        print(f"{grammar}: conforms")
    check_registration(sys.argv[2])
    check_backend(raw, sys.argv[2])
    print("backend: conforms")


def check_registration(folder: str) -> None:
    """The plug-in registers a backend under its name, and that name may be given on the command line."""
    from sglang.srt.arg_groups.choices import GRAMMAR_BACKEND_CHOICES
    from sglang.srt.constrained.base_grammar_backend import GRAMMAR_BACKEND_REGISTRY

    os.environ["KGQA_GRAPHS"] = f"films={folder}"
    plugin.register()
    plugin.register()
    assert callable(GRAMMAR_BACKEND_REGISTRY[plugin.BACKEND])
    assert GRAMMAR_BACKEND_CHOICES.count(plugin.BACKEND) == 1


def check_backend(raw: Any, folder: str) -> None:
    """Chains, a regular expression and free text in one batch, by what SGLang's scheduler calls."""
    from sglang.srt.constrained.base_grammar_backend import GrammarRow, InvalidGrammarObject

    tokenizer = HuggingFaceTokenizer(raw)
    size = tokenizer.vocabulary_size
    walks = RequestWalks(HeldGraphs({"films": folder}), tokenizer)
    backend = backend_class()(
        walks, tokenizer.end_id, raw, vocab_size=size, model_eos_token_ids=[tokenizer.end_id]
    )

    def grammar_of(regex: str) -> Any:
        value, _ = backend.get_cached_or_future_value(("regex", regex), False)
        made = value.result() if hasattr(value, "result") else value
        backend.set_cache(("regex", regex), made.copy())
        return made

    request = WalkRequest(graph="films", topics=("Kismet",), hops=1).encode()
    chain, other = grammar_of(request), grammar_of("(yes|no)")
    assert isinstance(chain, grammar_class())
    assert not isinstance(other, grammar_class())
    again = grammar_of(request)
    assert again is not chain, "two requests share a cursor"
    rows = [GrammarRow(0, chain), GrammarRow(2, other)]
    for first in (chain, other):
        mask = first.allocate_vocab_mask(vocab_size=size, batch_size=3, device="cpu")
        first.fill_vocab_mask_batched(rows, mask)
        logits = torch.zeros(3, size)
        first.apply_vocab_mask(logits, first.move_vocab_mask(mask, "cpu"))
        (kismet,) = bits.unpack(mask.numpy()[0])
        assert raw.decode([kismet]) == " K" or raw.decode([kismet]).startswith(" K")
        assert logits[0].isfinite().sum() == 1
        assert logits[1].isfinite().all(), "a request without a constraint was masked"
        assert 1 < logits[2].isfinite().sum() < 20
    while not chain.is_terminated():
        mask = chain.allocate_vocab_mask(vocab_size=size, batch_size=1, device="cpu")
        chain.fill_vocab_mask(mask, 0)
        chain.accept_token(int(bits.unpack(mask.numpy()[0])[0]))
    assert not again.matcher.tokens
    for wrong in ("kgqa:%", WalkRequest(graph="x", topics=("Kismet",)).encode()):
        refused = grammar_of(wrong)
        assert isinstance(refused, InvalidGrammarObject)
        assert refused.error_message.startswith("kgqa: ")


if __name__ == "__main__":
    main()
