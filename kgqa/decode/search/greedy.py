"""Greedy search."""

from __future__ import annotations

from dataclasses import dataclass

from kgqa.constraint import Constraint
from kgqa.decode.deadline import Deadline
from kgqa.decode.decoder import Decoder, Search
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.decode.search.proof import Proof

__all__ = ["Greedy", "best_way"]


@dataclass(frozen=True)
class Greedy(Decoder):
    """Takes the most probable allowed token at each step; ending is one of the choices.

    Finds one text. Ties are broken in favour of ending, then of the lower token. The text is `proven`
    if no alternative passed by is more probable than the whole text. `seconds` is the time limit of
    a question; `BudgetError` when it is over.
    """

    seconds: float | None = None

    def __post_init__(self) -> None:
        Deadline(self.seconds)

    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint; see `Decoder.search`."""
        deadline, proof = Deadline(self.seconds), Proof()
        at = Prefix((), constraint.start)
        while True:
            (branch,) = yield [at]
            deadline.check()
            proof.see([at], [branch])
            way = best_way(branch)
            if way is None:
                assert branch.end is not None
                total = at.log_probability + branch.end
                return proof.of([Hypothesis(at.tokens, total, at.state, constraint)])
            at = at.grown(int(branch.tokens[way]), float(branch.log_probabilities[way]), constraint)


def best_way(branch: Branches) -> int | None:
    """The index of the most probable token, None if ending is at least as probable."""
    if not len(branch.tokens):
        return None
    way = int(branch.log_probabilities.argmax())
    if branch.end is not None and branch.end >= branch.log_probabilities[way]:
        return None
    return way
