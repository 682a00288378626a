"""Options of the command line from the fields of settings."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import typer

from kgqa.cli.options import with_parameters
from kgqa.evaluation import RunSettings
from kgqa.pipeline.settings_table import SettingError
from kgqa.training import TrainingSettings

_KEY = re.compile(r"\b[a-z]+\.[a-z_]+\b")

__all__ = ["flag_message", "with_settings"]


def with_settings(
    kind: type, *, only: Collection[str] | None = None, defaults: Mapping[str, object] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command an option for each field of a dataclass of settings (nested ones included).

    The command gets what was given on the command line as `given`: values by the dotted names of their
    settings. `only` limits the options to these names; `defaults` (by dotted names) are shown in the help in
    place of those of the fields.
    """
    own_defaults = defaults or {}

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        keys: dict[str, str] = {}
        options: list[inspect.Parameter] = []
        for key, one, hint in _settings(kind):
            if only is None or key in only:
                keys[_parameter_name(key, one)] = key
                options.append(_option(key, one, hint, own_defaults.get(key, MISSING)))

        def run(**values: Any) -> Any:
            given = {key: values.pop(name) for name, key in keys.items()}
            said = {key: value for key, value in given.items() if value is not None}
            return command(**values, given=said)

        own = inspect.signature(command, eval_str=True).parameters.values()
        parameters = [*(one for one in own if one.name != "given"), *options]
        parameters.sort(key=lambda one: one.name == "as_json")  # --json comes last
        return with_parameters(run, command, parameters)

    return decorate


def flag_message(error: SettingError) -> str:
    """The message of an error about a setting, with the flag of its option where it has one."""
    flags = _flags()
    if error.key not in flags:
        return str(error)
    reason = _KEY.sub(lambda found: flags.get(found[0], found[0]), error.reason)
    return f"{flags[error.key]}: {reason}"


@cache
def _flags() -> dict[str, str]:
    kinds = (RunSettings, TrainingSettings)
    return {key: _flag(key, one).split("/")[0] for kind in kinds for key, one, _ in _settings(kind)}


def _settings(kind: type, prefix: str = "") -> Iterator[tuple[str, Field[Any], Any]]:
    """The settings that have an option: dotted name, field, type."""
    hints = get_type_hints(kind)
    for one in fields(kind):
        hint = hints[one.name]
        if is_dataclass(hint):
            yield from _settings(typing.cast("type", hint), f"{prefix}{one.name}.")
        elif one.metadata.get("help") and one.metadata.get("shown", True):
            yield f"{prefix}{one.name}", one, hint


def _option(key: str, one: Field[Any], hint: Any, default: object) -> inspect.Parameter:
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = [part for part in get_args(hint) if part is not type(None)]
    if get_origin(hint) is tuple:
        hint = list[str]
    flag = _flag(key, one)
    if hint is bool and "/" not in flag and one.default is True:
        flag = f"{flag}/--no-{flag.removeprefix('--')}"
    info = typer.Option(
        flag,
        help=_help(one, one.default if default is MISSING else default),
        metavar=one.metadata.get("metavar"),
        show_default=False,  # None is the default of all: what was given is told from what was not
    )
    return inspect.Parameter(
        _parameter_name(key, one),
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[hint | None, info],
    )


def _help(one: Field[Any], default: object) -> str:
    text: str = one.metadata["help"]
    if default is MISSING or default in (None, False, "", ()):
        return text
    return f"{text} [default: {'yes' if default is True else default}]"


def _flag(key: str, one: Field[Any]) -> str:
    return one.metadata.get("flag") or "--" + key.split(".")[-1].replace("_", "-")


def _parameter_name(key: str, one: Field[Any]) -> str:
    return _flag(key, one).split("/")[0].removeprefix("--").replace("-", "_")
