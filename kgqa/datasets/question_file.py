"""Questions from files: our own form, RoG's, and those that benchmarks are published in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from kgqa.counted import counted
from kgqa.datasets.json_objects import read_json_objects
from kgqa.datasets.originals import original_question, read_metaqa
from kgqa.datasets.question import ANSWER_TYPES, Question
from kgqa.datasets.row import Row
from kgqa.errors import ParseError, check_path
from kgqa.graph import Triple, clean_name
from kgqa.graph.readers.rog import read_rog

__all__ = ["fewest_hops", "load_questions", "numbered_questions"]

_OWN_FIELDS = ("id", "question", "topic_entities", "answers", "hops", "gold_relation_path", "gold_paths")
_ROG_FIELDS = ("id", "question", "q_entity", "answer", "graph", "hops")
_NEEDED_FIELDS = ("id", "question", "topic_entities", "answers")
_TYPED_FIELDS = ("answer_type", "answer_aliases", "operators", "topic_ids", "answer_ids")
_NEEDED = "id, question, topic_entities (an empty list: found in the question) and answers"
_NEEDED_ROG = "id, question, q_entity, answer and graph"
MOST_HOPS = 8
"""Answers further away than this from the topics have no known number of hops."""


def load_questions(path: Path | str) -> Iterator[Question]:
    """The questions of a file, in its order, read as they are asked for.

    JSON objects, plain or gzip, one a line or in one array: `id` (a text or a whole number), `question`,
    `topic_entities`, `answers`, and if known `hops`, `gold_relation_path`, `gold_paths`, `answer_type`,
    `operators`, `topic_ids`, `answer_ids`, `answer_aliases`, and the name of a `graph` in a set with several;
    an empty `topic_entities` leaves them to the linker. An object with `q_entity` is in RoG's form and brings
    its own `graph`; a `.parquet` file is all RoG. Where such a question has no `hops`, they are the
    fewest from a topic to an answer in its graph.

    The files of WebQSP, ComplexWebQuestions, GrailQA, QALD and MetaQA (`.txt`) are read as their authors
    publish them, and so are those of ToG: see `kgqa.datasets.originals`.

    Raises `ParseError` with the line for a missing field, a wrong type, an id that came before, a
    line that is no JSON object, and as `read_lines` does; `UsageError` for what is no path.
    """
    return (question for _, question in _questions(check_path(path, "path")))


def numbered_questions(path: Path | str) -> Iterator[tuple[int, Question]]:
    """The same with the line on which each begins, of a `.parquet` file its row. Raises the same."""
    return _questions(check_path(path, "path"))


def _questions(source: Path) -> Iterator[tuple[int, Question]]:
    seen: dict[str, int] = {}
    match source.suffix:
        case ".parquet":
            rows = _parquet(source)
        case ".txt":
            rows = read_metaqa(source)
        case _:
            rows = _json(source)
    for line, question in rows:
        if question.id in seen:
            name, first = question.id[:80], seen[question.id]
            raise ParseError(source, line, f"the id {name!r} came before, on line {first}")
        seen[question.id] = line
        yield line, question


def _json(path: Path) -> Iterator[tuple[int, Question]]:
    for place, (line, record) in enumerate(read_json_objects(path), 1):
        row = Row(path, line, record)
        if "q_entity" in record:
            yield line, _rog_question(row)
        elif original := original_question(row, place):
            yield line, original
        else:
            yield line, _own_question(row)


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


def _own_question(row: Row) -> Question:
    if missing := next((field for field in _NEEDED_FIELDS if field not in row.record), None):
        raise _missing(row, missing, _NEEDED)
    path = row.names("gold_relation_path") if row.has("gold_relation_path") else None
    gold_paths = row.items("gold_paths") if row.has("gold_paths") else []
    named = row.has("graph")
    if named and not isinstance(row.record["graph"], str):
        needed = "the name of a graph (a list of triples belongs to RoG's form, with q_entity and answer)"
        raise row.wrong("graph", needed, row.record["graph"])
    return Question(
        id=row.text_of_id("id"),
        question=row.text("question"),
        topic_entities=row.names("topic_entities"),
        answers=row.names("answers"),
        hops=row.number("hops") if row.has("hops") else None,
        gold_relation_path=path,
        gold_paths=tuple(row.triples("gold_paths", gold) for gold in gold_paths),
        graph_name=row.text("graph") if named else None,
        extras=row.others((*_OWN_FIELDS, *_TYPED_FIELDS, *(("graph",) if named else ()))),
        **_typed(row, "answers"),
    )


def _rog_question(row: Row) -> Question:
    if missing := next((field for field in _ROG_FIELDS[:-1] if field not in row.record), None):
        raise _missing(row, missing, _NEEDED_ROG)
    topics, answers = row.names("q_entity"), row.names("answer")
    graph = row.triples("graph", row.items("graph"))
    return Question(
        id=row.text_of_id("id"),
        question=row.text("question"),
        topic_entities=topics,
        answers=answers,
        hops=row.number("hops") if row.has("hops") else fewest_hops(graph, topics, answers),
        graph=graph,
        extras=row.others((*_ROG_FIELDS, *_TYPED_FIELDS)),
        **_typed(row, "answer"),
    )


def _typed(row: Row, answers: str) -> dict[str, Any]:
    """The type of the answers, the operators, identifiers and aliases, where the row has them."""
    found: dict[str, Any] = {name: row.names(name) for name in _TYPED_FIELDS[2:] if row.has(name)}
    count = len(row.items(answers))
    if row.has("answer_aliases"):
        found["answer_aliases"] = row.name_lists("answer_aliases")
    for name, each in (("answer_ids", "one identifier"), ("answer_aliases", "a list of names")):
        if found.get(name) and len(found[name]) != count:
            raise row.wrong(name, f"{each} for each of {counted(count, 'answer')}", list(found[name]))
    if row.has("answer_type"):
        value = row.record["answer_type"]
        if value not in ANSWER_TYPES:
            raise row.wrong("answer_type", f"one of {', '.join(ANSWER_TYPES)}", value)
        found["answer_type"] = value
    return found


def _missing(row: Row, field: str, needed: str) -> ParseError:
    there = clean_name(", ".join(row.record)) or "none"
    return ParseError(
        row.path, row.line, f"the field {field!r} is missing (fields: {there}); a question has {needed}"
    )


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
