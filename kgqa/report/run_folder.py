"""The folder of a run: its manifest and its records."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kgqa.config_file import read_json_object
from kgqa.counted import counted
from kgqa.errors import DataError, check_path
from kgqa.evaluation import Record
from kgqa.evaluation.record_file import MANIFEST, read_records, records_of
from kgqa.graph import clean_name

__all__ = ["MANIFEST", "Fact", "RunFolder", "facts", "find_runs", "read_run", "settings_text"]

_LOG = logging.getLogger("kgqa")

Fact = tuple[str, str]
"""A name and a value, both clean."""

_LEFT_OUT = frozenset({"format", "version", "published", "title", "resumed"})
_UNNAMED = ("settings", "describes", "versions", "about")
_FIRST = ("dataset", "n", "model", "started", "processor")
_SAID = {
    "n": "questions in the set",
    "questions": "questions (SHA-256)",
    "graph": "graph (checksum)",
    "link": "topics found in the text",
}


@dataclass(frozen=True)
class RunFolder:
    """The manifest (the JSON object of `run.json`) and the records of a run.

    `missing` is the number of questions without a record, if the manifest has their number: more than 0
    for an unfinished run.
    """

    folder: Path
    manifest: Mapping[str, object]
    records: tuple[Record, ...]

    def value(self, name: str) -> object:
        """The value of a field of the manifest, its settings or its description; `None` if it has none."""
        describes = self.manifest.get("describes")
        about = describes.get("about") if isinstance(describes, Mapping) else None
        settings = self.manifest.get("settings")
        answerer = settings.get("answerer") if isinstance(settings, Mapping) else None
        within = (self.manifest, settings, about, describes, answerer)
        values = (part.get(name) for part in within if isinstance(part, Mapping))
        return next((value for value in values if value not in (None, "")), None)

    @property
    def dataset(self) -> str | None:
        """The name of its data set or question file; `None` if the manifest has none."""
        name = self.value("dataset")
        return Path(name).name or None if isinstance(name, str) else None

    @property
    def title(self) -> str:
        """The title in the manifest, or the name of its folder."""
        title = self.value("title")
        return title if isinstance(title, str) else self.folder.resolve().name

    @property
    def missing(self) -> int:
        """Questions of the run without a record."""
        n = self.manifest.get("n")
        return max(n - len(self.records), 0) if isinstance(n, int) else 0


def read_run(folder: str | Path) -> RunFolder:
    """Read `run.json` and `records.jsonl`, plain or gzip, without changing either.

    An incomplete last line of the records is ignored: the run was killed, or is being written. Raises
    `DataError` if there is no run, its subclass `ParseError` for damaged lines.
    """
    folder = check_path(folder, "folder")
    if not (folder / MANIFEST).is_file():
        raise DataError(f"{folder}: not the folder of a run: it has no {MANIFEST}; `kgqa eval` writes one")
    manifest = _manifest(folder / MANIFEST)
    return RunFolder(folder, manifest, tuple(read_records(records_of(folder)).values()))


def find_runs(folder: str | Path) -> tuple[RunFolder, ...]:
    """All runs at or below a folder, in the order of their paths; a warning names those that are damaged.

    Raises `DataError` where there is no such folder.
    """
    folder = check_path(folder, "folder")
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder")
    runs: list[RunFolder] = []
    for place in sorted({path.parent for path in folder.rglob(MANIFEST) if path.is_file()}):
        try:
            runs.append(read_run(place))
        except DataError as error:
            _LOG.warning("a run is left out: %s", error)
    return tuple(runs)


def _manifest(path: Path) -> Mapping[str, object]:
    return read_json_object(path)


def settings_text(run: RunFolder) -> str:
    """The grammar, search, hops and part of the questions of a run, in a few words; may be empty.

    Of the search, all settings that were set.
    """
    search, aggregate = _table(run.value("search")), _table(run.value("aggregate"))
    beams = search.get("beams") or run.value("beams")
    answers = aggregate.get("name")
    parts = [
        run.value("grammar"),
        " ".join(str(part) for part in (search.get("name"), beams) if part),
        *(f"{name} {value}" for name, value in search.items() if name not in ("name", "beams")),
        counted(hops, "hop") if isinstance(hops := run.value("hops"), int) else None,
        "return to the start allowed" if run.value("allow_return") is True else None,
        "topics from the text" if run.value("link") is True else None,
        f"answers by {answers}" if answers and answers != "vote" else None,
        *(f"{name} {value}" for name in ("part", "sample", "limit") if (value := run.value(name))),
    ]
    return clean_name(", ".join(str(part) for part in parts if part))


def facts(manifest: Mapping[str, object]) -> tuple[Fact, ...]:
    """The values of a manifest as names and texts, the most important first.

    Nested objects are flattened; values that are `null`, empty or minus infinity (the default of a
    limit) are left out.
    """
    found = {
        _title(path): value
        for path, value in _unfolded(manifest, ())
        if not _LEFT_OUT.intersection(path) and path[:2] != ("settings", "answerer")
    }
    order = {name: place for place, name in enumerate(_SAID.get(name, name) for name in _FIRST)}
    names = sorted(found, key=lambda name: order.get(name.split(": ")[0], len(order)))
    return tuple((clean_name(name), found[name]) for name in names)


def _title(path: tuple[str, ...]) -> str:
    inner = [part for part in path[:-1] if part not in _UNNAMED] + [path[-1]]
    if len(path) == 1:
        return _SAID.get(path[0], path[0])
    return ": ".join(part.replace("_", " ") for part in inner)


def _unfolded(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _unfolded(part, (*path, str(name)))
    elif value not in (None, "", [], float("-inf")):
        yield path, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return clean_name(", ".join(map(str, value)))
    return clean_name(str(value))


def _table(value: object) -> Mapping[str, object]:
    """A settings table with a `name`, which may be given as the name alone."""
    return value if isinstance(value, Mapping) else {"name": value}
