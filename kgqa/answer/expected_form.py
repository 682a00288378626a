"""What kind of answer a question asks for by its form: a number, yes or no, one winner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from kgqa.answer.answer import Answer
from kgqa.answer.superlatives import comparatives, superlatives
from kgqa.answer.words import words
from kgqa.graph import COMPARABLE, IndexedGraph, NodeKind, ValueKind, guess_value
from kgqa.graph.adjacency import Ids
from kgqa.program import Combine, Compare, Denotation, Extreme, Follow, Keep, Program, step_kind

__all__ = ["ExpectedForm", "asks_for_someone"]

_NUMBER = re.compile(
    r"\bhow many\b|^(?:what (?:is|was|are) |what's |give (?:me )?|tell me )?the (?:total )?number of\b"
    r"|^what (?:is|was) the (?:average|mean|total|combined) (?!of\b)|^number of\b|^count (?:the|all|of|how)\b"
)
_GROUPS = re.compile(r"\b(?:each|every|per|respectively|for all)\b")
_EACH = re.compile(r"\beach\b(?! other\b)|\b(?:of|in|on|for) every\b")
_PER = re.compile(r"^(?!.*\b(?:average|mean)\b).*\bper\b")
_MEAN_NUMBER = re.compile(r"\bon average\b|\b(?:average|mean) (?:number|amount|count)\b")
_BOOLEAN = re.compile(
    r"^(?:and |so |but )?(?:is|are|was|were|does|do|did|has|have|had|can|could|will|would)(?:n't)? (?!you\b)"
)
_ASKED = r"\b(?:which|what|who|whom|whose|where|when|how)\b"
_CHOICE = re.compile(
    rf"\bor\b|\band {_ASKED}"
    rf"|\b(?:know|known|tell|told|say|said|show|name|list|find|clear)\b.*{_ASKED}"
)
_WINNER = re.compile(
    r"^(?:in |on |at |of |to |by |from |with )?(?:which|what|who|whose|where)\b(?! (?:are|were)\b)"
)
_SOMEONE = re.compile(r"^(?:by |to |for |with |from )?whom?\b")
_OTHER = re.compile(r"\b(?:most|many|some|all|one|each|any) of\b|\b(?:at (?:most|least)|famous for)\b")
_REASONS = {
    "number": ("a number", "gives one"),
    "numbers": ("a number for each", "gives them"),
    "boolean": ("yes or no", "gives either"),
    "several": ("something for each", "gives that"),
    "winner": ("one winner", "compares"),
    "someone": ("someone", "names one"),
}
MOST_LOOKED_AT = 1000
"""Members of a set that are looked at, whether they are numbers."""


@dataclass(frozen=True)
class ExpectedForm:
    """The kind of answer that a question asks for, where its form says it.

    number: "how many ...", "the number of ..."; with `by_group`, a table of numbers too ("for all").
    numbers: a table or several numbers ("how many ... in each ..."), since a single one is about all of them.
    several: anything but a single number, where something else is asked for each of some things.
    boolean: "is ...", "did ...", without a choice between names; a fact that says true or false is one, too.
    winner: "which is the largest ...", or "which is larger, ... or ...", the one with the highest or lowest
    value; `superlatives` are its words. someone: "who ...", neither a number nor a date.

    >>> ExpectedForm.of("How many countries does the Danube flow through?").kind
    'number'
    >>> ExpectedForm.of("is Paris the capital of France").kind, ExpectedForm.of("Who directed Kismet?").kind
    ('boolean', 'someone')
    """

    kind: Literal["number", "numbers", "several", "boolean", "winner", "someone"]
    by_group: bool = False
    superlatives: tuple[str, ...] = ()

    @classmethod
    def of(cls, question: str) -> Self | None:
        """What a question asks for; `None` where any kind of answer may be right."""
        plain = " ".join(question.lower().split()).rstrip("?!. ")
        said = _without_names(question)
        for_each = _EACH.search(said) and not _MEAN_NUMBER.search(plain)
        if _NUMBER.search(plain):
            if for_each or _PER.match(said):
                return cls("numbers")
            return cls("number", bool(_GROUPS.search(plain)))
        opening = _BOOLEAN.match(plain)
        if opening and not _CHOICE.search(plain, opening.end()):
            return cls("boolean")
        chosen = tuple(comparatives(question))
        if opening:
            return cls("winner", superlatives=chosen) if chosen else None
        found = tuple(word.lower() for word in superlatives(question)) or chosen
        if found and _WINNER.match(plain) and not _OTHER.search(plain):
            return cls("winner", superlatives=found)
        if asks_for_someone(question):
            return cls("someone")
        return cls("several") if for_each else None

    @property
    def reason(self) -> str:
        """Why there is no answer, where none of this kind was found."""
        wanted, does = _REASONS[self.kind]
        return f"the question asks for {wanted}; no program that {does} was found"

    def fits_program(self, program: Program, denotation: Denotation, graph: IndexedGraph) -> bool:
        """Whether a program with this denotation answers such a question."""
        match self.kind:
            case "boolean":
                return denotation.truth is not None or _is_true_or_false(denotation.members, graph)
            case "several":
                return denotation.value is None and denotation.truth is None
            case "someone":
                last = program.clauses[-1] if program.clauses else None
                measured = isinstance(last, Follow) and step_kind(last.step, graph) in COMPARABLE
                return denotation.truth is None and denotation.value is None and not measured
            case "number" | "numbers":
                if denotation.value is not None:
                    return self.kind == "number"
                if denotation.table is not None:
                    return self.kind == "numbers" or self.by_group
                members = denotation.members
                return members is not None and _are_numbers(members, graph)
        if denotation.truth is not None:
            return False
        return denotation.members is None or len(denotation.members) < 2 or any(_compares(program))

    def fits_entities(self, answer: Answer, graph: IndexedGraph) -> bool:
        """Whether an answer of entities with chains answers such a question.

        A superlative that a relation has in its name is a fact of the graph: "highest point". For "who" any
        entities do: rankers of paths read the relations.
        """
        match self.kind:
            case "boolean":
                return False
            case "number" | "numbers":
                some = [graph.entity_id(ranked.entity) for ranked in answer.entities[:MOST_LOOKED_AT]]
                return _are_numbers(np.array(some, dtype=np.int32), graph)
            case "someone" | "several":
                return True
        chains = [chain for ranked in answer.entities for chain in ranked.chains[:1]]
        walked = {hop.relation for chain in chains for hop in chain.hops}
        named = {word for relation in walked for word in words(graph.relation_label(relation))}
        return len(answer.entities) < 2 or not named.isdisjoint(words(*self.superlatives))


def _without_names(question: str) -> str:
    """The question in lower case without words with a capital inside it, which belong to names."""
    if question == question.upper():
        return question.lower()
    first, *others = question.split() or [""]
    return " ".join([first.lower(), *(word for word in others if word == word.lower())])


def asks_for_someone(question: str) -> bool:
    """Whether a question asks "who", or "by whom".

    >>> [asks_for_someone(question) for question in ("Who was hired last?", "WHO members")]
    [True, False]
    """
    is_organisation = question.lstrip().startswith("WHO") and question != question.upper()
    return bool(_SOMEONE.match(" ".join(question.lower().split()))) and not is_organisation


def _compares(program: Program) -> Iterator[bool]:
    """For each clause, whether it picks members by comparing them."""
    for clause in program.clauses:
        if isinstance(clause, Combine):
            yield from _compares(clause.program)
        kept = clause.condition if isinstance(clause, Keep) else None
        yield isinstance(clause, Extreme) or isinstance(kept, Compare)


def _are_numbers(nodes: Ids, graph: IndexedGraph) -> bool:
    """Whether all nodes, of which there is one at least, are literals or cells that are numbers."""
    return len(nodes) > 0 and all(_is_number(node, graph) for node in nodes[:MOST_LOOKED_AT].tolist())


def _is_true_or_false(members: Ids | None, graph: IndexedGraph) -> bool:
    """Whether members are one node, a literal or a cell that says true or false."""
    if members is None or len(members) != 1:
        return False
    return guess_value(graph.labels[int(members[0])]).kind == ValueKind.BOOLEAN


def _is_number(node: int, graph: IndexedGraph) -> bool:
    label = graph.labels[node]
    plain = graph.kinds[node] == NodeKind.LITERAL or graph.entity(node) == label
    return bool(plain) and guess_value(label).kind == ValueKind.NUMBER
