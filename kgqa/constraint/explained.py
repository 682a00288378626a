"""Chains whose links the model explains in its own words, as DoG has them written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.protocol import Constraint, State
from kgqa.constraint.tokenizer import TextTokenizer
from kgqa.errors import ConstraintError, TokenizerError, UsageError, check_count
from kgqa.graph import Chain
from kgqa.graph.adjacency import holds

__all__ = ["Explained", "ExplainedState", "Parts"]

_SILENT = -1


class ExplainedState(NamedTuple):
    """A state of the chain, and the number of tokens of the current explanation (-1: outside of one)."""

    inner: State
    written: int = _SILENT


class Parts(NamedTuple):
    """The parts of a text: the tokens of the chain, and those of each explanation without its opening."""

    chain: tuple[int, ...]
    explanations: tuple[tuple[int, ...], ...]


class Explained:
    """A constraint on chains with a free-text explanation after every link.

    In `1. < a -> r -> b > This tells us ...⏎ 2. < ...` the text `opening` is forced after a link. Up
    to `explanation_tokens` tokens of any plain text follow. A token that contains `until` closes
    the explanation; it is forced once the maximum is reached. Then the next link or the end follows.

    Explanations cannot break the structure: the state, not the text, says whether an explanation is
    open, so a link or a special token that an explanation spells out has no effect. Chains and ends
    are those of the inner constraint. An explanation follows every prefix that the inner constraint
    accepts; where one name is a prefix of another (`B` and `B >`), that may be inside the longer
    name. "Decoding on Graphs" (DoG, ACL 2025).
    """

    def __init__(
        self,
        constraint: Constraint,
        tokenizer: TextTokenizer,
        *,
        opening: str = " This tells us",
        explanation_tokens: int = 48,
        until: str = "\n",
    ) -> None:
        check_count(explanation_tokens, "explanation_tokens", 0)
        if not opening.startswith(" "):
            raise UsageError(f"opening must begin with a space, not {opening!r}")
        self._constraint = constraint
        self._opening = tokenizer.encode_batch([opening])[0]
        self._full = len(self._opening) + explanation_tokens
        self._ordinary = tokenizer.ordinary_ids
        self._closing = tokenizer.ids_with(until)
        if not len(self._closing):
            raise TokenizerError(
                f"no token of the tokenizer contains {until!r}; choose another `until`, such as '.'"
            )

    @property
    def topics(self) -> tuple[str, ...]:
        """The entities that chains may start from."""
        return self._constraint.topics

    @property
    def start(self) -> ExplainedState:
        """The state before the first token."""
        return ExplainedState(self._constraint.start)

    def allowed(self, state: ExplainedState) -> NDArray[np.int32]:
        """The token ids that may follow; see `Constraint.allowed`."""
        inner, written = state
        if written == _SILENT:
            return self._constraint.allowed(inner)
        if written < len(self._opening):
            return np.array([self._opening[written]], dtype=np.int32)
        return self._closing if written == self._full else self._ordinary

    def advance(self, state: ExplainedState, token: int) -> ExplainedState:
        """The state after one more token; see `Constraint.advance`."""
        inner, written = state
        if written == _SILENT:
            inner = self._constraint.advance(inner, token)
            return ExplainedState(inner, 0 if self._constraint.accepts(inner) else _SILENT)
        if not holds(self.allowed(state), token):
            raise ConstraintError(f"token {token} is not allowed here; see Constraint.allowed")
        if written >= len(self._opening) and holds(self._closing, token):
            return ExplainedState(inner)
        return ExplainedState(inner, written + 1)

    def accepts(self, state: ExplainedState) -> bool:
        """Whether the text may end here: after the explanation of a link."""
        return state.written == _SILENT and self._constraint.accepts(state.inner)

    def ends(self, state: ExplainedState) -> Mapping[str, int]:
        """The entities that the chains end at; see `Constraint.ends`."""
        return self._constraint.ends(self._accepted(state))

    def chains(self, state: ExplainedState, end: str | None = None) -> Iterator[Chain]:
        """The chains of an accepted state; see `Constraint.chains`."""
        return self._constraint.chains(self._accepted(state), end)

    def parts(self, tokens: Sequence[int]) -> Parts:
        """Split a text or a prefix of one. Raises `ConstraintError` for a token that is not allowed."""
        chain: list[int] = []
        explanations: list[list[int]] = []
        state = self.start
        for token in tokens:
            if state.written == _SILENT:
                chain.append(token)
            elif state.written < len(self._opening):
                explanations += [[]] if state.written == 0 else []
            else:
                explanations[-1].append(token)
            state = self.advance(state, token)
        return Parts(tuple(chain), tuple(map(tuple, explanations)))

    def _accepted(self, state: ExplainedState) -> State:
        if not self.accepts(state):
            raise ConstraintError("the text is no explained chain yet; see Constraint.accepts")
        return state.inner
