"""Superlatives, of members and of groups."""

from __future__ import annotations

from kgqa.graph import ValueKind
from kgqa.program import Aggregate, Extreme, Measure
from kgqa.training.examples.drawing.drawn import Drawn
from kgqa.training.examples.drawing.graph_facts import COMPARABLE, THINGS, Operations, StepFacts

__all__ = ["Superlatives"]


class Superlatives(Operations):
    """Draws clauses for the members, or groups, with the most or least of something."""

    def extreme(self, drawn: Drawn, rank: int = 1, count: int = 1) -> Drawn | None:
        """The member with the highest or lowest value; from the `rank`-th on, the first `count`."""
        facts = self._facts.some_step(drawn.members, (*COMPARABLE, ValueKind.DURATION), 0.6)
        if facts is None:
            return None
        return self.best(drawn, Measure((facts.step,)), rank, count)

    def extreme2(self, drawn: Drawn) -> Drawn | None:
        """The member with the highest or lowest value two steps away."""
        path = self._facts.two_steps(drawn.members, COMPARABLE)
        return None if path is None else self.best(drawn, Measure(path))

    def ordinal(self, drawn: Drawn) -> Drawn | None:
        """The second, third ... member by a value."""
        return self.extreme(drawn, rank=self._chance.choice((2, 2, 2, 3, 3, 4, 5)))

    def top(self, drawn: Drawn) -> Drawn | None:
        """The first members by a value."""
        return self.extreme(drawn, count=self._chance.choice((2, 3, 3, 3, 4, 5, 5, 10)))

    def most(self, drawn: Drawn) -> Drawn | None:
        """The member with the most or fewest ends of a step."""
        found = [f for f in self._facts.steps(drawn.members) if f.kind in THINGS and f.most > 1]
        if not found:
            return None
        facts = self._chance.choice(found)
        if self._facts.goes_back(drawn, facts.step):
            return None
        return self.best(drawn, Measure((facts.step,), Aggregate.COUNT))

    def group_step(self, drawn: Drawn) -> StepFacts | None:
        """A step by whose ends the members fall into groups."""
        found = [
            f
            for f in self._facts.steps(drawn.members)
            if f.kind in THINGS
            and f.having > 0.5 * len(drawn.members)
            and not self._facts.goes_back(drawn, f.step)
        ]
        facts = self._chance.choice(found) if found and len(drawn.members) > 3 else None
        if facts is None:
            return None
        ends = self._executor.follow(drawn.members, (facts.step,))
        return facts if 2 <= len(ends) < 0.8 * len(drawn.members) and self._graph.named[ends].all() else None

    def group(self, drawn: Drawn) -> Drawn | None:
        """The group with the most or fewest members."""
        facts = self.group_step(drawn)
        return None if facts is None else self.best(drawn, Measure((), Aggregate.COUNT, (facts.step,)))

    def groupvalue(self, drawn: Drawn) -> Drawn | None:
        """The group with the highest or lowest average or total."""
        group, facts = self.group_step(drawn), self._facts.some_step(drawn.members, (ValueKind.NUMBER,), 0.6)
        if group is None or facts is None:
            return None
        aggregate = self._chance.choice((Aggregate.AVERAGE, Aggregate.AVERAGE, Aggregate.TOTAL))
        return self.best(drawn, Measure((facts.step,), aggregate, (group.step,)))

    def best(self, drawn: Drawn, measure: Measure, rank: int = 1, count: int = 1) -> Drawn | None:
        """The members, or groups, with the most or least of a measure: few, and not all."""
        least = self._chance.random() < (0.2 if measure.aggregate is Aggregate.COUNT else 0.4)
        clause = Extreme(measure, least, rank, count)
        measured = self._executor.measured(measure, drawn.members)
        members = self._executor.winners(clause, measured)
        most = count if count > 1 else 1 if self._chance.random() < 0.85 else 3
        if not 0 < len(members) <= most or len(members) >= len(measured.members):
            return None
        return drawn.then(clause, members)
