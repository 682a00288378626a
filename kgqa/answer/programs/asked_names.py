"""Programs are held against the names of the question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kgqa.answer.programs.named_exceptions import excepted_names
from kgqa.answer.programs.rewritten import program_of
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph, clean_name
from kgqa.program import Combine, Compare, Condition, Is, Keep, Named, Nodes, OwnValue, Program, Test

__all__ = ["NEGATIONS", "AskedNames", "NamePlaces"]

NEGATIONS = r"not|never|none|except|excluding|without|outside|other than|besides|apart from|nor"
"""Words behind which names are excepted; "n't" is another."""
_NEGATION = re.compile(rf"\b(?:{NEGATIONS})\b|n['\u2019]t\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:its?|itself|their|them|themselves|his|her|him|same|own)\b", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class AskedNames:
    """Lowers the scores of programs by what the question's names say against them.

    - `left_out` nats for each name in the question that the program does not use; `wider` nats, if a program
      was found that is the same but for a condition with this name: "how many people are in Sales?" does not
      ask for all people.
    - `repeated` nats for each further use of a name that the question says once, without a pronoun, but for
      comparisons with it.
    - `reversed` nats where it excepts a name that stands before the question's first negation and starts
      from one behind it: "border France but not Germany" does not ask for neighbours of Germany.
    - `turned` nats where it tests a name against itself, or against one that stands before it in the
      question: "does Ann earn more than Bob?" does not ask whether Bob earns more.
    """

    left_out: float = 2.0
    wider: float = 12.0
    repeated: float = 4.0
    reversed: float = 8.0
    turned: float = 12.0

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first."""
        places = NamePlaces.of(question, topics)
        narrowed = {
            (without, _name(nodes, graph))
            for hypothesis in hypotheses
            for without, condition in _wider(program_of(hypothesis))
            for nodes in _of_condition(condition)
        }
        scored = []
        for hypothesis in hypotheses:
            program = program_of(hypothesis)
            nats = 0.0
            for name in places.left_out(program, graph):
                nats += self.wider if (program, name) in narrowed else self.left_out
            if _PRONOUN.search(question) is None:
                nats += self.repeated * places.repeated(program, graph)
            if places.is_reversed(program, graph):
                nats += self.reversed
            if _is_turned(program, places.spans, graph):
                nats += self.turned
            scored.append(hypothesis.rescored(hypothesis.score - nats) if nats else hypothesis)
        return sorted(scored, key=lambda hypothesis: hypothesis.rank)


@dataclass(frozen=True)
class NamePlaces:
    """Where the names of a question first stand in it, in any case, and its first negation.

    Names that are not in it have no place; a plural is the name, too. `often` are those that it says again.
    """

    spans: Mapping[str, tuple[int, int]]
    negation: re.Match[str] | None
    often: frozenset[str] = frozenset()

    @classmethod
    def of(cls, question: str, topics: Sequence[str]) -> NamePlaces:
        """Those of the topics."""
        found, often = {}, set()
        for topic in topics:
            name = clean_name(topic)
            plain = rf"(?<!\w){re.escape(name)}(?:e?s)?(?!\w)"
            places = list(re.finditer(plain, question, re.IGNORECASE)) if name else []
            if places:
                found[name] = places[0].span()
            if len(places) > 1:
                often.add(name)
        return cls(found, _NEGATION.search(question), frozenset(often))

    def left_out(self, program: Program, graph: IndexedGraph) -> list[str]:
        """The names that a program does not use."""
        used = {_name(nodes, graph) for nodes in _names(program)}
        return [name for name in self.spans if not _is_used(name, used, self.spans)]

    def repeated(self, program: Program, graph: IndexedGraph) -> int:
        """How often a program uses names again that the question says once."""
        used = Counter(_name(nodes, graph) for nodes in _names(program, compared=False))
        return sum(used[name] - 1 for name in self.spans if name in used and name not in self.often)

    def is_negated(self, name: str) -> bool:
        """Whether a name stands behind the negation."""
        return self.negation is not None and self.spans[name][0] >= self.negation.end()

    def is_excepted(self, nodes: Nodes, graph: IndexedGraph) -> bool:
        """Whether a name stands between the negation and a comma: "other than Tokyo, where"."""
        span = self.spans.get(_name(nodes, graph))
        if self.negation is None or span is None:
            return False
        said = self.negation.string
        between = said[self.negation.end() : span[0]].split()
        return span[0] > self.negation.end() and len(between) < 3 and said[span[1] :].lstrip().startswith(",")

    def is_reversed(self, program: Program, graph: IndexedGraph) -> bool:
        """Whether a program starts from a name behind the negation and excepts one from before it."""
        if self.negation is None or not isinstance(program.start, Named):
            return False
        asked = [self.spans.get(_name(nodes, graph)) for nodes in program.start.groups]
        excepted = [self.spans.get(_name(nodes, graph)) for nodes in excepted_names(program)]
        behind = any(place is not None and place[0] >= self.negation.end() for place in asked)
        return behind and any(place is not None and place[1] <= self.negation.start() for place in excepted)


def _wider(program: Program) -> Iterator[tuple[Program, Condition]]:
    """The program without each of its conditions in turn."""
    for at, clause in enumerate(program.clauses):
        if isinstance(clause, Keep):
            yield (
                replace(program, clauses=(*program.clauses[:at], *program.clauses[at + 1 :])),
                clause.condition,
            )


def _is_used(name: str, used: set[str], places: Mapping[str, tuple[int, int]]) -> bool:
    """Whether the program uses the name, or another one that stands in the same place."""
    start, end = places[name]
    return any(
        other == name or (other in places and places[other][0] < end and start < places[other][1])
        for other in used
    )


def _is_turned(program: Program, places: Mapping[str, tuple[int, int]], graph: IndexedGraph) -> bool:
    """Whether it compares a name of the question with one that stands before it, or with itself."""
    final = program.final
    if not (
        isinstance(program.start, Named) and isinstance(final, Test) and isinstance(final.condition, Compare)
    ):
        return False
    if not isinstance(final.condition.operand, OwnValue):
        return False
    other = places.get(_name(final.condition.operand.nodes, graph))
    tested = [places.get(_name(nodes, graph)) for nodes in program.start.groups]
    return other is not None and all(place is not None and other <= place for place in tested)


def _name(nodes: Nodes, graph: IndexedGraph) -> str:
    return clean_name(graph.label(nodes[0]) or nodes[0])


def _names(program: Program, compared: bool = True) -> Iterator[Nodes]:
    """The names in a program, with those that it compares something with or without."""
    if isinstance(program.start, Named):
        yield from program.start.groups
    for clause in program.clauses:
        if isinstance(clause, Combine):
            yield from _names(clause.program, compared)
        elif isinstance(clause, Keep):
            yield from _of_condition(clause.condition, compared)
    if isinstance(program.final, Test):
        yield from _of_condition(program.final.condition, compared)


def _of_condition(condition: Condition, compared: bool = True) -> Iterator[Nodes]:
    match condition:
        case Is(_, nodes):
            yield nodes
        case Compare(_, _, operand, upper) if compared:
            yield from (one.nodes for one in (operand, upper) if isinstance(one, OwnValue))
