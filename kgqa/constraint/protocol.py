"""What may be said next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import Chain

__all__ = ["Constraint", "State"]

State: TypeAlias = Any
"""A place in a text that the constraint allows; each constraint has its own form, small and hashable."""


class Constraint(Protocol):
    """A language of texts that are chains of one graph, one token at a time.

    `kgqa.constraint.testing.check_constraint` holds the laws: agreement (`allowed` offers exactly
    what `advance` takes), liveness (every reachable state accepts or allows), purity (the same
    question gets the same answer), soundness (the chains of an accepted state are in the graph),
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
        """The entities that the chains of an accepted state end at, with the number of chains.

        Never a mediator. A path or chain has one end, unless several entities share its text; a
        relation path has all entities that it reaches. Sorted by identifier. Raises
        `ConstraintError` for a state that does not accept.
        """
        ...

    def chains(self, state: State, end: str | None = None) -> Iterator[Chain]:
        """The chains of an accepted state (those that end at `end`), lazily, in a fixed order.

        Raises `ConstraintError` for a state that does not accept.
        """
        ...
