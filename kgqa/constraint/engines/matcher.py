"""A cursor over a constraint, as inference engines hold one for each sequence."""

from __future__ import annotations

from bisect import bisect_left
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.engines import bitmask as bits
from kgqa.constraint.protocol import Constraint, State
from kgqa.errors import ConstraintError, UsageError

__all__ = ["Matcher", "forced"]


class Matcher:
    """A cursor over a constraint, with the method names of xgrammar and llguidance.

    It allows the tokens of the constraint, the end token exactly where a chain is complete, and after
    the end token only that token, so a mask is never empty. It holds a stack of constraint states,
    which makes `rollback` and `fork` cheap.

    >>> from kgqa.constraint import Walk
    >>> from kgqa.graph import GraphBuilder, Triple
    >>> from kgqa.lm import MockTokenizer
    >>> tokenizer = MockTokenizer()
    >>> graph = GraphBuilder.of([Triple("a", "r", "b")])
    >>> matcher = Matcher(Walk.of(graph, ["a"], tokenizer), tokenizer.end_id)
    >>> tokenizer.decode(matcher.forced_tokens())
    ' a -> r -> b'
    >>> all(map(matcher.accept_token, (*matcher.forced_tokens(), tokenizer.end_id)))
    True
    >>> matcher.is_terminated(), dict(matcher.constraint.ends(matcher.state))
    (True, {'b': 1})
    """

    def __init__(self, constraint: Constraint, end_id: int) -> None:
        self.constraint = constraint
        self.end_id = end_id
        self._tokens: list[int] = []
        self._states: list[State] = [constraint.start]

    @property
    def tokens(self) -> tuple[int, ...]:
        """The accepted tokens."""
        return tuple(self._tokens)

    @property
    def state(self) -> State:
        """The current state of the constraint; the end token does not change it."""
        return self._states[-1]

    def is_terminated(self) -> bool:
        """Whether the end token was accepted."""
        return bool(self._tokens) and self._tokens[-1] == self.end_id

    def allowed_tokens(self) -> NDArray[np.int32]:
        """The token ids that `accept_token` takes now, sorted, without duplicates, never empty."""
        end = np.array([self.end_id], dtype=np.int32)
        if self.is_terminated():
            return end
        allowed = self.constraint.allowed(self.state)
        if not self.constraint.accepts(self.state):
            if not len(allowed):
                raise ConstraintError("the constraint has a dead end here, which breaks the law of liveness")
            return allowed
        place = bisect_left(allowed, self.end_id)
        return np.concatenate([allowed[:place], end, allowed[place:]])

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        """Write the allowed tokens over one row of a bitmask; see `kgqa.constraint.engines.bitmask.fill`.

        Returns True, which tells engines that the mask must be applied.
        """
        bits.fill(bitmask, row, self.allowed_tokens())
        return True

    def accept_token(self, token: int) -> bool:
        """Append a token; False, without any change, if it is not allowed."""
        state = self.state
        if token == self.end_id:
            if not (self.is_terminated() or self.constraint.accepts(state)):
                return False
        elif self.is_terminated():
            return False
        else:
            try:
                state = self.constraint.advance(state, token)
            except ConstraintError:
                return False
        self._tokens.append(token)
        self._states.append(state)
        return True

    def forced_tokens(self) -> tuple[int, ...]:
        """The tokens that must follow, without the end token; none of them is accepted yet."""
        return () if self.is_terminated() else forced(self.constraint, self.state)[0]

    def rollback(self, count: int = 1) -> None:
        """Remove the last `count` tokens. Raises `UsageError` if there are fewer."""
        if not 0 <= count <= len(self._tokens):
            raise UsageError(f"cannot roll back {count} of {len(self._tokens)} tokens")
        kept = len(self._tokens) - count
        del self._tokens[kept:], self._states[kept + 1 :]

    def reset(self) -> None:
        """Go back to the start."""
        self.rollback(len(self._tokens))

    def fork(self) -> Self:
        """An independent cursor at the same position."""
        other = type(self)(self.constraint, self.end_id)
        other._tokens = self._tokens.copy()
        other._states = self._states.copy()
        return other


def forced(constraint: Constraint, state: State) -> tuple[tuple[int, ...], State]:
    """The run of tokens that must follow, and the state after it.

    The run ends where the text may end or several tokens may follow; it may be empty. An engine can
    append it without a forward pass.
    """
    run: list[int] = []
    while not constraint.accepts(state):
        allowed = constraint.allowed(state)
        if len(allowed) != 1:
            break
        run.append(int(allowed[0]))
        state = constraint.advance(state, run[-1])
    return tuple(run), state
