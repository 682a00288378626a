"""Words for values: adjectives by what a relation measures, and comparisons."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kgqa.graph import ValueKind

__all__ = ["MeasureWords", "comparison_phrases", "measure_words"]


@dataclass(frozen=True)
class MeasureWords:
    """The adjectives and verbs of one measure; empty where English has none. See measures.toml."""

    most: tuple[str, ...] = ()
    least: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    how: tuple[str, ...] = ()
    have: tuple[str, ...] = ()
    happened: tuple[str, ...] = ()
    verb: str = ""


@cache
def _table() -> Mapping[str, object]:
    return tomllib.loads((Path(__file__).parent / "measures.toml").read_text(encoding="utf-8"))


@cache
def measure_words(words: str, kind: ValueKind) -> MeasureWords:
    """The words for the values of a relation, by the last of its own words that the table knows.

    >>> measure_words("total length", ValueKind.NUMBER).most, measure_words("x", ValueKind.NUMBER).most
    (('longest',), ())
    >>> measure_words("date of birth", ValueKind.DATE).happened
    ('born',)
    """
    entries = _table()["date" if kind is ValueKind.DATE else "number"]
    assert isinstance(entries, list)
    if kind not in (ValueKind.NUMBER, ValueKind.DATE):
        return MeasureWords()
    known = [(place, set(entry["words"])) for place, entry in enumerate(entries)]
    own = words.split(" ")
    for length in range(len(own), 0, -1):
        forms = {" ".join(own[-length:])}
        if kind is ValueKind.DATE:  # "year founded"; what only says "date" comes last in the table
            forms |= {" ".join(own[first : first + length]) for first in range(len(own) - length + 1)}
        for place, listed in known:
            if not forms.isdisjoint(listed):
                return _words(entries[place])
    return MeasureWords()


def _words(entry: Mapping[str, object]) -> MeasureWords:
    def listed(key: str) -> tuple[str, ...]:
        found = entry.get(key, [])
        assert isinstance(found, list)
        return tuple(found)

    return MeasureWords(
        most=listed("most"),
        least=listed("least"),
        more=listed("more"),
        less=listed("less"),
        how=listed("how"),
        have=listed("have"),
        happened=listed("happened"),
        verb=str(entry.get("verb", "")),
    )


@cache
def comparison_phrases() -> Mapping[str, tuple[str, ...]]:
    """The phrases around values, by comparator: "more than {v}"."""
    phrases = _table()["phrases"]
    assert isinstance(phrases, dict)
    return {name: tuple(found) for name, found in phrases.items()}
