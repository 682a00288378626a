"""The grammar of programs: only what the graph can execute, and what means something, is offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product

import numpy as np

from kgqa.constraint.grammars.grammar import NO_STEPS, NameChoices, Opening, Phrase
from kgqa.constraint.programs.measures import MEMBER_AGGREGATES, Measures
from kgqa.constraint.programs.member_set import MemberSet, MemberSets
from kgqa.constraint.programs.mentioned import Mentioned
from kgqa.constraint.programs.path_table import Reached
from kgqa.constraint.programs.program_node import Frame, Pending, ProgramNode, Purpose
from kgqa.constraint.tables.reach import Reach
from kgqa.graph import Chain, ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.program import (
    Aggregate,
    Average,
    Clause,
    Combine,
    Comparator,
    Compare,
    Condition,
    Constant,
    Count,
    Denotation,
    Each,
    Executor,
    Extreme,
    Follow,
    InClass,
    Instances,
    Is,
    Join,
    Keep,
    Measure,
    Named,
    Nodes,
    OwnValue,
    Program,
    Step,
    Summary,
    Test,
    TextMatch,
    TextTest,
)
from kgqa.program.text import (
    BAR,
    CLOSE,
    COMPARATORS,
    DATE_COMPARATORS,
    OPEN,
    OR,
    ORDINALS,
    constant_text,
    node_text,
)
from kgqa.program.witness import Run, Witnesses

__all__ = ["ProgramGrammar"]

MOST_CLAUSES = 6
"""Clauses of a program that are no steps."""
MOST_INNER_STEPS = 2
"""Steps of a program within another."""
MOST_ENUMERATED = 12
"""Up to so many ends of a path are offered by their names where the question does not have them."""
MOST_MENTIONED = 4
"""Up to so many topics are compared or combined."""

_AGGREGATES = (Aggregate.COUNT, Aggregate.TOTAL, Aggregate.AVERAGE, Aggregate.HIGHEST, Aggregate.LOWEST)
_SUMMARIES = (Aggregate.TOTAL, Aggregate.AVERAGE, Aggregate.HIGHEST, Aggregate.LOWEST)


class ProgramGrammar:
    """Programs over one graph for one question: see `kgqa.program` for what they denote.

    What may follow is read off the set that the program so far denotes:

    - a step that some member has, up to `hops` steps in all;
    - a class that some members belong to and others do not;
    - a comparison only with values of the question, with a named entity or with the average, and only where
      at least one member passes; a superlative only where two members have comparable values;
    - a name in a condition only from the question, or one of a few ends of the path;
    - a second set only if what is left is not empty and not all.

    No text denotes the empty set; a test may say no. Nothing follows a final operator.
    """

    root = ProgramNode(Frame())

    def __init__(self, reach: Reach, mentioned: Mentioned, hops: int) -> None:
        self._graph = reach.graph
        self._inverse = reach.inverse
        self._rows = reach.rows
        self._mentioned = mentioned
        self._hops = hops
        self._executor = Executor.of(reach.graph)
        self._sets = MemberSets.of_graph(reach.graph, reach.inverse)
        self._measures = Measures(self._executor, self._is_condition)
        self._whole: dict[ProgramNode, Frame | None] = {}
        self._phrases: dict[ProgramNode, list[Phrase]] = {}
        self._steps: dict[ProgramNode, list[Step]] = {}

    # The protocol of grammars ----------------------------------------------------------------------

    def openings(self, _node: ProgramNode) -> list[Opening]:
        """None: the names of a program are phrases."""
        return []

    def names(self, _node: ProgramNode) -> NameChoices | None:
        """None."""
        return None

    def after_name(self, _node: ProgramNode, entity: int) -> ProgramNode:
        """Raises `ValueError`: programs have names in phrases only."""
        raise ValueError(f"a program offers no name of its own, got entity {entity}")

    def steps(self, node: ProgramNode) -> Ids:
        """The steps that may follow."""
        found = self._steps_at(node)
        if not found:
            return NO_STEPS
        return np.array(
            [2 * self._text_numbers[step.relation] + step.inverse for step in found], dtype=np.int32
        )

    def after_step(self, node: ProgramNode, step: int) -> ProgramNode:
        """The node after a step."""
        taken = Step(self._rows.texts[step >> 1].strip(), bool(step & 1))
        if node.pending is not None and node.pending.purpose is not Purpose.FOLLOW:
            return node.at(node.frame, node.pending.onto(taken))
        return node.at(node.frame.plus(Follow(taken)))

    def phrases(self, node: ProgramNode) -> list[Phrase]:
        """The phrases that may follow, in a fixed order."""
        found = self._phrases.get(node)
        if found is None:
            found = self._phrases[node] = list(self._phrases_at(node))
        return found

    def accepts(self, node: ProgramNode) -> bool:
        """Whether the text is a whole program, whose answer has a name or is a value."""
        frame = self._completed(node)
        if frame is None or node.outer is not None or frame.start is None or frame.bare:
            return False
        return frame.final is not None or bool(self._graph.named[self._members(frame).ids].any())

    def ends(self, node: ProgramNode) -> Mapping[int, int]:
        """The named members of the set that the program denotes; none for a value."""
        program = self.program(node)
        if program.final is not None:
            return {}
        members = self._members(Frame(program.start, program.clauses)).ids
        return dict.fromkeys(members[self._graph.named[members]].tolist(), 1)

    def chains(self, node: ProgramNode, end: int | None) -> Iterator[Chain]:
        """A chain from the start to each member, or to one of them, through the steps of the program."""
        program = self.program(node)
        if program.final is not None:
            return
        run, witnesses = Run.of(self._executor, program), Witnesses(self._executor)
        members = self.ends(node)
        for member in members if end is None else members.keys() & {end}:
            yield witnesses.of_run(run, member)

    def program(self, node: ProgramNode) -> Program:
        """The program of an accepting node."""
        frame = self._completed(node)
        assert frame is not None
        assert frame.start is not None
        return Program(frame.start, frame.clauses, frame.final)

    def denotation(self, node: ProgramNode) -> Denotation:
        """What the program of an accepting node denotes."""
        program = self.program(node)
        members = self._members(Frame(program.start, program.clauses)).ids
        return Denotation(members) if program.final is None else self._executor.finish(program.final, members)

    # Sets --------------------------------------------------------------------------------------------

    def _members(self, frame: Frame) -> MemberSet:
        """The set that a program so far denotes, its final operator left out."""
        if frame.members is None:
            assert frame.start is not None
            if not frame.clauses:
                ids = self._executor.start(frame.start)
            else:
                before = self._members(Frame(frame.start, frame.clauses[:-1]))
                ids = self._executor.apply(frame.clauses[-1], before.ids)
            frame.members = self._sets.of(ids)
        return frame.members

    def _plus(self, frame: Frame, clause: Clause) -> Frame:
        """A program with one more clause, and its set."""
        before, after = self._members(frame), frame.plus(clause)
        if isinstance(clause, Follow):
            after.members = before.after(clause.step)
        elif isinstance(clause, Combine):
            after.members = self._sets.of(self._executor.apply(clause, before.ids))
        else:
            after.members = before.fact(
                clause, lambda: self._sets.of(self._executor.apply(clause, before.ids))
            )
        return after

    def _completed(self, node: ProgramNode) -> Frame | None:
        """The program of a text that may end here, or go on with a new clause."""
        if node.pending is None:
            return None if node.frame.start is None else node.frame
        if node not in self._whole:
            self._whole[node] = self._find_completed(node.frame, node.pending)
        return self._whole[node]

    def _find_completed(self, frame: Frame, pending: Pending) -> Frame | None:
        clause = pending.clause()
        if clause is None or not self._measures.complete(self._members(frame), pending):
            return None
        if isinstance(clause, Summary | Each):
            return frame.ended(clause)
        assert isinstance(clause, Keep | Extreme)
        return self._plus(frame, clause)

    # Steps -------------------------------------------------------------------------------------------

    @cached_property
    def _text_numbers(self) -> dict[str, int]:
        return {text.strip(): number for number, text in enumerate(self._rows.texts)}

    def _steps_at(self, node: ProgramNode) -> list[Step]:
        found = self._steps.get(node)
        if found is None:
            found = self._steps[node] = self._find_steps(node)
        return found

    def _find_steps(self, node: ProgramNode) -> list[Step]:
        frame, pending = node.frame, node.pending
        if frame.start is None or frame.final is not None:
            return []
        members = self._members(frame)
        if pending is None or pending.purpose is Purpose.FOLLOW:
            if (pending is None and not frame.chained) or frame.follows >= self._hops:
                return []
            onward = members.onward
            if node.outer is None:
                return onward
            if frame.follows >= MOST_INNER_STEPS:
                return []
            return [step for step in onward if self._may_join(node, self._plus(frame, Follow(step)))]
        return self._measures.steps(members, pending)

    def _is_condition(self, members: MemberSet, pending: Pending, reached: Reached) -> bool:
        """Whether a condition can be made of a path."""
        if (reached.depth or (pending.by and pending.aggregate is Aggregate.COUNT)) and (
            self._measures.comparisons(members, pending, reached)
        ):
            return True
        return any(True for _ in self._conditions(members, pending, reached))

    # Phrases -----------------------------------------------------------------------------------------

    def _phrases_at(self, node: ProgramNode) -> Iterator[Phrase]:
        frame, pending = node.frame, node.pending
        if frame.start is None:
            yield from self._starts(node)
            return
        members = self._members(frame)
        if pending is not None:
            yield from self._within(node, members, pending)
        completed = self._completed(node)
        if completed is None or completed.final is not None:
            return
        if pending is None and frame.bare and node.outer is None:
            yield from self._more_names(node)
        yield from self._clauses(node.at(completed), self._members(completed))

    def _starts(self, node: ProgramNode) -> Iterator[Phrase]:
        for nodes in (*self._mentioned.topics, *self._mentioned.nodes):
            frame = Frame(Named((nodes,)))
            if node.outer is None or self._may_join(node, frame):
                yield Phrase((node_text(nodes, self._graph),), node.at(frame))
        if node.outer is None:
            for nodes in self._mentioned.classes:
                yield Phrase((" all", node_text(nodes, self._graph)), node.at(Frame(Instances(nodes))))

    def _may_join(self, node: ProgramNode, frame: Frame) -> bool:
        """Whether a program within another can be closed, now or after some steps."""
        assert node.outer is not None
        left = MOST_INNER_STEPS - frame.follows
        return self._measures.may_join(self._members(node.outer), node.join, self._members(frame), left)

    def _joins(self, node: ProgramNode, frame: Frame) -> bool:
        """Whether a program within another can be closed."""
        assert node.outer is not None
        return self._measures.may_join(self._members(node.outer), node.join, self._members(frame), 0)

    def _more_names(self, node: ProgramNode) -> Iterator[Phrase]:
        assert isinstance(node.frame.start, Named)
        groups = node.frame.start.groups
        if len(groups) >= MOST_MENTIONED:
            return
        known = (*self._mentioned.topics, *self._mentioned.nodes)
        for nodes in known[known.index(groups[-1]) + 1 :]:
            start = Named((*groups, nodes))
            yield Phrase((OR, node_text(nodes, self._graph)), node.at(Frame(start)))

    def _clauses(self, node: ProgramNode, members: MemberSet) -> Iterator[Phrase]:
        """All that may come after a whole set; a program within another has steps and classes only."""
        frame = node.frame
        if node.outer is not None:
            if self._joins(node, frame):
                yield Phrase((CLOSE,), self._closed(node))
            for phrase in self._class_clauses(node, members):
                if self._joins(node, phrase.node.frame):
                    yield phrase
            return
        yield Phrase((BAR, " count"), node.at(frame.ended(Count())))
        if not frame.chained and frame.follows < self._hops and members.onward:
            yield Phrase((BAR,), node.at(frame, Pending(Purpose.FOLLOW)))
        if len(frame.clauses) - frame.follows < MOST_CLAUSES:
            yield from self._class_clauses(node, members)
            yield from self._path_clauses(node, members)
            yield from self._tests(node, members)
            yield from self._joining(node)

    def _closed(self, node: ProgramNode) -> ProgramNode:
        assert node.outer is not None
        assert node.join is not None
        assert node.frame.start is not None
        inner = Program(node.frame.start, node.frame.clauses)
        return ProgramNode(node.outer.plus(Combine(node.join, inner)))

    def _class_clauses(self, node: ProgramNode, members: MemberSet) -> Iterator[Phrase]:
        for nodes, inside in members.dividing_classes:
            condition = InClass(nodes)
            name = node_text(nodes, self._graph)
            yield Phrase((BAR, " only", name), node.at(node.frame.plus(Keep(condition))))
            if inside < members.size:
                yield Phrase((BAR, " except", name), node.at(node.frame.plus(Keep(condition, negated=True))))

    def _path_clauses(self, node: ProgramNode, members: MemberSet) -> Iterator[Phrase]:
        """The clauses with a path, as far as the words before it."""
        for words, pending in self._beginnings:
            if self._measures.may_begin(members, pending):
                yield Phrase((BAR, *words), node.at(node.frame, pending))

    @cached_property
    def _beginnings(self) -> list[tuple[tuple[str, ...], Pending]]:
        found: list[tuple[tuple[str, ...], Pending]] = [
            ((" where",), Pending(Purpose.CONDITION)),
            ((" where not",), Pending(Purpose.CONDITION, negated=True)),
            ((" with",), Pending(Purpose.HAS)),
            ((" without",), Pending(Purpose.HAS, negated=True)),
            ((" by",), Pending(Purpose.GROUP)),
            ((" where", " by"), Pending(Purpose.GROUP_CONDITION)),
            ((" each",), Pending(Purpose.EACH)),
        ]
        found += [((f" {a}",), Pending(Purpose.SUMMARY, aggregate=a)) for a in _SUMMARIES]
        return [*found, *self._extremes()]

    def _extremes(self) -> Iterator[tuple[tuple[str, ...], Pending]]:
        """The words of superlatives: plain, by the question's ordinals, and by its numbers."""
        places = self._mentioned.places
        ranks = [1, *(place for place in places if 1 < place < len(ORDINALS))]
        counts = [1, *(place for place in places if place > 1)]
        for rank, count, least in product(ranks, counts, (False, True)):
            if rank > 1 and count > 1:
                continue
            words = []
            if rank > 1:
                words.append(f" {ORDINALS[rank]}")
            if count > 1:
                words.append(f" top {count}")
            words.append(" least" if least else " most")
            yield tuple(words), Pending(Purpose.EXTREME, least=least, rank=rank, winners=count)

    def _tests(self, node: ProgramNode, members: MemberSet) -> Iterator[Phrase]:
        """Tests whose condition is a name of the question, or a comparison with one of its values."""
        for nodes in (*self._mentioned.topics, *self._mentioned.nodes):
            if isinstance(node.frame.start, Named) and nodes in node.frame.start.groups:
                continue
            final = Test(Is((), nodes))
            words = (BAR, " test", " is", node_text(nodes, self._graph))
            yield Phrase(words, node.at(node.frame.ended(final)))
        pending = Pending(Purpose.CONDITION, test=True)
        if self._measures.may_begin(members, pending):
            yield Phrase((BAR, " test"), node.at(node.frame, pending))

    def _joining(self, node: ProgramNode) -> Iterator[Phrase]:
        for join in Join:
            inner = ProgramNode(Frame(), None, node.frame, join)
            if any(True for _ in self._starts(inner)):
                yield Phrase((BAR, f" {join}", OPEN), inner)

    def _within(self, node: ProgramNode, members: MemberSet, pending: Pending) -> Iterator[Phrase]:
        """What may follow inside a clause."""
        frame = node.frame
        match pending.purpose:
            case Purpose.CONDITION:
                if not pending.path and not pending.by and pending.aggregate is Aggregate.VALUE:
                    for aggregate in MEMBER_AGGREGATES:
                        other = pending._replace(aggregate=aggregate)
                        if self._measures.may_begin(members, other):
                            yield Phrase((f" {aggregate}",), node.at(frame, other))
                reached = members.table.at(pending.path)
                assert reached is not None
                for segments, condition in self._conditions(members, pending, reached):
                    yield Phrase(segments, self._with_condition(node, condition, pending))
            case Purpose.EXTREME | Purpose.EACH if not pending.path and pending.aggregate is Aggregate.VALUE:
                for aggregate in MEMBER_AGGREGATES:
                    other = pending._replace(aggregate=aggregate)
                    if self._measures.may_begin(members, other):
                        yield Phrase((f" {aggregate}",), node.at(frame, other))
            case Purpose.GROUP if pending.path:
                for words, after in self._after_group(pending):
                    if self._measures.may_begin(members, after):
                        yield Phrase(words, node.at(frame, after))
            case Purpose.GROUP_CONDITION if pending.path:
                for aggregate in _AGGREGATES:
                    after = Pending(Purpose.CONDITION, aggregate=aggregate, by=pending.path)
                    if self._measures.may_begin(members, after):
                        yield Phrase((f" {aggregate}",), node.at(frame, after))
            case _:
                return

    def _after_group(self, pending: Pending) -> Iterator[tuple[tuple[str, ...], Pending]]:
        for aggregate in _AGGREGATES:
            for words, extreme in self._extremes():
                yield (
                    (*words, f" {aggregate}"),
                    extreme._replace(aggregate=aggregate, by=pending.path),
                )
            yield (" each", f" {aggregate}"), Pending(Purpose.EACH, aggregate=aggregate, by=pending.path)

    def _with_condition(self, node: ProgramNode, condition: Condition, pending: Pending) -> ProgramNode:
        if pending.test:
            return node.at(node.frame.ended(Test(condition, pending.negated)))
        return node.at(node.frame.plus(Keep(condition, pending.negated)))

    # Conditions --------------------------------------------------------------------------------------

    def _conditions(
        self, members: MemberSet, pending: Pending, reached: Reached
    ) -> Iterator[tuple[tuple[str, ...], Condition]]:
        """The conditions that a path may end in, with their words; each keeps some members (a test: any)."""
        for words, condition, mentioned in self._possible(members, pending, reached):
            if pending.test:
                yield words, condition
                continue
            kept = self._measures.kept(members, condition, reached)
            left = members.size - kept if pending.negated else kept
            if left and (mentioned or kept < members.size) and not (pending.negated and not kept):
                yield words, condition

    def _possible(
        self, members: MemberSet, pending: Pending, reached: Reached
    ) -> Iterator[tuple[tuple[str, ...], Condition, bool]]:
        path = reached.path
        if path or (pending.by and pending.aggregate is Aggregate.COUNT):
            kind = self._measures.kind(members, pending, reached)
            if kind in (ValueKind.NUMBER, ValueKind.DATE, ValueKind.DURATION) and (
                self._measures.comparisons(members, pending, reached) is not False
            ):
                measure = Measure(path, pending.aggregate, pending.by)
                yield from self._comparisons(members, measure, kind, pending)
        if pending.aggregate is Aggregate.VALUE:
            if path:
                yield from self._names_at(pending, reached)
            for test, text in product(TextTest, self._mentioned.texts):
                yield (f" {test}", f" {text}"), TextMatch(path, test, text), True

    @cached_property
    def _known(self) -> list[tuple[Nodes, Ids, str]]:
        """The names of the question with their numbers and words."""
        return [
            (nodes, self._executor.numbers(nodes), node_text(nodes, self._graph))
            for nodes in (*self._mentioned.topics, *self._mentioned.nodes)
        ]

    @cached_property
    def _known_numbers(self) -> Ids:
        parts = [numbers for _, numbers, _ in self._known]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)

    def _names_at(
        self, pending: Pending, reached: Reached
    ) -> Iterator[tuple[tuple[str, ...], Condition, bool]]:
        path, ends = reached.path, reached.nodes
        said: set[str] = set()
        if pending.test or common_any(self._known_numbers, ends):
            for nodes, numbers, words in self._known:
                if pending.test or common_any(numbers, ends):
                    said.add(words)
                    yield (" is", words), Is(path, nodes), True
        if len(ends) > MOST_ENUMERATED or pending.test:
            return
        if reached.few is None:
            groups: dict[str, list[str]] = {}
            for end in ends[self._graph.named[ends]].tolist():
                entity = self._graph.entity(end)
                groups.setdefault(node_text((entity,), self._graph), []).append(entity)
            reached.few = [(words, tuple(same)) for words, same in groups.items()]
        for words, same in reached.few:
            if words not in said:
                yield (" is", words), Is(path, same), False

    def _comparisons(
        self, members: MemberSet, measure: Measure, kind: ValueKind, pending: Pending
    ) -> Iterator[tuple[tuple[str, ...], Condition, bool]]:
        if kind is ValueKind.NUMBER and not pending.test:
            for comparator in Comparator:
                words = (COMPARATORS[comparator], " the average")
                yield words, Compare(measure, comparator, Average()), True
        values = [value for value in self._mentioned.values if value.kind is kind]
        comparators = DATE_COMPARATORS if kind is ValueKind.DATE else COMPARATORS
        for value, comparator in product(values, Comparator):
            yield (
                (comparators[comparator], constant_text(value)),
                Compare(measure, comparator, Constant(value)),
                True,
            )
        for low, high in product(values, values):
            if low.low < high.low:
                compared = Compare(measure, Comparator.AT_LEAST, Constant(low), Constant(high))
                yield (" between", constant_text(low), " and", constant_text(high)), compared, True
        if measure.by:
            return
        for nodes in self._mentioned.topics:
            if self._measures.own_value(members, measure, nodes) is not None:
                for comparator in Comparator:
                    said = (COMPARATORS[comparator], " that of", node_text(nodes, self._graph))
                    yield said, Compare(measure, comparator, OwnValue(nodes)), True


def common_any(some: Ids, others: Ids) -> bool:
    """Whether two sets, the second sorted, have a common node."""
    if not len(some) or not len(others):
        return False
    at = np.minimum(np.searchsorted(others, some), len(others) - 1)
    return bool((others[at] == some).any())
