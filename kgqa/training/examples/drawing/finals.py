"""Final operators."""

from __future__ import annotations

import random
import re

import numpy as np

from kgqa.graph import ValueKind
from kgqa.program import (
    Aggregate,
    Comparator,
    Compare,
    Constant,
    Count,
    Each,
    Follow,
    Is,
    Keep,
    Measure,
    Summary,
    Test,
)
from kgqa.training.examples.drawing.comparisons import Comparisons
from kgqa.training.examples.drawing.drawn import Drawn
from kgqa.training.examples.drawing.graph_facts import COMPARABLE, THINGS, GraphFacts, Operations
from kgqa.training.examples.drawing.question_values import day_value, number_value, rounded
from kgqa.training.examples.drawing.set_clauses import SetClauses
from kgqa.training.examples.drawing.starts import Starts
from kgqa.training.examples.drawing.superlatives import Superlatives

__all__ = ["Finals"]

_MOST_ANSWERS = 40


class Finals(Operations):
    """Draws counts, summaries, tables and tests."""

    def __init__(
        self,
        facts: GraphFacts,
        chance: random.Random,
        starts: Starts,
        sets: SetClauses,
        comparisons: Comparisons,
        superlatives: Superlatives,
    ) -> None:
        super().__init__(facts, chance)
        self._starts, self._sets = starts, sets
        self._comparisons, self._superlatives = comparisons, superlatives

    def count(self, drawn: Drawn) -> Drawn | None:
        """The number of members."""
        return drawn._replace(final=Count())

    def average_of(self, drawn: Drawn) -> Drawn | None:
        """The average of a value."""
        return self.summary(drawn, Aggregate.AVERAGE)

    def sum(self, drawn: Drawn) -> Drawn | None:
        """The total of a value."""
        return self.summary(drawn, Aggregate.TOTAL)

    def highest_of(self, drawn: Drawn) -> Drawn | None:
        """The highest or lowest value."""
        return self.summary(drawn, self._chance.choice((Aggregate.HIGHEST, Aggregate.LOWEST)))

    def summary(self, drawn: Drawn, aggregate: Aggregate) -> Drawn | None:
        """A summary of a value of the members."""
        kinds = COMPARABLE if aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST) else (ValueKind.NUMBER,)
        facts = self._facts.some_step(drawn.members, kinds, 0.5)
        if facts is None or len(drawn.members) < 2:
            return None
        if aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE) and re.search(r"\byear\b", facts.step.relation):
            return None
        return drawn._replace(final=Summary(aggregate, (facts.step,)))

    def each(self, drawn: Drawn) -> Drawn | None:
        """A table of groups, or of members."""
        if self._chance.random() < 0.3:
            return self.each_member(drawn)
        group = self._superlatives.group_step(drawn)
        if group is None:
            return None
        measure = Measure((), Aggregate.COUNT, (group.step,))
        facts = self._facts.some_step(drawn.members, (ValueKind.NUMBER,), 0.6)
        if facts is not None and self._chance.random() < 0.4:
            measure = Measure((facts.step,), Aggregate.AVERAGE, (group.step,))
        return drawn._replace(final=Each(measure))

    def each_member(self, drawn: Drawn) -> Drawn | None:
        """A table of members with the number of ends of a step."""
        found = [f for f in self._facts.steps(drawn.members) if f.kind is ValueKind.NONE and f.most > 1]
        if not found or len(drawn.members) > _MOST_ANSWERS:
            return None
        return drawn._replace(final=Each(Measure((self._chance.choice(found).step,), Aggregate.COUNT)))

    def test_is(self, drawn: Drawn) -> Drawn | None:
        """Whether something is among the members."""
        last = drawn.clauses[-1]
        if not isinstance(last, Follow) or self._facts.kind((last.step,)) is not ValueKind.NONE:
            return None
        nodes = drawn.members.tolist()
        if self._chance.random() < 0.45:
            back = last.step.turned()
            others = self._executor.follow(self._executor.follow(drawn.members, (back,))[:200], (last.step,))
            nodes = np.setdiff1d(others, drawn.members).tolist()
        nodes = [node for node in nodes if self._facts.is_topic(node)]
        if not nodes:
            return None
        return drawn._replace(final=Test(Is((), self._facts.nodes(self._chance.choice(nodes)))))

    def test_path(self, drawn: Drawn) -> Drawn | None:
        """Whether a named thing has a certain end of a step."""
        facts = self._facts.some_step(drawn.members, THINGS)
        if facts is None:
            return None
        back = facts.step.turned()
        ends = self._executor.follow(drawn.members, (facts.step,))
        if self._chance.random() < 0.45:
            like = self._executor.follow(ends, (back,))[:200]
            ends = np.setdiff1d(self._executor.follow(like, (facts.step,)), ends)
        nodes = [node for node in ends.tolist() if self._facts.is_topic(node)]
        if not nodes:
            return None
        return drawn._replace(final=Test(Is((facts.step,), self._facts.nodes(self._chance.choice(nodes)))))

    def test_value(self, drawn: Drawn) -> Drawn | None:
        """Whether a value of a named thing compares so."""
        facts = self._facts.some_step(drawn.members, COMPARABLE)
        if facts is None:
            found = self._starts.of_name(value=True)
            if found is None:
                return None
            drawn = found
            facts = self._facts.some_step(drawn.members, COMPARABLE)
            if facts is None:
                return None
        measure = Measure((facts.step,))
        low, high = self._facts.bounds(drawn.members, measure)
        if not low:
            return None
        how = self._chance.choice((Comparator.ABOVE, Comparator.BELOW))
        if facts.kind is ValueKind.DATE:
            value = day_value(low[0], high[0], self._chance, self._chance.choice((-5, -1, 0, 1, 5)))
        else:
            value = number_value(rounded(low[0] * self._chance.choice((0.5, 0.8, 1, 1.2, 2)), down=True))
        return None if value is None else drawn._replace(final=Test(Compare(measure, how, Constant(value))))

    def test_any(self, drawn: Drawn) -> Drawn | None:
        """Whether any member meets a condition."""
        found = self._comparisons.compare(drawn) if self._chance.random() < 0.5 else self._sets.filter(drawn)
        if found is None:
            return None
        keep = found.clauses[-1]
        assert isinstance(keep, Keep)
        if isinstance(keep.condition, Is) and self._facts.kind(keep.condition.path) is ValueKind.BOOLEAN:
            return None
        return drawn._replace(final=Test(keep.condition))
