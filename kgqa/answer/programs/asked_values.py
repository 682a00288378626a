"""Programs end at values where the question asks for values, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from kgqa.answer.asked_kind import Kind, kind_asked
from kgqa.answer.expected_form import asks_for_someone
from kgqa.answer.programs.asked_measure import value_asked
from kgqa.answer.programs.rewritten import merged, program_of, rewritten
from kgqa.answer.words import words
from kgqa.constraint import Tokenizer
from kgqa.decode import Hypothesis
from kgqa.graph import COMPARABLE, IndexedGraph, ValueKind, separate_words
from kgqa.program import (
    Aggregate,
    Combine,
    Count,
    Executor,
    Extreme,
    Follow,
    Instances,
    Measure,
    Named,
    Program,
    Step,
    step_kind,
)

__all__ = ["AskedValues"]


@dataclass(frozen=True, eq=False)
class AskedValues:
    """Puts values, or what has them, in the place of what was not asked for.

    - "How many goals has Ann?" asks for the value of `goals`, and not how many values it has: the one number
      that a name has takes the place of its count.
    - "Who was hired last?" asks for no date, and "which employees are not in Sales?" for no offices: where a
      program steps on from someone to values, or from what the noun behind "which" names to something else,
      the program without that step takes its place. Not if that noun is a word of the step ("which season did
      she win?"), nor if another word is, unless the step leads to numbers or dates.

    - "How high is the highest mountain?" asks for its height, and not for the mountain.

    If both programs were found, the score of the one that stays is that of both (exp of the scores).
    """

    tokenizer: Tokenizer

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new programs and scores, best first."""
        asked = _Asked.of(question, graph)
        found = []
        for hypothesis in hypotheses:
            meant = _meant(program_of(hypothesis), asked, graph)
            if meant is not None:
                hypothesis = rewritten(hypothesis, meant, graph, self.tokenizer) or hypothesis
            found.append(hypothesis)
        return merged(found)


class _Asked(NamedTuple):
    """What a question asks for: someone, a value with such words ("how old"), or what its noun names.

    `words` are all its words, `noun` the one behind "which".
    """

    someone: bool
    value: frozenset[str]
    kind: Kind | None
    words: frozenset[str]
    noun: str | None

    @classmethod
    def of(cls, question: str, graph: IndexedGraph) -> _Asked:
        behind = re.search(r"\b(?:which|what) (\w+)", question, re.IGNORECASE)
        noun = next(iter(words(behind[1])), None) if behind else None
        return cls(
            asks_for_someone(question),
            value_asked(question),
            kind_asked(question, graph),
            frozenset(words(question)),
            noun,
        )


def _meant(program: Program, asked: _Asked, graph: IndexedGraph) -> Program | None:
    """The program that takes the place of one; `None` if that stays."""
    if isinstance(program.final, Count):
        last = program.clauses[-1] if program.clauses else None
        value = replace(program, final=None)
        is_number = isinstance(last, Follow) and step_kind(last.step, graph) is ValueKind.NUMBER
        return value if is_number and _is_of_one(value, graph) else None
    match program.clauses:
        case (*_, Extreme(Measure(path, Aggregate.VALUE, ()))) if program.final is None:
            if path and not asked.value.isdisjoint(separate_words(path[-1].relation)):
                return replace(program, clauses=(*program.clauses, *map(Follow, path)))
    before = _before_last_step(program)
    if program.final is not None or before is None:
        return None
    measured = step_kind(before.step, graph) in COMPARABLE
    if asked.someone and measured:
        return before.program
    named = words(before.step.relation)
    if asked.noun in named or not (measured or asked.words.isdisjoint(named)):
        return None
    kind = asked.kind
    if kind is None or not kind.classes or kind.has_some(_members(program, graph), graph):
        return None
    return before.program if kind.has_some(_members(before.program, graph), graph) else None


class _Before(NamedTuple):
    """A program without its last step, and this step."""

    program: Program
    step: Step


def _before_last_step(program: Program) -> _Before | None:
    """The program without its last step; that of two sets which end with the same step, without both."""
    match program.clauses:
        case (*first, Follow(step)) if first or isinstance(program.start, Instances):
            return _Before(replace(program, clauses=tuple(first)), step)
        case (*first, Follow(step), Combine(join, inner)) if first and inner.clauses[1:]:
            if inner.clauses[-1] == Follow(step):
                inner = replace(inner, clauses=inner.clauses[:-1])
                return _Before(replace(program, clauses=(*first, Combine(join, inner))), step)
    return None


def _is_of_one(program: Program, graph: IndexedGraph) -> bool:
    """Whether it leads in steps from a name to one node."""
    steps = all(isinstance(clause, Follow) for clause in program.clauses)
    return isinstance(program.start, Named) and steps and len(_members(program, graph)) == 1


def _members(program: Program, graph: IndexedGraph) -> np.ndarray:
    members = Executor.of(graph).execute(program).members
    assert members is not None
    return members
