"""The format of RoG's question sets, where every question has its own graph."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgqa.errors import ParseError
from kgqa.graph.name import clean_name
from kgqa.graph.readers.layout import missing_part
from kgqa.graph.readers.lines import read_lines
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.table import parquet_columns, parquet_rows
from kgqa.graph.statement import Triple

__all__ = ["ROG_COLUMNS", "RogRecord", "read_rog", "read_rog_triples"]

ROG_COLUMNS = ("id", "question", "answer", "q_entity", "a_entity", "graph")


@dataclass(frozen=True)
class RogRecord:
    """One question with its graph, a record of `rmanluo/RoG-webqsp` or `RoG-cwq`.

    RoG: "Reasoning on Graphs", ICLR 2024.
    """

    id: str
    question: str
    answer: tuple[str, ...]
    q_entity: tuple[str, ...]
    a_entity: tuple[str, ...]
    graph: tuple[Triple, ...]


def read_rog(path: str | Path, report: SkipReport | None = None) -> Iterator[RogRecord]:
    """The records of a JSONL file (plain or gzip) or a parquet file, in order.

    A record is a bad line (a bad row in parquet) if a field of `ROG_COLUMNS` is missing or is no text.
    A triple with an empty part is a bad line too; if the report allows it, the graph is read without the
    triple. Without a report the first bad line raises `ParseError`.
    """
    skips = SkipReport() if report is None else report
    path = Path(path)
    for line, fields in _rows(path, skips):
        try:
            record = _record(fields)
        except _Wrong as wrong:
            skips.add(path, line, str(wrong))
            continue
        graph = []
        for position, triple in enumerate(record.graph, 1):
            if missing := missing_part(*triple):
                skips.add(path, line, f"triple {position} of its graph: {missing}")
            else:
                graph.append(triple)
        if len(graph) < len(record.graph):
            record = RogRecord(**{**record.__dict__, "graph": tuple(graph)})
        yield record


def read_rog_triples(path: Path, report: SkipReport) -> Iterator[Triple]:
    """The triples of all graphs of a file, graph by graph, with duplicates."""
    for record in read_rog(path, report):
        yield from record.graph


class _Wrong(Exception):
    """A record that is not valid."""


def _rows(path: Path, report: SkipReport) -> Iterator[tuple[int, object]]:
    if path.suffix.lower() == ".parquet":
        columns = parquet_columns(path)
        missing = [name for name in ROG_COLUMNS if name not in columns]
        if missing:
            there = ", ".join(map(clean_name, columns))
            raise ParseError(path, 0, f"no column {missing[0]!r}; it has {there:.200}")
        yield from parquet_rows(path, ROG_COLUMNS, batch=64)
        return
    for number, line in read_lines(path):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                report.add(path, number, f"no JSON object ({error})")


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
            raise _Wrong(f"{name!r} has a lone surrogate") from error
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
