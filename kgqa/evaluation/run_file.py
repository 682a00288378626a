"""Runs as files: TOML with the settings, and the published numbers to compare with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kgqa.config_file import parse_toml, read_toml
from kgqa.datasets import CATALOGUE
from kgqa.errors import ParseError, UsageError
from kgqa.evaluation.run_settings import RunSettings
from kgqa.evaluation.settings_table import SettingError

__all__ = ["assigned", "read_run_file"]

_TABLE = re.compile(r"\s*\[\s*([\w.\"'-]+?)\s*\]")
_KEY = re.compile(r"\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=")


class _RunFileError(ParseError, UsageError):
    """A run file that cannot be used; its author is who called us."""

    exit_code = UsageError.exit_code


def read_run_file(path: Path) -> RunSettings:
    """The settings in a run file; paths in it are seen from its own folder.

    Raises `ParseError` with the line and the key for what is no TOML, no setting or no value of one.
    """
    try:
        values, text = read_toml(path)
    except ParseError as error:
        raise _RunFileError(path, error.line, error.reason) from error
    try:
        return _seen_from(path.parent, RunSettings.of(values))
    except SettingError as error:
        raise _RunFileError(path, _line(text, error.key), str(error)) from error


def _seen_from(folder: Path, settings: RunSettings) -> RunSettings:
    """The settings with paths that hold from here."""
    if settings.dataset not in CATALOGUE:
        settings = replace(settings, dataset=str(folder / settings.dataset))
    if settings.graph is not None:
        settings = replace(settings, graph=str(folder / settings.graph))
    if settings.model is not None and settings.model.startswith("."):
        settings = replace(settings, model=str(folder / settings.model))
    if settings.llm.config is not None:
        settings = settings.but("llm.config", str(folder / settings.llm.config))
    if settings.llm.name is not None and settings.llm.name.startswith("."):
        settings = settings.but("llm.name", str(folder / settings.llm.name))
    return settings


def assigned(settings: RunSettings, assignments: Sequence[str]) -> RunSettings:
    """The settings with `key=value` assigned, the values as TOML has them, or plain text.

    Raises `UsageError` for anything else.
    """
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--set needs key=value, not {assignment!r}")
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
