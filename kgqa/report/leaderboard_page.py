"""A leaderboard as a page and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kgqa.report.leaderboard import Board, Row, leaderboard
from kgqa.report.number_text import duration, interval, number, percent
from kgqa.report.page import templates
from kgqa.report.published import Published
from kgqa.report.score import LABELS, METRICS
from kgqa.report.tables import markdown_table
from kgqa.report.write import write_text

__all__ = ["leaderboard_markdown", "write_leaderboard"]

SHOWN = METRICS[:3]
NOT_COMPARABLE = (
    "† published by others, and not comparable by definition: other questions, another graph, or "
    "another definition of the metric."
)


def write_leaderboard(folder: Path) -> tuple[Path, tuple[Board, ...]]:
    """Write `leaderboard.html` and `leaderboard.md` into a folder of runs; its path and what is in it."""
    boards = leaderboard(folder)
    page = templates().get_template("leaderboard.html.j2").render(boards=boards, shown=SHOWN)
    write_text(folder / "leaderboard.html", page)
    write_text(folder / "leaderboard.md", leaderboard_markdown(boards))
    return folder / "leaderboard.html", boards


def leaderboard_markdown(boards: Sequence[Board]) -> str:
    """One table; published scores in rows of their own, those that are not comparable marked."""
    columns = ["data set", "run", "n", *(LABELS[name] for name in SHOWN)]
    columns += ["faithful", "time", "model", "settings", "date"]
    rows = []
    for board in boards:
        rows += [[board.dataset, *_cells(row)] for row in board.rows]
        rows += [[board.dataset, *_published_cells(scores)] for scores in board.published]
    parts = [
        "# Leaderboard",
        "Strict scores in percent with 95 % intervals; every question counts. Time: the mean of a question.",
        markdown_table(columns, rows, texts=2),
    ]
    if any(not scores.comparable for board in boards for scores in board.published):
        parts.append(NOT_COMPARABLE)
    return "\n\n".join(parts) + "\n"


def _cells(row: Row) -> list[str]:
    scores = [row.total.scores[name] for name in SHOWN]
    return [
        row.title + (f" (not finished: {number(row.missing)} questions missing)" if row.missing else ""),
        number(row.total.n),
        *(f"{percent(score.mean)} {interval(score)}".strip() for score in scores),
        percent(row.total.faithful),
        duration(row.seconds),
        row.model,
        row.settings,
        row.date,
    ]


def _published_cells(scores: Published) -> list[str]:
    values = [scores.value(name) for name in SHOWN]
    method = scores.method if scores.comparable else f"{scores.method} †"
    others = ", ".join(f"{name} {value:.1f}" for name, value in scores.others(SHOWN))
    shown = ["" if value is None else f"{value:.1f}" for value in values]
    return [method, "", *shown, "", "", others, scores.note, scores.source]
