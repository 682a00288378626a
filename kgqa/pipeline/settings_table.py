"""Tables of TOML as frozen dataclasses: every key known, every value of its field's type."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from typing import Any, TypeVar, Union, cast, get_args, get_origin

from kgqa.errors import UsageError

__all__ = ["SettingError", "put", "read_table", "to_table"]

Settings = TypeVar("Settings")


class SettingError(UsageError):
    """An unknown setting or a bad value; `key` is the dotted name of the setting."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


def read_table(kind: type[Settings], values: Mapping[str, object], prefix: str = "") -> Settings:
    """A dataclass from a table; fields that are dataclasses are tables in it.

    Fields are texts, numbers, booleans, literals, tuples of texts, mappings, or one of these or `None`.
    Raises `SettingError`, with the dotted key below `prefix`, for a key that is no field, a field
    without default that is missing, and a value of another type.
    """
    types_of = typing.get_type_hints(kind)
    known = [one.name for one in fields(kind)]  # type: ignore[arg-type]
    for name in values:
        if name not in known:
            near = [] if prefix else _places(kind, name.replace("-", "_"))
            near = near or [prefix + one for one in difflib.get_close_matches(name, known, 1)]
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
            raise SettingError(prefix + name, f"no such setting; {hint}")
    for one in fields(kind):  # type: ignore[arg-type]
        if one.default is MISSING and one.default_factory is MISSING and one.name not in values:
            raise SettingError(prefix + one.name, "is missing")
    return kind(**{name: _value(types_of[name], value, prefix + name) for name, value in values.items()})


def _places(kind: Any, name: str, prefix: str = "") -> list[str]:
    """The dotted names of settings that are called so in some table, or as options of the command line."""
    types_of, found = typing.get_type_hints(kind), []
    for one in fields(kind):
        if is_dataclass(types_of[one.name]):
            found += _places(types_of[one.name], name, f"{prefix}{one.name}.")
        elif name in (one.name, _option(one.metadata.get("flag"))):
            found.append(prefix + one.name)
    return found


def _option(flag: str | None) -> str | None:
    return flag and flag.partition("/")[0].removeprefix("--").replace("-", "_")


def put(table: dict[str, Any], key: str, value: object) -> None:
    """Set a value of a table by its dotted name; a tuple becomes a list. Raises `SettingError`."""
    *outer, last = key.split(".")
    inner: Any = table
    for name in outer:
        inner = inner.setdefault(name, {}) if isinstance(inner, dict) else None
    if not isinstance(inner, dict):
        raise SettingError(key, "there is no such table")
    inner[last] = list(value) if isinstance(value, tuple) else value


def _value(kind: Any, value: object, key: str) -> Any:
    """A value of a TOML file as the type that a field has."""
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = [one for one in get_args(kind) if one is not type(None)]
    if is_dataclass(kind):
        return read_table(kind, _of_type(value, dict, "a table", key), f"{key}.")  # type: ignore[arg-type]
    match get_origin(kind) or kind:
        case typing.Literal:
            choices = get_args(kind)
            if value not in choices:
                near = difflib.get_close_matches(str(value), choices, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(choices)}"
                raise SettingError(key, f"{value!r} is not a choice; {hint}")
            return value
        case builtin if builtin is bool:
            return _of_type(value, bool, "true or false", key)
        case builtin if builtin is int:
            return _of_type(value, int, "a whole number", key)
        case builtin if builtin is float:
            number = _of_type(value, (int, float), "a number", key)
            try:
                return float(number)
            except OverflowError as error:
                raise SettingError(key, "must be a number that a float can hold") from error
        case builtin if builtin is str:
            return _of_type(value, str, "a text", key)
        case builtin if builtin is tuple:
            names = _of_type(value, list, "a list of texts", key)
            return tuple(_of_type(name, str, "a list of texts", key) for name in names)
    table = _of_type(value, dict, "a table", key)
    of = get_args(kind)[1]
    return {name: one if of is object else _value(of, one, f"{key}.{name}") for name, one in table.items()}


def _of_type(value: object, kind: Any, needed: str, key: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise SettingError(key, f"must be {needed}, not {value!r:.80}")
    return value


def to_table(settings: Any) -> dict[str, Any]:
    """A dataclass as a table that `read_table` reads; unset values are left out."""
    return cast("dict[str, Any]", _without_none(asdict(settings)))


def _without_none(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    return list(value) if isinstance(value, tuple) else value
