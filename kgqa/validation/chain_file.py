"""Chains from files: records, questions with gold paths, lists of triples, or path text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgqa.datasets.json_lines import parse_json_line
from kgqa.errors import ParseError
from kgqa.graph import Triple
from kgqa.graph.readers.lines import read_lines

__all__ = ["Claim", "read_claims"]

_JSON_SUFFIXES = (".jsonl", ".json", ".jsonl.gz", ".json.gz", ".ndjson")


@dataclass(frozen=True)
class Claim:
    """Something to check: that a chain is in the graph and leads from a topic to an answer.

    `triples` are by the names that the file has; or, for a line of path text, `text` is that line.
    `topics` and `answers` are names, None where the file names none. `id` is the question's.
    """

    line: int
    triples: tuple[Triple, ...] = ()
    text: str | None = None
    id: str = ""
    topics: tuple[str, ...] | None = None
    answers: tuple[str, ...] | None = None


def read_claims(path: Path) -> Iterator[Claim]:
    """The chains of a file, in its order.

    A JSONL file (plain or gzip) has on each line a record of a run or a question, with `chains`,
    `gold_paths`, or one `chain`, each chain a list of `[head, relation, tail]`, and if known
    `topic_entities` and `answers` (of a record: `proves` and `entities`). Any other file has a path
    on each line. A file is JSONL when its name or its first line says so.

    Raises `ParseError` for lines of JSONL that hold no chains or wrong types, and as `read_lines`.
    """
    as_json: bool | None = True if path.name.endswith(_JSON_SUFFIXES) else None
    for number, text in read_lines(path):
        if not text.strip():
            continue
        if as_json is None:
            as_json = _is_object(text)
        if as_json:
            yield from _object_claims(path, number, parse_json_line(path, number, text))
        else:
            yield Claim(number, text=text)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _object_claims(path: Path, line: int, record: dict[str, Any]) -> Iterator[Claim]:
    def wrong(field: str, needed: str) -> ParseError:
        return ParseError(path, line, f"{field!r} must be {needed}, not {str(record[field])[:80]!r}")

    def texts(field: str) -> tuple[str, ...] | None:
        value = record.get(field)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise wrong(field, "a list of texts")
        return tuple(value) or None

    def chains(field: str) -> list[tuple[Triple, ...]]:
        value = [record[field]] if field == "chain" else record[field]
        if not isinstance(value, list) or not all(map(_is_chain, value)):
            raise wrong(field, "lists of [head, relation, tail]")
        return [tuple(Triple(*triple) for triple in chain) for chain in value]

    fields = [field for field in ("chain", "chains", "gold_paths") if field in record]
    if not fields:
        raise ParseError(path, line, "no chains here: a 'chain', 'chains' or 'gold_paths' is needed")
    topics, answers = texts("topic_entities"), texts("answers")
    proven = _proven(path, line, record, texts("entities") or answers)
    id_ = record.get("id")
    for field in fields:
        for at, chain in enumerate(chains(field)):
            ends = (proven[at],) if field == "chains" and at < len(proven) else answers
            yield Claim(line, chain, id=id_ if isinstance(id_, str) else "", topics=topics, answers=ends)


def _proven(path: Path, line: int, record: dict[str, Any], answers: tuple[str, ...] | None) -> list[str]:
    """For each of a record's `chains` the answer it is given for; empty where that is not said."""
    proves = record.get("proves")
    if proves is None:
        return []
    names = answers or ()
    if not isinstance(proves, list) or not all(
        isinstance(at, int) and not isinstance(at, bool) and 0 <= at < len(names) for at in proves
    ):
        raise ParseError(path, line, f"'proves' must number the answers, not {str(proves)[:80]!r}")
    if len(proves) != len(record.get("chains", ())):
        raise ParseError(path, line, "'proves' must have one number for each chain")
    return [names[at] for at in proves]


def _is_chain(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(triple, list) and len(triple) == 3 and all(isinstance(part, str) for part in triple)
        for triple in value
    )
