"""Steps, filters and combinations."""

from __future__ import annotations

import re

import numpy as np

from kgqa.graph import ValueKind, clean_name
from kgqa.program import (
    Combine,
    Follow,
    Has,
    InClass,
    Is,
    Join,
    Keep,
    Named,
    Nodes,
    Program,
    Step,
    TextMatch,
    TextTest,
)
from kgqa.training.examples.drawing.drawn import Drawn, used
from kgqa.training.examples.drawing.graph_facts import COMPARABLE, THINGS, Operations

__all__ = ["SetClauses"]

_MOST_ANSWERS = 40
_FOLLOWED = (*THINGS, *COMPARABLE, ValueKind.DURATION)


class SetClauses(Operations):
    """Draws clauses that lead to other members or keep some of them."""

    def follow(self, drawn: Drawn) -> Drawn | None:
        """A step from most members."""
        if sum(isinstance(clause, Follow) for clause in drawn.clauses) >= 3 or len(drawn.members) > 500:
            return None
        last = drawn.clauses[-1] if drawn.clauses else None
        if isinstance(last, Follow) and self._facts.kind((last.step,)) not in THINGS:
            return None  # nobody asks for what else has the same date
        facts = self._facts.some_step(drawn.members, _FOLLOWED, 0.5)
        if facts is not None and facts.step.relation in used(drawn.clauses):
            return None
        if facts is None or (isinstance(last, Follow) and last.step == facts.step.turned()):
            return None
        found = self._facts.stepped(drawn, facts.step)
        return found if found is None or len(found.members) <= _MOST_ANSWERS else None

    def value(self, drawn: Drawn) -> Drawn | None:
        """A last step to values."""
        if len(drawn.clauses) == 1 and self._chance.random() < 0.8 and isinstance(drawn.clauses[0], Follow):
            edge = self._facts.edge(value=True)
            if edge is None:
                return None
            start = Named((self._facts.nodes(edge[0]),))
            return self._facts.stepped(Drawn(start, self._executor.start(start)), edge[1])
        facts = self._facts.some_step(drawn.members, (ValueKind.NUMBER, ValueKind.DATE, ValueKind.TEXT), 0.5)
        if facts is None or facts.step.inverse:
            return None
        return self._facts.stepped(drawn, facts.step)

    def filter(self, drawn: Drawn) -> Drawn | None:
        """What a step leads to."""
        facts = self._facts.some_step(drawn.members, (ValueKind.NONE, ValueKind.TEXT, ValueKind.BOOLEAN))
        if facts is None or self._facts.goes_back(drawn, facts.step):
            return None
        if facts.kind is ValueKind.BOOLEAN:
            ends = self._executor.follow(drawn.members, (facts.step,)).tolist()
        else:
            ends = self._facts.named_pairs(drawn.members, (facts.step,))
        if not ends:
            return None
        return self._facts.kept(drawn, Keep(Is((facts.step,), self._facts.nodes(self._chance.choice(ends)))))

    def filter2(self, drawn: Drawn) -> Drawn | None:
        """What two steps lead to."""
        path = self._facts.two_steps(drawn.members, THINGS)
        if path is None or self._facts.goes_back(drawn, path[0]):
            return None
        ends = self._facts.named_pairs(drawn.members, path)
        return (
            self._facts.kept(drawn, Keep(Is(path, self._facts.nodes(self._chance.choice(ends)))))
            if ends
            else None
        )

    def notfilter(self, drawn: Drawn) -> Drawn | None:
        """What a step does not lead to."""
        found = self.filter(drawn)
        if found is None:
            return None
        keep = found.clauses[-1]
        assert isinstance(keep, Keep)
        return self._facts.kept(drawn, Keep(keep.condition, negated=True))

    def lacking(self, drawn: Drawn, negated: bool = True) -> Drawn | None:
        """Whether a step leads anywhere; with `negated`, that it does not."""
        some = [facts for facts in self._facts.steps(drawn.members) if 0 < facts.having < len(drawn.members)]
        if not some:
            return None
        facts = self._chance.choice(some)
        if self._facts.goes_back(drawn, facts.step):
            return None
        return self._facts.kept(drawn, Keep(Has((facts.step,)), negated))

    def having(self, drawn: Drawn) -> Drawn | None:
        """Members for which a step leads somewhere."""
        return self.lacking(drawn, negated=False)

    def same_class(self, drawn: Drawn) -> Drawn | None:
        """The members of one class."""
        return self.of_one_class(drawn, negated=False)

    def other_class(self, drawn: Drawn) -> Drawn | None:
        """The members that are not of a class."""
        return self.of_one_class(drawn, negated=True)

    def of_one_class(self, drawn: Drawn, negated: bool) -> Drawn | None:
        """The members that are, or are not, of one class."""
        classes = self._executor.classes
        inside = set(classes.classes_of(drawn.members).tolist())
        some = [named for named in classes.named if not inside.isdisjoint(named.nodes)]
        if not some:
            return None
        nodes = tuple(sorted(self._graph.entity(node) for node in self._chance.choice(some).nodes))
        return self._facts.kept(drawn, Keep(InClass(nodes), negated))

    def text(self, drawn: Drawn) -> Drawn | None:
        """A name or text that contains a word, or begins or ends with it."""
        facts = self._facts.some_step(drawn.members, (ValueKind.TEXT, ValueKind.TEXT, ValueKind.NONE), 0.3)
        if facts is None or self._facts.goes_back(drawn, facts.step):
            return None
        ends = self._facts.named_pairs(drawn.members, (facts.step,))
        if not ends:
            return None
        label = clean_name(self._graph.labels[self._chance.choice(ends)])
        words = re.findall(r"[^\W\d_]{3,}", label)
        if not words:
            return None
        word = self._chance.choice(words)
        draw = self._chance.random()
        if draw < 0.6:
            test, text = TextTest.CONTAINS, word if self._chance.random() < 0.6 else word[:4].lower()
        elif draw < 0.85:
            test, text = TextTest.STARTS, words[0] if self._chance.random() < 0.5 else label[:1]
        else:
            test, text = TextTest.ENDS, words[-1] if self._chance.random() < 0.5 else label[-1:]
        return self._facts.kept(drawn, Keep(TextMatch((facts.step,), test, text)))

    def both(self, drawn: Drawn) -> Drawn | None:
        """Members that are reached from a second named thing too."""
        found = self.second(drawn)
        return None if found is None else self._facts.kept(drawn, Keep(Is((found[0].turned(),), found[1])))

    def butnot(self, drawn: Drawn) -> Drawn | None:
        """Members that are not reached from a second named thing."""
        found = self.second(drawn)
        if found is None:
            return None
        step, nodes = found
        if self._chance.random() < 0.6:
            return self._facts.kept(drawn, Keep(Is((step.turned(),), nodes), negated=True))
        clause = Combine(Join.BUT_NOT, Program(Named((nodes,)), (Follow(step),)))
        members = self._executor.apply(clause, drawn.members)
        return drawn.then(clause, members) if 0 < len(members) < len(drawn.members) else None

    def either(self, drawn: Drawn) -> Drawn | None:
        """What one step leads to from two named things."""
        start, last = drawn.start, drawn.clauses[-1] if drawn.clauses else None
        if not isinstance(start, Named) or not isinstance(last, Follow) or len(drawn.clauses) > 1:
            return None
        sources = self._executor.follow(drawn.members, (last.step.turned(),))
        like = self._executor.follow(sources[:50], (last.step, last.step.turned()))
        if len(like) < 2:  # of the same relation
            relation = self._executor.steps.relations(last.step)[0]
            like = np.unique(self._facts.edges(relation)[last.step.inverse])
            like = like[:: max(1, len(like) // 200)]
        others = [
            node
            for node in like.tolist()
            if self._facts.is_topic(node) and node not in self._executor.start(start)
        ]
        if not others:
            return None
        both = Named((*start.groups, self._facts.nodes(self._chance.choice(others))))
        begun = Drawn(both, self._executor.start(both))
        if len(begun.members) < 2 or len(set(both.groups)) < 2:
            return None
        found = self._facts.stepped(begun, last.step)
        return found if found is not None and len(found.members) > len(drawn.members) else None

    def second(self, drawn: Drawn) -> tuple[Step, Nodes] | None:
        """A second named thing from which some members are reached: by the last step, or by another."""
        last = drawn.clauses[-1] if drawn.clauses else None
        member = self._chance.choice(drawn.members.tolist())
        if isinstance(last, Follow) and self._chance.random() < 0.75:
            step = last.step
        else:
            facts = self._facts.some_step(drawn.members, THINGS)
            if facts is None:
                return None
            step = facts.step.turned()
        first = self._executor.start(drawn.start)
        others = [
            node
            for node in self._executor.follow(np.array([member], dtype=np.int32), (step.turned(),)).tolist()
            if self._facts.is_topic(node) and node not in first
        ]
        return (step, self._facts.nodes(self._chance.choice(others))) if others else None
