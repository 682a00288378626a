"""Triples in text files: TSV, CSV, and the `a|r|b` of MetaQA."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from kgqa.graph.name import clean_name
from kgqa.graph.readers.lines import read_lines
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.statement import Triple

__all__ = ["HEADERS", "header_columns", "missing_part", "read_csv", "read_metaqa", "read_tsv"]

HEADERS = (
    ("head", "relation", "tail"),
    ("subject", "predicate", "object"),
    ("subject", "relation", "object"),
    ("head", "rel", "tail"),
    ("source", "relation", "target"),
)

_Fields = tuple[int, Sequence[str]]


def read_tsv(path: Path, report: SkipReport) -> Iterator[Triple]:
    """The triples of lines `head TAB relation TAB tail`.

    There are no quotes and no comments: all characters between the tabs, including spaces and quotes,
    belong to the identifier. Empty lines are skipped. If the first line has column names (`HEADERS`), the
    columns may have another order and there may be more of them.
    """
    return _triples(path, _split(path, "\t"), report)


def read_metaqa(path: Path, report: SkipReport) -> Iterator[Triple]:
    """The triples of lines `head|relation|tail`, the format of `kb.txt` of MetaQA; otherwise like TSV."""
    return _triples(path, _split(path, "|"), report)


def read_csv(path: Path, report: SkipReport) -> Iterator[Triple]:
    """The triples of comma-separated lines with optional quotes (RFC 4180); otherwise like TSV.

    Messages name the first line of a record that spans several lines.
    """
    return _triples(path, _records(path, report), report)


def header_columns(fields: Sequence[str]) -> tuple[int, int, int] | None:
    """The positions of head, relation and tail if these fields are column names; else None.

    >>> header_columns(["Weight", "Subject", "Predicate", "Object"])
    (1, 2, 3)
    """
    names = [field.strip().casefold() for field in fields]
    for header in HEADERS:
        if all(names.count(name) == 1 for name in header):
            head, relation, tail = (names.index(name) for name in header)
            return head, relation, tail
    return None


def missing_part(head: str, relation: str, tail: str) -> str | None:
    """Why a triple is not valid; None if it is."""
    if not head or head.isspace():
        return "the head is empty"
    if not clean_name(relation):
        return "the relation is empty"
    if not tail or tail.isspace():
        return "the tail is empty"
    if "\0" in head or "\0" in relation or "\0" in tail:
        return "a NUL character; is this a text file?"
    return None


def _split(path: Path, separator: str) -> Iterator[_Fields]:
    for number, line in read_lines(path):
        if line:
            yield number, line.split(separator)


def _records(path: Path, report: SkipReport) -> Iterator[_Fields]:
    lines = read_lines(path)
    last = 0

    def texts() -> Iterator[str]:
        nonlocal last
        for number, line in lines:
            last = number
            yield f"{line}\n"

    reader = csv.reader(texts(), strict=True)
    while True:
        before = last
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            report.add(path, before + 1, f"no CSV record ({error})")
            continue
        if fields:
            yield before + 1, fields


def _triples(path: Path, rows: Iterator[_Fields], report: SkipReport) -> Iterator[Triple]:
    head, relation, tail, width = 0, 1, 2, 3
    first = True
    for number, fields in rows:
        columns = header_columns(fields) if first else None
        first = False
        if columns:
            (head, relation, tail), width = columns, len(fields)
            continue
        if len(fields) != width:
            report.add(path, number, f"{len(fields)} fields instead of {width}")
            continue
        triple = Triple(fields[head], fields[relation], fields[tail])
        if wrong := missing_part(*triple):
            report.add(path, number, wrong)
        else:
            yield triple
