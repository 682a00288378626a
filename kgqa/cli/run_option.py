"""What the options of `kgqa eval` say that its run file does not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from kgqa.errors import UsageError
from kgqa.evaluation import RunSettings, assigned, read_run_file

__all__ = ["run_folder", "run_settings"]

_SETTINGS = {
    **{name: name for name in ("graph", "part", "sample", "limit", "seed", "model", "device", "dtype")},
    **{name: name for name in ("grammar", "hops", "inverse", "allow_return", "link", "together")},
    **{name: f"filters.{name}" for name in ("without", "only_relation", "must_use", "answer_type")},
    "questions": "dataset",
    "search": "search.name",
    "beams": "search.beams",
    "seconds": "search.seconds",
    "share": "aggregate.share",
    "aggregate": "aggregate.name",
    **{n: f"aggregate.{n}" for n in ("closed_book", "fall_back", "contrast", "evidence_tokens")},
    "reason": "reason",
    "llm": "llm.name",
    "llm_config": "llm.config",
    "llm_timeout": "llm.timeout",
    "llm_concurrency": "llm.concurrency",
    **{name: f"llm.{name}" for name in ("base_url", "max_cost", "max_seconds")},
}
"""The setting behind each option."""


def run_settings(context: typer.Context, run_file: Path | None, assignments: Sequence[str]) -> RunSettings:
    """What the run file says, unless options or assignments say otherwise.

    Raises `UsageError` where neither names questions, and for settings that make no sense.
    """
    said = _said(context)
    if run_file is not None:
        settings = read_run_file(run_file)
    elif "dataset" in said:
        settings = RunSettings(said["dataset"])
    else:
        raise UsageError("name a run file, or questions with --questions")
    if "llm.name" in said and "aggregate.name" not in said and settings.aggregate == {"name": "vote"}:
        said = {"aggregate.name": "grounded", **said}  # as in `kgqa ask`
    for key, value in said.items():
        settings = settings.but(key, list(value) if isinstance(value, tuple) else value)
    return assigned(settings, assignments)


def run_folder(run_file: Path | None) -> Path:
    """Where the records go unless it is said. Raises `UsageError` without a run file."""
    if run_file is None:
        raise UsageError("say with --out DIR where the records go")
    return Path("runs") / run_file.stem


def _said(context: typer.Context) -> dict[str, Any]:
    """The options that were given, by the names of their settings."""
    given = {}
    for name, key in _SETTINGS.items():
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            value = context.params[name]
            given[key] = str(value) if isinstance(value, Path) else value
    return given
