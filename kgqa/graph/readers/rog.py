"""The form of RoG's question sets: every question brings its own graph."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgqa.graph.readers.delimited import missing_part
from kgqa.graph.readers.skip_report import OnBadLine, refuse
from kgqa.graph.readers.source import Source
from kgqa.graph.readers.table import parquet_columns, parquet_rows
from kgqa.graph.triple import Triple

__all__ = ["ROG_COLUMNS", "RogRecord", "is_rog", "read_rog", "rog_triples"]

ROG_COLUMNS = ("id", "question", "answer", "q_entity", "a_entity", "graph")


@dataclass(frozen=True)
class RogRecord:
    """One question with its graph, as `rmanluo/RoG-webqsp` and `RoG-cwq` have them.

    RoG: "Reasoning on Graphs", ICLR 2024.
    """

    id: str
    question: str
    answer: tuple[str, ...]
    q_entity: tuple[str, ...]
    a_entity: tuple[str, ...]
    graph: tuple[Triple, ...]


def read_rog(path: str | Path | Source, on_bad: OnBadLine = refuse) -> Iterator[RogRecord]:
    """The records of a JSONL file (plain or gzip) or a parquet file, in order.

    A record without one of `ROG_COLUMNS`, or with something else than texts in them, is a bad line
    (a bad row in parquet); so is each triple with an empty part, and it is left out of its graph
    if `on_bad` allows it.
    """
    source = path if isinstance(path, Source) else Source(path)
    for line, fields in _rows(source, on_bad):
        try:
            record = _record(fields)
        except _Wrong as wrong:
            on_bad(source.name, line, str(wrong))
            continue
        graph = []
        for position, triple in enumerate(record.graph, 1):
            if missing := missing_part(*triple):
                on_bad(source.name, line, f"triple {position} of its graph: {missing}")
            else:
                graph.append(triple)
        if len(graph) < len(record.graph):
            record = RogRecord(**{**record.__dict__, "graph": tuple(graph)})
        yield record


def rog_triples(source: Source, on_bad: OnBadLine = refuse) -> Iterator[Triple]:
    """The facts of all graphs of a file, one graph after the other; many come more than once."""
    for record in read_rog(source, on_bad):
        yield from record.graph


def is_rog(columns: object) -> bool:
    """Whether a table or a JSON object with these column names is of RoG's form."""
    return isinstance(columns, list | dict) and {"graph", "q_entity"} <= set(columns)


class _Wrong(Exception):
    """What is wrong with a record."""


def _rows(source: Source, on_bad: OnBadLine) -> Iterator[tuple[int, object]]:
    if not source.is_stdin and source.suffix() in (".parquet", ".pq"):
        columns = parquet_columns(source)
        missing = [name for name in ROG_COLUMNS if name not in columns]
        if missing:
            refuse(source.name, 0, f"no column {missing[0]!r}; it has {', '.join(columns)}")
        yield from parquet_rows(source, list(ROG_COLUMNS), batch=64)
        return
    for number, line in source.lines(on_bad):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                on_bad(source.name, number, f"no JSON object ({error})")


def _record(fields: object) -> RogRecord:
    if not isinstance(fields, Mapping):
        raise _Wrong("no JSON object, or not of the form of RoG")
    for name in ROG_COLUMNS:
        if name not in fields:
            raise _Wrong(f"no field {name!r}")
    graph = fields["graph"]
    if not isinstance(graph, list):
        raise _Wrong("'graph' is no list of triples")
    return RogRecord(
        id=_text("id", fields["id"]),
        question=_text("question", fields["question"]),
        answer=_texts("answer", fields["answer"]),
        q_entity=_texts("q_entity", fields["q_entity"]),
        a_entity=_texts("a_entity", fields["a_entity"]),
        graph=tuple(_triple(position, item) for position, item in enumerate(graph, 1)),
    )


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"{name!r} is {value!r:.80}, a text was expected")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise _Wrong(f"{name!r} holds half a character (a lone surrogate)") from error
    if "\0" in value:
        raise _Wrong(f"{name!r} holds a NUL character")
    return value


def _texts(name: str, values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise _Wrong(f"{name!r} is {values!r:.80}, a list of texts was expected")
    return tuple(_text(name, value) for value in values)


def _triple(position: int, item: Any) -> Triple:
    if not isinstance(item, list) or len(item) != 3:
        raise _Wrong(f"triple {position} of its graph is {item!r:.80}, three texts were expected")
    head, relation, tail = (_text(f"triple {position} of its graph", part) for part in item)
    return Triple(head, relation, tail)
