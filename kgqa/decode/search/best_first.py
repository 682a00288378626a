"""Exact search for the most probable texts."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from kgqa.constraint import Constraint
from kgqa.decode.deadline import Deadline
from kgqa.decode.decoder import Decoder, Search
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.decode.search.greedy import best_way
from kgqa.decode.search.search_frontier import Heuristic, SearchFrontier
from kgqa.errors import check_count

__all__ = ["BestFirst"]


@dataclass(frozen=True)
class BestFirst(Decoder):
    """Best-first search for the `hypotheses` most probable texts, exact unless a budget runs out.

    The log-probability of a text can only fall as it grows. So the most probable prefixes are
    expanded first, `batch` of them in a pass, until none of the rest can reach the worst of the
    texts wanted. Ties are broken by tokens, except among texts of probability 0.

    Every hypothesis is then `proven`. If `max_prefixes` or `seconds` run out first, the most
    promising prefixes (as many as `hypotheses`) are completed greedily, beyond the budget, and the
    best texts found are returned, at least one; a hypothesis is `proven` if no prefix left over is
    more probable. With `seconds` the result depends on the speed of the machine.

    With a `heuristic`, an upper bound of the log-probability that a prefix can still gain, the
    search is A*: the same texts with fewer passes. A heuristic that is not admissible (see
    `Heuristic`) guides the search and may end it early; `proven` does not rely on it.
    """

    hypotheses: int = 10
    batch: int = 16
    max_prefixes: int | None = None
    seconds: float | None = None
    heuristic: Heuristic | None = None

    def __post_init__(self) -> None:
        check_count(self.hypotheses, "hypotheses")
        check_count(self.batch, "batch")
        check_count(self.max_prefixes, "max_prefixes", optional=True)
        Deadline(self.seconds)

    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint; see `Decoder.search`."""
        deadline = Deadline(self.seconds)
        frontier = SearchFrontier(constraint, self.heuristic)
        frontier.push(Prefix((), constraint.start))
        found: list[Hypothesis] = []
        left = math.inf if self.max_prefixes is None else self.max_prefixes
        while left > 0 and not deadline.passed:
            live = frontier.pop(int(min(self.batch, left)), self._floor(found))
            if not live:
                break
            while live:
                left -= len(live)
                branches = yield live
                found = self._best([*found, *_ended(live, branches, constraint)])
                live = _opened(live, branches, frontier, constraint)
                if left < len(live):
                    for prefix in live:
                        frontier.push(prefix)
                    break
        bound = frontier.bound
        live = frontier.pop(self.hypotheses, self._floor(found))
        found = self._best([*found, *(yield from _completed(live, constraint))])
        return [replace(h, proven=h.log_probability >= bound) for h in found]

    def _floor(self, found: list[Hypothesis]) -> float | None:
        """The log-probability that a text must reach to be among the best."""
        return None if len(found) < self.hypotheses else found[-1].log_probability

    def _best(self, found: list[Hypothesis]) -> list[Hypothesis]:
        return sorted(found, key=lambda h: h.rank)[: self.hypotheses]


def _ended(live: Sequence[Prefix], branches: Sequence[Branches], constraint: Constraint) -> list[Hypothesis]:
    return [
        Hypothesis(prefix.tokens, prefix.log_probability + branch.end, prefix.state, constraint)
        for prefix, branch in zip(live, branches, strict=True)
        if branch.end is not None
    ]


def _opened(
    live: Sequence[Prefix], branches: Sequence[Branches], frontier: SearchFrontier, constraint: Constraint
) -> list[Prefix]:
    """Add the children of prefixes to the frontier; single children are returned instead.

    The engine has prefetched the children of forced runs, so following them costs no pass.
    """
    forced = []
    for prefix, branch in zip(live, branches, strict=True):
        if branch.end is None and len(branch.tokens) == 1:
            forced.append(prefix.grown(int(branch.tokens[0]), float(branch.log_probabilities[0]), constraint))
        else:
            frontier.push_children(prefix, branch)
    return forced


def _completed(
    live: list[Prefix], constraint: Constraint
) -> Generator[Sequence[Prefix], Sequence[Branches], list[Hypothesis]]:
    """The texts found when each prefix is continued greedily until ending is the most probable."""
    found: list[Hypothesis] = []
    while live:
        branches = yield live
        found += _ended(live, branches, constraint)
        grown = []
        for prefix, branch in zip(live, branches, strict=True):
            way = best_way(branch)
            if way is not None:
                gain = float(branch.log_probabilities[way])
                grown.append(prefix.grown(int(branch.tokens[way]), gain, constraint))
        live = grown
    return found
