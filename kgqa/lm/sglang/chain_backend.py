"""A grammar backend of SGLang that also takes requests for the chains of a graph; imports SGLang late."""

from __future__ import annotations

from functools import cache
from threading import RLock
from typing import Any

from kgqa.constraint import Constraint
from kgqa.constraint.engines.guarded_matcher import GuardedMatcher
from kgqa.constraint.engines.request_walks import RequestWalks
from kgqa.constraint.engines.walk_request import MARK
from kgqa.errors import KgqaError

__all__ = ["backend_class", "grammar_class"]


@cache
def grammar_class() -> Any:
    """A class of SGLang's grammar objects: a cursor over a constraint, one for each sequence.

    Masks are allocated, moved and applied as those of XGrammar, so that both may be in one batch. Where the
    constraint fails, the next token is refused, and SGLang aborts the request (`GuardedMatcher`).
    """
    from sglang.srt.constrained.base_grammar_backend import BaseGrammarObject
    from sglang.srt.constrained.xgrammar_backend import XGrammarGrammar

    class ChainGrammar(XGrammarGrammar):  # type: ignore[misc]  # SGLang has no types here
        def __init__(self, constraint: Constraint, end_id: int, lock: RLock) -> None:
            BaseGrammarObject.__init__(self)
            self._guarded = GuardedMatcher(constraint, end_id, lock)
            self.matcher = self._guarded.matcher

        def accept_token(self, token: int) -> None:
            if self.is_terminated():
                return
            self.current_token = token
            if not self._guarded.accept([int(token)]):
                raise ValueError(f"token {token} is not allowed after {self.matcher.tokens}")

        def rollback(self, k: int) -> None:
            self.matcher.rollback(k)

        def is_terminated(self) -> bool:
            return self.matcher.is_terminated()

        def fill_vocab_mask(self, vocab_mask: Any, idx: int) -> None:
            self._guarded.fill(vocab_mask, idx)

        def copy(self) -> Any:
            return type(self)(self.matcher.constraint, self.matcher.end_id, self._guarded.lock)

        def try_jump_forward(self, tokenizer: Any) -> None:
            """None: a jump would be tokenised again, and ids of chains stay as they are."""

        def __repr__(self) -> str:
            return f"ChainGrammar({self.matcher.tokens})"

    return ChainGrammar


@cache
def backend_class() -> Any:
    """A class of SGLang's grammar backends: that of XGrammar, but for requests that begin with `kgqa:`."""
    from sglang.srt.constrained.base_grammar_backend import InvalidGrammarObject
    from sglang.srt.constrained.xgrammar_backend import XGrammarGrammarBackend

    class ChainBackend(XGrammarGrammarBackend):  # type: ignore[misc]
        def __init__(self, walks: RequestWalks, end_id: int, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._walks = walks
            self._end_id = end_id

        def dispatch_regex(self, key_string: str) -> Any:
            if not key_string.startswith(MARK):
                return super().dispatch_regex(key_string)
            try:
                found = self._walks.prepare(key_string)
            except KgqaError as error:
                return InvalidGrammarObject(f"kgqa: {error}")
            return grammar_class()(found.constraint, self._end_id, found.lock)

        def compile_framed_grammar(self, grammar: Any, frame: Any) -> Any:
            if isinstance(grammar, grammar_class()):
                return None  # cannot be embedded
            return super().compile_framed_grammar(grammar, frame)

    return ChainBackend
