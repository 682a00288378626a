"""The source of the minimal pairs: small graphs, and questions whose topic stands in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Asked", "PairsError", "SmallGraph", "read_source"]

_TOPIC = re.compile(r"\[([^\[\]]+)\]")
_NOTHING = "-"


class PairsError(ValueError):
    """A line of the source that says nothing, or something that its graph does not hold."""


@dataclass(frozen=True)
class Asked:
    """A question about a small graph; without `answers` the graph does not say."""

    question: str
    topic: str
    answers: tuple[str, ...]


@dataclass
class SmallGraph:
    """Facts (head, relation, tail) and the questions about them."""

    name: str
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    @property
    def entities(self) -> set[str]:
        """All heads and tails."""
        return {entity for head, _, tail in self.facts for entity in (head, tail)}


def read_source(file: Path) -> list[SmallGraph]:
    """The graphs of a file, in its order. Raises `PairsError` with file and line."""
    graphs: list[SmallGraph] = []
    for number, line in _lines(file):
        try:
            if line.startswith("== "):
                graphs.append(SmallGraph(line.removeprefix("== ").strip()))
            elif not graphs:
                raise PairsError("a graph begins with ==")
            elif line.startswith("? "):
                graphs[-1].asked.append(_asked(line.removeprefix("? "), graphs[-1]))
            else:
                graphs[-1].facts.append(_fact(line))
        except PairsError as error:
            raise PairsError(f"{file}:{number}: {error}") from None
    return graphs


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            yield number, line.strip()


def _fact(line: str) -> tuple[str, str, str]:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) != 3 or not all(parts):
        raise PairsError(f"a fact is head | relation | tail, not {line!r}")
    head, relation, tail = parts
    return head, relation, tail


def _asked(line: str, graph: SmallGraph) -> Asked:
    question, equals, given = line.rpartition(" = ")
    topics = _TOPIC.findall(question)
    if not equals or len(topics) != 1:
        raise PairsError(f"a question has one topic in brackets and its answers behind =, not {line!r}")
    answers = () if given.strip() == _NOTHING else tuple(name.strip() for name in given.split(";"))
    unknown = {topics[0], *answers} - graph.entities
    if unknown:
        raise PairsError(f"the graph does not hold {', '.join(sorted(unknown))}")
    return Asked(_TOPIC.sub(r"\1", question), topics[0], answers)
