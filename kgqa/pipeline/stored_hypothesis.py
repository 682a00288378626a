"""A hypothesis as JSON: its tokens, which its constraint turns back into chains."""

from __future__ import annotations

from functools import reduce
from typing import cast

from kgqa.constraint import Constraint
from kgqa.decode import Hypothesis
from kgqa.errors import ConstraintError

__all__ = ["restore", "store"]


def store(hypothesis: Hypothesis) -> list[object]:
    """Tokens, log-probability, score, `proven`, logarithm of the weight, `exact`.

    Chains and ends are not among them: they follow from the tokens and are as many as the graph has.
    """
    h = hypothesis
    return [list(h.tokens), h.log_probability, h.score, h.proven, h.log_weight, h.exact]


def restore(value: object, constraint: Constraint) -> Hypothesis:
    """The hypothesis that `store` wrote, to the last bit, over the constraint it was found in.

    Raises `ConstraintError` for tokens that the constraint has no text of, `ValueError` for anything
    that `store` did not write.
    """
    match value:
        case [
            [*_] as ids,
            int() | float() as log_probability,
            int() | float() as score,
            bool(proven),
            int() | float() as weight,
            bool(exact),
        ] if all(type(token) is int for token in ids):
            tokens = cast("list[int]", ids)
            state = reduce(constraint.advance, tokens, constraint.start)
            if not constraint.accepts(state):
                raise ConstraintError(f"the tokens {tokens} are no whole text")
            return Hypothesis(tuple(tokens), log_probability, state, constraint, score, proven, weight, exact)
    raise ValueError(f"no hypothesis: {str(value)[:80]}")
