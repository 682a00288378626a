"""The table of several methods."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kgqa.errors import DataError
from kgqa.evaluation.methods.method_runs import MethodRuns, NotRun
from kgqa.evaluation.methods.method_score import MethodScore
from kgqa.graph import clean_name
from kgqa.methods import Method, method_named

__all__ = [
    "HEADINGS",
    "PUBLISHED",
    "method_rows",
    "method_table",
    "published_table",
    "runs_to_json",
    "write_method_table",
]

PUBLISHED = "Published; to be compared only on the same data and with the same models:"

HEADINGS = (
    *("method", "n", "Hits@1", "F1", "own metric", "faithful", "chains", "off the graph"),
    *("passes", "tokens", "requests", "LLM tokens", "seconds", "cost"),
)


def method_rows(runs: MethodRuns) -> list[list[str]]:
    """A row for each method that was run; passes, tokens, requests and seconds are those of a question."""
    return [
        _row(method_named(name), found)
        for name, found in runs.results.items()
        if isinstance(found, MethodScore)
    ]


def method_table(runs: MethodRuns) -> str:
    """The rows as Markdown, then a line for each method that was not run."""
    rows: list[Sequence[str]] = [HEADINGS, ["---", *["---:"] * (len(HEADINGS) - 1)], *method_rows(runs)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    for name, found in runs.results.items():
        if isinstance(found, NotRun):
            lines += ["", f"Not run: {name} ({clean_name(found.reason)})"]
    return "\n".join(lines)


def published_table(names: Iterable[str]) -> str:
    """The published scores of methods as Markdown; empty where there are none."""
    rows = [
        f"| {method.name} | {one.dataset} | {one.metric} | {one.value:g} | {one.models} |"
        for method in map(method_named, names)
        for one in method.published
    ]
    if not rows:
        return ""
    head = ["| method | data | metric | percent | models |", "| --- | --- | --- | ---: | --- |"]
    return "\n".join([PUBLISHED, "", *head, *rows])


def runs_to_json(runs: MethodRuns) -> dict[str, Any]:
    """One object: for each method its totals and settings, or why it was not run."""
    found: dict[str, Any] = {}
    for name, result in runs.results.items():
        method = method_named(name)
        if isinstance(result, NotRun):
            found[name] = {"not_run": result.reason}
            continue
        published = [one._asdict() for one in method.published]
        own = {"definition": method.definition, "metric": method.metric, "published": published}
        found[name] = {**asdict(result), **own, "settings": runs.settings[name].about}
    return found


def write_method_table(runs: MethodRuns, file: Path) -> None:
    """The table as Markdown with what was published, and as JSON beside it (`.json`).

    Raises `DataError` if it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        parts = (method_table(runs), published_table(runs.settings))
        file.write_text("\n\n".join(filter(None, parts)) + "\n", "utf-8")
        text = json.dumps(runs_to_json(runs), indent=1, ensure_ascii=False)
        file.with_suffix(".json").write_text(text + "\n", "utf-8")
    except OSError as error:
        raise DataError(f"{file}: cannot be written ({error.strerror})") from error


def _row(method: Method, found: MethodScore) -> list[str]:
    n = max(1, found.n)
    usage = found.usage
    own = "" if found.own is None else f"{100 * found.own:.1f} ({method.definition} {method.metric})"
    if found.first_stage is not None:
        own += f"; {100 * found.first_stage:.1f} before the LLM"
    return [
        method.name,
        str(found.n),
        f"{100 * found.hits_at_1:.1f}",
        f"{100 * found.f1:.1f}",
        own,
        f"{100 * found.faithful:.1f}",
        str(found.chains),
        str(found.off_graph),
        f"{found.passes / n:.1f}",
        f"{found.tokens / n:.0f}",
        f"{(usage.requests + usage.cached) / n:.1f}",
        f"{(usage.prompt_tokens + usage.completion_tokens) / n:.0f}",
        f"{found.seconds / n:.2f}",
        "-" if usage.cost is None else f"{usage.cost:.2f}",
    ]
