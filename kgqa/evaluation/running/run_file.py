"""Runs as files: TOML with the settings, and the published numbers to compare with."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from kgqa.config_file import parse_toml, read_toml
from kgqa.datasets import CATALOGUE
from kgqa.errors import ParseError, UsageError, check_names
from kgqa.evaluation.running.run_settings import MODELS, RunSettings
from kgqa.graph import ATLAS, is_endpoint
from kgqa.methods import UnknownMethodError, fitted, method_named, with_preset
from kgqa.pipeline.settings import AnswererSettings
from kgqa.pipeline.settings_table import SettingError, put

__all__ = ["read_run_file", "read_run_settings", "settings_of"]

Settings = TypeVar("Settings", bound=AnswererSettings)

_TABLE = re.compile(r"\s*\[\[?\s*([\w.\"'-]+?)\s*\]")
_KEY = re.compile(r"\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=")


class _RunFileError(ParseError, UsageError):
    """A run file that cannot be used: a usage error, since its author runs the command."""

    exit_code = UsageError.exit_code


def read_run_settings(
    run_file: str | Path | None,
    given: Mapping[str, object],
    assignments: Sequence[str] = (),
    method: str | None = None,
    *,
    shared: bool = False,
) -> RunSettings:
    """The settings of a run file, overridden by `given` (by dotted names), then by `key=value` assignments.

    Below all of them are those of the `method`, of the one that the run file names otherwise. Settings that
    several methods share (`shared`) need not all be about this one (`kgqa.methods.fitted`). Without a
    run file `given` must name the `dataset`. Raises `UsageError` for settings that make no sense.
    """
    check_names(assignments, "assignments")
    if run_file is not None:
        table = _read_table(Path(run_file))
    elif "dataset" in given:
        table = {}
    else:
        raise UsageError("name a run file or questions")
    return settings_of(RunSettings, table, given, assignments, method=method, shared=shared)


def settings_of(
    kind: type[Settings],
    table: Mapping[str, object],
    given: Mapping[str, object],
    assignments: Sequence[str] = (),
    *,
    method: str | None = None,
    defaults: Mapping[str, object] | None = None,
    shared: bool = False,
) -> Settings:
    """Settings from a table, `given` (by dotted names) and `key=value` assignments, the later going before.

    Below them are those of the `method`, or the one that they name, and below these the `defaults`. Raises
    `UsageError` for an unknown method and settings that make no sense.
    """
    values = deepcopy(dict(table))
    if method is not None:
        values["method"] = method
    check_names(assignments, "assignments")
    for key, value in [*given.items(), *map(_assignment, assignments)]:
        put(values, key, value)
    if shared and method is not None:
        values = fitted(values, method_named(method))
    return kind.of(with_preset(values, defaults))


def read_run_file(path: str | Path) -> RunSettings:
    """The settings in a run file; paths in it are relative to its own folder.

    Raises `ParseError` with line and key for broken TOML, an unknown setting or a bad value.
    """
    return RunSettings.of(_read_table(Path(path)))


def _read_table(path: Path) -> dict[str, object]:
    """The table of a run file, its paths relative to the working directory. Raises as `read_run_file`."""
    try:
        values, text = read_toml(path)
    except ParseError as error:
        is_toml = path.suffix == ".toml" or not path.is_file()
        hint = "" if is_toml else "; questions are named with --questions"
        raise _RunFileError(path, error.line, f"{error.reason}{hint}") from error
    try:
        moved = _relative_to(path.parent, RunSettings.of(values)).to_json()
    except SettingError as error:
        raise _RunFileError(path, _line(text, error.key), str(error)) from error
    except UnknownMethodError as error:
        raise _RunFileError(path, _line(text, "method"), f"method: {error}") from error
    return {key: _as_moved(value, moved[key]) for key, value in values.items()}


def _as_moved(value: object, moved: object) -> object:
    """A value, or each value of a table, as it is in the settings."""
    if isinstance(value, Mapping) and isinstance(moved, Mapping):
        return {key: _as_moved(one, moved.get(key, one)) for key, one in value.items()}
    return moved


def _relative_to(folder: Path, settings: RunSettings) -> RunSettings:
    """The settings with paths relative to the working directory."""
    if settings.dataset not in CATALOGUE:
        settings = replace(settings, dataset=str(folder / settings.dataset))
    graph = settings.graph
    if graph is not None and not is_endpoint(graph) and (graph != ATLAS or os.path.exists(folder / graph)):
        settings = replace(settings, graph=str(folder / graph))
    for name in MODELS:
        if (value := getattr(settings, name)) is not None and _is_path(value, folder):
            settings = settings.but(name, str(folder / value))
    if settings.llm.config is not None:
        settings = settings.but("llm.config", str(folder / settings.llm.config))
    if settings.llm.name is not None and settings.llm.name.startswith("."):
        settings = settings.but("llm.name", str(folder / settings.llm.name))
    return settings


def _is_path(model: str, folder: Path) -> bool:
    """Whether a model is named by its path from a folder, and not by its name on the hub."""
    return model.startswith(".") or os.path.exists(folder / model)


def _assignment(text: str) -> tuple[str, object]:
    """The key and the value of an assignment. Raises `UsageError`."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"an assignment is key=value, not {text!r}")
    try:
        return key.strip(), parse_toml(key, f"value = {value}")["value"]
    except ParseError:
        return key.strip(), value.strip()


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
