"""Runs as files: TOML with the settings, and the published numbers to compare with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from kgqa.config_file import parse_toml, read_toml
from kgqa.datasets import CATALOGUE
from kgqa.errors import ParseError, UsageError, check_names
from kgqa.evaluation.running.run_settings import MODELS, RunSettings
from kgqa.graph import is_endpoint
from kgqa.pipeline.settings import AnswererSettings
from kgqa.pipeline.settings_table import SettingError

__all__ = ["assigned", "read_run_file", "read_run_settings"]

Settings = TypeVar("Settings", bound=AnswererSettings)

_TABLE = re.compile(r"\s*\[\s*([\w.\"'-]+?)\s*\]")
_KEY = re.compile(r"\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=")


class _RunFileError(ParseError, UsageError):
    """A run file that cannot be used: a usage error, since its author runs the command."""

    exit_code = UsageError.exit_code


def read_run_settings(
    run_file: str | Path | None, given: Mapping[str, object], assignments: Sequence[str] = ()
) -> RunSettings:
    """The settings of a run file, overridden by `given` (by dotted names), then by `key=value` assignments.

    Without a run file `given` must name the `dataset`. Raises `UsageError` for settings that make no sense.
    """
    check_names(assignments, "assignments")
    if run_file is not None:
        settings = read_run_file(run_file)
    elif "dataset" in given:
        settings = RunSettings(dataset=str(given["dataset"]))
    else:
        raise UsageError("name a run file or questions")
    return assigned(settings.overridden(given), assignments)


def read_run_file(path: str | Path) -> RunSettings:
    """The settings in a run file; paths in it are relative to its own folder.

    Raises `ParseError` with line and key for broken TOML, an unknown setting or a bad value.
    """
    path = Path(path)
    try:
        values, text = read_toml(path)
    except ParseError as error:
        raise _RunFileError(path, error.line, error.reason) from error
    try:
        return _relative_to(path.parent, RunSettings.of(values))
    except SettingError as error:
        raise _RunFileError(path, _line(text, error.key), str(error)) from error


def _relative_to(folder: Path, settings: RunSettings) -> RunSettings:
    """The settings with paths relative to the working directory."""
    if settings.dataset not in CATALOGUE:
        settings = replace(settings, dataset=str(folder / settings.dataset))
    if settings.graph is not None and not is_endpoint(settings.graph):
        settings = replace(settings, graph=str(folder / settings.graph))
    for name in MODELS:
        if (value := getattr(settings, name)) is not None and value.startswith("."):
            settings = settings.but(name, str(folder / value))
    if settings.llm.config is not None:
        settings = settings.but("llm.config", str(folder / settings.llm.config))
    if settings.llm.name is not None and settings.llm.name.startswith("."):
        settings = settings.but("llm.name", str(folder / settings.llm.name))
    return settings


def assigned(settings: Settings, assignments: Sequence[str]) -> Settings:
    """The settings with `key=value` assigned, the values as TOML has them, or plain text.

    Raises `UsageError` for anything else.
    """
    check_names(assignments, "assignments")
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"an assignment is key=value, not {assignment!r}")
        try:
            value = parse_toml(key, f"value = {text}")["value"]
        except ParseError:
            value = text.strip()
        settings = settings.but(key.strip(), value)
    return settings


def _line(text: str, key: str) -> int:
    """The line that assigns to a dotted key, else that of its table, else 0."""
    table, best = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = f"{header[1]}."
            if f"{key}.".startswith(table):
                best = number
        elif (found := _KEY.match(line)) and _plain(table + found[1]) == key:
            return number
    return best


def _plain(key: str) -> str:
    return re.sub(r"[\s\"']", "", key)
