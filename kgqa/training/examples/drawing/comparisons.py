"""Comparisons of values and of numbers."""

from __future__ import annotations

import random
import re

from kgqa.graph import ValueKind
from kgqa.program import Aggregate, Average, Comparator, Compare, Constant, Keep, Measure, OwnValue
from kgqa.training.examples.drawing.drawn import Drawn
from kgqa.training.examples.drawing.graph_facts import COMPARABLE, THINGS, GraphFacts, Operations
from kgqa.training.examples.drawing.question_values import day_value, number_value, rounded
from kgqa.training.examples.drawing.superlatives import Superlatives

__all__ = ["Comparisons"]

_NUMBERED = re.compile(r"(?:.*[\W_])?(?:id|code|number|no|room|grade|level|stuid)", re.I)


class Comparisons(Operations):
    """Draws filters that compare what members have."""

    def __init__(self, facts: GraphFacts, chance: random.Random, superlatives: Superlatives) -> None:
        super().__init__(facts, chance)
        self._superlatives = superlatives

    def compare(self, drawn: Drawn) -> Drawn | None:
        """A value compared with one of the question."""
        facts = self._facts.some_step(drawn.members, COMPARABLE, 0.5)
        return None if facts is None else self.compared(drawn, Measure((facts.step,)), facts.kind)

    def compare2(self, drawn: Drawn) -> Drawn | None:
        """A value two steps away compared so."""
        path = self._facts.two_steps(drawn.members, COMPARABLE)
        return None if path is None else self.compared(drawn, Measure(path), self._facts.kind(path))

    def between(self, drawn: Drawn) -> Drawn | None:
        """A value between two."""
        facts = self._facts.some_step(drawn.members, COMPARABLE, 0.5)
        if facts is None:
            return None
        measure = Measure((facts.step,))
        low, high = self._facts.bounds(drawn.members, measure)
        if len(low) < 4:
            return None
        first, last = sorted(self._chance.sample(range(len(low)), 2))
        if facts.kind is ValueKind.DATE:
            lower, upper = (
                day_value(low[first], high[first], self._chance),
                day_value(low[last], high[last], self._chance),
            )
        else:
            lower, upper = (
                number_value(rounded(low[first], down=True)),
                number_value(rounded(low[last], down=False)),
            )
        if lower is None or upper is None or lower.low >= upper.low:
            return None
        return self._facts.kept(
            drawn, Keep(Compare(measure, Comparator.AT_LEAST, Constant(lower), Constant(upper)))
        )

    def average(self, drawn: Drawn) -> Drawn | None:
        """A value above or below the average."""
        facts = self._facts.some_step(drawn.members, (ValueKind.NUMBER,), 0.6)
        if facts is None or re.search(r"\byear\b", facts.step.relation):
            return None
        how = self._chance.choice((Comparator.ABOVE, Comparator.ABOVE, Comparator.BELOW))
        return self._facts.kept(drawn, Keep(Compare(Measure((facts.step,)), how, Average())))

    def thatof(self, drawn: Drawn) -> Drawn | None:
        """A value above or below that of a named member."""
        facts = self._facts.some_step(drawn.members, COMPARABLE, 0.6)
        some = [node for node in drawn.members.tolist()[:2000] if self._facts.is_topic(node)]
        if facts is None or not some:
            return None
        how = self._chance.choice((Comparator.ABOVE, Comparator.BELOW))
        operand = OwnValue(self._facts.nodes(self._chance.choice(some)))
        return self._facts.kept(drawn, Keep(Compare(Measure((facts.step,)), how, operand)))

    def compared(self, drawn: Drawn, measure: Measure, kind: ValueKind) -> Drawn | None:
        """A measure compared with a value of the question."""
        low, high = self._facts.bounds(drawn.members, measure)
        if len(low) < 2:
            return None
        chance = self._chance
        place = chance.randrange(len(low))
        how = chance.choices(tuple(Comparator), (4, 3, 1.5, 1.2, 1.2 if kind is ValueKind.NUMBER else 3))[0]
        if kind is ValueKind.DATE:
            value = day_value(low[place], high[place], chance)
        elif how is Comparator.EQUALS or chance.random() < 0.35:
            value = number_value(low[place])
        else:
            value = number_value(rounded(low[place], down=chance.random() < 0.5))
        if value is None:
            return None
        negated = chance.random() < 0.06 and how is not Comparator.EQUALS
        return self._facts.kept(drawn, Keep(Compare(measure, how, Constant(value)), negated))

    def ident(self, drawn: Drawn) -> Drawn | None:
        """The member with a number that is its name."""
        steps = [
            step
            for step in self._executor.steps.onward(drawn.members)
            if not step.inverse
            and _NUMBERED.fullmatch(step.relation)
            and self._facts.kind((step,)) is ValueKind.NUMBER
        ]
        if not steps:
            return None
        measure = Measure((self._chance.choice(steps),))
        numbers, _ = self._facts.bounds(drawn.members, measure)
        value = number_value(self._chance.choice(numbers)) if numbers else None
        if value is None:
            return None
        return self._facts.kept(drawn, Keep(Compare(measure, Comparator.EQUALS, Constant(value))))

    def countfilter(self, drawn: Drawn) -> Drawn | None:
        """The number of ends of a step."""
        found = [f for f in self._facts.steps(drawn.members) if f.kind in THINGS and f.most > 1]
        if not found:
            return None
        facts = self._chance.choice(found)
        if self._facts.goes_back(drawn, facts.step):
            return None
        return self.numbered(drawn, Measure((facts.step,), Aggregate.COUNT))

    def groupfilter(self, drawn: Drawn) -> Drawn | None:
        """Groups with more than so many members, and the like."""
        facts = self._superlatives.group_step(drawn)
        if facts is None:
            return None
        return self.numbered(drawn, Measure((), Aggregate.COUNT, (facts.step,)))

    def numbered(self, drawn: Drawn, measure: Measure) -> Drawn | None:
        """A number of ends, or of members of a group, compared with one of the question."""
        low, _ = self._facts.bounds(drawn.members, measure)
        if len(low) < 2:
            return None
        how = self._chance.choices(tuple(Comparator), (4, 1.5, 3, 1, 1.5))[0]
        value = number_value(self._chance.choice(low[:12]))
        if value is None or (value.low == 0):
            return None
        keep = Keep(Compare(measure, how, Constant(value)))
        members = self._executor.apply(keep, drawn.members)
        total = self._executor.measured(measure, drawn.members).total
        return drawn.then(keep, members) if 0 < len(members) < total else None
