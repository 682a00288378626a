"""What a run is a run of: written before its first record, compared when it is resumed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from kgqa.datasets import Question
from kgqa.errors import DataError, UsageError

__all__ = ["Manifest", "questions_checksum"]

FORMAT = "kgqa-run"
VERSION = 1
NAME = "run.json"


@dataclass(frozen=True)
class Manifest:
    """What decides the records of a run; `settings` are JSON values."""

    questions: str
    n: int
    graph: str
    link: bool
    settings: Mapping[str, object]

    def claim(self, out: Path) -> None:
        """Make `out` the folder of this run, or see that it already is.

        Raises `UsageError` when it holds another run, `DataError` when it cannot be written.
        """
        path = out / NAME
        mine = json.loads(json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}))
        try:
            out.mkdir(parents=True, exist_ok=True)
            if path.exists():
                _compare(path, mine, path.read_text("utf-8"))
                return
            if (out / "records.jsonl").exists():
                raise UsageError(f"{out}: has records but no {NAME}; choose another folder")
            _write(path, mine)
        except OSError as error:
            raise DataError(f"{out}: cannot be used ({error.strerror})") from error


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
        used = (q.id, q.question, q.topic_entities, q.answers, q.hops, q.graph)
        digest.update(json.dumps(used, ensure_ascii=True).encode() + b"\n")
    return ids, digest.hexdigest()


def _compare(path: Path, mine: dict[str, object], text: str) -> None:
    try:
        there = json.loads(text)
    except ValueError:
        there = None
    if not isinstance(there, dict) or there.get("format") != FORMAT:
        raise UsageError(f"{path}: is not the {NAME} of a run; choose another folder")
    for key, value in mine.items():
        if there.get(key) != value:
            was, now = _difference(there.get(key), value)
            raise UsageError(
                f"{path.parent}: holds a run with other {key} ({was}, now {now}); choose another folder"
            )


def _difference(was: object, now: object) -> tuple[str, str]:
    """The parts of two values that differ, short."""
    if isinstance(was, dict) and isinstance(now, dict):
        keys = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
        return _settings(was, keys), _settings(now, keys)
    return str(was)[:16], str(now)[:16]


def _settings(values: dict[str, object], keys: list[str]) -> str:
    return ", ".join(f"{key}={values.get(key)!r}" for key in keys)[:200]


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
