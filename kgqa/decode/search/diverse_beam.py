"""Diverse beam search."""

from __future__ import annotations

import heapq
from bisect import insort
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from kgqa.constraint import Constraint
from kgqa.decode.deadline import Deadline
from kgqa.decode.decoder import Decoder, Search
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.decode.search.decided_prefix import DecidedPrefix
from kgqa.decode.search.proof import Proof
from kgqa.errors import UsageError, check_count, check_number
from kgqa.lm import Text

__all__ = ["DiverseBeamSearch", "Penalised"]

Penalised = Literal["names", "relations", "entities", "tokens"]
"""The choices for which a group is penalised if earlier groups made them; names: relations and entities."""

Marks: TypeAlias = frozenset[Hashable]
"""The choices of a text."""


@dataclass(frozen=True)
class DiverseBeamSearch(Decoder):
    """Beam search in `groups` of `beams` / `groups` beams each, extended one after the other.

    A group pays `penalty` nats for each text of an earlier group that has made the same choice: a
    relation in the same hop, or a reached entity (`penalise="names"`, or only "relations" or
    "entities"). The penalty applies to the token that decides the choice, so arrows and common
    prefixes of names are free. `penalise="tokens"` is the published form, which penalises equal
    tokens at the same position ("Diverse Beam Search", Vijayakumar et al., AAAI 2018). The other
    defaults are those of GCR: as many groups as beams, penalty 1.

    The penalty only guides the search: hypotheses have raw log-probabilities and are ranked by them.
    No text is found by two groups; a later group takes another one, if there is one, so there may be
    fewer than `beams` hypotheses. With one group it equals `BeamSearch`. `proven` means that no text
    left out can be better. `seconds` is the time limit of a question; `BudgetError` when it is over.
    """

    beams: int = 10
    groups: int = 10
    penalty: float = 1.0
    penalise: Penalised = "names"
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_count(self.beams, "beams")
        check_count(self.groups, "groups")
        if self.beams % self.groups:
            raise UsageError(f"beams must be a multiple of groups={self.groups}, not {self.beams}")
        check_number(self.penalty, "penalty", least=0)
        if self.penalise not in get_args(Penalised):
            known = ", ".join(get_args(Penalised))
            raise UsageError(f"penalise must be one of {known}, not {self.penalise!r}")
        Deadline(self.seconds)

    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint; see `Decoder.search`."""
        deadline, proof = Deadline(self.seconds), Proof()
        root = _Beam(0.0, (), Prefix((), constraint.start), frozenset())
        groups = [_Group(self, constraint, [root]) for _ in range(self.groups)]
        decided = DecidedPrefix(constraint)
        while wanted := {beam.text: beam.prefix for group in groups for beam in group.live}:
            branches = yield list(wanted.values())
            deadline.check()
            proof.see(wanted.values(), branches)
            earlier = _Earlier(decided)
            for group in groups:
                group.step(dict(zip(wanted, branches, strict=True)), earlier)
                earlier.add(group)
        return proof.of([beam.hypothesis(constraint) for group in groups for beam in group.finished])


class _Beam(NamedTuple):
    """A prefix or a text, ordered by its cost after penalties."""

    cost: float
    text: Text
    prefix: Prefix
    marks: Marks
    end: float = 0.0

    def hypothesis(self, constraint: Constraint) -> Hypothesis:
        total = self.prefix.log_probability + self.end
        return Hypothesis(self.text, total, self.prefix.state, constraint)


class _Earlier:
    """The choices and texts of earlier groups in this step."""

    def __init__(self, decided: DecidedPrefix) -> None:
        self.decided = decided
        self.chosen: Counter[Hashable] = Counter()
        self._finished: set[Text] = set()
        self._live: set[Text] = set()

    def add(self, group: _Group) -> None:
        for beam in (*group.live, *group.finished):
            self.chosen.update(beam.marks)
        self._finished.update(beam.text for beam in group.finished)
        self._live.update(beam.text for beam in group.live)

    def has(self, text: Text) -> bool:
        """Whether an earlier group has found this text."""
        return text in self._finished

    def will_have(self, prefix: Prefix) -> bool:
        """Whether an earlier group holds this prefix and only one text is left from it."""
        return prefix.tokens in self._live and self.decided.settled(prefix.state)


@dataclass
class _Group:
    settings: DiverseBeamSearch
    constraint: Constraint
    live: list[_Beam]
    finished: list[_Beam] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.settings.beams // self.settings.groups

    def step(self, branches: dict[Text, Branches], earlier: _Earlier) -> None:
        for beam in self.live:
            end = branches[beam.text].end
            if end is not None and not earlier.has(beam.text):
                self.finished.append(beam._replace(cost=beam.cost - end, end=end))
        self.finished = sorted(self.finished, key=lambda beam: beam[:2])[: self.size]
        full = len(self.finished) == self.size
        grown = self._grown(branches, earlier)
        self.live = [beam for beam in grown if not full or beam.cost < self.finished[-1].cost]

    def _grown(self, branches: dict[Text, Branches], earlier: _Earlier) -> list[_Beam]:
        """The best prefixes one token longer; penalties only raise costs, so few are rated."""
        best: list[_Beam] = []
        ways = (self._ways(beam, branches[beam.text]) for beam in self.live)
        for cost, text, beam, gain in heapq.merge(*ways, key=lambda way: way[:2]):
            if len(best) == self.size and best[-1][:2] <= (cost, text):
                break
            branch = branches[beam.text]
            prefix = beam.prefix.grown(text[-1], gain, self.constraint)
            if earlier.will_have(prefix):
                continue
            forced = branch.end is None and len(branch.tokens) == 1
            marks = self._marks(beam, prefix, forced, earlier.decided)
            paid = self.settings.penalty * sum(earlier.chosen[mark] for mark in marks - beam.marks)
            insort(best, _Beam(cost + paid, text, prefix, marks), key=lambda beam: beam[:2])
            del best[self.size :]
        return best

    def _ways(self, beam: _Beam, branch: Branches) -> Iterator[tuple[float, Text, _Beam, float]]:
        costs = beam.cost - branch.log_probabilities
        for at in np.argsort(costs, kind="stable"):
            gain = float(branch.log_probabilities[at])
            yield float(costs[at]), (*beam.text, int(branch.tokens[at])), beam, gain

    def _marks(self, beam: _Beam, prefix: Prefix, forced: bool, decided: DecidedPrefix) -> Marks:
        """The choices of a text after one more token."""
        kind = self.settings.penalise
        if kind == "tokens":
            return beam.marks | {(len(beam.text), prefix.tokens[-1])}
        if forced or self.settings.groups == 1 or not self.settings.penalty:
            return beam.marks
        found: list[Hashable] = []
        if kind != "entities":
            found += enumerate(decided.steps(prefix.state))
        if kind != "relations" and (end := decided.end(prefix.state)) is not None:
            found.append(end)
        return beam.marks.union(found)
