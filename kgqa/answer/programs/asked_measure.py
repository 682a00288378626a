"""Programs compare what the question's adjective is about: the tallest by height, the oldest by birth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kgqa.answer.programs.rewritten import program_of
from kgqa.answer.words import STOP_WORDS, akin, words
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph, separate_words
from kgqa.program import Compare, Condition, Extreme, Keep, Measure, Program, Test

__all__ = ["AskedMeasure", "compares_as_asked", "measures_asked", "value_asked"]

_BEGAN = """
    age born birth birthday birthdate founded founding foundation built construction completed completion
    opened opening established inception created published publication released release introduced
    year date"""
_ABOUT = (
    ("long", "length duration runtime time pages distance long minutes hours"),
    ("short", "length duration runtime time pages distance long minutes hours height stature tall"),
    ("tall high", "height stature tall elevation altitude"),
    ("old young new", _BEGAN),
    ("heavy light", "weight mass"),
    ("big large small", "size area population capacity volume diameter radius"),
    ("expensive cheap pricey costly", "price cost costs fare fee rent"),
    ("rich poor wealthy", "wealth income worth gdp salary earnings"),
    ("fast slow quick", "speed velocity time pace duration"),
    ("deep shallow", "depth"),
    ("wide narrow broad", "width breadth"),
    ("hot cold warm cool", "temperature"),
    ("strong weak", "strength power"),
    ("populous", "population inhabitants"),
)
"""Adjectives, and words of measures that they are about."""
_VERBS = (
    ("earn earns earned earning", "salary wage wages income pay earnings"),
    ("weigh weighs weighed weighing", "weight mass"),
    ("cost costs costing", "price cost costs fare fee"),
    ("live lives lived living", "population inhabitants residents people"),
)
_MEASURES = {one: frozenset(about.split()) for forms, about in _ABOUT for one in forms.split()}
_OF_VERBS = {one: frozenset(about.split()) for forms, about in _VERBS for one in forms.split()}
_BEGINNINGS = frozenset(
    {"born", "built", "founded", "opened", "established", "created", "completed", "released"}
)
"""Verbs that are about when something began."""
_HOW = re.compile(r"how ([a-z]+) (?:is|are|was|were|does|do|did)\b")
_COMPARES = re.compile(r"\b(?:more|most|less|least|than|average)\b")
_ADJECTIVES = re.compile(
    r"\b(?:how|more|most|less|least|equally|as) (?P<plain>[a-z]+)\b|\b(?P<form>[a-z]{2,}(?:er|est))\b"
)


@dataclass(frozen=True, eq=False)
class AskedMeasure:
    """Lowers the score of programs that compare something else than what the question's adjective is about.

    "Older" is about ages and dates of birth, "longer" about lengths, durations and pages, and who "earns
    more" is compared by salaries. Where some program compares by a relation with such a word, those that
    compare by other relations, which the question does not have the words of either, lose `other` nats.
    """

    other: float = 8.0

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], _graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first."""
        about = measures_asked(question)
        if not about:
            return list(hypotheses)
        asked = set(words(question))
        fits = [_fits(program_of(hypothesis), about, asked) for hypothesis in hypotheses]
        if True not in fits:
            return list(hypotheses)
        found = [
            hypothesis if fit is not False else hypothesis.rescored(hypothesis.score - self.other)
            for hypothesis, fit in zip(hypotheses, fits, strict=True)
        ]
        return sorted(found, key=lambda hypothesis: hypothesis.rank)


def measures_asked(question: str) -> frozenset[str]:
    """Words of what the only adjective of a question, or its verb, compares; empty where there is none.

    >>> sorted(measures_asked("Is Ann heavier than Bob?")), measures_asked("Is Ann Bob's elder sister?")
    (['mass', 'weight'], frozenset())
    """
    plain = question.lower()
    adjectives = [
        base
        for found in _ADJECTIVES.finditer(plain)
        for base in ([found["plain"]] if found["plain"] else _bases(found["form"]))
        if base in _MEASURES
    ]
    if adjectives:
        return _MEASURES[adjectives[0]] if len(set(adjectives)) == 1 else frozenset()
    verbs = [word for word in re.findall(r"[a-z]+", plain) if word in _OF_VERBS]
    return _OF_VERBS[verbs[0]] if len(verbs) == 1 and _COMPARES.search(plain) else frozenset()


def value_asked(question: str) -> frozenset[str]:
    """Words of the measure that "how old is" asks for; empty for other questions.

    >>> sorted(value_asked("How deep is the deepest lake?")), value_asked("Which lake is the deepest?")
    (['depth'], frozenset())
    """
    opening = _HOW.match(question.lower())
    return _MEASURES.get(opening[1], frozenset()) if opening else frozenset()


def compares_as_asked(hypothesis: Hypothesis, question: str) -> bool:
    """Whether a program compares by a relation that the question has a word of, or that its words are about.

    Else the graph probably lacks what is asked for: matches, where only goals are known.
    """
    asked = [word for word in words(question) if word not in STOP_WORDS]
    about = measures_asked(question)
    if not _BEGINNINGS.isdisjoint(asked):
        about |= frozenset(_BEGAN.split())
    return any(
        not about.isdisjoint(separate_words(step.relation))
        or any(akin(word, other) for word in _telling(step.relation) for other in asked)
        for measure in _compared(program_of(hypothesis))
        for step in measure.path[-1:]
    )


def _bases(form: str) -> Iterator[str]:
    """What a comparative or superlative may be of: big, large, heavy."""
    stem = form.removesuffix("est") if form.endswith("est") else form.removesuffix("er")
    yield from (stem, f"{stem}e")
    if stem.endswith("i"):
        yield f"{stem[:-1]}y"
    if stem[-1:] == stem[-2:-1]:
        yield stem[:-1]


def _fits(program: Program, about: frozenset[str], asked: set[str]) -> bool | None:
    """Whether it compares by what is asked about; `None` where it compares by nothing."""
    relations = [measure.path[-1].relation for measure in _compared(program) if measure.path]
    if not relations:
        return None
    return any(
        not about.isdisjoint(separate_words(relation)) or asked.issuperset(_telling(relation))
        for relation in relations
    )


def _telling(relation: str) -> list[str]:
    return [word for word in words(relation) if word not in STOP_WORDS]


def _compared(program: Program) -> Iterator[Measure]:
    """The measures of superlatives and comparisons."""
    for clause in program.clauses:
        if isinstance(clause, Extreme):
            yield clause.measure
        elif isinstance(clause, Keep):
            yield from _of_condition(clause.condition)
    if isinstance(program.final, Test):
        yield from _of_condition(program.final.condition)


def _of_condition(condition: Condition) -> Iterator[Measure]:
    if isinstance(condition, Compare):
        yield condition.measure
