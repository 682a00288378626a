"""A grammar backend of SGLang that also takes requests for the chains of a graph; imports SGLang late."""

from __future__ import annotations

import logging
from functools import cache
from threading import RLock
from typing import Any

from kgqa.constraint import Constraint
from kgqa.constraint.engines.matcher import Matcher
from kgqa.constraint.engines.request_walks import RequestWalks
from kgqa.constraint.engines.walk_request import MARK
from kgqa.errors import KgqaError

__all__ = ["backend_class", "grammar_class"]

_LOG = logging.getLogger("kgqa")


@cache
def grammar_class() -> Any:
    """A class of SGLang's grammar objects: a cursor over a constraint, one for each sequence.

    Masks are allocated, moved and applied as those of XGrammar, so that both may be in one batch. Whatever
    goes wrong with a mask ends this sequence: its next token is refused, and SGLang aborts the request.
    """
    from sglang.srt.constrained.base_grammar_backend import BaseGrammarObject
    from sglang.srt.constrained.xgrammar_backend import XGrammarGrammar

    class ChainGrammar(XGrammarGrammar):  # type: ignore[misc]  # SGLang has no types here
        def __init__(self, constraint: Constraint, end_id: int, lock: RLock) -> None:
            BaseGrammarObject.__init__(self)
            self.matcher = Matcher(constraint, end_id)
            self._lock = lock
            self._failed = False

        def accept_token(self, token: int) -> None:
            if self.is_terminated():
                return
            self.current_token = token
            with self._lock:
                accepted = not self._failed and self.matcher.accept_token(int(token))
            if not accepted:
                raise ValueError(f"token {token} is not allowed after {self.matcher.tokens}")

        def rollback(self, k: int) -> None:
            self.matcher.rollback(k)

        def is_terminated(self) -> bool:
            return self.matcher.is_terminated()

        def fill_vocab_mask(self, vocab_mask: Any, idx: int) -> None:
            try:
                with self._lock:
                    self.matcher.fill_next_token_bitmask(vocab_mask.numpy(), idx)
            except Exception:  # whatever it is, other requests go on
                _LOG.exception("the constraint failed after the tokens %s", self.matcher.tokens)
                self._failed = True
                vocab_mask[idx].fill_(-1)

        def copy(self) -> Any:
            return type(self)(self.matcher.constraint, self.matcher.end_id, self._lock)

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
