"""Reading a text word by word, with all ways to go on from each place."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, TypeVar, cast

from kgqa.errors import ProgramError
from kgqa.graph import shorten

__all__ = ["Found", "Reading", "unique"]

Item = TypeVar("Item")
Found: TypeAlias = list[tuple[Item, int]]
"""What can be read from a place on, each with the place behind it; at most one for each such place."""

_BOUNDARY = re.compile(r" |$")
_NAME_END = re.compile(r" (?:->|<-|\||\)|is|or|and) ?")


class Reading(ABC):
    """One text that begins with a space. Places are before a space or at the end.

    Nothing is read twice: the time is polynomial in the length of the text, whatever its names.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[object, object] = {}
        self._furthest = 0
        self._expected: dict[str, None] = {}

    @abstractmethod
    def near(self, name: str, expected: list[str]) -> tuple[str, ...]:
        """Names of what was expected that are spelled like one."""

    def word(self, place: int, word: str, silent: bool = False) -> tuple[int, ...]:
        """The place behind a word that stands here, if it does."""
        end = place + len(word)
        if self.text.startswith(word, place) and (end == len(self.text) or self.text[end] == " "):
            return (end,)
        if not silent:
            self.expect(place, f"'{word.strip()}'")
        return ()

    def words(self, place: int, longest: int) -> Iterator[tuple[str, int]]:
        """The texts from here to the end of a word, the longest first."""
        if place >= len(self.text):
            return
        stop = min(len(self.text), place + 1 + longest)
        ends = [found.start() for found in _BOUNDARY.finditer(self.text, place + 2)]
        yield from ((self.text[place + 1 : end], end) for end in reversed(ends) if end <= stop)

    def expect(self, place: int, what: str) -> None:
        """Note that something else was expected here."""
        if place > self._furthest:
            self._furthest, self._expected = place, {}
        if place == self._furthest:
            self._expected[what] = None

    def once(self, key: object, read: Callable[[], Iterable[tuple[Item, int]]]) -> Found[Item]:
        """What was read under this key, read now if it was not yet."""
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = unique(read())
        return cast(Found[Item], found)

    def error(self) -> ProgramError:
        """What was expected where the text was not understood any more."""
        before = self.text[: self._furthest].strip()
        rest = self.text[self._furthest :].strip()
        expected = list(self._expected) or ["a program"]
        named = [what for what in expected if not what.startswith("'")] or expected
        known = ", ".join(named[:-1]) + (" or " if len(named) > 1 else "") + named[-1]
        where = f" after {before[-60:]!r}" if before else " at the beginning"
        message = (
            f"{known} is expected{where}, not {shorten(rest, 60)!r}"
            if rest
            else f"{known} is expected{where}"
        )
        near = self.near(_NAME_END.split(rest)[0], named) if rest else ()
        return ProgramError(message + (f"; near: {', '.join(map(repr, near))}" if near else ""))


def unique(found: Iterable[tuple[Item, int]]) -> Found[Item]:
    """The first item for each place that one ends at."""
    first: dict[int, Item] = {}
    for item, end in found:
        first.setdefault(end, item)
    return [(item, end) for end, item in first.items()]
