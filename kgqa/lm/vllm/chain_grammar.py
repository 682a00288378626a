"""The chains of a graph as a grammar of vLLM's structured outputs."""

from __future__ import annotations

import logging
from threading import RLock
from typing import Any

from kgqa.constraint import Constraint
from kgqa.constraint.engines.matcher import Matcher

__all__ = ["ChainGrammar"]

_LOG = logging.getLogger("kgqa")


class ChainGrammar:
    """A cursor over a constraint with the methods of vLLM's `StructuredOutputGrammar`, one for each sequence.

    `lock` is held while the constraint is used, since vLLM fills the masks of large batches in threads.
    Whatever goes wrong with a mask ends this sequence: its next token is refused, and vLLM fails the request.
    """

    def __init__(self, constraint: Constraint, end_id: int, lock: RLock) -> None:
        self.matcher = Matcher(constraint, end_id)
        self._lock = lock
        self._failed = False

    def accept_tokens(self, _request_id: str, tokens: list[int]) -> bool:
        """Append tokens; False, without any change, where one of them is not allowed."""
        if self._failed:
            return False
        with self._lock:
            accepted = self._accepted(tokens)
            if accepted < len(tokens):
                self.matcher.rollback(accepted)
        return accepted == len(tokens)

    def validate_tokens(self, tokens: list[int]) -> list[int]:
        """The beginning of some tokens that would be accepted, up to the end of a text; changes nothing."""
        if self._failed or self.matcher.is_terminated():
            return []
        with self._lock:
            accepted = self._accepted(tokens)
            self.matcher.rollback(accepted)
        return tokens[:accepted]

    def rollback(self, num_tokens: int) -> None:
        """Remove the last tokens."""
        self.matcher.rollback(num_tokens)

    def fill_bitmask(self, bitmask: Any, batch_index: int) -> None:
        """Write the allowed tokens over a row. *Shape:* int32 tensor on the CPU (rows, words)."""
        try:
            with self._lock:
                self.matcher.fill_next_token_bitmask(bitmask.numpy(), batch_index)
        except Exception:  # whatever it is, other requests go on
            _LOG.exception("the constraint failed after the tokens %s", self.matcher.tokens)
            self._failed = True
            bitmask[batch_index].fill_(-1)

    def is_terminated(self) -> bool:
        """Whether the end token was accepted."""
        return self.matcher.is_terminated()

    def reset(self) -> None:
        """Remove all tokens."""
        self.matcher.reset()

    def _accepted(self, tokens: list[int]) -> int:
        """How many tokens could be appended, which were."""
        for count, token in enumerate(tokens):
            if not self.matcher.accept_token(token):
                return count
        return len(tokens)
