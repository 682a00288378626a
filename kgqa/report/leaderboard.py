"""All runs below a folder as one table, by data set."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgqa.errors import UsageError
from kgqa.graph import clean_name
from kgqa.report.breakdown import Slice
from kgqa.report.published import Published, published_scores
from kgqa.report.run_folder import RunFolder, find_runs, read_run, settings_text
from kgqa.report.score import METRICS

if TYPE_CHECKING:
    import pandas

__all__ = ["leaderboard"]

_BOUNDS = [f"{metric}{part}" for metric in METRICS for part in ("", "_low", "_high")]
_TYPES = {
    "board": "int64",
    "dataset": "object",
    "run": "object",
    "published": "bool",
    "comparable": "bool",
    "n": "Int64",
    "missing": "Int64",
    **dict.fromkeys([*_BOUNDS, "faithful", "seconds"], "float64"),
    **dict.fromkeys(["model", "settings", "date", "folder", "other_scores", "note", "source"], "object"),
}


def leaderboard(runs: str | Path | Iterable[str | Path]) -> pandas.DataFrame:
    """One row a run, of all runs below a folder or of the run folders given.

    Runs are on one `board` when their manifests name the same data set and have the same questions:
    parts and samples of a set do not compare. Boards are in the order of their names, on each the run
    with the best Hits@1 first, then the scores that others published (`published`), which are
    `comparable` only where the run's manifest says so.

    Scores and the bounds of their 95 % intervals (`..._low`, `..._high`) are between 0 and 1, `seconds`
    is the mean of a question, `missing` counts the questions that have no record yet. `other_scores`
    has what was published under other names, in percent. What is not known is missing (NaN, None).
    Raises what `find_runs` and `read_run` raise.
    """
    import pandas

    if not isinstance(runs, (str, Path)) and (isinstance(runs, bytes) or not isinstance(runs, Iterable)):
        raise UsageError(f"runs are a folder or the folders of runs, not {type(runs).__name__}")
    found = find_runs(runs) if isinstance(runs, str | Path) else tuple(map(read_run, runs))
    groups: dict[object, list[RunFolder]] = {}
    for run in found:
        groups.setdefault((run.dataset, run.value("questions") or run.title), []).append(run)
    boards = sorted(map(_board, groups.values()), key=lambda each: _natural(each[0]))
    table = [{"board": at, "dataset": name, **row} for at, (name, rows) in enumerate(boards) for row in rows]
    return pandas.DataFrame(table, columns=list(_TYPES)).astype(_TYPES)


def _board(runs: Sequence[RunFolder]) -> tuple[str, list[dict[str, Any]]]:
    """The name of the runs' data set, and their rows."""
    measured = sorted(map(_measured, runs), key=lambda row: (-row["hits_at_1"], -row["f1"], row["run"]))
    published = dict.fromkeys(scores for run in runs for scores in published_scores(run.value("published")))
    part = runs[0].value("part")
    name = f"{runs[0].dataset}, {part}" if runs[0].dataset and part else runs[0].dataset
    theirs = [_published(scores) for scores in sorted(published, key=lambda each: each.method)]
    return name or str(measured[0]["run"]), measured + theirs


def _measured(run: RunFolder) -> dict[str, Any]:
    total = Slice.of(run.title, run.records)
    bounds = dict(zip(_BOUNDS, (value for name in METRICS for value in total.scores[name]), strict=True))
    return {
        "run": run.title,
        "published": False,
        "comparable": True,
        "n": total.n,
        "missing": run.missing,
        **bounds,
        "faithful": total.faithful,
        "seconds": math.fsum(record.seconds for record in run.records) / max(len(run.records), 1),
        "model": clean_name(str(run.value("model") or "–")),
        "settings": settings_text(run),
        "date": clean_name(str(run.value("date") or run.value("started") or "–"))[:10],
        "folder": str(run.folder),
    }


def _published(scores: Published) -> dict[str, Any]:
    values = {name: scores.value(name) for name in METRICS}
    return {
        "run": scores.method,
        "published": True,
        "comparable": scores.comparable,
        **{name: value / 100 for name, value in values.items() if value is not None},
        "other_scores": dict(scores.others(METRICS)),
        "note": scores.note,
        "source": scores.source,
    }


def _natural(text: str) -> list[tuple[int, str]]:
    """A key that sorts numbers within names by their value."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text.casefold())
    ]
