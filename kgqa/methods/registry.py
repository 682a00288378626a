"""All methods by name, and their settings below those that are given."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from kgqa.errors import UsageError
from kgqa.methods.dog import DOG
from kgqa.methods.gcr import GCR
from kgqa.methods.ksl import KSL
from kgqa.methods.method import Method, Table
from kgqa.methods.own import KGQA
from kgqa.methods.rog import ROG
from kgqa.methods.tog import TOG

__all__ = [
    "METHODS",
    "REPLY_SETTINGS",
    "MethodName",
    "UnknownMethodError",
    "fitted",
    "method_named",
    "with_preset",
]


_OF_MODEL = {"model", "large_model", "large_above", "reranker", "search", "prompt", "answer", "explain"}
"""Settings about a language model that is decoded."""
REPLY_SETTINGS = ("closed_book", "fall_back", "contrast", "evidence_tokens", "answer_tokens")
"""Settings of `aggregate` about an LLM's reply."""


class UnknownMethodError(UsageError):
    """No method has this name."""


MethodName = Literal["kgqa", "gcr", "dog", "rog", "tog", "ksl"]

METHODS: Mapping[str, Method] = MappingProxyType(
    {each.name: each for each in (KGQA, GCR, DOG, ROG, TOG, KSL)}
)
"""kgqa's own first, then those whose model is decoded, then those of an LLM that walks."""


def method_named(name: str) -> Method:
    """One of `METHODS`. Raises `UnknownMethodError`."""
    if name not in METHODS:
        near = difflib.get_close_matches(name, METHODS, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownMethodError(f"no method is called {name!r:.80}; there are {', '.join(METHODS)}{hint}")
    return METHODS[name]


def with_preset(values: Table, defaults: Table | None = None) -> dict[str, Any]:
    """A table of settings on top of those of the method that it names, on top of defaults.

    The values that are given go before those of the method, key by key, also in tables. A table that gives
    another `name`, such as that of another decoder, replaces the method's, whose keys belong to its own name.
    Without a `method` there are only the defaults below the values. Raises `UnknownMethodError`.

    >>> with_preset({"method": "rog", "search": {"beams": 5}})["search"]
    {'name': 'beam', 'beams': 5}
    >>> with_preset({"method": "rog", "search": {"name": "greedy"}})["search"]
    {'name': 'greedy'}
    """
    below = dict(defaults or {})
    name = values.get("method")
    if isinstance(name, str):
        for table in _tables(method_named(name), values):
            below = _merged(below, table)
    return _merged(below, values)


def fitted(values: Table, method: Method) -> dict[str, Any]:
    """A table of settings that several methods share, as far as it is about this one.

    Without the LLM where it has no part in the method, without what is about its reply where a vote makes the
    answers, without the language model where an LLM finds the chains, and without that walk where it does
    not. Texts are kept, so that all chains can be checked and scored.
    """
    left_out = {"llm"} if not method.uses_llm else set()
    left_out |= _OF_MODEL if method.settings.get("reason") == "llm" else {"walk"}
    kept = {"keep_texts": True} | {key: value for key, value in values.items() if key not in left_out}
    aggregate = kept.get("aggregate")
    if isinstance(aggregate, Mapping) and _aggregator(kept, method) == "vote":
        kept["aggregate"] = {key: value for key, value in aggregate.items() if key not in REPLY_SETTINGS}
    return kept


def _aggregator(values: Table, method: Method) -> Any:
    """The name of the aggregator: those of methods with an LLM name it."""
    return with_preset({**values, "method": method.name}).get("aggregate", {}).get("name", "vote")


def _tables(method: Method, values: Table) -> list[Table]:
    """The tables of a method that apply; a later one goes before an earlier one."""
    llm = values.get("llm")
    has_llm = isinstance(llm, Mapping) and llm.get("name") is not None
    tables = [method.settings, method.with_llm if has_llm else method.alone]
    model = values.get("model")
    return [*tables, method.plain] if method.is_plain(None if model is None else str(model)) else tables


def _merged(below: Table, above: Table) -> dict[str, Any]:
    """Two tables as one; what is in the one above goes before."""
    found = dict(below)
    for key, value in above.items():
        under = found.get(key)
        if isinstance(value, Mapping) and isinstance(under, Mapping):
            same = value.get("name") in (None, under.get("name"))
            found[key] = _merged(under, value) if same else dict(value)
        else:
            found[key] = value
    return found
