"""Claims in JSON, whatever its shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kgqa.answer.claim import Claim

__all__ = ["LISTS", "claims_of", "keys_lowered", "refuses"]

LISTS = ("answers", "entities", "results", "answer", "items", "final_answer")
"""Keys behind which answers stand."""
_NAMES = ("entity", "name", "answer", "label", "title", "value", "text")
_CITED = ("chains", "chain", "ids", "id", "cited", "citations", "cites", "evidence", "sources", "paths")
_DEPTH = 8
_NUMBER = re.compile(r"(?<![0-9.])-?[0-9]{1,18}(?![0-9.]*[0-9])")


def claims_of(value: Any, depth: int = _DEPTH) -> Iterator[Claim]:
    """The claims of a JSON value: names by themselves, or objects with a name and ids, in lists or objects.

    >>> list(claims_of({"Answers": [{"entity": "Nairobi", "chains": ["[1]", 2.0]}, "Mombasa"]}))
    [Claim(name='Nairobi', cited=(1, 2)), Claim(name='Mombasa', cited=None)]
    """
    if depth < 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from claims_of(item, depth - 1)
    elif isinstance(value, dict):
        yield from _of_object(keys_lowered(value), depth)
    elif (name := _name(value)) is not None:
        yield Claim(name)


def refuses(value: Mapping[str, Any]) -> bool:
    """Whether an object with lower keys says that the question cannot be answered."""
    refused = value.get("not_answerable", value.get("unanswerable"))
    return value.get("answerable") in (False, "false", "no") or refused in (True, "true", "yes")


def keys_lowered(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object with its keys in lower case, and without spaces."""
    return {key.strip().lower().replace(" ", "_"): item for key, item in value.items()}


def _of_object(value: Mapping[str, Any], depth: int) -> Iterator[Claim]:
    name = next((_name(value[key]) for key in _NAMES if _name(value.get(key)) is not None), None)
    if name is not None:
        yield Claim(name, _cited(value))
        return
    inner = next((value[key] for key in (*LISTS, *_NAMES) if value.get(key) is not None), None)
    yield from claims_of(inner, depth - 1)


def _name(value: Any) -> str | None:
    """A name, if this can be one."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**100 else None
    return value if isinstance(value, str) and value.strip() else None


def _cited(value: Mapping[str, Any]) -> tuple[int, ...] | None:
    given = next((value[key] for key in _CITED if key in value), None)
    items = given if isinstance(given, list) else [given]
    if given is None or not items:
        return None
    return tuple(dict.fromkeys(number for item in items for number in _numbers(item)))


def _numbers(item: Any) -> Iterator[int]:
    if isinstance(item, bool):
        return
    if isinstance(item, int) or (isinstance(item, float) and item.is_integer()):
        yield int(item)
    elif isinstance(item, str):
        yield from (int(digits) for digits in _NUMBER.findall(item)[:100])
