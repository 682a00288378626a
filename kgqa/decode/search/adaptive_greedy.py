"""Greedy search with a look-ahead where the model is uncertain."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kgqa.constraint import Constraint
from kgqa.decode.deadline import Deadline
from kgqa.decode.decoder import Decoder, Search
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.decode.search.decided_prefix import DecidedPrefix
from kgqa.decode.search.greedy import best_way
from kgqa.decode.search.proof import Proof
from kgqa.errors import check_count, check_number
from kgqa.lm.entropy import entropy

__all__ = ["AdaptiveGreedy"]


@dataclass(frozen=True)
class AdaptiveGreedy(Decoder):
    """Like `Greedy`, but looks ahead where the entropy of the next token is above `threshold` (nats).

    The entropy is that of the allowed tokens and the end, renormalised. The `branches` most probable
    tokens are then followed greedily until the current relation or entity is decided and the next
    choice comes, for at most `depth` tokens; the branch with the highest mean log-probability per
    token is taken. This is the look-ahead of "AdaDec".

    Finds one text; `proven` and `seconds` are as in `Greedy`.
    """

    threshold: float = 0.7
    branches: int = 3
    depth: int = 5
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_number(self.threshold, "threshold", least=0, most=math.inf)
        check_count(self.branches, "branches")
        check_count(self.depth, "depth")
        Deadline(self.seconds)

    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint; see `Decoder.search`."""
        deadline, proof, decided = Deadline(self.seconds), Proof(), DecidedPrefix(constraint)
        at = Prefix((), constraint.start)
        while True:
            (branch,) = yield [at]
            deadline.check()
            proof.see([at], [branch])
            trials = self._trials(at, branch, constraint)
            live = trials
            for _ in range(self.depth if len(trials) > 1 else 0):
                if not (live := [trial for trial in live if not trial.done]):
                    break
                told = yield [trial.prefix for trial in live]
                deadline.check()
                proof.see([trial.prefix for trial in live], told)
                for trial, following in zip(live, told, strict=True):
                    trial.follow(following, decided)
            best = max(trials, key=lambda trial: trial.mean)  # of equal ones the first, more probable one
            if best.first is None:
                assert branch.end is not None
                total = at.log_probability + branch.end
                return proof.of([Hypothesis(at.tokens, total, at.state, constraint)])
            at = best.first

    def _trials(self, at: Prefix, branch: Branches, constraint: Constraint) -> list[_Trial]:
        """The branches to follow, the most probable first; only one where the model is certain."""
        ends = [] if branch.end is None else [branch.end]
        gains = np.append(ends, branch.log_probabilities)
        count = self.branches if entropy(gains) > self.threshold else 1
        places = np.argsort(-gains, kind="stable")[:count] - len(ends)
        return [_Trial(at, branch, int(place), constraint) for place in places]


class _Trial:
    """One branch that is followed; `first` is the prefix after its first token, None for ending."""

    def __init__(self, at: Prefix, branch: Branches, place: int, constraint: Constraint) -> None:
        self._start = at
        self._constraint = constraint
        self.done = place < 0
        gain = branch.end if place < 0 else float(branch.log_probabilities[place])
        assert gain is not None
        self._total, self._length = gain, 1
        self.prefix = at if self.done else at.grown(int(branch.tokens[place]), gain, constraint)
        self.first = None if self.done else self.prefix

    @property
    def mean(self) -> float:
        """The mean log-probability of its tokens, the end token included."""
        return self._total / self._length

    def follow(self, branch: Branches, decided: DecidedPrefix) -> None:
        """Continue with the best token, or stop."""
        choice = len(branch.tokens) + (branch.end is not None) > 1
        if choice and self._settled(decided):
            self.done = True
            return
        way = best_way(branch)
        gain = branch.end if way is None else float(branch.log_probabilities[way])
        assert gain is not None
        self._total += gain
        self._length += 1
        self.done = way is None
        if way is not None:
            self.prefix = self.prefix.grown(int(branch.tokens[way]), gain, self._constraint)

    def _settled(self, decided: DecidedPrefix) -> bool:
        """Whether a relation or an entity was decided since the start."""
        before, now = self._start.state, self.prefix.state
        return decided.steps(now) != decided.steps(before) or decided.end(now) != decided.end(before)
