"""The protocol of constraints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import Chain

__all__ = ["Constraint", "State"]

State: TypeAlias = Any
"""A state of a constraint; each constraint has its own form, small and hashable."""


class Constraint(Protocol):
    """An automaton over tokens whose accepted texts are chains of one graph.

    `kgqa.constraint.testing.check_constraint` checks the laws: agreement (`advance` takes exactly the
    tokens of `allowed`), liveness (every reachable state accepts or allows a token), purity (equal
    calls give equal results), soundness (the chains of an accepting state are in the graph),
    completeness (every chain of the language can be reached).
    """

    @property
    def topics(self) -> tuple[str, ...]:
        """The entities that chains may start from, each once."""
        ...

    @property
    def start(self) -> State:
        """The state before the first token."""
        ...

    def allowed(self, state: State) -> NDArray[np.int32]:
        """The token ids that may follow, sorted, each once; empty only where `accepts` is true."""
        ...

    def advance(self, state: State, token: int) -> State:
        """The state after one more token. Raises `ConstraintError` for a token not allowed."""
        ...

    def accepts(self, state: State) -> bool:
        """Whether the text may end here."""
        ...

    def ends(self, state: State) -> Mapping[str, int]:
        """The end entities of an accepting state's chains, with the number of chains of each.

        No mediators. A path or chain has one end, unless several entities have the same name; a
        relation path has all entities that it reaches. Sorted by identifier. Raises
        `ConstraintError` for a state that does not accept.
        """
        ...

    def chains(self, state: State, end: str | None = None) -> Iterator[Chain]:
        """The chains of an accepting state (those that end at `end`), lazily, in a fixed order.

        Raises `ConstraintError` for a state that does not accept.
        """
        ...
