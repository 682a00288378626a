"""The manifest of a run, `run.json`: written before the first record, compared when the run is resumed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kgqa.config_file import read_json_object
from kgqa.datasets import Question
from kgqa.errors import DataError, ParseError, UsageError
from kgqa.evaluation.record_file import MANIFEST, RECORDS, records_of

__all__ = ["Manifest", "questions_checksum"]

FORMAT = "kgqa-run"
VERSION = 2
UNTYPED = ("entity", (), (), (), None)
"""What a question without the fields of operator sets has; its checksum is without them."""
MOST_NAMED = 4
"""Differences that an error names."""


@dataclass(frozen=True)
class Manifest:
    """What decides the records of a run, and the circumstances that only describe it.

    `questions` and `graph` are checksums, `settings` JSON values. `describes` has versions, commit, machine
    and time: where they differ when a run is resumed, the difference is reported and recorded, and the run
    continues.
    """

    questions: str
    n: int
    graph: str
    link: bool
    settings: Mapping[str, object]
    describes: Mapping[str, object]

    def claim(self, out: Path) -> list[str]:
        """Make `out` the folder of this run, or resume the run in it; the circumstances that differ.

        Raises `UsageError` when it holds another run, `DataError` when it cannot be written.
        """
        path = out / MANIFEST
        mine = json.loads(json.dumps({"format": FORMAT, "version": VERSION, **asdict(self), "resumed": []}))
        try:
            out.mkdir(parents=True, exist_ok=True)
            if records_of(out) != out / RECORDS:
                raise UsageError(f"{out}: holds a run that was exported; choose another folder")
            if path.exists():
                there = _compared(path, mine)
                return self._resumed(path, there, mine["describes"])
            if (out / RECORDS).exists():
                raise UsageError(f"{out}: has records but no {MANIFEST}; choose another folder")
            _write(path, mine)
        except OSError as error:
            raise DataError(f"{out}: cannot be used ({error.strerror})") from error
        return []

    def _resumed(self, path: Path, there: dict[str, Any], now: dict[str, Any]) -> list[str]:
        """Add the circumstances of this resumption where they differ from the last ones; the differences."""
        was = (there["resumed"] or [there["describes"]])[-1]
        changes = _changes(was, now)
        if changes:
            there["resumed"].append(now)
            _write(path, there)
        return changes


def questions_checksum(questions: Iterable[Question]) -> tuple[dict[str, None], str]:
    """The ids of the questions in their order, and the SHA-256 of all that a run uses of them.

    Raises `UsageError` for an id that comes twice.
    """
    ids: dict[str, None] = {}
    digest = hashlib.sha256()
    for q in questions:
        if q.id in ids:
            raise UsageError(f"two questions have the id {q.id!r}")
        ids[q.id] = None
        used: tuple[object, ...] = (
            *(q.id, q.question, q.topic_entities, q.answers, q.hops, q.graph),
            *(q.kind, q.gold_relation_path, q.gold_paths),
        )
        typed = (q.answer_type, q.operators, q.topic_ids, q.answer_ids, q.graph_name)
        if typed != UNTYPED:
            used = (*used, *typed)
        if q.answer_aliases:
            used = (*used, q.answer_aliases)
        digest.update(json.dumps(used, ensure_ascii=True).encode() + b"\n")
    return ids, digest.hexdigest()


def _compared(path: Path, mine: dict[str, Any]) -> dict[str, Any]:
    """The manifest in the folder. Raises `UsageError` unless it is of the same run."""
    try:
        there = read_json_object(path)
    except ParseError:
        there = {}
    if there.get("format") != FORMAT:
        raise UsageError(f"{path}: is not the {MANIFEST} of a run; choose another folder")
    for key, value in mine.items():
        if key not in ("describes", "resumed") and there.get(key) != value:
            was, now = _difference(there.get(key), value)
            raise UsageError(
                f"{path.parent}: holds a run with other {key} ({was}, now {now}); choose another folder"
            )
    if not isinstance(there.get("describes"), dict) or not isinstance(there.get("resumed"), list):
        raise UsageError(f"{path}: is not the {MANIFEST} of a run; choose another folder")
    return there


def _difference(was: object, now: object) -> tuple[str, str]:
    """The parts of two values that differ, short."""
    if not (isinstance(was, dict) and isinstance(now, dict)):
        return str(was)[:16], str(now)[:16]
    one, other = dict(_leaves(was)), dict(_leaves(now))
    keys = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))[:MOST_NAMED]
    return tuple(", ".join(f"{key}={v.get(key)!r:.60}" for key in keys) for v in (one, other))  # type: ignore[return-value]


def _leaves(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """The values that are no tables, by their dotted names."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _changes(was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The differences, one line each; the start time is left out."""
    flat_was, flat_now = _flat(was), _flat(now)
    return [
        f"{key} was {flat_was.get(key)}, is {flat_now.get(key)}"
        for key in sorted(flat_was.keys() | flat_now.keys())
        if key != "started" and flat_was.get(key) != flat_now.get(key)
    ]


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    nested = {f"{at}": value for at, value in values.items() if not isinstance(value, dict)}
    for value in values.values():
        if isinstance(value, dict):
            nested |= value
    return nested


def _write(path: Path, values: dict[str, object]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump(values, stream, indent=1, ensure_ascii=False)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
