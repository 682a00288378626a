"""A run on disk, read for looking at it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kgqa.errors import DataError
from kgqa.evaluation import Record
from kgqa.evaluation.record_file import read_records, records_of

__all__ = ["MANIFEST", "RunFolder", "find_runs", "read_run"]

_LOG = logging.getLogger("kgqa")
MANIFEST = "run.json"


@dataclass(frozen=True)
class RunFolder:
    """What was run (`manifest`, the JSON object of `run.json`) and what came out.

    `unread` is the number of questions that have no record yet, where the manifest says how many
    there are: more than 0 for a run that was stopped or goes on.
    """

    folder: Path
    manifest: Mapping[str, object]
    records: tuple[Record, ...]

    def says(self, name: str) -> object:
        """A value of the manifest, or of the settings or the description within it; `None` for none."""
        describes = self.manifest.get("describes")
        about = describes.get("about") if isinstance(describes, Mapping) else None
        within = (self.manifest, self.manifest.get("settings"), about, describes)
        values = (part.get(name) for part in within if isinstance(part, Mapping))
        return next((value for value in values if value not in (None, "")), None)

    @property
    def dataset(self) -> str | None:
        """The name of its data set or question file, where the manifest has it."""
        name = self.says("dataset")
        return Path(name).name or None if isinstance(name, str) else None

    @property
    def title(self) -> str:
        """What the manifest calls it, or the name of its folder."""
        title = self.says("title")
        return title if isinstance(title, str) else self.folder.resolve().name

    @property
    def unread(self) -> int:
        """Questions of the run without a record."""
        n = self.manifest.get("n")
        return max(n - len(self.records), 0) if isinstance(n, int) else 0


def read_run(folder: Path) -> RunFolder:
    """Read `run.json` and `records.jsonl`, plain or gzip, without changing either.

    Half a line at the end of the records is passed over: the run was killed, or is being written.
    Raises `DataError` where there is no run, its subclass `ParseError` for damaged lines.
    """
    if not (folder / MANIFEST).is_file():
        raise DataError(f"{folder}: no run is here (there is no {MANIFEST}); name the --out of a `kgqa eval`")
    manifest = _manifest(folder / MANIFEST)
    return RunFolder(folder, manifest, tuple(read_records(records_of(folder)).values()))


def find_runs(folder: Path) -> tuple[RunFolder, ...]:
    """All runs at or below a folder, in the order of their paths; a warning names those that are damaged.

    Raises `DataError` where there is no such folder.
    """
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
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON ({error})") from error
    if not isinstance(manifest, dict):
        raise DataError(f"{path}: a JSON object is needed, not {type(manifest).__name__}")
    return manifest
