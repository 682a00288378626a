"""Programs have a superlative where the question has one, and pick the place that it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from kgqa.answer.programs.rewritten import merged, program_of, rewritten
from kgqa.answer.superlatives import is_superlative, superlatives
from kgqa.answer.words import words
from kgqa.constraint import Tokenizer
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph
from kgqa.program import (
    Aggregate,
    Combine,
    Compare,
    Each,
    Extreme,
    Follow,
    Has,
    Is,
    Keep,
    Program,
    Summary,
    Test,
)
from kgqa.program.text import ORDINALS

__all__ = ["AskedSuperlative"]

_ORDINALS = ORDINALS[2:]
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORTH = {word: number for words in (_ORDINALS, _NUMBERS) for number, word in enumerate(words, 2)}
_ORDINAL = rf"(?P<ordinal>{'|'.join(_ORDINALS)}|[1-9]\d?(?:st|nd|rd|th))"
_NUMBER = rf"(?P<number>{'|'.join(_NUMBERS)}|[1-9]\d?)"
_WITH_SUPERLATIVE = re.compile(rf"\b(?:{_ORDINAL}|{_NUMBER})[- ](?:the )?(?P<word>[a-z]+)\b")
_IN_ORDER = re.compile(
    rf"\b(?:(?:comes?|came|ranks?|ranked|placed|finish(?:es|ed)?) (?:in )?|(?:is|was|are) ){_ORDINAL}"
    r"(?= (?:in|by)\b|[?.,]?$)"
)
_BY_TIME = re.compile(r"^(?!how long\b).*\b(first|last)(?: (?:in|of|among)\b|[?.]?$)", re.IGNORECASE)
_ENDS = (Aggregate.HIGHEST, Aggregate.LOWEST)
_TOP = re.compile(rf"\b(?:top|first|last|bottom) {_NUMBER}\b")


class _Place(NamedTuple):
    """Which members a superlative asks for: those of a rank, or the first few."""

    rank: int = 1
    winners: int = 1

    @classmethod
    def of(cls, question: str) -> _Place:
        """The place that a question asks for; the first if it names none, or has several ordinals."""
        plain = " ".join(question.lower().split())
        if len(re.findall(rf"\b{_ORDINAL}\b", plain)) > 1:
            return cls()
        found = [match for match in _WITH_SUPERLATIVE.finditer(plain) if is_superlative(match["word"])]
        found += [*_IN_ORDER.finditer(plain), *_TOP.finditer(plain)]
        if len(found) != 1:
            return cls()
        named = found[0].groupdict()
        ordinal = named.get("ordinal")
        word = ordinal or named["number"]
        place = _WORTH.get(word) or int(re.sub(r"\D", "", word))
        return cls(rank=place) if ordinal else cls(winners=place)


@dataclass(frozen=True, eq=False)
class AskedSuperlative:
    """Holds programs against the superlative of the question.

    - Where it has one ("the largest", "born first") and some program compares members, those that do not lose
      `missing` nats, unless a relation has the superlative in its name ("largest city").
    - "The second largest", "comes third in length", "the three longest" and "the top 5" say which place is
      asked for: it is put into programs whose only superlative takes the first. If both programs were found,
      the score of the one that stays is that of both (exp of the scores). Where there are fewer members, so
      that the constraint does not lead to it, the first loses `other` nats. An ordinal that belongs to no
      superlative ("the second World War") says nothing.
    """

    tokenizer: Tokenizer
    missing: float = 5.0
    other: float = 8.0

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new programs and scores, best first."""
        place = _Place.of(question)
        asked = words(*superlatives(question), *_BY_TIME.findall(question))
        fits = [not asked or _picks(program_of(hypothesis), asked) for hypothesis in hypotheses]
        found = []
        for hypothesis, fit in zip(hypotheses, fits, strict=True):
            if not fit and any(fits):
                hypothesis = hypothesis.rescored(hypothesis.score - self.missing)
            meant = _with_place(program_of(hypothesis), place) if place != _Place() else None
            if meant is not None:
                right = rewritten(hypothesis, meant, graph, self.tokenizer)
                hypothesis = right or hypothesis.rescored(hypothesis.score - self.other)
            found.append(hypothesis)
        return merged(found)


def _picks(program: Program, asked: Sequence[str]) -> bool:
    """Whether a program, or one within it, compares members, or a relation's name says what is asked."""
    match program.final:
        case Summary(aggregate) if aggregate in _ENDS:
            return True
        case Test(Compare()) | Each():
            return True
    for clause in program.clauses:
        match clause:
            case Extreme() | Keep(Compare()):
                return True
            case Combine(_, inner) if _picks(inner, asked):
                return True
            case Follow(step) if not set(asked).isdisjoint(words(step.relation)):
                return True
            case Keep(Is(path) | Has(path)):
                if not set(asked).isdisjoint(words(*(step.relation for step in path))):
                    return True
    return False


def _with_place(program: Program, place: _Place) -> Program | None:
    """The program with a place in its only superlative; `None` if it has none, or a place already."""
    at = [number for number, clause in enumerate(program.clauses) if isinstance(clause, Extreme)]
    if len(at) != 1:
        return None
    extreme = program.clauses[at[0]]
    assert isinstance(extreme, Extreme)
    if (extreme.rank, extreme.count) != (1, 1):
        return None
    clauses = list(program.clauses)
    clauses[at[0]] = replace(extreme, rank=place.rank, count=place.winners)
    return replace(program, clauses=tuple(clauses))
