"""Which questions need a program, and which a path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from kgqa.answer import ExpectedForm
from kgqa.answer.programs.asked_names import NamePlaces
from kgqa.answer.programs.worded_relations import WordedRelations
from kgqa.answer.superlatives import superlatives
from kgqa.answer.words import words
from kgqa.errors import NoTopicError
from kgqa.graph import IndexedGraph
from kgqa.graph.values.date import MONTHS
from kgqa.pipeline.outcome import Outcome
from kgqa.program.text import ORDINALS

__all__ = ["CueWords", "GrammarChoice", "Router", "names_several", "names_superlative", "surer"]

GrammarChoice = Literal["auto", "path", "chain", "relations", "programs"]
"""A grammar, or auto: programs for questions that need an operator, else relation paths."""

_NUMBER_WORDS = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|hundred|thousand|million|billion)"
)
_MONTHS = "|".join(f"[{name[0]}{name[0].upper()}]{name[1:]}" for name in MONTHS)
_CUES = re.compile(
    r"(?:^|\b(?:the|an?|what|which|total|same|equal|exact|overall|average|minimum|maximum"
    r"|most|least|greater|higher|larger|lower|smaller|[a-z]+est) )number of\b"
    r"|\bhow many\b|\bhow (?:much|many \w+) (?:\w+er|more|less)\b|^(?:count|total)\b"
    r"|\b(?:more|less|fewer|greater|longer|shorter|higher|lower|taller|larger|smaller|bigger|older|younger"
    r"|later|earlier|heavier|lighter|deeper|wider) than\b|\bwhich is (?:\w+er|more|less)\b"
    r"|\b(?:above|below|over|under|exceed(?:s|ing)?|before|after|since|until|during|between)\b"
    rf"(?: \w+){{0,2}} (?:\d|{_NUMBER_WORDS}\b)"
    r"|\b(?:average|mean|altogether|combined|in total|in all)\b|\btotal (?:\w+ )?(?:of|number)\b"
    r"|\b(?:each|every|either|neither|both|not|without|except|excluding|never|nor)\b|\b[a-z]+n't\b"
    r"|(?<=[a-z] )(?:no|none) (?!longer\b|matter\b)[a-z]|\b(?:and also|as well as|outside|other than)\b"
    r"|\bsame [\w -]+? (?:as|like)\b|\btoo[?.]?$"
    r"|\b(?:later|earlier)[?.]?$|\b(?:first|last)(?: (?:in|of|among)\b|[?.]?$)"
    rf"|\b(?:{'|'.join(ORDINALS[2:])})(?: (?:in|by)\b|[?.]?$)"
    rf"|\b(?:first|last) (?:\d|{_NUMBER_WORDS}\b)"
    rf"|\btop (?:\d|{_NUMBER_WORDS}\b)|\b(?:best|worst|most|least|top)-[a-z]+(?:ing|ed)\b"
    r"|\b(?:first|last) to (?:be|become|get|join|leave|win)\b"
    r"|\b(?:what|which|exact) (?:day|date)\b"
    r"|(?<=[a-z,] )in (?:the year )?(?:1\d|20)\d\d\b|\bthe (?:1\d|20)\d0s\b"
    r"|\b(?:in|on|during|of|before|after|since|until) (?:\d{1,2}(?:st|nd|rd|th)? )?"
    rf"(?:{_MONTHS})(?: \d{{1,2}})?,? (?:1\d|20)\d\d\b"
)
_COMPARED = re.compile(
    r"\b(?:more|less|fewer|longer|shorter|higher|lower|taller|larger|smaller|bigger|older)\b"
)
_HOW = re.compile(r"\bhow [a-z]+ (?:is|are|was|were|do|does|did|has|have|can)\b")
_NAME_WORDS = 4
"""Names of up to so many words are looked for beside an "or"."""
_OR = re.compile(r"\bor (?:[a-z]+ ){0,3}(?=[A-Z0-9])")


class Router(Protocol):
    """Decides which questions an `Answerer` with the grammar "auto" answers by programs."""

    def needs_program(self, question: str, graph: IndexedGraph) -> bool:
        """Whether a question needs an operator beside relation paths."""
        ...


@dataclass(frozen=True)
class CueWords:
    """Takes a question for one that needs a program by its words: how many, most, longer, or, not, ...

    Words with a capital inside the question belong to names and do not count.

    >>> from kgqa.graph import GraphBuilder
    >>> graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    >>> route = CueWords().needs_program
    >>> route("How many films did he direct?", graph), route("Who directed The Last Picture Show?", graph)
    (True, False)
    """

    def needs_program(self, question: str, graph: IndexedGraph) -> bool:
        """Whether the question has such a word, a superlative, a year, or asks for a number or yes or no.

        One that asks "how large", "how old" does where a relation of the graph is about that.
        """
        form = ExpectedForm.of(question)
        if (form is not None and form.kind != "someone") or any(superlatives(question)):
            return True
        text = f"{question[:1].lower()}{question[1:]}"
        choice = _OR.search(text) if question != question.lower() else re.search(r"\bor\b", text)
        if any((_CUES.search(text), _COMPARED.search(text), choice)) or _chooses_names(text, graph):
            return True
        return bool(_HOW.search(text) and WordedRelations.of(graph).measured(text))


def names_superlative(question: str, graph: IndexedGraph) -> bool:
    """Whether a relation that the question names has its superlative in its own name ("highest point")."""
    said = set(words(*superlatives(question)))
    return any(not said.isdisjoint(words(text)) for text in WordedRelations.of(graph).named(question))


def names_several(question: str, names: Sequence[str]) -> bool:
    """Whether two of the names stand in the question apart.

    >>> names_several("Which films with Tom Hanks are from 1999?", ["Tom Hanks", "Hanks", "1999"])
    True
    """
    spans = list(NamePlaces.of(question, names).spans.values())
    return any(end <= start for _, end in spans for start, _ in spans)


def _chooses_names(text: str, graph: IndexedGraph) -> bool:
    """Whether a name of the graph stands right before an "or", and another right behind it."""
    for found in re.finditer(r"\bor\b", text):
        before, behind = text[: found.start()].split(), text[found.end() :].strip("?!. ").split()
        lengths = range(1, _NAME_WORDS + 1)
        if any(graph.find(" ".join(before[-size:])) for size in lengths[: len(before)]) and any(
            graph.find(" ".join(behind[:size])) for size in lengths[: len(behind)]
        ):
            return True
    return False


def surer(first: Outcome, other: Outcome) -> Outcome:
    """The first outcome, unless it found no topic, or the other one has the only answer or the surer one."""
    if isinstance(first.error, NoTopicError):
        return other
    has_answer = other.error is None and bool(other.unwrap())
    is_empty = first.error is not None or not first.unwrap()
    return other if has_answer and (is_empty or other.confidence > first.confidence) else first
