"""A run's report as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from kgqa.counted import counted
from kgqa.graph import clean_name, shorten
from kgqa.report.breakdown import Slice
from kgqa.report.number_text import duration, interval, number, percent
from kgqa.report.published import Published
from kgqa.report.score import LABELS, METRICS, SHOWN
from kgqa.report.summary import Summary

__all__ = ["as_csv", "as_markdown", "markdown_table", "markdown_text"]

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>|#~!&"})


def as_csv(summary: Summary) -> str:
    """One row a group of questions, the whole run first: scores, bounds of their intervals (0 to 1)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    bounds = [f"{name}{part}" for name in METRICS for part in ("", "_low", "_high")]
    writer.writerow(["by", "group", "n", *bounds, "faithful", "seconds_median"])
    for by, group in _groups(summary):
        scores = [f"{value:.6f}" for name in METRICS for value in group.scores[name]]
        faithful = "" if group.faithful is None else f"{group.faithful:.6f}"
        writer.writerow([by, clean_name(group.title), group.n, *scores, faithful, f"{group.seconds:.6f}"])
    return out.getvalue()


def as_markdown(summary: Summary) -> str:
    """Scores, groups and times as Markdown."""
    parts = [f"# {markdown_text(summary.title)}"]
    if summary.missing:
        parts.append(
            f"Not finished: {counted(summary.missing, 'question has', 'questions have')} no record yet."
        )
    parts.append(
        "\n".join(f"- {markdown_text(name)}: {markdown_text(value)}" for name, value in summary.facts)
    )
    parts.append(_slices("questions", [summary.total]))
    outcomes = ", ".join(f"{number(count)} {status}" for status, count in summary.statuses.items())
    parts.append(f"Percent, 95 % intervals. {outcomes or 'No question has a record.'}")
    if summary.published:
        columns = ("published by others", "scores", "comparable", "source")
        rows = [_published(scores) for scores in summary.published]
        parts.append(markdown_table(columns, rows, texts=4))
    for breakdown in summary.breakdowns:
        parts += [f"## {breakdown.title}", _slices(breakdown.name, breakdown.slices)]
    parts += _sentences(summary)
    parts += _programs(summary)
    return "\n\n".join(part for part in parts if part) + "\n"


def _programs(summary: Summary) -> Iterator[str]:
    """The programs behind the answers of the report's cases, with what decided them."""
    cases = (*summary.cases.worst, *summary.cases.successes)
    shown = [record for record in cases if record.proof_text]
    if not shown:
        return
    rows = []
    for record in shown:
        program, *evidence = record.proof_text.split("\n")
        outcome = "right" if record.hits_at_1 == 1 else "wrong"
        rows.append([shorten(record.question, 100), outcome, program, shorten("; ".join(evidence), 400)])
    yield "## Programs"
    yield markdown_table(("question", "outcome", "program", "evidence"), rows, texts=4)


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> str:
    """A table; the first `texts` columns are left-aligned, all cells are escaped.

    >>> print(markdown_table(["a", "b"], [["x|y", "1"]]))
    | a | b |
    |---|---:|
    | x\\|y | 1 |
    """
    lines = [list(columns), ["---"] * texts + ["---:"] * (len(columns) - texts)]
    head, rule = (f"| {' | '.join(lines[0])} |", f"|{'|'.join(lines[1])}|")
    return "\n".join([head, rule, *(f"| {' | '.join(map(markdown_text, row))} |" for row in rows)])


def markdown_text(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    return clean_name(text).translate(_SPECIAL)


def _groups(summary: Summary) -> Iterator[tuple[str, Slice]]:
    yield "all", summary.total
    for breakdown in summary.breakdowns:
        for group in breakdown.slices:
            yield breakdown.name, group


def _published(scores: Published) -> list[str]:
    values = ", ".join(f"{name} {value:.1f}" for name, value in scores.values)
    comparable = "yes" if scores.comparable else "no"
    return [scores.method, values, f"{comparable} {scores.note}".strip(), scores.source]


def _slices(name: str, slices: Sequence[Slice]) -> str:
    rows = [
        [
            group.title,
            number(group.n),
            *(
                f"{percent(score.mean)} {interval(score)}".strip()
                for score in map(group.scores.get, SHOWN)
                if score
            ),
            percent(group.faithful),
            duration(group.seconds),
        ]
        for group in slices
    ]
    return markdown_table([name, "n", *(LABELS[metric] for metric in SHOWN), "faithful", "time"], rows)


def _sentences(summary: Summary) -> Iterator[str]:
    if summary.calibration:
        error, answers = summary.calibration.error, counted(summary.calibration.answers, "answer")
        yield f"Expected calibration error {error:.3f} over {answers}."
    if summary.timing:
        half, most = duration(summary.timing.p50), duration(summary.timing.p95)
        yield f"Median {half} a question, 95th percentile {most}."
    if use := summary.llm_use:
        cost = "" if use.usage.cost is None else f", cost {use.usage.cost:.4f}"
        agreement = "".join(f", {number(count)} {said}" for said, count in use.agreement.items())
        yield (
            f"{markdown_text(', '.join(use.models))}: {counted(use.asked, 'question')}, "
            f"{counted(use.usage.requests, 'request')}, {counted(use.usage.prompt_tokens, 'prompt token')}, "
            f"{counted(use.usage.completion_tokens, 'completion token')}{cost}{agreement}."
        )
