"""The answer to a question as text for a chat or an agent, with what proves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from kgqa.answer import UNSURE, Answer
from kgqa.graph import IndexedGraph, clean_name, with_unit
from kgqa.graph.name import clean_text
from kgqa.program import value_words
from kgqa.service.reply import Reply

__all__ = ["AnswerText", "markdown_escaped"]

SHOWN = 10
_NOTHING = "The graph does not say."
_MARKUP = re.compile(r"([\\`*_\[\]<>~$]|&(?=#?\w+;)|:(?=//)|(?<=www)\.)", re.IGNORECASE)
"""What Markdown reads as more than text, within a line: emphasis, links, HTML, entities, bare addresses."""
_FENCE = re.compile(r"`+")


@dataclass(frozen=True)
class AnswerText:
    """Lines about an answer: what it is, the facts that prove it, and what to know about it.

    All are single lines free of control characters, whatever the graph's names hold.
    """

    answers: tuple[str, ...]
    proof: tuple[str, ...]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, reply: Reply, graph: IndexedGraph, limit: int = SHOWN) -> Self:
        """The text of a reply, by the names of the graph that it is from; at most `limit` answers."""
        answer = reply.answer
        if not answer:
            return cls((), (), tuple(map(clean_text, filter(None, (reply.reason, *answer.warnings)))))
        return cls(
            tuple(_answers(answer, graph, limit)),
            tuple(_proof(answer, graph, limit)),
            tuple(map(clean_text, _notes(answer, limit))),
        )

    def plain(self) -> str:
        """Plain text: answers, then indented proof lines, then notes."""
        lines = [*self.answers, *(f"    {line}" for line in self.proof)]
        return "\n".join([*(lines or [_NOTHING]), *(f"note: {note}" for note in self.notes)])

    def markdown(self) -> str:
        """Markdown: names can neither link nor load anything, and the proof is a block of code."""
        parts = []
        if len(self.answers) == 1:
            parts.append(f"**{markdown_escaped(self.answers[0])}**")
        elif self.answers:
            parts.append("\n".join(f"- **{markdown_escaped(name)}**" for name in self.answers))
        else:
            parts.append(_NOTHING)
        if self.proof:
            longest = max((len(run) for line in self.proof for run in _FENCE.findall(line)), default=0)
            fence = "`" * max(3, longest + 1)
            parts.append("\n".join((f"{fence}text", *self.proof, fence)))
        parts += [f"*{markdown_escaped(note)}*" for note in self.notes]
        return "\n\n".join(parts)


def _answers(answer: Answer, graph: IndexedGraph, limit: int) -> Iterator[str]:
    if answer.value is not None:
        yield clean_text(answer.value)
    for row in answer.rows[:limit]:
        value = "" if row.value is None else f": {value_words(row.value)}"
        yield clean_text(f"{_name(graph, row.entity)}{value}")
    for ranked in answer.entities[:limit]:
        yield with_unit(_name(graph, ranked.entity), answer.unit_of(ranked))


def _proof(answer: Answer, graph: IndexedGraph, limit: int) -> Iterator[str]:
    if answer.proof is not None:
        yield from answer.proof.to_text(graph).splitlines()
        return
    for ranked in answer.entities[:limit]:
        yield ranked.chains[0].to_text(graph)


def _notes(answer: Answer, limit: int) -> Iterator[str]:
    hidden = len(answer.rows or answer.entities) - limit
    if hidden > 0:
        yield f"and {hidden} more"
    if answer.confidence is not None and answer.confidence <= UNSURE:
        yield f"not sure: confidence {answer.confidence:.2f}"
    yield from answer.warnings


def _name(graph: IndexedGraph, entity: str) -> str:
    """The name of an entity, its identifier for a mediator."""
    return clean_name(graph.label(entity) or "") or clean_name(entity) or "·"


def markdown_escaped(text: str) -> str:
    """A line as Markdown that shows just that line.

    >>> print(markdown_escaped("M*A*S*H [1970]"))
    M\\*A\\*S\\*H \\[1970\\]
    """
    return _MARKUP.sub(r"\\\1", text)
