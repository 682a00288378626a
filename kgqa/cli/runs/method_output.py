"""Methods side by side, as `kgqa eval` prints them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kgqa.cli.console import aligned, errors, output
from kgqa.evaluation import MethodRuns, NotRun
from kgqa.evaluation.methods.method_table import HEADINGS, PUBLISHED, method_rows
from kgqa.methods import method_named
from kgqa.pipeline.settings import AnswererSettings

__all__ = ["note_plain", "show_methods", "show_published"]


def show_methods(runs: MethodRuns, out: Path) -> None:
    """The table, the published scores of each method, and what was not run."""
    output.print(aligned([list(HEADINGS), *method_rows(runs)]), markup=False, soft_wrap=True)
    show_published(runs.settings)
    for name, found in runs.results.items():
        if isinstance(found, NotRun):
            errors.print(f"not run: {name}: {found.reason}", style="yellow", markup=False, soft_wrap=True)
    output.print(f"records in {out}/*/records.jsonl", markup=False)


def show_published(names: Iterable[str]) -> None:
    """What was published of methods, a line for each; nothing where there is nothing."""
    lines = []
    for method in map(method_named, names):
        by_models: dict[str, list[str]] = {}
        for one in method.published:
            by_models.setdefault(one.models, []).append(f"{one.dataset} {one.metric} {one.value:g}")
        scores = "; ".join(f"{', '.join(values)} ({models})" for models, values in by_models.items())
        if scores:
            lines.append(f"  {method.title}: {scores}")
    if lines:
        output.print("\n".join([PUBLISHED, *lines]), markup=False, soft_wrap=True)


def note_plain(settings: AnswererSettings) -> None:
    """Say where a method runs without its prompts and free texts, because the model has none."""
    if settings.method is not None and method_named(settings.method).is_plain(settings.model):
        errors.print(
            "note: the shipped model reads no prompts and writes no free text; "
            f"{settings.method} runs without",
            markup=False,
        )
