"""Chains in files: records, questions with gold paths, lists of triples, or path text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgqa.datasets import read_json_objects
from kgqa.datasets.json_objects import parse_json_line
from kgqa.errors import DataError, ParseError
from kgqa.graph import Triple
from kgqa.graph.readers.lines import read_lines
from kgqa.validation.claim import Claim
from kgqa.validation.claim_questions import with_questions
from kgqa.validation.prediction_chains import is_prediction, prediction_claims

__all__ = ["claims_of", "read_claims"]

_JSON_SUFFIXES = (".jsonl", ".json", ".jsonl.gz", ".json.gz", ".ndjson")


def read_claims(path: str | Path, questions: str | Path | None = None) -> Iterator[Claim]:
    """The chains of a file, in its order; `questions` is a file with the questions that they are for.

    Each line of a JSONL file (plain or gzip) is a record of a run or a question, with `chains`,
    `gold_paths` or one `chain`, each chain a list of `[head, relation, tail]`, and optionally
    `topic_entities` (or `q_entity`), `answers` (of a record also `proves` and `entities`) and a `graph`
    of its own. It may have a `program` (its text), a `proof` of it (`Proof.to_dict`), or both, instead or
    too; the `answers` are then the program's. It may be what a published system wrote (`prediction_claims`).
    Any other file has a path or a program on each line. A file is JSONL if its name ends like one (`.jsonl`,
    `.json`, `.ndjson`; then it may also be one array) or its first line is a JSON object.

    Raises `ParseError` for lines of JSONL without chains and programs or with wrong types, `DataError` for a
    file without any line, and as `read_lines` and `with_questions`.
    """
    path = Path(path)
    claims = _read(path)
    return claims if questions is None else with_questions(claims, questions)


def _read(path: Path) -> Iterator[Claim]:
    is_empty = True
    for number, record in _records(path):
        is_empty = False
        yield from claims_of(path, number, record)
    if is_empty:
        raise DataError(f"{path}: holds no chains")


def _records(path: Path) -> Iterator[tuple[int, str | dict[str, Any]]]:
    """The number of each line that is not empty, and its text or JSON object."""
    if path.name.endswith(_JSON_SUFFIXES):
        yield from read_json_objects(path)
        return
    as_json: bool | None = None
    for number, text in read_lines(path):
        if not text.strip():
            continue
        if as_json is None:
            as_json = _is_object(text)
        yield number, parse_json_line(path, number, text) if as_json else text


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def claims_of(path: str | Path, line: int, record: str | dict[str, Any]) -> Iterator[Claim]:
    """The claims of a line: a path or a program as text, or the object of a line of JSONL.

    `path` and `line` are named in errors. Raises `ParseError` as `read_claims`.
    """
    if isinstance(record, str):
        yield Claim(line, text=record)
        return

    def wrong(field: str, needed: str) -> ParseError:
        return ParseError(path, line, f"{field!r} must be {needed}, not {str(record[field])[:80]!r}")

    def texts(field: str) -> tuple[str, ...] | None:
        value = record.get(field)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise wrong(field, "a list of texts")
        return tuple(value) or None

    def triples(field: str) -> tuple[Triple, ...]:
        if not _is_chain(record[field]):
            raise wrong(field, "a list of [head, relation, tail]")
        return tuple(Triple(*triple) for triple in record[field])

    def chains(field: str) -> list[tuple[Triple, ...]]:
        value = [record[field]] if field == "chain" else record[field]
        if not isinstance(value, list) or not all(map(_is_chain, value)):
            raise wrong(field, "lists of [head, relation, tail]")
        return [tuple(Triple(*triple) for triple in chain) for chain in value]

    fields = [field for field in ("chain", "chains", "gold_paths") if field in record]
    program, proof = record.get("program"), record.get("proof")
    if not fields and program is None and proof is None and is_prediction(record):
        yield from prediction_claims(path, line, record)
        return
    if program is not None and not isinstance(program, str):
        raise wrong("program", "the text of a program")
    if proof is not None and not isinstance(proof, dict):
        raise wrong("proof", "the JSON form of a proof")
    if not fields and program is None and proof is None:
        needed = "a 'chain', 'chains' or 'gold_paths' is needed, a 'program' or 'proof', or a 'prediction'"
        raise ParseError(path, line, f"no chains here: {needed}")
    topics, answers = texts("topic_entities") or texts("q_entity"), texts("answers")
    if program is not None or proof is not None:
        topics = None  # a program may start at a class
    graph = triples("graph") if isinstance(record.get("graph"), list) else None
    proven = _proven(path, line, record, texts("entities") or answers)
    id_ = str(record["id"]) if isinstance(record.get("id"), str) else ""
    if program is not None or proof is not None:
        yield Claim(line, id=id_, answers=answers, graph=graph, program=program, proof=proof)
    for where in fields:
        for at, chain in enumerate(chains(where)):
            ends = (proven[at],) if where == "chains" and at < len(proven) else answers
            yield Claim(line, chain, id=id_, topics=topics, answers=ends, graph=graph)


def _proven(
    path: str | Path, line: int, record: dict[str, Any], answers: tuple[str, ...] | None
) -> list[str]:
    """The answer of each of a record's `chains`; empty where the record does not have it."""
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
