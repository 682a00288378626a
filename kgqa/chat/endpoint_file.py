"""The configuration file of LLMs, and which endpoint a name stands for."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kgqa.chat.endpoint import OPENAI, Endpoint, Prices
from kgqa.config_file import read_toml
from kgqa.errors import ParseError, UsageError
from kgqa.web import Secret

__all__ = ["EndpointFile", "choose_endpoint", "chosen_name", "config_file"]

_NUMBERS = ("timeout", "connect_timeout")
_COUNTS = ("concurrency", "retries", "requests_per_minute", "tokens_per_minute")
_PRICES = ("prompt_price", "completion_price")
_TEXTS = ("base_url", "model", "api_key", "key_env")
_KNOWN = (*_TEXTS, *_PRICES, *_NUMBERS, *_COUNTS)


def config_file() -> Path:
    """The default file: `$XDG_CONFIG_HOME/kgqa/config.toml`, else `~/.config/kgqa/config.toml`."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".config") / "kgqa" / "config.toml"


@dataclass(frozen=True)
class EndpointFile:
    """The tables `[llm.NAME]` of a TOML file, and `default`, the name of the table that is used by default.

    ::

        [llm]
        default = "local"

        [llm.local]
        base_url = "http://localhost:8000/v1"
        model = "Qwen/Qwen3-4B"

        [llm.hosted]
        model = "gpt-5-mini"
        key_env = "OPENAI_API_KEY"
        prompt_price = 0.25
        completion_price = 2.0
    """

    source: str
    default: str | None = None
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, file: str | Path | None = None) -> EndpointFile:
        """Read a file, by default `config_file()`, which may be missing.

        Raises `ParseError` for a file that is not valid, with the line where that is known.
        """
        path = config_file() if file is None else Path(file)
        if not path.exists():
            if file is None:
                return cls(str(path))
            raise UsageError(f"{path}: no such file")
        values, text = read_toml(path)
        other = next((name for name in values if name != "llm"), None)
        if other is not None:
            raise ParseError(path, _line_of(text, other), f"unknown table {other!r}; use [llm.NAME]")
        return cls(str(path), *_checked(path, text, values.get("llm", {})))

    def endpoint(self, name: str) -> Endpoint | None:
        """The endpoint of this name, or `None`. Raises `UsageError` for one that is not complete."""
        table = self.tables.get(name)
        if table is None:
            return None
        url = table.get("base_url", OPENAI)
        prices = [table.get(price) for price in _PRICES]
        try:
            return Endpoint(
                url,
                table["model"],
                _key(table),
                prices=None if prices[0] is None else Prices(float(prices[0]), float(prices[1] or 0.0)),
                **{option: table[option] for option in (*_NUMBERS, *_COUNTS) if option in table},
            )
        except UsageError as error:
            problem = str(error)
        raise UsageError(f"{self.source}, [llm.{name}]: {problem}")


def chosen_name(name: str | None, file: EndpointFile) -> str:
    """The name itself, else `$KGQA_LLM`, else the default of the file. Raises `UsageError` without any."""
    found = name or os.environ.get("KGQA_LLM") or file.default
    if not found:
        raise UsageError(
            "no LLM is named; give its name (--llm), set KGQA_LLM, or set a default in the configuration "
            f"file ({file.source})"
        )
    return found


def choose_endpoint(name: str, file: EndpointFile, base_url: str | None = None) -> Endpoint:
    """The endpoint of this name in the file, else an endpoint with a model of this name.

    The address of such a model is the first of: `base_url`, `$OPENAI_BASE_URL`, the default endpoint of
    the file, OpenAI. `$OPENAI_API_KEY` is sent to all of these but the default endpoint. Raises
    `UsageError` where there is no address.
    """
    named = file.endpoint(name)
    if named is not None:
        return named if base_url is None else _moved(named, base_url)
    url = base_url or os.environ.get("OPENAI_BASE_URL")
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not url and file.default is not None:
        default = file.endpoint(file.default)
        if default is not None:
            return replace(default, model=name, prices=None)
    if not url and not key:
        raise UsageError(
            f"there is no LLM {name!r} in {file.source}, no folder of this name, and no endpoint that could "
            "have a model of this name; give base_url or OPENAI_BASE_URL, or OPENAI_API_KEY for OpenAI"
        )
    return Endpoint(url or OPENAI, name, Secret(key) if key else None)


def _moved(endpoint: Endpoint, base_url: str) -> Endpoint:
    """The same model at another address; the login of the old one is not sent there."""
    return replace(endpoint, base_url=base_url, login=None)


def _checked(path: Path, text: str, llm: object) -> tuple[str | None, dict[str, Mapping[str, Any]]]:
    if not isinstance(llm, dict):
        raise ParseError(path, 0, "llm must be a table, [llm.NAME] for each endpoint")
    tables = {name: table for name, table in llm.items() if name != "default"}
    for name, table in tables.items():
        line = _line_of(text, "llm", name)
        if not isinstance(table, dict):
            raise ParseError(path, line, f"llm.{name} must be a table, [llm.{name}]")
        for option, value in table.items():
            _check_option(path, line, name, option, value)
        if "model" not in table:
            raise ParseError(path, line, f"[llm.{name}] has no model")
        if ("prompt_price" in table) != ("completion_price" in table):
            raise ParseError(
                path, line, f"[llm.{name}] has one price; give both prompt_price and completion_price"
            )
    default = llm.get("default")
    if default is not None and not (isinstance(default, str) and default in tables):
        raise ParseError(path, 0, f"the default LLM is {default!r:.80}, which no table [llm.NAME] is")
    return default, tables


def _check_option(path: Path, line: int, name: str, option: str, value: object) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if option not in _KNOWN:
        raise ParseError(path, line, f"[llm.{name}] has no option {option!r}; known are {', '.join(_KNOWN)}")
    if option in _TEXTS and not isinstance(value, str):
        raise ParseError(path, line, f"{option} of [llm.{name}] must be a text")
    if option in (*_PRICES, *_NUMBERS) and not number:
        raise ParseError(path, line, f"{option} of [llm.{name}] must be a number")
    if option in _COUNTS and not (number and isinstance(value, int)):
        raise ParseError(path, line, f"{option} of [llm.{name}] must be a whole number")


def _line_of(text: str, *names: str) -> int:
    """The line of a table's heading or of a value at the top level; 0 where it is not found."""
    path = r"\s*\.\s*".join(rf"[\"']?{re.escape(name)}[\"']?" for name in names)
    heading = re.compile(rf"\s*(\[\s*{path}\s*[\].]|{path}\s*[=.])")
    return next((at for at, line in enumerate(text.splitlines(), 1) if heading.match(line)), 0)


def _key(table: Mapping[str, Any]) -> Secret | None:
    """The key that a table holds or names; OPENAI_API_KEY is sent to OpenAI only, unless it is named."""
    if "api_key" in table:
        return Secret(table["api_key"])
    variable = table.get("key_env", None if "base_url" in table else "OPENAI_API_KEY")
    if variable is None:
        return None
    value = os.environ.get(variable, "")
    if not value:
        raise UsageError(f"the environment variable {variable}, which should hold its key, is not set")
    return Secret(value)
