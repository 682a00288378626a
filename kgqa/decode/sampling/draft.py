"""Texts and prefixes for a user's filter callback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kgqa.constraint import Constraint, State
from kgqa.decode.prefix import Prefix
from kgqa.decode.sampling.fork import Fork
from kgqa.errors import BudgetError
from kgqa.graph import Chain
from kgqa.lm import Text

__all__ = ["Draft", "DraftChecks", "DraftFilter"]


@dataclass(frozen=True)
class Draft:
    """The argument of a `DraftFilter`: a complete text if it has `ended`, else a prefix of one."""

    tokens: Text
    ended: bool
    state: State = field(repr=False)
    constraint: Constraint = field(repr=False, compare=False)

    def chains(self) -> Iterator[Chain]:
        """The chains of a complete text. Raises `ConstraintError` for a prefix that may not end."""
        return self.constraint.chains(self.state)


DraftFilter = Callable[[Draft], bool]
"""Whether a text is kept. For a prefix: whether some text with it may be kept; True when unsure."""


class DraftChecks:
    """The cached results of a `DraftFilter`, which is never called for what follows from earlier results.

    A prefix with a single continuation is extended to the next fork or to its end before the call.
    Raises `BudgetError` instead of calling the filter more than `limit` times.
    """

    def __init__(self, keeps: DraftFilter, constraint: Constraint, limit: int | None = None) -> None:
        self.calls = 0
        self.hopeless = False
        self._keeps = keeps
        self._constraint = constraint
        self._limit = limit
        self._known: dict[tuple[Text, int], bool] = {}
        self._ways: dict[Text, int] = {}
        self._above: dict[Text, tuple[Text, int]] = {}
        draft = self._run((), constraint.start)
        if draft.ended:
            self.hopeless = not self._ask(draft)

    def rejected(self, text: Text, way: int) -> bool:
        """Whether all texts that take this way of a fork are known to be rejected."""
        return not self._known.get((text, way), True)

    def keeps(self, prefix: Prefix, fork: Fork, way: int) -> bool:
        """Whether a text that takes this way of a fork may be kept."""
        known = self._known.get((prefix.tokens, way))
        if known is None:
            draft = self._beyond(prefix, fork, way)
            known = self._known[prefix.tokens, way] = self._ask(draft)
            self._ways[prefix.tokens] = len(fork)
            if not draft.ended:
                self._above[draft.tokens] = prefix.tokens, way
        return known

    def bury(self, text: Text) -> None:
        """Record that all ways of a fork are rejected, and what follows for the forks before it."""
        while text in self._above:
            text, way = self._above[text]
            self._known[text, way] = False
            if any(self._known.get((text, other), True) for other in range(self._ways[text])):
                return
        self.hopeless = True

    def _beyond(self, prefix: Prefix, fork: Fork, way: int) -> Draft:
        if fork.is_end(way):
            return Draft(prefix.tokens, True, prefix.state, self._constraint)
        token = fork.token(way)
        return self._run((*prefix.tokens, token), self._constraint.advance(prefix.state, token))

    def _run(self, text: Text, state: State) -> Draft:
        """The prefix extended as long as there is only one continuation."""
        while True:
            allowed, accepts = self._constraint.allowed(state), self._constraint.accepts(state)
            if len(allowed) + accepts > 1 or not len(allowed):
                return Draft(text, not len(allowed), state, self._constraint)
            token = int(allowed[0])
            text, state = (*text, token), self._constraint.advance(state, token)

    def _ask(self, draft: Draft) -> bool:
        if self._limit is not None and self.calls >= self._limit:
            raise BudgetError(f"no answer within {self._limit} calls of keeps; set more calls")
        self.calls += 1
        return bool(self._keeps(draft))
