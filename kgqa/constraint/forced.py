"""Tokens without an alternative."""

from __future__ import annotations

from kgqa.constraint.protocol import Constraint, State

__all__ = ["forced"]


def forced(constraint: Constraint, state: State) -> tuple[tuple[int, ...], State]:
    """The run of tokens that must follow, and the state behind it.

    The run stops where the text may end and where two tokens may follow; it is empty where that is
    so already. An engine appends it without asking its model.
    """
    run: list[int] = []
    while not constraint.accepts(state):
        allowed = constraint.allowed(state)
        if len(allowed) != 1:
            break
        run.append(int(allowed[0]))
        state = constraint.advance(state, run[-1])
    return tuple(run), state
