"""Values of property graph databases as texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta

__all__ = ["property_pairs", "property_texts"]


def property_pairs(properties: Mapping[str, object]) -> list[tuple[str, str]]:
    """Names and texts of properties; a list is several pairs, what is empty is none.

    >>> property_pairs({"born": 1964, "languages": ["en", "fr"], "alive": True, "died": None})
    [('born', '1964'), ('languages', 'en'), ('languages', 'fr'), ('alive', 'true')]
    """
    return [(name, text) for name, value in properties.items() for text in property_texts(value)]


def property_texts(value: object) -> list[str]:
    """A value as texts as `kgqa.graph.values` reads them; bytes are none.

    Maps are JSON. Dates, times and durations, those of Neo4j's driver too, are written as in ISO 8601.
    """
    match value:
        case None | bytes() | bytearray():
            return []
        case bool():
            return ["true" if value else "false"]
        case str():
            return [value] if value.strip() else []
        case timedelta():
            return [_duration(value)]
        case Mapping():
            return [json.dumps(value, ensure_ascii=False, default=str)]
        case list() | tuple() | set() | frozenset():
            return [text for part in _parts(value) for text in property_texts(part)]
    written = getattr(value, "iso_format", None) or getattr(value, "isoformat", None)
    return [str(written() if written else value)]


def _parts(value: Iterable[object]) -> Iterable[object]:
    return sorted(value, key=str) if isinstance(value, set | frozenset) else value


def _duration(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    seconds = f"{value.seconds + value.microseconds / 1e6:.6f}".rstrip("0").rstrip(".")
    return f"{sign}P{value.days}D" + (f"T{seconds}S" if seconds != "0" else "")
