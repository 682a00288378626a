"""The grammar of programs: only what the graph can execute, and what means something, is offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from kgqa.constraint.grammars.grammar import NO_STEPS, NameChoices, Opening, Phrase
from kgqa.constraint.programs import limits
from kgqa.constraint.programs.clause_words import ClauseWords
from kgqa.constraint.programs.conditions import Conditions
from kgqa.constraint.programs.frame_sets import FrameSets
from kgqa.constraint.programs.inner_programs import InnerPrograms
from kgqa.constraint.programs.measures import MEMBER_AGGREGATES
from kgqa.constraint.programs.member_set import MemberSet, MemberSets
from kgqa.constraint.programs.mentioned import Mentioned
from kgqa.constraint.programs.program_node import Frame, Pending, ProgramNode, Purpose
from kgqa.constraint.programs.whole_clauses import has_groups, is_plural
from kgqa.constraint.tables.reach import Reach
from kgqa.graph import Chain
from kgqa.graph.adjacency import Ids
from kgqa.program import (
    Aggregate,
    Condition,
    Count,
    Denotation,
    Executor,
    Follow,
    InClass,
    Instances,
    Is,
    Join,
    Keep,
    Named,
    Program,
    Step,
    Test,
)
from kgqa.program.text import (
    BAR,
    CLOSE,
    OPEN,
    OR,
    node_text,
)
from kgqa.program.witness import Run, Witnesses

__all__ = ["ProgramGrammar"]

_TESTED = Pending(Purpose.CONDITION, test=True)


class ProgramGrammar:
    """Programs over one graph for one question: see `kgqa.program` for what they denote.

    What may follow is read off the set that the program so far denotes. In short: no text denotes the empty
    set (a test may say no), every clause can be executed and could have kept fewer, and values and names
    come from the question.

    - *Start*: up to `MOST_MENTIONED` names of the question in its order, or a class of the question. A name
      alone is no program. A set is an answer where some member has a name.
    - *Step*: one that some member has; up to `hops`; against a relation only with `inverse`, and never
      against type or subclass relations. From the ends of a relation to values, steps lead along a relation
      if any do, else only to what has one of the values: directly, once a program, and as one step with the
      one before. Nothing else is asked of these values.
    - At most `MOST_CLAUSES` clauses that are no steps, and then one final operator, where fewer clauses
      came. `count` is always possible.
    - *Class* (`only`, `except`): some members, but not all, are instances.
    - *Path* of a clause: up to `path_table.LONGEST` steps that a member has, one more along a relation
      behind steps that all went against one; no type or subclass relations, no way back, no step on from
      values. Large sets have shorter paths: see `PathTable`.
    - *with*, *without*: some members have the path, but not all.
    - *Measure*: a path to numbers, dates or durations; `count`, `total` or `average` (numbers only) of a
      path that reaches several ends from a member; with `by`, of at least two groups, any aggregate. `most`
      and `least` need two members (or groups) with a value, the n-th n, the first n one more than n. `each`
      needs one, and has counts of any path, too; a summary needs one value.
    - *Condition* (`where`, `where not`): some member passes, and (`not`) some other does not. Compared are
      measures (with `by`: of groups, however many) with values of the question of the same kind, two of
      them in order, with what a topic has (of groups: one of them), or numbers, if the question speaks of
      averages, with theirs. A path `is` a name of the question, or one of at most
      `conditions.MOST_ENUMERATED` ends if not all members reach it, they are no values, and the question
      names none of them. A text of the question is in a name at the end of a path, or in the member's own.
      `where not is` takes out a name of the question.
    - *Test*: the conditions with values and names of the question, whether anything passes or not, and `is`
      with a name that the program does not start from. `is` takes a name only where a node of that name
      may be one of the nodes that are tested: it is one of them, or neither it nor all of them are values
      and the graph's classes do not tell it from them (they share a class, or one of them has none).
    - *Parentheses* (`and`, `or`, `but not`): a name or a class, up to `MOST_INNER_STEPS` steps and
      `MOST_INNER_CLAUSES` clauses, steps counted: classes, and conditions with values and names of the
      question. They close where the result is neither empty nor the set before, and not around a name
      alone. What cannot be closed, now or after the steps that are left, is not offered; a class is, where
      it can be closed after one step, or is the class that the program starts at and a condition can be
      closed.

    Where the question only compares two names (`Mentioned.compared`), a program is a test whether a measure
    of the first is above or below that of the second, and nothing else.
    """

    root = ProgramNode(Frame())

    def __init__(self, reach: Reach, mentioned: Mentioned, hops: int) -> None:
        self._graph = reach.graph
        self._inverse = reach.inverse
        self._texts = reach.steps.texts
        self._text_numbers = reach.steps.numbers
        self._mentioned = mentioned
        self._hops = hops
        self._executor = Executor.of(reach.graph)
        self._frames = FrameSets(MemberSets.of_graph(reach.graph, reach.inverse))
        self._words = ClauseWords(mentioned)
        self._conditions = Conditions(self._executor, mentioned)
        self._measures = self._conditions.measures
        self._inner = InnerPrograms(self._frames, self._conditions.joins, self._measures, hops)
        self._phrases: dict[ProgramNode, list[Phrase]] = {}
        self._steps: dict[ProgramNode, list[Step]] = {}

    @property
    def compares(self) -> bool:
        """Whether the names that the question compares have a measure in common."""
        compared = self._mentioned.compared
        if compared is None:
            return False
        return self._measures.may_begin(self._frames.of(Frame(Named((compared.first,)))), _TESTED)

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
        taken = Step(self._texts[step >> 1].strip(), bool(step & 1))
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
        frame = self._frames.completed(node)
        if frame is None or node.outer is not None or frame.start is None or frame.bare:
            return False
        return frame.final is not None or bool(self._graph.has_name(self._frames.of(frame).ids).any())

    def ends(self, node: ProgramNode) -> Mapping[int, int]:
        """The named members of the set that the program denotes; none for a value."""
        program = self.program(node)
        if program.final is not None:
            return {}
        members = self._frames.of(Frame(program.start, program.clauses)).ids
        return dict.fromkeys(members[self._graph.has_name(members)].tolist(), 1)

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
        frame = self._frames.completed(node)
        assert frame is not None
        assert frame.start is not None
        return Program(frame.start, frame.clauses, frame.final)

    def denotation(self, node: ProgramNode) -> Denotation:
        """What the program of an accepting node denotes."""
        program = self.program(node)
        members = self._frames.of(Frame(program.start, program.clauses)).ids
        return Denotation(members) if program.final is None else self._executor.finish(program.final, members)

    # Steps -------------------------------------------------------------------------------------------

    def _steps_at(self, node: ProgramNode) -> list[Step]:
        found = self._steps.get(node)
        if found is None:
            found = self._steps[node] = self._find_steps(node)
        return found

    def _find_steps(self, node: ProgramNode) -> list[Step]:
        frame, pending = node.frame, node.pending
        if frame.start is None or frame.final is not None:
            return []
        members = self._frames.of(frame)
        if pending is None or pending.purpose is Purpose.FOLLOW:
            if self._mentioned.compared is not None:
                return []
            if (pending is None) != frame.chained or self._frames.hops_left(frame, self._hops) <= 0:
                return []
            onward = self._frames.steps_on(frame, members)
            if node.outer is None:
                return onward
            if not self._inner.steps_left(frame):
                return []
            return [
                step for step in onward if self._inner.may_close(node, self._frames.plus(frame, Follow(step)))
            ]
        return self._measures.steps(members, pending)

    # Phrases -----------------------------------------------------------------------------------------

    def _phrases_at(self, node: ProgramNode) -> Iterator[Phrase]:
        frame, pending = node.frame, node.pending
        if frame.start is None:
            yield from self._starts(node)
            return
        if pending is not None and pending.purpose is Purpose.FOLLOW:
            yield from self._clauses(node.at(frame), self._frames.of(frame))
            return
        if pending is not None:
            yield from self._within(node, self._frames.of(frame), pending)
        completed = self._frames.completed(node)
        if completed is None or completed.final is not None:
            return
        if pending is None and frame.bare and node.outer is None:
            yield from self._more_names(node)
        following = node.at(completed, Pending(Purpose.FOLLOW))
        if node.outer is None:  # there is always a count
            yield Phrase((BAR,), following)
            return
        if self._inner.closes(node.at(completed)):
            yield Phrase((CLOSE,), self._inner.closed(node.at(completed)))
        if len(completed.clauses) < limits.MOST_INNER_CLAUSES and (
            self._steps_at(following) or self.phrases(following)
        ):
            yield Phrase((BAR,), following)

    def _starts(self, node: ProgramNode) -> Iterator[Phrase]:
        if not self._inner.may_change(node):
            return
        for words, frame in self._first_sets:
            if node.outer is None or self._may_start_inner(node, frame):
                yield Phrase(words, node.at(frame))

    def _may_start_inner(self, node: ProgramNode, frame: Frame) -> bool:
        """Whether a program within another may start so: a class only where it is closed soon."""
        assert node.outer is not None
        if isinstance(frame.start, Named):
            return self._inner.may_close(node, frame)
        return self._inner.may_close(node, frame, most=1) or (
            bool(node.outer.clauses)
            and node.outer.start == frame.start
            and any(self._inner.conditions(node, frame))
        )

    @cached_property
    def _first_sets(self) -> list[tuple[tuple[str, ...], Frame]]:
        """The names and classes of the question that programs may start with, and their words."""
        compared = self._mentioned.compared
        if compared is not None:
            return [((node_text(compared.first, self._graph),), Frame(Named((compared.first,))))]
        known = (*self._mentioned.topics, *self._mentioned.nodes)
        names = [((node_text(nodes, self._graph),), Frame(Named((nodes,)))) for nodes in known]
        classes = [
            ((" all", node_text(nodes, self._graph)), Frame(Instances(nodes)))
            for nodes in self._mentioned.classes
        ]
        return [*names, *classes]

    def _more_names(self, node: ProgramNode) -> Iterator[Phrase]:
        assert isinstance(node.frame.start, Named)
        groups = node.frame.start.groups
        if len(groups) >= limits.MOST_MENTIONED or self._mentioned.compared is not None:
            return
        known = (*self._mentioned.topics, *self._mentioned.nodes)
        for nodes in known[known.index(groups[-1]) + 1 :]:
            start = Named((*groups, nodes))
            yield Phrase((OR, node_text(nodes, self._graph)), node.at(Frame(start)))

    def _clauses(self, node: ProgramNode, members: MemberSet) -> Iterator[Phrase]:
        """All clauses that may come after a whole set and a bar; steps are not among them."""
        frame = node.frame
        if self._mentioned.compared is not None:
            yield Phrase((" test",), node.at(frame, _TESTED))
            return
        if node.outer is not None:
            yield from self._inner_clauses(node, members)
            return
        yield Phrase((" count",), node.at(frame.ended(Count())))
        if len(frame.clauses) - frame.follows < limits.MOST_CLAUSES:
            yield from self._class_clauses(node, members)
            if not self._frames.is_of_values(frame, members):
                yield from self._path_clauses(node, members)
            yield from self._tests(node, members)
            yield from self._joining(node)

    def _inner_clauses(self, node: ProgramNode, members: MemberSet) -> Iterator[Phrase]:
        """The classes and conditions that may come after the set of a program within another, and a bar."""
        frame = node.frame
        for phrase in self._class_clauses(node, members):
            if self._inner.may_close(node, phrase.node.frame):
                yield phrase
        if self._frames.is_of_values(frame, members):
            return
        for words, pending in self._inner.conditions(node, frame):
            yield Phrase((words,), node.at(frame, pending))

    def _class_clauses(self, node: ProgramNode, members: MemberSet) -> Iterator[Phrase]:
        for nodes, inside in members.dividing_classes:
            condition = InClass(nodes)
            name = node_text(nodes, self._graph)
            yield Phrase((" only", name), node.at(node.frame.plus(Keep(condition))))
            if inside < members.size:
                yield Phrase((" except", name), node.at(node.frame.plus(Keep(condition, negated=True))))

    def _path_clauses(self, node: ProgramNode, members: MemberSet) -> Iterator[Phrase]:
        """The clauses with a path, as far as the words before it."""
        for words, pending in self._words.beginnings:
            if self._measures.may_begin(members, pending):
                yield Phrase(words, node.at(node.frame, pending))

    def _tests(self, node: ProgramNode, members: MemberSet) -> Iterator[Phrase]:
        """Tests whose condition is a name of the question, or a comparison with one of its values."""
        whole_class = isinstance(node.frame.start, Instances) and not node.frame.clauses
        for nodes in self._conditions.tested_names(members, whole_class=whole_class):
            if isinstance(node.frame.start, Named) and nodes in node.frame.start.groups:
                continue
            final = Test(Is((), nodes))
            words = (" test", " is", node_text(nodes, self._graph))
            yield Phrase(words, node.at(node.frame.ended(final)))
        if self._frames.is_of_values(node.frame, members):
            return
        if self._measures.may_begin(members, _TESTED):
            yield Phrase((" test",), node.at(node.frame, _TESTED))

    def _joining(self, node: ProgramNode) -> Iterator[Phrase]:
        begins: dict[bool, bool] = {}  # what may be within "and" may be within "but not"
        for join in Join:
            inner = ProgramNode(Frame(), None, node.frame, join)
            adds = join is Join.OR
            if adds not in begins:
                begins[adds] = any(True for _ in self._starts(inner))
            if begins[adds]:
                yield Phrase((f" {join}", OPEN), inner)

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
                if pending.path and not is_plural(pending, reached):
                    return
                for segments, condition in self._conditions.of(members, pending, reached):
                    yield Phrase(segments, self._with_condition(node, condition, pending))
            case Purpose.EXTREME | Purpose.EACH if not pending.path and pending.aggregate is Aggregate.VALUE:
                for aggregate in MEMBER_AGGREGATES:
                    other = pending._replace(aggregate=aggregate)
                    if self._measures.may_begin(members, other):
                        yield Phrase((f" {aggregate}",), node.at(frame, other))
            case Purpose.GROUP | Purpose.GROUP_CONDITION if pending.path:
                if pending.purpose is Purpose.GROUP and not has_groups(members, pending.path):
                    return
                for words, after in self._words.after_group(pending):
                    if self._measures.may_begin(members, after):
                        yield Phrase(words, node.at(frame, after))
            case _:
                return

    def _with_condition(self, node: ProgramNode, condition: Condition, pending: Pending) -> ProgramNode:
        if pending.test:
            return node.at(node.frame.ended(Test(condition, pending.negated)))
        return node.at(node.frame.plus(Keep(condition, pending.negated)))
