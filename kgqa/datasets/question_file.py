"""Questions from files: one JSON object a line, or RoG's form (JSONL or parquet)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from kgqa.datasets.json_lines import read_json_lines
from kgqa.datasets.question import ANSWER_TYPES, AnswerType, Question
from kgqa.errors import ParseError, check_path
from kgqa.graph import Triple, clean_name
from kgqa.graph.readers.rog import read_rog

__all__ = ["fewest_hops", "load_questions"]

_OWN_FIELDS = ("id", "question", "topic_entities", "answers", "hops", "gold_relation_path", "gold_paths")
_ROG_FIELDS = ("id", "question", "q_entity", "answer", "graph", "hops")
_TYPED_FIELDS = ("answer_type", "operators", "topic_ids", "answer_ids")
_NEEDED = "id, question, topic_entities (an empty list: found in the question) and answers"
_NEEDED_ROG = "id, question, q_entity, answer and graph"
MOST_HOPS = 8
"""Answers further away than this from the topics have no known number of hops."""


def load_questions(path: Path | str) -> Iterator[Question]:
    """The questions of a file, in its order, read as they are asked for.

    JSONL, plain or gzip: `id`, `question`, `topic_entities`, `answers`, and if known `hops`,
    `gold_relation_path`, `gold_paths`, `answer_type`, `operators`, `topic_ids`, `answer_ids`, and the name
    of a `graph` in a set with several; an empty `topic_entities` leaves them to the linker. An
    object with `q_entity` is in RoG's form and brings its own `graph`; a `.parquet` file is all RoG.
    Where such a question has no `hops`, they are the fewest from a topic to an answer in its graph.

    Raises `ParseError` with the line for a missing field, a wrong type, an id that came before, a
    line that is no JSON object, and as `read_lines` does; `UsageError` for what is no path.
    """
    return _questions(check_path(path, "path"))


def _questions(source: Path) -> Iterator[Question]:
    seen: dict[str, int] = {}
    rows = _parquet(source) if source.suffix == ".parquet" else _json(source)
    for line, question in rows:
        if question.id in seen:
            name, first = question.id[:80], seen[question.id]
            raise ParseError(source, line, f"the id {name!r} came before, on line {first}")
        seen[question.id] = line
        yield question


def _json(path: Path) -> Iterator[tuple[int, Question]]:
    for line, record in read_json_lines(path):
        row = _Row(path, line, record)
        yield line, row.rog_question() if "q_entity" in record else row.own_question()


def _parquet(path: Path) -> Iterator[tuple[int, Question]]:
    for row, record in enumerate(read_rog(path), 1):
        yield (
            row,
            Question(
                id=record.id,
                question=record.question,
                topic_entities=record.q_entity,
                answers=record.answer,
                hops=fewest_hops(record.graph, record.q_entity, record.answer),
                graph=record.graph,
                extras={"a_entity": list(record.a_entity)},
            ),
        )


class _Row:
    """One object of a file, field by field."""

    def __init__(self, path: Path, line: int, record: Mapping[str, Any]) -> None:
        self._path = path
        self._line = line
        self._record = record

    def own_question(self) -> Question:
        path = self._names("gold_relation_path") if self._has("gold_relation_path") else None
        gold_paths = self._list("gold_paths") if self._has("gold_paths") else []
        named = isinstance(self._record.get("graph"), str)
        return Question(
            id=self._text("id"),
            question=self._text("question"),
            topic_entities=self._names("topic_entities"),
            answers=self._names("answers"),
            hops=self._number("hops") if self._has("hops") else None,
            gold_relation_path=path,
            gold_paths=tuple(self._triples("gold_paths", gold) for gold in gold_paths),
            graph_name=self._text("graph") if named else None,
            extras=self._others((*_OWN_FIELDS, *_TYPED_FIELDS, *(("graph",) if named else ()))),
            **self._typed(),
        )

    def rog_question(self) -> Question:
        topics, answers = self._names("q_entity"), self._names("answer")
        graph = self._triples("graph", self._list("graph"))
        return Question(
            id=self._text("id"),
            question=self._text("question"),
            topic_entities=topics,
            answers=answers,
            hops=self._number("hops") if self._has("hops") else fewest_hops(graph, topics, answers),
            graph=graph,
            extras=self._others((*_ROG_FIELDS, *_TYPED_FIELDS)),
            **self._typed(),
        )

    def _typed(self) -> dict[str, Any]:
        """The type of the answers, the operators and the identifiers, where the row has them."""
        found: dict[str, Any] = {name: self._names(name) for name in _TYPED_FIELDS[1:] if self._has(name)}
        answers = self._record.get("answers", self._record.get("answer"))
        ids = found.get("answer_ids")
        if ids and isinstance(answers, list) and len(ids) != len(answers):
            raise self._wrong("answer_ids", f"one identifier for each of {len(answers)} answers", list(ids))
        if self._has("answer_type"):
            found["answer_type"] = self._answer_type()
        return found

    def _answer_type(self) -> AnswerType:
        value = self._record["answer_type"]
        if value not in ANSWER_TYPES:
            raise self._wrong("answer_type", f"one of {', '.join(ANSWER_TYPES)}", value)
        return cast(AnswerType, value)

    def _has(self, field: str) -> bool:
        return self._record.get(field) is not None

    def _others(self, known: tuple[str, ...]) -> dict[str, object]:
        return {field: value for field, value in self._record.items() if field not in known}

    def _value(self, field: str) -> Any:
        if field not in self._record:
            there = clean_name(", ".join(self._record)) or "none"
            needed = _NEEDED_ROG if "q_entity" in self._record else _NEEDED
            reason = f"the field {field!r} is missing (fields: {there}); a question has {needed}"
            raise ParseError(self._path, self._line, reason)
        return self._record[field]

    def _text(self, field: str) -> str:
        value = self._value(field)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(field, "a text that is not empty", value)
        return value

    def _number(self, field: str) -> int:
        value = self._value(field)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._wrong(field, "a whole number", value)
        return value

    def _list(self, field: str) -> list[Any]:
        value = self._value(field)
        if not isinstance(value, list):
            raise self._wrong(field, "a list", value)
        return value

    def _names(self, field: str) -> tuple[str, ...]:
        value = self._list(field)
        if not all(isinstance(name, str) for name in value):
            raise self._wrong(field, "a list of texts", value)
        return tuple(value)

    def _triples(self, field: str, value: Any) -> tuple[Triple, ...]:
        if not isinstance(value, list):
            raise self._wrong(field, "lists of triples", value)
        found: list[Triple] = []
        for item in value:
            match item:
                case [str(), str(), str()]:
                    found.append(Triple._make(item))
                case _:
                    raise self._wrong(field, "[head, relation, tail]", item)
        return tuple(found)

    def _wrong(self, field: str, needed: str, value: object) -> ParseError:
        return ParseError(self._path, self._line, f"{field!r} must be {needed}, not {str(value)[:80]!r}")


def fewest_hops(
    graph: Collection[Triple], topics: Iterable[str], answers: Iterable[str], most: int = MOST_HOPS
) -> int | None:
    """The fewest hops, along triples or against them, from a topic to an answer that is no topic.

    `None` where no answer is within `most` hops.

    >>> fewest_hops([Triple("a", "r", "b"), Triple("c", "r", "b")], ["a"], ["c"])
    2
    """
    seen = set(topics)
    wanted = set(answers) - seen
    for hops in range(1, most + 1):
        reached = {t for h, _, t in graph if h in seen} | {h for h, _, t in graph if t in seen}
        if not wanted.isdisjoint(reached):
            return hops
        if reached <= seen:
            break
        seen |= reached
    return None
