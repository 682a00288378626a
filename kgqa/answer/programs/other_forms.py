"""Programs of another form that may be meant: members for groups, a winner for a test, sides exchanged."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from kgqa.answer.asked_kind import Kind, kind_asked
from kgqa.answer.expected_form import ExpectedForm
from kgqa.answer.programs.asked_names import NamePlaces
from kgqa.answer.superlatives import comparatives, superlatives
from kgqa.answer.words import words
from kgqa.graph import COMPARABLE, IndexedGraph
from kgqa.program import (
    Aggregate,
    Clause,
    Combine,
    Comparator,
    Compare,
    Count,
    Each,
    Extreme,
    Follow,
    Has,
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
    StepIndex,
    Summary,
    Test,
    step_kind,
)
from kgqa.program.text import ORDINALS

__all__ = ["OtherForms"]

_ORDER = re.compile(rf"\b(?:first|last|{'|'.join(ORDINALS[2:])})\b")
_LESS = (Comparator.BELOW, Comparator.AT_MOST)
_MOST_RELATIONS = 3
"""So many relations that the noun of a question names are gone on along."""


@dataclass(frozen=True)
class OtherForms:
    """Makes programs of another form of one, as a question may mean them.

    - Members for groups of them that are counted: "which rivers flow through more than five countries?" asks
      for rivers. In a table also groups for members: rivers of a country, or countries of a river.
    - A table for one number or for values, where the question asks for something `each` (`tables_of`).
    - The winner for a test which of two names has more, where the question offers them as a `choice`.
    - A test of the other names, where one that is tested for is among them: whether Dawn is by Ann, not Dawn
      or Ann.
    - The two sides of "but not" exchanged, where the question excepts what the program starts from, as it may
      at its beginning: "other than Tokyo, ...".
    - The class that the noun names, where a program starts from another one and goes there first: "which band
      has toured the most cities?" starts from bands, not from albums by way of theirs.
    - One step on, along a relation that the question's noun names, and no class: "which capital".
    - A superlative by a relation that the question names, where it asks for one and no program of the beam
      has any: "second in length".
    """

    choice: bool
    each: bool
    measures: Sequence[str]
    places: NamePlaces
    relations: Sequence[str]
    classes: Sequence[Nodes]
    to_class: frozenset[Step]
    superlatives: frozenset[str]
    graph: IndexedGraph

    @classmethod
    def of(
        cls,
        question: str,
        places: NamePlaces,
        named: Sequence[str],
        programs: Sequence[Program],
        graph: IndexedGraph,
    ) -> Self:
        """Those of a question with the words of the relations `named`, whose beam has these programs."""
        kind, texts = kind_asked(question, graph) or Kind((), ()), StepIndex.of(graph).texts
        ends = () if kind.classes else kind.relations
        led_to = dict.fromkeys(texts[relation].strip() for relation in ends)
        measures: list[str] = []
        said = words(*superlatives(question))
        in_names = {word for text in named for word in words(text)}
        ordered = _ORDER.search(question) or not in_names.issuperset(said)
        if ordered and not any(isinstance(clause, Extreme) for one in programs for clause in one.clauses):
            measures = [text for text in named if step_kind(Step(text), graph) in COMPARABLE]
        form, relations = ExpectedForm.of(question), tuple(led_to)[:_MOST_RELATIONS]
        return cls(
            choice=bool(comparatives(question)),
            each=form is not None and form.kind in ("numbers", "several"),
            measures=measures[:_MOST_RELATIONS],
            places=places,
            relations=relations,
            classes=kind.classes_in(graph),
            to_class=frozenset(Step(texts[number].strip()) for number in kind.relations),
            superlatives=frozenset(said),
            graph=graph,
        )

    def made_of(self, program: Program) -> Iterator[Program]:
        """The other forms of a program."""
        yield from self._of_class(program)
        for at, clause in enumerate(program.clauses):
            other = _of_members(clause)
            if other is not None:
                yield replace(program, clauses=(*program.clauses[:at], other, *program.clauses[at + 1 :]))
        if self.choice:
            yield from _winners(program)
        match program.final:
            case Each(Measure((), Aggregate.COUNT, path)) if path:
                yield replace(program, final=Each(Measure(path, Aggregate.COUNT)))
            case Each(Measure(path, Aggregate.COUNT, ())):
                yield replace(program, final=Each(Measure((), Aggregate.COUNT, path)))
        match program:
            case Program(Named(groups), (), Test(Is(_, nodes))) if nodes in groups and len(groups) > 1:
                yield replace(program, start=Named(tuple(name for name in groups if name != nodes)))
            case Program(Named((one,)), (Follow(step), Keep(Is((), nodes), True)), None):
                if self.places.is_excepted(one, self.graph) and not self.places.is_excepted(
                    nodes, self.graph
                ):
                    yield Program(Named((nodes,)), (Follow(step.turned()), Keep(Is((), one), negated=True)))
            case Program(Named(), (*first, Combine(Join.BUT_NOT, inner)), _):
                if self.places.is_reversed(program, self.graph):
                    outer = Program(program.start, tuple(first))
                    clauses = (*inner.clauses, Combine(Join.BUT_NOT, outer))
                    yield Program(inner.start, clauses, program.final)
        yield from self._onward(program)

    def tables_of(self, program: Program) -> Iterator[Program]:
        """The program with what it sums, counts or leads to for each of its members, where that is asked."""
        if not self.each:
            return
        match program:
            case Program(_, _, Summary(aggregate, path)):
                yield replace(program, final=Each(Measure(path, aggregate)))
            case Program(_, (*first, Follow(step)), Count()):
                yield replace(program, clauses=tuple(first), final=Each(Measure((step,), Aggregate.COUNT)))
                yield replace(
                    program, clauses=tuple(first), final=Each(Measure((), Aggregate.COUNT, (step,)))
                )
            case Program(_, (*first, Follow(step)), None) if step_kind(step, self.graph) in COMPARABLE:
                yield replace(program, clauses=tuple(first), final=Each(Measure((step,))))

    def _of_class(self, program: Program) -> Iterator[Program]:
        """The program with one condition or superlative, from the class that is asked for."""
        match program:
            case Program(Instances(nodes), (clause,), None) if nodes not in self.classes:
                shorter = _without_step(clause, self.to_class)
                if shorter is not None:
                    yield from (Program(Instances(own), (shorter,)) for own in self.classes)

    def _onward(self, program: Program) -> Iterator[Program]:
        """The program with a superlative, or one more step along a relation behind or before its own."""
        if program.final is not None:
            return
        for relation in self.measures:
            yield replace(program, clauses=(*program.clauses, Extreme(Measure((Step(relation),)))))
        extremes = any(isinstance(clause, Extreme) for clause in program.clauses)
        steps = [clause.step for clause in program.clauses if isinstance(clause, Follow)]
        for relation in self.relations:
            step = Step(relation)
            if step in steps or (extremes and not self.superlatives.isdisjoint(words(relation))):
                continue
            match program.clauses:
                case (*first, Extreme(measure) as extreme) if not measure.by:
                    path = measure.path[1:] if measure.path[0] == step else measure.path
                    if path:
                        shorter = replace(extreme, measure=replace(measure, path=path))
                        yield replace(program, clauses=(*first, Follow(step), shorter))
                case _:
                    yield replace(program, clauses=(*program.clauses, Follow(step)))


def _without_step(clause: Clause, first: Container[Step]) -> Clause | None:
    """A condition or superlative without the first step of its path, if that is one of these and not all."""
    match clause:
        case Extreme(Measure((step, *rest), _, ()) as measure) if rest and step in first:
            return replace(clause, measure=replace(measure, path=tuple(rest)))
        case Keep(Has((step, *rest)) | Is((step, *rest)) as condition) if rest and step in first:
            return replace(clause, condition=replace(condition, path=tuple(rest)))
        case Keep(Compare(Measure((step, *rest), _, ()) as measure) as compared) if rest and step in first:
            shorter = replace(compared, measure=replace(measure, path=tuple(rest)))
            return replace(clause, condition=shorter)
    return None


def _winners(program: Program) -> Iterator[Program]:
    """For a program that tests or keeps one name by whether it has more than another: which of them has."""
    match program:
        case Program(Named((one,)), (), Test(condition, False)):
            pass
        case Program(Named((one,)), (Keep(condition, False),), None):
            pass
        case _:
            return
    match condition:
        case Compare(measure, comparator, OwnValue(two)):
            for both in ((one, two), (two, one)):  # the constraint allows the order of the question only
                yield Program(Named(both), (Extreme(measure, comparator in _LESS),))


def _of_members(clause: Clause) -> Clause | None:
    """A clause that counts what its members reach, in place of one that counts groups of them."""
    match clause:
        case Extreme(Measure((), Aggregate.COUNT, by)) if by:
            return replace(clause, measure=Measure(by, Aggregate.COUNT))
        case Keep(Compare(Measure((), Aggregate.COUNT, by)) as compared) if by:
            return replace(clause, condition=replace(compared, measure=Measure(by, Aggregate.COUNT)))
    return None
