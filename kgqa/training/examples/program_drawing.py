"""Random programs over a graph that mean something: every clause changes the result, and some is left."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np

from kgqa.graph import IndexedGraph, Value, ValueKind, clean_name
from kgqa.graph.adjacency import Ids
from kgqa.program import (
    Aggregate,
    Average,
    Classes,
    Clause,
    Combine,
    Comparator,
    Compare,
    Constant,
    Count,
    Each,
    Executor,
    Extreme,
    Final,
    Follow,
    Has,
    InClass,
    Instances,
    Is,
    Join,
    Keep,
    Measure,
    Named,
    NodeNames,
    Nodes,
    OwnValue,
    Path,
    Program,
    Start,
    Step,
    Summary,
    Test,
    TextMatch,
    TextTest,
)
from kgqa.program.text import node_text

__all__ = ["ProgramDrawer"]

_PLANS: dict[str, float] = {
    # counts
    "class count": 1.2, "set filter count": 4.5, "topic count": 4, "set compare count": 3,
    "set lacking count": 1.2, "set filter filter count": 1.2, "set filter compare count": 1.2,
    "topic follow count": 0.8, "set butnot count": 0.7,
    # superlatives by value
    "set extreme": 3, "set extreme follow": 4.5, "set filter extreme": 3, "set filter extreme follow": 2.5,
    "topic extreme": 1.5, "set ordinal": 1.3, "set ordinal follow": 0.6, "set top": 1,
    "set top follow": 0.4, "topic extreme follow": 0.7, "set extreme2": 0.8,
    # by numbers of neighbours and by groups
    "set most": 3, "set most follow": 1.2, "set group": 2.2, "set group follow": 0.3,
    "set countfilter": 1.5, "set groupfilter": 1.2, "set each": 0.8, "set filter group": 0.6,
    "set groupvalue": 0.7, "set countfilter count": 0.4,
    # comparisons
    "set compare": 4, "set compare follow": 3, "set between": 1.3, "set average": 1.2, "set thatof": 1.2,
    "set compare compare": 0.8, "set filter compare": 2, "topic compare": 1, "set average count": 0.5,
    "set compare extreme": 0.8, "set compare2": 0.8, "set compare filter follow": 0.6,
    # filters, intersections
    "class filter": 4, "class filter filter": 2.5, "class filter follow": 3.5, "topic both": 2,
    "topic either": 1.2, "topic filter": 1.5, "set filter2": 1.2, "topic only": 0.8, "set either": 0.4,
    # negation
    "set lacking": 2, "set notfilter": 1.8, "topic butnot": 1.6, "set lacking follow": 0.6,
    "set except": 0.6, "set having": 0.8,
    # summaries
    "set average_of": 3, "set filter average_of": 1.2, "set sum": 1.6, "set filter sum": 0.6,
    "set highest_of": 0.8,
    # paths and values
    "topic": 5, "topic value": 5, "topic follow": 4, "topic follow follow": 1.5, "topic follow value": 2,
    "class value": 0.8,
    # yes or no
    "topic test_is": 2, "named test_path": 1.5, "named test_value": 1, "class test_any": 0.5,
    # named things compared
    "choice": 4,
    # texts
    "set text": 1.6, "set text follow": 0.7, "set text count": 0.7,
}  # fmt: skip
_TRIES = 4
_MOST_MEMBERS, _MOST_ANSWERS, _MOST_LISTED = 20_000, 40, 12
_LONGEST_NAME = 45
_KEPT_SETS = 512
_IDENTIFIER = re.compile(
    r"(?:.*[\W_])?(?:id|ids|uri|url|mid|guid|key|wiki[\w ]*|image|comment|abstract)", re.I
)
_COMPARABLE = (ValueKind.NUMBER, ValueKind.DATE)


class _Facts(NamedTuple):
    """What a step is for the members of a set: its kind of values, and how many members have an end."""

    step: Step
    kind: ValueKind
    having: int
    most: int


class _Drawn(NamedTuple):
    """A program so far and its set."""

    start: Start
    members: Ids
    clauses: tuple[Clause, ...] = ()
    final: Final | None = None

    def then(self, clause: Clause, members: Ids) -> _Drawn:
        return self._replace(clauses=(*self.clauses, clause), members=members)


_Operation: TypeAlias = Callable[[_Drawn], "_Drawn | None"]


class ProgramDrawer:
    """Draws programs from one graph; `plan` says what was asked for last."""

    def __init__(self, graph: IndexedGraph, chance: random.Random) -> None:
        self._graph = graph
        self._chance = chance
        self._executor = Executor.of(graph)
        self._names = NodeNames.of(graph)
        classes = Classes.of(graph)
        self._classes = [
            named for named in classes.named if 3 <= named.size <= _MOST_MEMBERS and clean_name(named.name)
        ]
        texts = self._executor.steps.texts
        self._schema = {texts[n] for n in (*classes.type_relations, *classes.subclass_relations)}
        self._relations = [
            number
            for number in range(graph.relation_count)
            if texts[number] not in self._schema and not _IDENTIFIER.fullmatch(texts[number])
        ]
        self._facts = lru_cache(maxsize=_KEPT_SETS)(self._find_facts)
        self._weights = tuple(_PLANS.values())
        self._plans = tuple(plan.split(" ") for plan in _PLANS)
        self.plan = ""

    def programs(self) -> Iterator[Program | None]:
        """Programs without end; `None` for each draw that led to none."""
        while True:
            yield self.program()

    def program(self) -> Program | None:
        """One program, or `None` where the drawn plan cannot be filled."""
        plan = self._chance.choices(self._plans, self._weights)[0]
        self.plan = " ".join(plan)
        drawn = self._begun(plan[0])
        for operation in plan[1:]:
            if drawn is None:
                return None
            drawn = self._tried(getattr(self, f"_{operation}"), drawn)
        if drawn is None or not self._is_interesting(drawn):
            return None
        return Program(drawn.start, drawn.clauses, drawn.final)

    def _tried(self, operation: _Operation, drawn: _Drawn) -> _Drawn | None:
        for _ in range(_TRIES):
            found = operation(drawn)
            if found is not None:
                return found
        return None

    def _is_interesting(self, drawn: _Drawn) -> bool:
        size = len(drawn.members)
        if drawn.final is None:
            if not drawn.clauses or not self._graph.named[drawn.members].any():
                return False
            return 0 < size <= (_MOST_LISTED if self._chance.random() < 0.7 else _MOST_ANSWERS)
        if isinstance(drawn.final, Count):
            return size > 1 or self._chance.random() < 0.4
        return True

    # Starts --------------------------------------------------------------------------------------

    def _begun(self, start: str) -> _Drawn | None:
        match start:
            case "class":
                return self._of_class()
            case "named":
                return self._of_name()
            case "choice":
                return self._of_choice()
            case "topic":
                return self._of_topic()
            case _:
                if self._classes and self._chance.random() < 0.75:
                    return self._of_class()
                for _ in range(_TRIES):
                    drawn = self._of_topic()
                    if drawn is not None and len(drawn.members) > 2:
                        return drawn
                return None

    def _of_class(self) -> _Drawn | None:
        if not self._classes:
            return None
        named = self._chance.choice(self._classes)
        nodes = tuple(sorted(self._graph.entity(node) for node in named.nodes))
        start = Instances(nodes)
        return _Drawn(start, self._executor.start(start))

    def _edge(self, value: bool | None = None) -> tuple[int, Step, int] | None:
        """A named node, a step from it and an end, drawn evenly over relations."""
        for _ in range(3 * _TRIES):
            if not self._relations:
                return None
            relation = self._chance.choice(self._relations)
            heads, tails = self._executor.steps._edges(relation)
            if not len(heads):
                continue
            kind = self._executor.values.relation_kind(relation)
            if value is not None and (kind in (ValueKind.NONE, ValueKind.TEXT, ValueKind.BOOLEAN)) == value:
                continue
            edge = self._chance.randrange(len(heads))
            inverse = (
                value is None and kind in (ValueKind.NONE, ValueKind.TEXT) and self._chance.random() < 0.5
            )
            source, target = (tails, heads) if inverse else (heads, tails)
            if self._is_topic(int(source[edge])):
                return (
                    int(source[edge]),
                    Step(self._executor.steps.texts[relation], inverse),
                    int(target[edge]),
                )
        return None

    def _is_topic(self, node: int) -> bool:
        kind = self._executor.values.kinds[node]
        label = clean_name(self._graph.labels[node]) if self._graph.named[node] else ""
        return (
            1 < len(label) <= _LONGEST_NAME
            and kind in (ValueKind.NONE, ValueKind.TEXT)
            and not label.isdigit()
        )

    def _nodes(self, node: int) -> Nodes:
        """All nodes that have the name of one."""
        entity = self._graph.entity(node)
        return self._names.nodes(node_text((entity,), self._graph)[1:]) or (entity,)

    def _of_name(self, value: bool | None = None) -> _Drawn | None:
        edge = self._edge(value)
        if edge is None:
            return None
        start = Named((self._nodes(edge[0]),))
        return _Drawn(start, self._executor.start(start))

    def _of_topic(self) -> _Drawn | None:
        edge = self._edge()
        if edge is None:
            return None
        start = Named((self._nodes(edge[0]),))
        drawn = self._stepped(_Drawn(start, self._executor.start(start)), edge[1])
        for _ in range(2):
            if drawn is None or self._graph.named[drawn.members].any():
                break
            drawn = self._follow(drawn)  # through a mediator
        return drawn

    def _of_choice(self) -> _Drawn | None:
        """Named things compared by a value."""
        group = self._of_class() if self._classes and self._chance.random() < 0.7 else self._of_topic()
        if group is None:
            return None
        some = [node for node in group.members.tolist() if self._is_topic(node)]
        if len(some) < 2:
            return None
        some = self._chance.sample(some, 3 if len(some) > 3 and self._chance.random() < 0.2 else 2)
        start = Named(tuple(dict.fromkeys(self._nodes(node) for node in some)))
        if len(start.groups) < 2:
            return None
        drawn = _Drawn(start, self._executor.start(start))
        found = self._tried(self._extreme if self._chance.random() < 0.8 else self._most, drawn)
        return found if found is not None and len(found.members) == 1 else None

    # What sets have ------------------------------------------------------------------------------

    def _steps(self, members: Ids) -> tuple[_Facts, ...]:
        return self._facts(members.tobytes())

    def _find_facts(self, key: bytes) -> tuple[_Facts, ...]:
        members = np.frombuffer(key, dtype=np.int32)
        found = []
        for step in self._executor.steps.onward(members):
            if step.relation in self._schema or _IDENTIFIER.fullmatch(step.relation):
                continue
            kind = ValueKind.NONE if step.inverse else self._kind((step,))
            owners = self._executor.pairs(members, (step,)).owners
            counts = np.bincount(owners)
            found.append(_Facts(step, kind, int((counts > 0).sum()), int(counts.max())))
        return tuple(found)

    def _kind(self, path: Path) -> ValueKind:
        if path[-1].inverse:
            return ValueKind.NONE
        kinds = [self._executor.values.relation_kind(r) for r in self._executor.steps.relations(path[-1])]
        return next((kind for kind in kinds if kind is not ValueKind.NONE), ValueKind.NONE)

    def _some_step(self, members: Ids, kinds: tuple[ValueKind, ...], covered: float = 0.0) -> _Facts | None:
        """A step whose values are of one of the kinds, and that enough of the members have."""
        found = [
            facts
            for facts in self._steps(members)
            if facts.kind in kinds and facts.having >= covered * len(members)
        ]
        return self._chance.choice(found) if found else None

    def _named_pairs(self, members: Ids, path: Path) -> list[int]:
        """The ends of a path that a question can name, once for each member that reaches them."""
        ends = self._executor.pairs(members, path).ends
        return [end for end in ends.tolist() if self._is_topic(end)]

    # Sets to sets --------------------------------------------------------------------------------

    def _stepped(self, drawn: _Drawn, step: Step) -> _Drawn | None:
        members = self._executor.follow(drawn.members, (step,))
        if not 0 < len(members) <= _MOST_MEMBERS:
            return None
        if isinstance(drawn.start, Named) and np.isin(members, self._executor.start(drawn.start)).any():
            return None
        return drawn.then(Follow(step), members)

    def _follow(self, drawn: _Drawn) -> _Drawn | None:
        if sum(isinstance(clause, Follow) for clause in drawn.clauses) >= 3 or len(drawn.members) > 500:
            return None
        facts = self._some_step(drawn.members, tuple(ValueKind), 0.5)
        last = drawn.clauses[-1] if drawn.clauses else None
        if facts is None or (
            isinstance(last, Follow) and last.step == facts.step._replace(inverse=not facts.step.inverse)
        ):
            return None
        found = self._stepped(drawn, facts.step)
        return found if found is None or len(found.members) <= _MOST_ANSWERS else None

    def _value(self, drawn: _Drawn) -> _Drawn | None:
        """A last step to values."""
        if len(drawn.clauses) == 1 and self._chance.random() < 0.8 and isinstance(drawn.clauses[0], Follow):
            edge = self._edge(value=True)
            if edge is None:
                return None
            start = Named((self._nodes(edge[0]),))
            return self._stepped(_Drawn(start, self._executor.start(start)), edge[1])
        facts = self._some_step(drawn.members, (ValueKind.NUMBER, ValueKind.DATE, ValueKind.TEXT), 0.5)
        if facts is None or facts.step.inverse:
            return None
        return self._stepped(drawn, facts.step)

    def _kept(self, drawn: _Drawn, keep: Keep) -> _Drawn | None:
        members = self._executor.apply(keep, drawn.members)
        if not 0 < len(members) < len(drawn.members) or keep in drawn.clauses:
            return None
        return drawn.then(keep, members)

    def _filter(self, drawn: _Drawn) -> _Drawn | None:
        facts = self._some_step(drawn.members, (ValueKind.NONE, ValueKind.TEXT, ValueKind.BOOLEAN))
        if facts is None or self._goes_back(drawn, facts.step):
            return None
        if facts.kind is ValueKind.BOOLEAN:
            ends = self._executor.follow(drawn.members, (facts.step,)).tolist()
        else:
            ends = self._named_pairs(drawn.members, (facts.step,))
        if not ends:
            return None
        return self._kept(drawn, Keep(Is((facts.step,), self._nodes(self._chance.choice(ends)))))

    def _filter2(self, drawn: _Drawn) -> _Drawn | None:
        path = self._two_steps(drawn.members, (ValueKind.NONE, ValueKind.TEXT))
        if path is None or self._goes_back(drawn, path[0]):
            return None
        ends = self._named_pairs(drawn.members, path)
        return self._kept(drawn, Keep(Is(path, self._nodes(self._chance.choice(ends))))) if ends else None

    def _two_steps(self, members: Ids, kinds: tuple[ValueKind, ...]) -> Path | None:
        first = self._some_step(members, (ValueKind.NONE,), 0.4)
        if first is None or len(members) > 2000:
            return None
        ends = self._executor.follow(members, (first.step,))
        if len(ends) > 2000:
            return None
        second = self._some_step(ends, kinds, 0.4)
        if second is None or second.step.relation == first.step.relation:
            return None
        return (first.step, second.step)

    def _goes_back(self, drawn: _Drawn, step: Step) -> bool:
        """Whether a filter only says where the set came from."""
        return any(
            isinstance(clause, Follow) and clause.step == step._replace(inverse=not step.inverse)
            for clause in drawn.clauses
        )

    def _notfilter(self, drawn: _Drawn) -> _Drawn | None:
        found = self._filter(drawn)
        if found is None:
            return None
        keep = found.clauses[-1]
        assert isinstance(keep, Keep)
        return self._kept(drawn, Keep(keep.condition, negated=True))

    def _lacking(self, drawn: _Drawn, negated: bool = True) -> _Drawn | None:
        some = [facts for facts in self._steps(drawn.members) if 0 < facts.having < len(drawn.members)]
        if not some:
            return None
        facts = self._chance.choice(some)
        if self._goes_back(drawn, facts.step):
            return None
        return self._kept(drawn, Keep(Has((facts.step,)), negated))

    def _having(self, drawn: _Drawn) -> _Drawn | None:
        return self._lacking(drawn, negated=False)

    def _only(self, drawn: _Drawn) -> _Drawn | None:
        return self._of_one_class(drawn, negated=False)

    def _except(self, drawn: _Drawn) -> _Drawn | None:
        return self._of_one_class(drawn, negated=True)

    def _of_one_class(self, drawn: _Drawn, negated: bool) -> _Drawn | None:
        classes = self._executor.classes
        inside = set(classes.classes_of(drawn.members).tolist())
        some = [named for named in classes.named if not inside.isdisjoint(named.nodes)]
        if not some:
            return None
        nodes = tuple(sorted(self._graph.entity(node) for node in self._chance.choice(some).nodes))
        return self._kept(drawn, Keep(InClass(nodes), negated))

    def _text(self, drawn: _Drawn) -> _Drawn | None:
        facts = self._some_step(drawn.members, (ValueKind.TEXT, ValueKind.TEXT, ValueKind.NONE), 0.3)
        if facts is None or self._goes_back(drawn, facts.step):
            return None
        ends = self._named_pairs(drawn.members, (facts.step,))
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
        return self._kept(drawn, Keep(TextMatch((facts.step,), test, text)))

    # Comparisons ---------------------------------------------------------------------------------

    def _compare(self, drawn: _Drawn) -> _Drawn | None:
        facts = self._some_step(drawn.members, _COMPARABLE, 0.5)
        return None if facts is None else self._compared(drawn, Measure((facts.step,)), facts.kind)

    def _compare2(self, drawn: _Drawn) -> _Drawn | None:
        path = self._two_steps(drawn.members, _COMPARABLE)
        return None if path is None else self._compared(drawn, Measure(path), self._kind(path))

    def _between(self, drawn: _Drawn) -> _Drawn | None:
        facts = self._some_step(drawn.members, _COMPARABLE, 0.5)
        if facts is None:
            return None
        measure = Measure((facts.step,))
        low, high = self._bounds(drawn.members, measure)
        if len(low) < 4:
            return None
        first, last = sorted(self._chance.sample(range(len(low)), 2))
        if facts.kind is ValueKind.DATE:
            lower, upper = (
                _day(low[first], high[first], self._chance),
                _day(low[last], high[last], self._chance),
            )
        else:
            lower, upper = _number(_rounded(low[first], down=True)), _number(_rounded(low[last], down=False))
        if lower is None or upper is None or lower.low >= upper.low:
            return None
        return self._kept(
            drawn, Keep(Compare(measure, Comparator.AT_LEAST, Constant(lower), Constant(upper)))
        )

    def _average(self, drawn: _Drawn) -> _Drawn | None:
        facts = self._some_step(drawn.members, (ValueKind.NUMBER,), 0.6)
        if facts is None:
            return None
        how = self._chance.choice((Comparator.ABOVE, Comparator.ABOVE, Comparator.BELOW))
        return self._kept(drawn, Keep(Compare(Measure((facts.step,)), how, Average())))

    def _thatof(self, drawn: _Drawn) -> _Drawn | None:
        facts = self._some_step(drawn.members, _COMPARABLE, 0.6)
        some = [node for node in drawn.members.tolist()[:2000] if self._is_topic(node)]
        if facts is None or not some:
            return None
        how = self._chance.choice((Comparator.ABOVE, Comparator.BELOW))
        operand = OwnValue(self._nodes(self._chance.choice(some)))
        return self._kept(drawn, Keep(Compare(Measure((facts.step,)), how, operand)))

    def _compared(self, drawn: _Drawn, measure: Measure, kind: ValueKind) -> _Drawn | None:
        low, high = self._bounds(drawn.members, measure)
        if len(low) < 2:
            return None
        chance = self._chance
        place = chance.randrange(len(low))
        how = chance.choices(tuple(Comparator), (4, 3, 1.5, 1.2, 1.2 if kind is ValueKind.NUMBER else 3))[0]
        if kind is ValueKind.DATE:
            value = _day(low[place], high[place], chance)
        elif how is Comparator.EQUALS or chance.random() < 0.35:
            value = _number(low[place])
        else:
            value = _number(_rounded(low[place], down=chance.random() < 0.5))
        if value is None:
            return None
        negated = chance.random() < 0.06 and how is not Comparator.EQUALS
        return self._kept(drawn, Keep(Compare(measure, how, Constant(value)), negated))

    def _bounds(self, members: Ids, measure: Measure) -> tuple[list[float], list[float]]:
        """The distinct values of a measure, sorted."""
        measured = self._executor.measured(measure, members)
        pairs = sorted(set(zip(measured.low.tolist(), measured.high.tolist(), strict=True)))
        return [low for low, _ in pairs], [high for _, high in pairs]

    def _countfilter(self, drawn: _Drawn) -> _Drawn | None:
        found = [
            f for f in self._steps(drawn.members) if f.kind in (ValueKind.NONE, ValueKind.TEXT) and f.most > 1
        ]
        if not found:
            return None
        facts = self._chance.choice(found)
        if self._goes_back(drawn, facts.step):
            return None
        return self._numbered(drawn, Measure((facts.step,), Aggregate.COUNT))

    def _groupfilter(self, drawn: _Drawn) -> _Drawn | None:
        facts = self._group_step(drawn)
        if facts is None:
            return None
        return self._numbered(drawn, Measure((), Aggregate.COUNT, (facts.step,)))

    def _numbered(self, drawn: _Drawn, measure: Measure) -> _Drawn | None:
        low, _ = self._bounds(drawn.members, measure)
        if len(low) < 2:
            return None
        how = self._chance.choices(tuple(Comparator), (4, 1.5, 3, 1, 1.5))[0]
        value = _number(self._chance.choice(low[:12]))
        if value is None or (value.low == 0):
            return None
        keep = Keep(Compare(measure, how, Constant(value)))
        members = self._executor.apply(keep, drawn.members)
        total = self._executor.measured(measure, drawn.members).total
        return drawn.then(keep, members) if 0 < len(members) < total else None

    # Superlatives --------------------------------------------------------------------------------

    def _extreme(self, drawn: _Drawn, rank: int = 1, count: int = 1) -> _Drawn | None:
        facts = self._some_step(drawn.members, (*_COMPARABLE, ValueKind.DURATION), 0.6)
        if facts is None:
            return None
        return self._best(drawn, Measure((facts.step,)), rank, count)

    def _extreme2(self, drawn: _Drawn) -> _Drawn | None:
        path = self._two_steps(drawn.members, _COMPARABLE)
        return None if path is None else self._best(drawn, Measure(path))

    def _ordinal(self, drawn: _Drawn) -> _Drawn | None:
        return self._extreme(drawn, rank=self._chance.choice((2, 2, 2, 3, 3, 4, 5)))

    def _top(self, drawn: _Drawn) -> _Drawn | None:
        return self._extreme(drawn, count=self._chance.choice((2, 3, 3, 3, 4, 5, 5, 10)))

    def _most(self, drawn: _Drawn) -> _Drawn | None:
        found = [
            f for f in self._steps(drawn.members) if f.kind in (ValueKind.NONE, ValueKind.TEXT) and f.most > 1
        ]
        if not found:
            return None
        facts = self._chance.choice(found)
        if self._goes_back(drawn, facts.step):
            return None
        return self._best(drawn, Measure((facts.step,), Aggregate.COUNT))

    def _group_step(self, drawn: _Drawn) -> _Facts | None:
        found = [
            f
            for f in self._steps(drawn.members)
            if f.kind in (ValueKind.NONE, ValueKind.TEXT)
            and f.having > 0.5 * len(drawn.members)
            and not self._goes_back(drawn, f.step)
        ]
        facts = self._chance.choice(found) if found and len(drawn.members) > 3 else None
        if facts is None:
            return None
        ends = self._executor.follow(drawn.members, (facts.step,))
        return facts if 2 <= len(ends) < 0.8 * len(drawn.members) and self._graph.named[ends].all() else None

    def _group(self, drawn: _Drawn) -> _Drawn | None:
        facts = self._group_step(drawn)
        return None if facts is None else self._best(drawn, Measure((), Aggregate.COUNT, (facts.step,)))

    def _groupvalue(self, drawn: _Drawn) -> _Drawn | None:
        group, facts = self._group_step(drawn), self._some_step(drawn.members, (ValueKind.NUMBER,), 0.6)
        if group is None or facts is None:
            return None
        aggregate = self._chance.choice((Aggregate.AVERAGE, Aggregate.AVERAGE, Aggregate.TOTAL))
        return self._best(drawn, Measure((facts.step,), aggregate, (group.step,)))

    def _best(self, drawn: _Drawn, measure: Measure, rank: int = 1, count: int = 1) -> _Drawn | None:
        least = self._chance.random() < (0.2 if measure.aggregate is Aggregate.COUNT else 0.4)
        clause = Extreme(measure, least, rank, count)
        measured = self._executor.measured(measure, drawn.members)
        members = self._executor.winners(clause, measured)
        most = count if count > 1 else 1 if self._chance.random() < 0.85 else 3
        if not 0 < len(members) <= most or len(members) >= len(measured.members):
            return None
        return drawn.then(clause, members)

    # Combinations --------------------------------------------------------------------------------

    def _both(self, drawn: _Drawn) -> _Drawn | None:
        return self._with_second(drawn, Join.AND)

    def _butnot(self, drawn: _Drawn) -> _Drawn | None:
        return self._with_second(drawn, Join.BUT_NOT)

    def _either(self, drawn: _Drawn) -> _Drawn | None:
        return self._with_second(drawn, Join.OR)

    def _with_second(self, drawn: _Drawn, join: Join) -> _Drawn | None:
        """The set with that of a second topic, by the same step or another one."""
        last = drawn.clauses[-1] if drawn.clauses else None
        member = self._chance.choice(drawn.members.tolist())
        if isinstance(last, Follow) and self._chance.random() < 0.75:
            step = last.step
        else:
            facts = self._some_step(drawn.members, (ValueKind.NONE, ValueKind.TEXT))
            if facts is None:
                return None
            step = facts.step._replace(inverse=not facts.step.inverse)
        back = step._replace(inverse=not step.inverse)
        if join is Join.OR:
            member = self._chance.choice(
                self._executor.follow(drawn.members[:1], (back, step)).tolist() or [member]
            )
        one = np.array([member], dtype=np.int32)
        others = [
            node
            for node in self._executor.follow(one, (back,)).tolist()
            if self._is_topic(node)
            and not (isinstance(drawn.start, Named) and self._graph.entity(node) in drawn.start.groups[0])
        ]
        if not others:
            return None
        start = Named((self._nodes(self._chance.choice(others)),))
        program = Program(start, (Follow(step),))
        clause = Combine(join, program)
        second, members = self._executor.set_of(program), self._executor.apply(clause, drawn.members)
        if join is Join.OR:
            changed = len(drawn.members) < len(members) and len(second) < len(members)
        else:
            changed = 0 < len(members) < len(drawn.members)
        return drawn.then(clause, members) if changed and len(second) <= _MOST_MEMBERS else None

    # Final operators -----------------------------------------------------------------------------

    def _count(self, drawn: _Drawn) -> _Drawn | None:
        return drawn._replace(final=Count())

    def _average_of(self, drawn: _Drawn) -> _Drawn | None:
        return self._summary(drawn, Aggregate.AVERAGE)

    def _sum(self, drawn: _Drawn) -> _Drawn | None:
        return self._summary(drawn, Aggregate.TOTAL)

    def _highest_of(self, drawn: _Drawn) -> _Drawn | None:
        return self._summary(drawn, self._chance.choice((Aggregate.HIGHEST, Aggregate.LOWEST)))

    def _summary(self, drawn: _Drawn, aggregate: Aggregate) -> _Drawn | None:
        kinds = _COMPARABLE if aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST) else (ValueKind.NUMBER,)
        facts = self._some_step(drawn.members, kinds, 0.5)
        if facts is None or len(drawn.members) < 2:
            return None
        if aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE) and re.search(r"\byear\b", facts.step.relation):
            return None
        return drawn._replace(final=Summary(aggregate, (facts.step,)))

    def _each(self, drawn: _Drawn) -> _Drawn | None:
        if self._chance.random() < 0.3:
            return self._each_member(drawn)
        group = self._group_step(drawn)
        if group is None:
            return None
        measure = Measure((), Aggregate.COUNT, (group.step,))
        facts = self._some_step(drawn.members, (ValueKind.NUMBER,), 0.6)
        if facts is not None and self._chance.random() < 0.4:
            measure = Measure((facts.step,), Aggregate.AVERAGE, (group.step,))
        return drawn._replace(final=Each(measure))

    def _each_member(self, drawn: _Drawn) -> _Drawn | None:
        found = [f for f in self._steps(drawn.members) if f.kind is ValueKind.NONE and f.most > 1]
        if not found or len(drawn.members) > _MOST_ANSWERS:
            return None
        return drawn._replace(final=Each(Measure((self._chance.choice(found).step,), Aggregate.COUNT)))

    def _test_is(self, drawn: _Drawn) -> _Drawn | None:
        """Whether something is among the members."""
        last = drawn.clauses[-1]
        if not isinstance(last, Follow) or self._kind((last.step,)) is not ValueKind.NONE:
            return None
        nodes = drawn.members.tolist()
        if self._chance.random() < 0.45:
            back = last.step._replace(inverse=not last.step.inverse)
            others = self._executor.follow(self._executor.follow(drawn.members, (back,))[:200], (last.step,))
            nodes = np.setdiff1d(others, drawn.members).tolist()
        nodes = [node for node in nodes if self._is_topic(node)]
        if not nodes:
            return None
        return drawn._replace(final=Test(Is((), self._nodes(self._chance.choice(nodes)))))

    def _test_path(self, drawn: _Drawn) -> _Drawn | None:
        facts = self._some_step(drawn.members, (ValueKind.NONE, ValueKind.TEXT))
        if facts is None:
            return None
        back = facts.step._replace(inverse=not facts.step.inverse)
        ends = self._executor.follow(drawn.members, (facts.step,))
        if self._chance.random() < 0.45:
            like = self._executor.follow(ends, (back,))[:200]
            ends = np.setdiff1d(self._executor.follow(like, (facts.step,)), ends)
        nodes = [node for node in ends.tolist() if self._is_topic(node)]
        if not nodes:
            return None
        return drawn._replace(final=Test(Is((facts.step,), self._nodes(self._chance.choice(nodes)))))

    def _test_value(self, drawn: _Drawn) -> _Drawn | None:
        facts = self._some_step(drawn.members, _COMPARABLE)
        if facts is None:
            found = self._of_name(value=True)
            if found is None:
                return None
            drawn = found
            facts = self._some_step(drawn.members, _COMPARABLE)
            if facts is None:
                return None
        measure = Measure((facts.step,))
        low, high = self._bounds(drawn.members, measure)
        how = self._chance.choice((Comparator.ABOVE, Comparator.BELOW))
        if facts.kind is ValueKind.DATE:
            value = _day(low[0], high[0], self._chance, self._chance.choice((-5, -1, 0, 1, 5)))
        else:
            value = _number(_rounded(low[0] * self._chance.choice((0.5, 0.8, 1, 1.2, 2)), down=True))
        return None if value is None else drawn._replace(final=Test(Compare(measure, how, Constant(value))))

    def _test_any(self, drawn: _Drawn) -> _Drawn | None:
        found = self._compare(drawn) if self._chance.random() < 0.5 else self._filter(drawn)
        if found is None:
            return None
        keep = found.clauses[-1]
        assert isinstance(keep, Keep)
        if isinstance(keep.condition, Is) and self._kind(keep.condition.path) is ValueKind.BOOLEAN:
            return None
        return drawn._replace(final=Test(keep.condition))


def _number(number: float) -> Value | None:
    """A number as `kgqa.linking.question_values` reads it."""
    if not abs(number) < 1e15:
        return None
    return Value(ValueKind.NUMBER, number, number, f"{number:.15g}")


def _rounded(number: float, down: bool) -> float:
    """A rounder number nearby, of one or two digits."""
    if number == 0 or abs(number) < 10:
        return float(np.floor(number) if down else np.ceil(number)) if abs(number) >= 1 else number
    scale = 10.0 ** (np.floor(np.log10(abs(number))) - (0 if abs(number) < 100 else 1))
    return float((np.floor if down else np.ceil)(number / scale) * scale)


def _day(low: float, high: float, chance: random.Random, shift: int = 0) -> Value | None:
    """The year of a date, or its month or day, as a question says it."""
    start = np.datetime64(int(low), "s")
    text = str(start.astype("datetime64[D]"))
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text)
    if found is None or not 1000 <= int(found[1]) + shift < 3000:
        return None
    year, month, day = int(found[1]) + shift, int(found[2]), int(found[3])
    length = high - low
    if length > 32 * 86400 or shift or chance.random() < 0.5:
        return Value.date(year)
    if length > 86400 or chance.random() < 0.2:
        return Value.date(year, month)
    return Value.date(year, month, day)
