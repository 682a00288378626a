"""A matcher whose failures end its own sequence only."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from threading import RLock
from typing import Any

from kgqa.constraint.engines.matcher import Matcher
from kgqa.constraint.protocol import Constraint

__all__ = ["GuardedMatcher"]

_LOG = logging.getLogger("kgqa")


class GuardedMatcher:
    """A `Matcher` for engines that serve many: whatever goes wrong with a mask ends this sequence.

    Then every token is allowed once, none is accepted, and the engine gives up the request. `lock` is held
    while the constraint is used, since engines fill the masks of large batches in threads.
    """

    def __init__(self, constraint: Constraint, end_id: int, lock: RLock) -> None:
        self.matcher = Matcher(constraint, end_id)
        self.lock = lock
        self._failed = False

    def accept(self, tokens: Iterable[int]) -> int:
        """Append tokens up to the first that is not allowed; how many were appended."""
        accepted = 0
        with self.lock:
            for token in () if self._failed else tokens:
                if not self.matcher.accept_token(token):
                    break
                accepted += 1
        return accepted

    def fill(self, bitmask: Any, row: int) -> None:
        """Write the allowed tokens over a row. *Shape:* int32 tensor on the CPU (rows, words)."""
        try:
            with self.lock:
                self.matcher.fill_next_token_bitmask(bitmask.numpy(), row)
        except Exception:  # whatever it is, other requests go on
            _LOG.exception("the constraint failed after the tokens %s", self.matcher.tokens)
            self._failed = True
            bitmask[row].fill_(-1)
