"""Answers are what the question's noun names: instances of a class, or the ends of a relation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import NamedTuple

import numpy as np

from kgqa.answer.programs.rewritten import program_of
from kgqa.answer.superlatives import is_superlative
from kgqa.constraint import ProgramWalk
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph, clean_name, fold_name
from kgqa.graph.adjacency import Ids
from kgqa.program import Classes, Count, Each, Executor, Nodes, StepIndex

__all__ = ["AskedKind", "Kind", "kind_asked", "kind_of_noun"]

_OPENING = re.compile(
    r"(?:(?:in|on|at|of|for|to|from|by) )?"
    r"(?:which|how many|(?:list|show|name|give)(?: me)?"
    r"|(?P<said>what (?:is|are|was|were) (?:the|all))|(?P<bare>what))"
    r"(?: (?:is|are|was|were|all|the|of|different|distinct|(?:total )?number))* (?P<noun>.*)"
)
_SAID_OF_IT = re.compile(r" (?:for|by|in|at|on|with|from|to|of|about)[.!]?$")
"""The end of "what is its advisor known for?", which asks for no advisor."""
_BEHIND_WHAT = re.compile(
    r"what (?:(?P<verb>is|are|was|were|\w+ed|\w+s (?:the|an?|in|on|at|to|into|by|from|for|with|of|after))\b"
    r"|(?P<plural>\w+s) (?P<rest>.*))"
)
_ROWS = re.compile(r"\b(?:each|per|(?:for|of|by) every) (?P<noun>.*)")
_ENDING = re.compile(r"(?:ies|es|s|y|e)$")
_NOUN_WORDS = 3
"""The noun is among the first words."""
_SMALL = frozenset(
    ("of", "in", "on", "at", "by", "for", "to", "from", "has", "have", "is", "are", "was", "the", "a", "with")
)
_NAMES = frozenset({"name", "names", "title", "titles", "label", "labels", "id", "ids"})
"""Nouns for which things answer that have these, in graphs that call things so."""
_LOOKED_AT = 100


class Kind(NamedTuple):
    """What a noun names: instances of classes, and the ends of relations (numbers)."""

    classes: tuple[int, ...]
    relations: tuple[int, ...]

    def classes_in(self, graph: IndexedGraph) -> list[Nodes]:
        """The classes of the kind, each with all its nodes."""
        asked = set(self.classes)
        found = (named.nodes for named in Classes.of(graph).named) if asked else ()
        return [tuple(sorted(map(graph.entity, nodes))) for nodes in found if asked.issuperset(nodes)]

    def has_some(self, members: Ids, graph: IndexedGraph) -> bool:
        """Whether some of the first members are of the kind."""
        members = members[:_LOOKED_AT]
        if self.classes and np.isin(self.classes, Classes.of(graph).classes_of(members)).any():
            return True
        return any(
            len(graph.inward.over(member, relation))
            for member in members.tolist()
            for relation in self.relations
        )


@dataclass(frozen=True, eq=False)
class AskedKind:
    """Lowers the score of paths and programs that lead elsewhere than to what the question's noun names.

    The noun stands behind "which", "what is the", "how many" or "list all", that of a relation right behind,
    and behind "what" alone only if `behind_what`, and not if it may be a verb: "what causes mildew?". If it
    names a class, an instance is asked for; if it names a relation ("which stadium" over "home stadium"), an
    end of that; if both, either. A hypothesis none of whose ends or members is such a thing loses `other`
    nats. A program whose table has no row for what the noun behind "each" or "per" names loses `other_rows`.
    """

    other: float = 5.0
    other_rows: float = 15.0
    behind_what: bool = False

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first."""
        kind = kind_asked(
            question, graph, behind_what=self.behind_what and not _asks_with_verb(question, topics)
        )
        of_rows = _kind_of_rows(question, graph)
        if kind is None and of_rows is None:
            return list(hypotheses)
        found = [
            hypothesis.rescored(hypothesis.score - self._lost(hypothesis, kind, of_rows, graph))
            for hypothesis in hypotheses
        ]
        return sorted(found, key=lambda hypothesis: hypothesis.rank)

    def _lost(
        self, hypothesis: Hypothesis, kind: Kind | None, of_rows: Kind | None, graph: IndexedGraph
    ) -> float:
        """How many nats a hypothesis loses."""
        walk = hypothesis.constraint
        if not isinstance(walk, ProgramWalk):
            return 0.0 if kind is None or kind.has_some(_first_ends(hypothesis, graph), graph) else self.other
        program = program_of(hypothesis)
        if isinstance(program.final, Each):
            table = walk.denotation(hypothesis.state).table
            fits = table is None or of_rows is None or of_rows.has_some(table.members, graph)
            return 0.0 if fits else self.other_rows
        if kind is None or (program.final is not None and not isinstance(program.final, Count)):
            return 0.0  # other values fit
        found = Executor.of(graph).execute(replace(program, final=None)) if program.final else None
        members = (found or walk.denotation(hypothesis.state)).members
        assert members is not None
        return 0.0 if kind.has_some(members, graph) else self.other


def _first_ends(hypothesis: Hypothesis, graph: IndexedGraph) -> Ids:
    """Where the first chains of a path end."""
    ends = dict.fromkeys(chain.end for chain in islice(hypothesis.chains(), _LOOKED_AT))
    return np.array([graph.entity_id(end) for end in ends], dtype=np.int32)


def kind_asked(question: str, graph: IndexedGraph, *, behind_what: bool = False) -> Kind | None:
    """What the noun of a question names in a graph; `None` where it names nothing.

    What stands behind "what" alone names a relation only if `behind_what`.
    """
    opening = _OPENING.match(_plain(question))
    if opening is None or (opening["said"] and _SAID_OF_IT.search(opening["noun"])):
        return None
    return _named(opening["noun"], graph, bare=bool(opening["bare"]) and not behind_what)


def _asks_with_verb(question: str, topics: Sequence[str]) -> bool:
    """Whether a verb may stand behind "what": "what follows it", "what influenced it"."""
    found = _BEHIND_WHAT.match(_plain(question))
    if found is None or found["verb"]:
        return found is not None
    return bool(found["plural"]) and found["rest"].startswith(tuple(map(str.lower, topics)))


def kind_of_noun(noun: str, graph: IndexedGraph) -> Kind | None:
    """What a noun names: classes and relations with this name, or with this last word; `None` for nothing."""
    return graph.derive(_nouns).get(_stem(fold_name(noun).split()))


def _kind_of_rows(question: str, graph: IndexedGraph) -> Kind | None:
    """What the noun behind "each" names, as `kind_asked`."""
    rows = _ROWS.search(_plain(question))
    return _named(rows["noun"], graph) if rows else None


def _plain(question: str) -> str:
    return " ".join(question.lower().replace("?", "").split())


def _named(text: str, graph: IndexedGraph, *, bare: bool = False) -> Kind | None:
    """What the first words of a text name; if they stand behind "what" alone, no relation."""
    behind = [word for word in text.split() if not is_superlative(word)][:_NOUN_WORDS]
    if not _NAMES.isdisjoint(behind):
        return None
    names = graph.derive(_nouns)
    classes: list[int] = []
    relations: list[int] = []
    for start, end in combinations(range(len(behind) + 1), 2):
        kind = names.get(_stem(behind[start:end]))
        if kind is not None:
            classes += kind.classes
            relations += () if start or bare else kind.relations
    return Kind(tuple(classes), tuple(relations)) if classes or relations else None


def _nouns(graph: IndexedGraph) -> dict[tuple[str, ...], Kind]:
    """The kinds of things by the stems of their nouns."""
    classes: dict[tuple[str, ...], list[int]] = defaultdict(list)
    relations: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for named in Classes.of(graph).named:
        for noun in _forms(named.name):
            classes[noun] += named.nodes
    for number, text in enumerate(StepIndex.of(graph).texts):
        for noun in _forms(text):
            relations[noun].append(number)
    return {
        noun: Kind(tuple(classes.get(noun, ())), tuple(relations.get(noun, ())))
        for noun in classes.keys() | relations.keys()
    }


def _forms(name: str) -> Iterator[tuple[str, ...]]:
    """The stems of a name without small words, and that of its last word alone.

    None of "member of": it leads to what has members.
    """
    every = re.findall(r"[^\W_]+", fold_name(clean_name(name)))
    words = [word for word in every if word not in _SMALL]
    if not words or every[-1] in _SMALL:
        return
    yield _stem(words)
    if len(words) > 1:
        yield _stem(words[-1:])


def _stem(words: Sequence[str]) -> tuple[str, ...]:
    """Words without the endings of plurals, so that "campus" and "campuses" are one."""
    return tuple(map(_stem_of, words))


def _stem_of(word: str) -> str:
    shorter = _ENDING.sub("", word)
    return word if len(word) < 4 or shorter == word else _stem_of(shorter)
