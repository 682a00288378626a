"""The chains of a graph as a grammar of vLLM's structured outputs."""

from __future__ import annotations

from threading import RLock
from typing import Any

from kgqa.constraint import Constraint
from kgqa.constraint.engines.guarded_matcher import GuardedMatcher

__all__ = ["ChainGrammar"]


class ChainGrammar:
    """A cursor over a constraint with the methods of vLLM's `StructuredOutputGrammar`, one for each sequence.

    Where the constraint fails, the next token is refused, and vLLM fails the request (`GuardedMatcher`).
    """

    def __init__(self, constraint: Constraint, end_id: int, lock: RLock) -> None:
        self._guarded = GuardedMatcher(constraint, end_id, lock)
        self.matcher = self._guarded.matcher

    def accept_tokens(self, _request_id: str, tokens: list[int]) -> bool:
        """Append tokens; False, without any change, where one of them is not allowed."""
        with self._guarded.lock:
            accepted = self._guarded.accept(tokens)
            if accepted < len(tokens):
                self.matcher.rollback(accepted)
        return accepted == len(tokens)

    def validate_tokens(self, tokens: list[int]) -> list[int]:
        """The beginning of some tokens that would be accepted, up to the end of a text; changes nothing."""
        if self.matcher.is_terminated():
            return []
        with self._guarded.lock:
            accepted = self._guarded.accept(tokens)
            self.matcher.rollback(accepted)
        return tokens[:accepted]

    def rollback(self, num_tokens: int) -> None:
        """Remove the last tokens."""
        self.matcher.rollback(num_tokens)

    def fill_bitmask(self, bitmask: Any, batch_index: int) -> None:
        """Write the allowed tokens over a row. *Shape:* int32 tensor on the CPU (rows, words)."""
        self._guarded.fill(bitmask, batch_index)

    def is_terminated(self) -> bool:
        """Whether the end token was accepted."""
        return self.matcher.is_terminated()

    def reset(self) -> None:
        """Remove all tokens."""
        self.matcher.reset()
