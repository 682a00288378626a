"""Variants of programs that use what the question names: its names, and relations by their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import numpy as np

from kgqa.answer.programs.asked_names import NamePlaces
from kgqa.answer.programs.class_tests import class_tests
from kgqa.answer.programs.other_forms import OtherForms
from kgqa.answer.programs.rewritten import program_of, rewritten
from kgqa.answer.programs.same_as import same_as
from kgqa.answer.programs.worded_relations import WordedRelations
from kgqa.constraint import Tokenizer
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph, fold_name
from kgqa.graph.adjacency import Ids
from kgqa.program import (
    Aggregate,
    Clause,
    Compare,
    Condition,
    Executor,
    Extreme,
    Follow,
    Has,
    Is,
    Keep,
    Measure,
    Nodes,
    Path,
    Program,
    Step,
    StepIndex,
    Summary,
    Test,
)

__all__ = ["NamedVariants"]

_LIKELY = 3
"""The best programs, in which relations are replaced and names are gone to by two steps."""
_TRIED, _ADDED = 40, 12
"""How many variants are tried, and how many a question gets."""
_EITHER = (False, True)
_MOST_BETWEEN = 1000
"""Through so many entities at most, a path of two steps to a name is looked for."""


@dataclass(frozen=True, eq=False)
class NamedVariants:
    """Adds programs that are like found ones, and use what the question names.

    A beam that holds ten programs may have none with all that the question says. To the best of them are
    added, each `unlikely` nats below the program that it is made of, if the constraint leads to it:

    - for a name of the question that the program leaves out, the same with only those members that one step
      (or two, where none is) leads from to this name: "which crime books are not by Ann?"; behind a negation
      without these, along the relation that is negated already if one is ("not in Sales or Support");
    - for a relation that the question does not have the words of, the same with one that it has, or that its
      adjective is about ("longer": a length);
    - for a comparison of counts, that of a value along a relation that it has, as "more than 4 members" may
      ask for the graph's own number of members;
    - a test whether a name is of a class, where that is all that is asked (`class_tests`);
    - the way to what the noun behind "same" names, and back: "who has the same boss as Ann?" (`same_as`);
    - the other forms of `OtherForms`.
    """

    tokenizer: Tokenizer
    unlikely: float = 2.0

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses and their variants, best first."""
        places = NamePlaces.of(question, topics)
        named = WordedRelations.of(graph).named(question)
        found = {hypothesis.tokens: hypothesis for hypothesis in hypotheses}
        parents = sorted(hypotheses, key=lambda hypothesis: hypothesis.rank)
        with_names = _each_with_names(parents, places, graph, hops=1)
        further = _each_with_names(parents[:_LIKELY], places, graph, hops=2)
        with_relations = (
            (one, new) for one in parents[:_LIKELY] for new in _with_relations(program_of(one), named)
        )
        tried = {program_of(hypothesis) for hypothesis in hypotheses}
        forms = OtherForms.of(question, places, named, tuple(tried), graph)
        tables = ((one, new) for one in parents for new in forms.tables_of(program_of(one)))
        asked = chain(class_tests(question, places, graph), same_as(question, places, graph))
        whole = ((one, new) for new in asked for one in parents[:1])
        others = ((one, new) for one in parents for new in forms.made_of(program_of(one)))
        # made one by one: there may be very many of a question with many names
        for parent, variant in islice(
            chain(whole, tables, with_names, others, with_relations, further), _TRIED
        ):
            if len(found) == len(hypotheses) + _ADDED:
                break
            if variant in tried:
                continue
            tried.add(variant)
            other = rewritten(parent, variant, graph, self.tokenizer)
            if other is not None:
                found.setdefault(other.tokens, other.rescored(parent.score - self.unlikely))
        return sorted(found.values(), key=lambda hypothesis: hypothesis.rank)


# Names -------------------------------------------------------------------------------------------------


def _each_with_names(
    parents: Sequence[Hypothesis], places: NamePlaces, graph: IndexedGraph, hops: int
) -> Iterator[tuple[Hypothesis, Program]]:
    """Programs with conditions for names that they leave out: for all that can be, down to one of them."""
    for parent in parents:
        program = program_of(parent)
        if not isinstance(program.final, Test):
            for new in _with_some(program, places.left_out(program, graph), places, graph, hops):
                yield parent, new


def _with_some(
    program: Program, names: Sequence[str], places: NamePlaces, graph: IndexedGraph, hops: int
) -> Iterator[Program]:
    left_out = places.left_out(program, graph)
    for place, name in enumerate(names):
        if name not in left_out:  # another name in the same place is used
            continue
        nodes = tuple(sorted(graph.entity(number) for number, _ in graph.names.get(fold_name(name), ())))
        for variant in _with_name(program, name, nodes, places, graph, hops) if nodes else ():
            yield from _with_some(variant, names[place + 1 :], places, graph, hops)
            yield variant


def _with_name(
    program: Program, name: str, nodes: Nodes, places: NamePlaces, graph: IndexedGraph, hops: int
) -> Iterator[Program]:
    """The program with a condition that so many steps lead to a name, and not fewer, before a superlative."""
    clauses = program.clauses
    at = next((at for at, clause in enumerate(clauses) if isinstance(clause, Extreme)), len(clauses))
    executor, index = Executor.of(graph), StepIndex.of(graph)
    members = executor.execute(Program(program.start, clauses[:at])).members
    assert members is not None
    numbers = executor.numbers(nodes)
    negated = [
        clause.condition.path
        for clause in clauses
        if isinstance(clause, Keep) and clause.negated and isinstance(clause.condition, Is)
    ]
    behind = places.is_negated(name)
    if hops > 1 and any(True for _ in _paths_to(numbers, members, index, hops - 1)):
        return
    for path in _paths_to(numbers, members, index, hops):
        if not (behind and negated and path not in negated):
            yield _inserted(program, at, Keep(Is(path, nodes), negated=behind))


def _paths_to(nodes: Ids, members: Ids, index: StepIndex, hops: int) -> Iterator[Path]:
    """The paths of so many steps from some of the members to the nodes."""
    for step in index.onward(nodes):
        back, reached = step.turned(), index.reached(nodes, step)
        if hops > 1:
            if len(reached) <= _MOST_BETWEEN:
                yield from ((*path, back) for path in _paths_to(reached, members, index, hops - 1))
        elif len(np.intersect1d(reached, members, assume_unique=True)):
            yield (back,)


def _inserted(program: Program, at: int, clause: Clause) -> Program:
    return replace(program, clauses=(*program.clauses[:at], clause, *program.clauses[at:]))


# Relations ---------------------------------------------------------------------------------------------


def _with_relations(program: Program, named: Sequence[str]) -> Iterator[Program]:
    """The program with one path of one step along, or against, a relation that is named."""
    for at, clause in enumerate(program.clauses):
        for other in _along(clause, named):
            yield replace(program, clauses=(*program.clauses[:at], other, *program.clauses[at + 1 :]))
    match program.final:
        case Summary(aggregate, path):
            for new in _paths(path, named):
                yield replace(program, final=Summary(aggregate, new))
        case Test(condition, negated):
            for changed in _conditions(condition, named):
                yield replace(program, final=Test(changed, negated))


def _along(clause: Clause, named: Sequence[str]) -> Iterator[Clause]:
    match clause:
        case Follow(step):
            yield from (Follow(path[0]) for path in _paths((step,), named))
        case Keep(condition, negated):
            yield from (Keep(other, negated) for other in _conditions(condition, named))
        case Extreme(measure):
            for path in _paths(measure.path, named):
                yield replace(clause, measure=replace(measure, path=path))


def _conditions(condition: Condition, named: Sequence[str]) -> Iterator[Condition]:
    match condition:
        case Has(path):
            yield from (Has(other) for other in _paths(path, named))
        case Is(path, nodes):
            yield from (Is(other, nodes) for other in _paths(path, named))
        case Compare(measure):
            for other in _paths(measure.path, named):
                yield replace(condition, measure=replace(measure, path=other))
            for relation in named if measure.aggregate is Aggregate.COUNT else ():
                yield replace(condition, measure=Measure((Step(relation),)))


def _paths(path: Path, named: Sequence[str]) -> Iterator[Path]:
    if len(path) == 1 and path[0].relation not in named:
        yield from ((Step(relation, inverse),) for relation in named for inverse in _EITHER)
