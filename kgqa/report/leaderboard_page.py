"""A leaderboard as a page and as Markdown."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kgqa.counted import counted
from kgqa.report.leaderboard import leaderboard
from kgqa.report.number_text import duration, interval, number, percent
from kgqa.report.page import templates
from kgqa.report.score import LABELS, METRICS, Score
from kgqa.report.tables import markdown_table
from kgqa.report.write import write_text

if TYPE_CHECKING:
    import pandas

__all__ = ["leaderboard_markdown", "write_leaderboard"]

SHOWN = METRICS[:3]
NOT_COMPARABLE = (
    "† published by others, and not comparable by definition: other questions, another graph, or "
    "another definition of the metric."
)
Row = Mapping[str, Any]


class Board(NamedTuple):
    """The rows of one data set; unknown values are `None`."""

    dataset: str
    rows: tuple[Row, ...]


def write_leaderboard(folder: str | Path) -> tuple[Path, pandas.DataFrame]:
    """Write `leaderboard.html` and `leaderboard.md` into a folder of runs; the page's path and the table."""
    root = Path(folder)
    table = leaderboard(root)
    page = templates().get_template("leaderboard.html.j2")
    boards = list(_boards(table))
    text = page.render(boards=boards, shown=SHOWN, score=_score, others=_others, link=_link(root))
    write_text(root / "leaderboard.html", text)
    write_text(root / "leaderboard.md", leaderboard_markdown(table))
    return root / "leaderboard.html", table


def leaderboard_markdown(table: pandas.DataFrame) -> str:
    """A `leaderboard` as one table; published scores that are not comparable are marked."""
    columns = ["data set", "run", "n", *(LABELS[name] for name in SHOWN)]
    columns += ["faithful", "time", "model", "settings", "date"]
    rows = [
        [board.dataset, *(_published_cells(row) if row["published"] else _cells(row))]
        for board in _boards(table)
        for row in board.rows
    ]
    parts = [
        "# Leaderboard",
        "Strict scores in percent with 95 % intervals; every question counts. Time: the mean of a question.",
        markdown_table(columns, rows, texts=2),
    ]
    if not table["comparable"].all():
        parts.append(NOT_COMPARABLE)
    return "\n\n".join(parts) + "\n"


def _boards(table: pandas.DataFrame) -> Iterator[Board]:
    plain = table.astype("object").where(table.notna(), None)
    for _, rows in plain.groupby("board", sort=False):
        found = [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]
        yield Board(found[0]["dataset"], tuple(found))


def _score(row: Row, name: str) -> Score | None:
    mean, low, high = (row[f"{name}{part}"] for part in ("", "_low", "_high"))
    return None if mean is None else Score(mean, mean if low is None else low, mean if high is None else high)


def _others(row: Row) -> str:
    """The published scores that have no column, in percent."""
    left = [name for name in METRICS if name not in SHOWN and row[name] is not None]
    columns = {LABELS[name]: 100 * row[name] for name in left}
    return ", ".join(f"{name} {value:.1f}" for name, value in {**columns, **row["other_scores"]}.items())


def _link(root: Path) -> Any:
    """A function that gives the path of a run's page from `root`; empty where there is no page."""

    def link(row: Row) -> str:
        page = Path(row["folder"]) / "report.html"
        return Path(os.path.relpath(page, root)).as_posix() if page.is_file() else ""

    return link


def _cells(row: Row) -> list[str]:
    scores = [score for name in SHOWN if (score := _score(row, name))]
    unfinished = (
        f" (not finished: {counted(int(row['missing']), 'question')} missing)" if row["missing"] else ""
    )
    return [
        row["run"] + unfinished,
        number(row["n"]),
        *(f"{percent(score.mean)} {interval(score)}".strip() for score in scores),
        percent(row["faithful"]),
        duration(row["seconds"]),
        row["model"],
        row["settings"],
        row["date"],
    ]


def _published_cells(row: Row) -> list[str]:
    method = row["run"] if row["comparable"] else f"{row['run']} †"
    shown = ["" if row[name] is None else percent(row[name]) for name in SHOWN]
    return [method, "", *shown, "", "", _others(row), row["note"], row["source"]]
