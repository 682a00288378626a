"""All runs below a folder in one table."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kgqa.graph import clean_name
from kgqa.report.breakdown import METRICS, Slice
from kgqa.report.labels import LABELS
from kgqa.report.number_text import duration, interval, number, percent
from kgqa.report.page import templates
from kgqa.report.published import Published, published_scores
from kgqa.report.run_folder import RunFolder, find_runs
from kgqa.report.tables import markdown_table, markdown_text
from kgqa.report.write import write_text

__all__ = ["Board", "Row", "leaderboard", "write_leaderboard"]

SHOWN = METRICS[:3]


@dataclass(frozen=True)
class Row:
    """A run: its scores, what it was run with, and where its page is from the table (empty: nowhere)."""

    title: str
    total: Slice
    unread: int
    model: str
    settings: str
    date: str
    page: str

    @classmethod
    def of(cls, run: RunFolder, root: Path) -> Self:
        """The row of a run, in a table that stands in the folder `root`."""
        page = run.folder / "report.html"
        describes = _within(run.manifest, "describes")
        return cls(
            title=run.title,
            total=Slice.of(run.title, run.records),
            unread=run.unread,
            model=clean_name(str(_within(run.manifest, "settings").get("model") or "–")),
            settings=clean_name(_settings(run.manifest)),
            date=clean_name(str(run.manifest.get("date") or describes.get("started") or "–"))[:10],
            page=Path(os.path.relpath(page, root)).as_posix() if page.is_file() else "",
        )


@dataclass(frozen=True)
class Board:
    """The runs on one data set, the best Hits@1 first, and what others published on it."""

    dataset: str
    rows: tuple[Row, ...]
    published: tuple[Published, ...]

    def published_as(self, metric: str) -> tuple[Published, ...]:
        """The published scores by that metric, whatever way its name is spelled."""
        return tuple(score for score in self.published if _spelled(score.metric) == _spelled(LABELS[metric]))


def leaderboard(folder: Path) -> tuple[Board, ...]:
    """The tables of all runs below a folder, by data set.

    Runs are of one data set when their manifests name the same `dataset`, or, without a name, have
    the same questions. Raises what `find_runs` raises.
    """
    groups: dict[str, list[RunFolder]] = {}
    for run in find_runs(folder):
        key = run.manifest.get("dataset") or run.manifest.get("questions") or run.title
        groups.setdefault(str(key), []).append(run)
    boards = [_board(runs, folder) for runs in groups.values()]
    return tuple(sorted(boards, key=lambda board: _natural(board.dataset)))


def write_leaderboard(folder: Path) -> Path:
    """Write `leaderboard.html` and `leaderboard.md` into a folder of runs; the page's path."""
    boards = leaderboard(folder)
    page = templates().get_template("leaderboard.html.j2").render(boards=boards, shown=SHOWN)
    write_text(folder / "leaderboard.html", page)
    write_text(folder / "leaderboard.md", as_markdown(boards))
    return folder / "leaderboard.html"


def as_markdown(boards: Sequence[Board]) -> str:
    """The tables; published scores in rows of their own, those that are not comparable marked."""
    parts = ["# Leaderboard", "Strict scores in percent with 95 % intervals; every question counts."]
    columns = ["run", "n", *(LABELS[name] for name in SHOWN), "faithful", "time", "model", "settings", "date"]
    for board in boards:
        rows = [_cells(row) for row in board.rows]
        rows += [_published_cells(score) for score in board.published]
        parts += [f"## {markdown_text(board.dataset)}", markdown_table(columns, rows)]
    if any(not score.comparable for board in boards for score in board.published):
        parts.append("† published by others, not comparable by definition: " + NOTE)
    return "\n\n".join(parts) + "\n"


NOTE = "other questions, another graph, or another definition of the metric."


def _cells(row: Row) -> list[str]:
    scores = [row.total.scores[name] for name in SHOWN]
    return [
        row.title + (f" (not finished: {number(row.unread)} missing)" if row.unread else ""),
        number(row.total.n),
        *(f"{percent(score.mean)} {interval(score)}".strip() for score in scores),
        percent(row.total.faithful),
        duration(row.total.seconds),
        row.model,
        row.settings,
        row.date,
    ]


def _published_cells(score: Published) -> list[str]:
    mark = "" if score.comparable else " †"
    value = f"{score.value:.1f}"
    values = [value if _spelled(score.metric) == _spelled(LABELS[name]) else "" for name in SHOWN]
    metric = "" if any(values) else f"{score.metric} {value}"
    return [f"{score.method}{mark}", "", *values, "", "", metric, score.note, score.source]


def _board(runs: Sequence[RunFolder], folder: Path) -> Board:
    rows = sorted((Row.of(run, folder) for run in runs), key=_place)
    published = dict.fromkeys(score for run in runs for score in published_scores(run.manifest))
    dataset = str(runs[0].manifest.get("dataset") or rows[0].title)
    return Board(dataset, tuple(rows), tuple(sorted(published, key=lambda score: -score.value)))


def _place(row: Row) -> tuple[float, float, str]:
    return -row.total.scores["hits_at_1"].mean, -row.total.scores["f1"].mean, row.title


def _settings(manifest: Mapping[str, object]) -> str:
    """The settings that make most of a difference, in a few words."""
    settings = _within(manifest, "settings")
    parts = [
        str(settings.get("grammar") or ""),
        f"{settings.get('search') or ''} {settings.get('beams') or ''}".strip(),
        f"{settings['hops']} hops" if settings.get("hops") else "",
        "returns" if settings.get("returns") is True else "",
        "topics from the text" if manifest.get("link") is True else "",
    ]
    return ", ".join(part for part in parts if part)


def _within(values: Mapping[str, object], key: str) -> Mapping[str, object]:
    inner = values.get(key)
    return inner if isinstance(inner, Mapping) else {}


def _spelled(metric: str) -> str:
    return re.sub(r"[^a-z0-9]", "", metric.lower()).replace("at", "").replace("hits", "hit")


def _natural(text: str) -> list[tuple[int, str]]:
    """Numbers within names by their value."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text.casefold())]
