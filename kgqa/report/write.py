"""Writing the files of a report, and exporting a run."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

from kgqa.errors import DataError, UsageError
from kgqa.graph import IndexedGraph
from kgqa.report.page import as_html
from kgqa.report.run_folder import MANIFEST, RunFolder, read_run
from kgqa.report.summary import Summary
from kgqa.report.tables import as_csv, as_markdown

__all__ = ["export_run", "write_report", "write_text"]


def write_report(folder: str | Path, graph: IndexedGraph | None = None) -> Path:
    """Write `report.html`, `report.md` and `report.csv` into a run's folder; the page's path.

    The same run gives the same bytes. A graph supplies the names of entities and relations. Raises what
    `read_run` raises, and `DataError` for a folder that cannot be written.
    """
    return _write(read_run(folder), Path(folder), graph)


def export_run(
    folder: str | Path, to: str | Path, title: str | None = None, graph: IndexedGraph | None = None
) -> Path:
    """Copy a run to the folder `to` in a compact form; returns the path of its page.

    The copy has the manifest, with `title` if it is given, the records as `records.jsonl.gz`, and the
    report. It can be read like the run's own folder. Raises `UsageError` for a folder that holds another
    run, and what `write_report` raises.
    """
    run, to = read_run(folder), Path(to)
    manifest = {**run.manifest, **({"title": title} if title else {})}
    if to.resolve() == Path(folder).resolve():
        raise UsageError(f"{to}: is the run's own folder; choose another one to export to")
    if (to / MANIFEST).is_file() and not _same(read_run(to), run):
        raise UsageError(f"{to}: holds another run; choose another folder or delete it")
    lines = "".join(record.to_json() + "\n" for record in run.records)
    write_text(to / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    _write_bytes(to / "records.jsonl.gz", gzip.compress(lines.encode("utf-8"), mtime=0))
    return _write(RunFolder(to, manifest, run.records), to, graph)


def write_text(path: Path, text: str) -> None:
    """Write a file in one step, with the folders above it. Raises `DataError` where that fails."""
    _write_bytes(path, text.encode("utf-8", "replace"))


def _write(run: RunFolder, folder: Path, graph: IndexedGraph | None) -> Path:
    summary = Summary.of(run, graph)
    write_text(folder / "report.html", as_html(summary))
    write_text(folder / "report.md", as_markdown(summary))
    write_text(folder / "report.csv", as_csv(summary))
    return folder / "report.html"


def _same(there: RunFolder, run: RunFolder) -> bool:
    """Whether two folders hold the same run, by the fields that decide its records."""
    decides = ("questions", "n", "graph", "link", "settings")
    return all(there.manifest.get(key) == run.manifest.get(key) for key in decides)


def _write_bytes(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        temporary.unlink(missing_ok=True)
