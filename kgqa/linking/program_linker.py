"""What a question mentions of a graph, as far as programs may use it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from kgqa.constraint import Mentioned
from kgqa.errors import check_names
from kgqa.graph import COMPARABLE, IndexedGraph, ValueKind, ValueTable, clean_name, fold_name, guess_value
from kgqa.linking.compared_names import compared_names
from kgqa.linking.mention import EntityCandidate, Mention
from kgqa.linking.name_linker import NameLinker
from kgqa.linking.question_values import question_values
from kgqa.linking.topics import Linker
from kgqa.program import Classes, Nodes
from kgqa.program.classes import SCHEMA_CLASSES
from kgqa.program.text import ORDINALS

__all__ = ["ProgramLinker"]

MOST_CLASSES = 128
"""Graphs with up to so many classes offer all of them."""
LARGEST_CLASSES = 32
"""Of other graphs, the classes with most instances are offered, for what the question may call otherwise."""
MOST_NAMES = 8
"""Names of one question."""
MOST_ALIASES = 3
"""Entities with a mention as an alias that are meant beside those with it as their label."""
MOST_YEARS = 3
_OF_OPERATORS = frozenset(
    {"most", "least", "more", "less", "fewer", "fewest", "first", "last", "total", "average"}
)


_PLACE = re.compile(rf"(?:{'|'.join(ORDINALS[2:])}|\d+(?:st|nd|rd|th))")
_SUPERLATIVE = re.compile(r"[- ](?:most|least|best|[a-z]{2,}est)\b")
_IN_FULL = frozenset({"label", "alias", "normalized"})
_COMPARES_WITH = re.compile(
    r"\b(?:(?:more|less|fewer|[a-z]{2,}er) than(?: or equal to)?|at least|at most|above|below|over|under"
    r"|before|after|since|until|exceed(?:s|ing)?|between(?: \S+ and)?)(?: [$€£])? ?$",
    re.IGNORECASE,
)
"""What stands before a number or a date that something is compared with."""


@dataclass(frozen=True)
class ProgramLinker:
    """Finds names, classes, values and texts in questions; `linker` finds the names.

    Everyday words that the question writes just as the graph does ("a movie") are names, too. Classes and
    relations of the graph's schema are none, and neither are words that are only a part of several names, or
    numbers that something is compared with ("more than 4 members"), if the graph has classes to start from.
    Of a mention, all nodes with the best match and the same name are meant.
    """

    linker: Linker = field(default_factory=NameLinker)

    def mentioned(self, question: str, graph: IndexedGraph, topics: Sequence[str] = ()) -> Mentioned:
        """What a question mentions; `topics` (identifiers) are meant whatever its words are."""
        check_names(topics, "topics")
        groups: dict[Nodes, None] = dict.fromkeys(_by_name(topics, graph))
        given = {node for nodes in groups for node in nodes}
        schema, table = graph.derive(_schema_nodes), ValueTable.of(graph)
        plain = _without_possessives(question, graph)
        classes = tuple(_classes(question, graph))
        mentions = [
            one for one in self._mentions(plain, graph) if not (classes and _is_compared_with(one, plain))
        ]
        for candidates in (*map(_meant, mentions), *_letters(question, graph)):
            for nodes in _by_name(candidates, graph):
                kept = tuple(
                    node for node in nodes if node not in schema and not _is_value(node, graph, table)
                )
                if kept and not given & set(kept):
                    groups.setdefault(kept)
        names = tuple(groups)[:MOST_NAMES]
        places = _places(names, mentions)
        meant = {node for nodes in names for node in nodes}
        whole = question_values(question)
        found = question_values(_without_names(plain, mentions, meant), _years(graph))
        return Mentioned(
            topics=names,
            classes=classes,
            values=found.values,
            texts=whole.texts,
            places=found.places,
            averages=whole.averages,
            compared=compared_names(plain, places),
        )

    def _mentions(self, question: str, graph: IndexedGraph) -> list[Mention]:
        linked = self.linker.link(question, graph)
        found = [one for one in linked if not (_is_vague(one, graph) or _is_of_operator(one, question))]
        for other in NameLinker().everyday(question, graph):
            overlapped = [one for one in found if one.start < other.end and other.start < one.end]
            if all(one.best.how == "partial" for one in overlapped):
                found = [one for one in found if one not in overlapped] + [other]
        taken = [(one.start, one.end) for one in found]
        return found + [
            one for one in _plurals(question, graph) if all(one.end <= a or b <= one.start for a, b in taken)
        ]


def _plurals(question: str, graph: IndexedGraph) -> Iterator[Mention]:
    """Plurals of everyday words that the graph has as names, in lower case and the singular ("novels")."""
    for word in re.finditer(r"\b[a-z]{3,}s\b", question):
        if word[0] in graph.names:
            continue
        for ending, singular in (("ies", "y"), ("es", ""), ("s", "")):
            name = word[0].removesuffix(ending) + singular
            same = [graph.entity(number) for number, _ in graph.names.get(name, ())]
            same = [entity for entity in same if graph.label(entity) == name]
            if word[0].endswith(ending) and same:
                candidates = tuple(EntityCandidate(entity, 1.0, "normalized") for entity in same)
                yield Mention(word[0], *word.span(), candidates)
                break


def _places(names: Sequence[Nodes], mentions: Sequence[Mention]) -> dict[Nodes, tuple[int, int]]:
    """Where names stand in a question; one that is nowhere, such as a given topic, is before its start."""
    found = {}
    for nodes in names:
        own = [one for one in mentions if not set(nodes).isdisjoint(_entities(one))]
        found[nodes] = (own[0].start, own[0].end) if own else (0, 0)
    return found


def _entities(mention: Mention) -> Iterator[str]:
    return (candidate.entity for candidate in mention.candidates)


def _without_names(question: str, mentions: Sequence[Mention], meant: set[str]) -> str:
    """A question without the names that it has in full, whose numbers are none of its values ("Line 4").

    What is only like a name stays ("2 dollar signs"), as do names that are numbers.
    """
    for one in mentions:
        in_full = one.best.how in _IN_FULL and not meant.isdisjoint(_entities(one))
        if in_full and any(character.isalpha() for character in one.text):
            question = question[: one.start] + " " * (one.end - one.start) + question[one.end :]
    return question


def _is_vague(mention: Mention, graph: IndexedGraph) -> bool:
    """Whether a mention is only a part of names, and of several equally."""
    return mention.best.how == "partial" and len(list(_by_name(_meant(mention), graph))) > 1


def _is_of_operator(mention: Mention, question: str) -> bool:
    """Whether a mention only asks for an operator, and is not written as a name: "second largest"."""
    if _PLACE.fullmatch(mention.text) and _SUPERLATIVE.match(question, mention.end):
        return True
    return mention.stop_words and fold_name(mention.text) in _OF_OPERATORS


def _is_compared_with(mention: Mention, question: str) -> bool:
    """Whether a mention is a number or a date behind a comparison."""
    value = guess_value(mention.text).kind in COMPARABLE
    return value and _COMPARES_WITH.search(question[: mention.start]) is not None


def _is_value(node: str, graph: IndexedGraph, table: ValueTable) -> bool:
    """Whether a node is a number or a date, which is read as a value."""
    (kind,) = table.kinds_of(np.array([graph.entity_id(node)]))
    return kind in (ValueKind.NUMBER, ValueKind.DATE, ValueKind.DURATION)


def _meant(mention: Mention) -> list[str]:
    """The candidates with the best match, and those with the name as an alias, if these are few."""
    others = mention.candidates if mention.best.how == "label" else ()
    aliases = [one.entity for one in others if one.how == "alias"]
    return [*mention.best_entities, *aliases] if len(aliases) <= MOST_ALIASES else list(mention.best_entities)


def _without_possessives(question: str, graph: IndexedGraph) -> str:
    """A question in lower case with "alices" as "alice", where only the latter is a name of the graph."""
    if question != question.lower():
        return question
    return re.sub(
        r"\b(\w{3,})s\b",
        lambda word: word[1] if word[1] in graph.names and word[0] not in graph.names else word[0],
        question,
    )


def _letters(question: str, graph: IndexedGraph) -> Iterator[list[str]]:
    """The nodes with a single capital as their label ("sex is F"), which stands as a word in the question."""
    for letter in dict.fromkeys(re.findall(r"(?<=[^\w.'])[B-HJ-Z](?![\w.'])", question)):
        if fold_name(letter) in graph.names:
            numbers = [number for number, _ in graph.names[fold_name(letter)]]
            yield [graph.entity(number) for number in numbers if graph.labels[number] == letter]


def _by_name(nodes: Sequence[str], graph: IndexedGraph) -> Iterator[Nodes]:
    groups: dict[str, list[str]] = {}
    for node in nodes:
        groups.setdefault(clean_name(graph.label(node) or "") or node, []).append(node)
    for same in groups.values():
        yield tuple(sorted(same))


def _classes(question: str, graph: IndexedGraph) -> Iterator[Nodes]:
    """The classes that a program may start from.

    Of a graph with many: those whose name or whose name's last word is in the question, and the largest.
    """
    classes = Classes.of(graph).named
    asked = _stems(question)
    for found, words in zip(classes, graph.derive(_words_of_classes), strict=True):
        if words is None or any(some <= asked for some in words):
            yield tuple(graph.entity(node) for node in found.nodes)


def _words_of_classes(graph: IndexedGraph) -> tuple[tuple[frozenset[str], ...] | None, ...]:
    """For each class the sets of words that ask for it; `None` for one that is always offered."""
    classes = Classes.of(graph).named
    sizes = sorted((found.size for found in classes), reverse=True)
    least = 0 if len(classes) <= MOST_CLASSES else sizes[LARGEST_CLASSES - 1]
    return tuple(None if found.size >= least else _asking(found.name) for found in classes)


def _asking(name: str) -> tuple[frozenset[str], ...]:
    """The words of a name, and the last of them."""
    last = re.findall(r"[^\W_]+", name)[-1:]
    return tuple(frozenset(_stems(text)) for text in (name, *last))


def _stems(text: str) -> set[str]:
    """The words of a text without the endings of plurals."""
    words = re.findall(r"[^\W_]+", fold_name(text))
    return {re.sub(r"(?:ies|es|s|y|e)$", "", word) if len(word) > 3 else word for word in words}


def _years(graph: IndexedGraph) -> Sequence[int]:
    """The years of the graph's days, if these are few: a day without a year is one of theirs."""
    years = ValueTable.of(graph).years_of_days
    return tuple(years.tolist()) if len(years) <= MOST_YEARS else ()


def _schema_nodes(graph: IndexedGraph) -> frozenset[str]:
    """The classes and relations among the nodes of a graph."""
    classes = Classes.of(graph)
    found = {graph.entity(node) for named in classes.named for node in named.nodes}
    for kind in SCHEMA_CLASSES:
        if kind in graph.entities:
            number = np.array([graph.entity_id(kind)], dtype=np.int32)
            found |= {graph.entity(node) for node in classes.instances(number).tolist()}
    return frozenset(found)
