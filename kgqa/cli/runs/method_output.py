"""Methods side by side, as `kgqa eval` prints them."""

from __future__ import annotations

from pathlib import Path

from kgqa.cli.console import aligned, errors, output
from kgqa.evaluation import MethodRuns, NotRun
from kgqa.evaluation.methods.method_table import HEADINGS, method_rows
from kgqa.methods import method_named

__all__ = ["show_methods", "show_published"]


def show_methods(runs: MethodRuns, out: Path) -> None:
    """The table, the published scores of each method, and what was not run."""
    output.print(aligned([list(HEADINGS), *method_rows(runs)]), markup=False, soft_wrap=True)
    for name in runs.settings:
        show_published(name)
    for name, found in runs.results.items():
        if isinstance(found, NotRun):
            errors.print(f"not run: {name}: {found.reason}", style="yellow", markup=False, soft_wrap=True)
    output.print(f"records in {out}/*/records.jsonl", markup=False)


def show_published(name: str) -> None:
    """What was published of a method."""
    method = method_named(name)
    if method.published:
        scores = (f"{one.dataset} {one.metric} {one.value:g} ({one.models})" for one in method.published)
        output.print(f"{name}, published: {', '.join(scores)}; {method.source}", markup=False, soft_wrap=True)
