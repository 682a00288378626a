"""Programs compare the way that the question's words do: the oldest, the lowest, more than."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kgqa.answer.expected_form import ExpectedForm
from kgqa.answer.programs.rewritten import merged, program_of, rewritten
from kgqa.answer.superlatives import EARLY, HIGH, LATE, LOW, comparatives, superlatives
from kgqa.constraint import Tokenizer
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph, ValueKind, clean_name, separate_words
from kgqa.graph.values.value_column import is_about_time
from kgqa.program import (
    Aggregate,
    Clause,
    Combine,
    Comparator,
    Compare,
    Extreme,
    Keep,
    Measure,
    Named,
    Nodes,
    OwnValue,
    Program,
    Test,
    step_kind,
)

__all__ = ["AskedOrder", "goes_against"]

_RECENT = re.compile(r"\b(most|least) recent(?:ly)?\b")
_FIRST = re.compile(r"\b(first|last)\b(?! names?\b)")
_OF_TIME = {"most": "latest", "least": "earliest", "first": "earliest", "last": "latest"}
_REVERSED = re.compile(
    r"\b(?:most|least) (?:(?:sparse|thin|shallow|narrow)(?:ly)?|(?:south|west)(?:ern|erly)|affordable"
    r"|inexpensive|economical|efficient|compact|lightweight|junior)\b"
)
"""Words of which the most is the lowest number: the most sparsely populated has the lowest density."""
_HEIGHTS = frozenset({"elevation", "altitude", "height"})
_WANT = frozenset({"poverty", "debt"})
_AGAINST = {"deepest": _HEIGHTS, "shallowest": _HEIGHTS, "richest": _WANT, "poorest": _WANT}
"""Measures that grow as what a word says of something shrinks."""
_AT_LEAST = re.compile(r"\bat (?:most|least)\b", re.IGNORECASE)
_RANKS = frozenset({"rank", "ranks", "ranking", "position", "place", "placing", "standing", "seed", "tier"})
"""Measures whose lowest number is the highest."""
_AGES = frozenset({"age", "ages"})
_MORE = re.compile(
    r"\b(?:(?:more|greater)(?: \w+){0,5}|higher|larger|bigger|longer|taller|heavier|deeper|wider|richer)"
    r" than\b|\bat least\b"
    r"|\b(?:above|over|exceed(?:s|ing)?)\b(?= (?:\w+ ){0,2}[$€£]?\d)"
)
_LESS = re.compile(
    r"\b(?:(?:less|fewer)(?: \w+){0,5}|lower|smaller|shorter|lighter|cheaper|narrower|poorer)"
    r" than\b|\bat most\b"
    r"|\b(?:below|under)\b(?= (?:\w+ ){0,2}[$€£]?\d)"
)
_OTHER_THAN = re.compile(r"\b(?:(?:an)?other|different)(?: \w+){0,2} than\b|\brather than\b", re.IGNORECASE)
_THAN = re.compile(r"\b(?:more|less|fewer|[a-z]{2,}er)\b.* than\b", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:(?<!named )after|since|later than|newer than)\b")
_BEFORE = re.compile(r"\b(?:before|until|earlier than)\b")
_OLDER, _YOUNGER = re.compile(r"\bolder than\b"), re.compile(r"\byounger than\b")
_NEGATED = re.compile(r"\b(?:not|no|never|without|nor|neither)\b|n['\u2019]t\b")
_WITH_NUMBER = re.compile(r"\bat (?:least|most)\b|\bor (?:equal|more|less|fewer)\b")
_WITH_DATE = re.compile(r"\b(?:since|until)\b|\bor (?:later|earlier)\b")
"""Words that include the number, or the date, that something is compared with."""
_ASKED = {
    (True, False): Comparator.ABOVE,
    (True, True): Comparator.AT_LEAST,
    (False, False): Comparator.BELOW,
    (False, True): Comparator.AT_MOST,
}
"""What compares upwards or downwards, without or with the value itself."""
_STEM = 4
"""Letters that a superlative and a measure have in common at least: densest, density."""


@dataclass(frozen=True, eq=False)
class AskedOrder:
    """Turns superlatives and comparisons round that go against the question's words.

    Whether the oldest is the highest or the lowest depends on what is compared: an age, or a date of birth.
    Where the question has one superlative and the program has one, of a measure whose order that word tells
    ("oldest" of dates, "smallest" of numbers, "densest" of a density, but not "deepest" of heights or "most
    sparsely populated"), the one that the word asks for takes the place of the other: most, or least. In the
    same way "below 0" is not above 0, "after 2010" not before, and "since 2010" not after; "less than Ann" is
    not more than Ann, and who is older than she is born before her. If both programs were found, the score of
    the one that stays is that of both (exp of the scores). Where the constraint does not lead to the right
    one, because nothing is below 0, the wrong one loses `against` nats. Questions with a negation keep their
    comparisons.

    Dropped are programs that test something without comparing where the question compares ("did Ann score
    more goals than Bob?").
    """

    tokenizer: Tokenizer
    against: float = 8.0

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new programs and scores, best first."""
        words = _Words.of(question)
        is_test = ExpectedForm.of(question) == ExpectedForm("boolean")
        compares = is_test and _THAN.search(_OTHER_THAN.sub("", question))
        found: list[Hypothesis] = []
        for hypothesis in hypotheses:
            program = program_of(hypothesis)
            if compares and isinstance(program.final, Test) and not _compares(program):
                continue
            turned = _turned(program, words, graph)
            if turned is not None:
                right = rewritten(hypothesis, turned, graph, self.tokenizer)
                hypothesis = right or hypothesis.rescored(hypothesis.score - self.against)
            found.append(hypothesis)
        return merged(found)


def goes_against(program: Program, question: str, graph: IndexedGraph) -> bool:
    """Whether a program compares the other way than the question's words: what is above for "below 0"."""
    return _turned(program, _Words.of(question), graph) is not None


@dataclass(frozen=True)
class _Words:
    """The only superlative of a question, and its only comparisons: upwards (True), or downwards.

    Comparisons include the number that is compared with (`with_number`: at least), or the date (`with_date`:
    since). `behind` is what follows the last of these.
    """

    superlative: str = ""
    numbers: bool | None = None
    dates: bool | None = None
    ages: bool | None = None
    with_number: bool = False
    with_date: bool = False
    behind: str = ""

    @classmethod
    def of(cls, question: str) -> _Words:
        plain = " ".join(question.split())
        named = [word.lower() for word in superlatives(_AT_LEAST.sub("", plain))]
        chosen, plain = comparatives(plain), plain.lower()
        if recent := _RECENT.search(plain):
            named = [word for word in named if word != recent[1]] + [_OF_TIME[recent[1]]]
        elif not named:
            named = [_OF_TIME[word] for word in _FIRST.findall(plain)] or chosen
        word = named[0] if len(named) == 1 and not _REVERSED.search(plain) else ""
        if _NEGATED.search(plain):
            return cls(word)
        pairs = ((_MORE, _LESS), (_AFTER, _BEFORE), (_OLDER, _YOUNGER))
        ends = [found.end() for pair in pairs for form in pair for found in form.finditer(plain)]
        numbers, dates, ages = (_only(plain, *pair) for pair in pairs)
        with_number, with_date = (form.search(plain) is not None for form in (_WITH_NUMBER, _WITH_DATE))
        behind = plain[max(ends, default=0) :]
        return cls(word, numbers, dates, ages, with_number, with_date, behind)

    def upwards(self, measure: Measure, graph: IndexedGraph) -> bool | None:
        """Whether more of a measure is asked for, or less; `None` where the words do not tell."""
        if _is_dated(measure, graph):
            return self.dates if self.ages is None else not self.ages
        name = separate_words(measure.path[-1].relation) if measure.path else []
        return self.numbers if self.ages is None or _AGES.isdisjoint(name) else self.ages

    def compares_with(self, nodes: Nodes, graph: IndexedGraph) -> bool:
        """Whether a name stands behind the comparison."""
        name = clean_name(graph.label(nodes[0]) or nodes[0]).lower()
        return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", self.behind) is not None


def _only(question: str, upwards: re.Pattern[str], downwards: re.Pattern[str]) -> bool | None:
    """Which of two kinds of words a question has, if it has one word of them."""
    more, less = len(upwards.findall(question)), len(downwards.findall(question))
    return more > less if more + less == 1 else None


def _turned(program: Program, words: _Words, graph: IndexedGraph) -> Program | None:
    """The program with its only superlative and its only comparison turned round; None if both are right."""
    clauses = list(program.clauses)
    for is_one in (_is_superlative, _is_comparison):
        places = [place for place, clause in enumerate(clauses) if is_one(clause)]
        other = _other(clauses[places[0]], words, graph) if len(places) == 1 else None
        if other is not None:
            clauses[places[0]] = other
    final = program.final
    if isinstance(final, Test) and not final.negated and isinstance(final.condition, Compare):
        own = program.start.groups if isinstance(program.start, Named) else ()
        if not any(words.compares_with(nodes, graph) for nodes in own):
            final = replace(final, condition=_right(final.condition, words, graph))
    turned = replace(program, clauses=tuple(clauses), final=final)
    return None if turned == program else turned


def _compares(program: Program) -> bool:
    """Whether it, or a program within it, compares by a measure."""
    if isinstance(program.final, Test) and isinstance(program.final.condition, Compare):
        return True
    return any(
        _is_superlative(clause)
        or _is_comparison(clause)
        or (isinstance(clause, Combine) and _compares(clause.program))
        for clause in program.clauses
    )


def _is_superlative(clause: Clause) -> bool:
    return isinstance(clause, Extreme)


def _is_comparison(clause: Clause) -> bool:
    return isinstance(clause, Keep) and isinstance(clause.condition, Compare)


def _other(clause: Clause, words: _Words, graph: IndexedGraph) -> Clause | None:
    """The opposite of a superlative or a comparison, if the words ask for that."""
    match clause:
        case Extreme(measure, least):
            wanted = _wants_least(words.superlative, measure, graph)
            return None if wanted is None or wanted == least else replace(clause, least=wanted)
        case Keep(Compare() as compared, False):
            return replace(clause, condition=_right(compared, words, graph))
    return None


def _right(compared: Compare, words: _Words, graph: IndexedGraph) -> Compare:
    """A comparison, turned round if the words ask for that."""
    operand = compared.operand
    if compared.upper is not None:
        return compared
    if isinstance(operand, OwnValue) and not words.compares_with(operand.nodes, graph):
        return compared
    dated = _is_dated(compared.measure, graph)
    upwards = words.upwards(compared.measure, graph)
    if upwards is None or (compared.comparator is Comparator.EQUALS and not dated):
        return compared
    return replace(compared, comparator=_ASKED[upwards, words.with_date if dated else words.with_number])


def _wants_least(word: str, measure: Measure, graph: IndexedGraph) -> bool | None:
    """Whether a superlative asks for the lowest of a measure; `None` where it does not tell."""
    name = separate_words(measure.path[-1].relation) if measure.path else []
    kind = _kind(measure, graph)
    if _is_dated(measure, graph):
        return True if word in EARLY else False if word in LATE else None
    if kind not in (ValueKind.NUMBER, ValueKind.DURATION) or not _RANKS.isdisjoint(name):
        return None
    if word in EARLY or word in LATE:
        return word not in EARLY if not _AGES.isdisjoint(name) else None
    if word in HIGH or word in LOW:
        return word in LOW if _AGAINST.get(word, frozenset()).isdisjoint(name) else None
    return False if len(word) > _STEM + 2 and any(_is_quality(part, word) for part in name) else None


def _is_quality(part: str, word: str) -> bool:
    """Whether a word of a measure is of a superlative's stem and no adjective: density, not a fastest lap."""
    stem = word.removesuffix("est")
    adjectives = (word, stem, f"{stem}e", f"{stem}er", f"{stem[:-1]}y")
    return len(part) > _STEM and part[:_STEM] == word[:_STEM] and part not in adjectives


def _kind(measure: Measure, graph: IndexedGraph) -> ValueKind:
    """What a measure is."""
    if measure.aggregate is Aggregate.COUNT or not measure.path:
        return ValueKind.NUMBER
    return step_kind(measure.path[-1], graph)


def _is_dated(measure: Measure, graph: IndexedGraph) -> bool:
    """Whether it is a date, or a number that is a year."""
    kind = _kind(measure, graph)
    if kind is not ValueKind.NUMBER or measure.aggregate is Aggregate.COUNT or not measure.path:
        return kind is ValueKind.DATE
    return is_about_time(measure.path[-1].relation)
