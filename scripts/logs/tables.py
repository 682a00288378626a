"""The hand-written tables of events: what there may be in a log, and how it is spoken of.

`work.toml`, `home.toml` and `club.toml` have events. Alternatives are separated by "|". Verbs are given in
four forms (base / past / participle / gerund), those that take the object attribute in `slotted`, those
without it in `bare`. An attribute without `kind` has texts, others have nodes; `values` are its own, or a
pool of `pools.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Attribute", "Event", "Number", "Verb", "events", "pools", "things"]

_PEOPLE = frozenset(["@people"])
_PERSONS = frozenset(["doctor", "teacher", "examiner", "instructor", "physician"])


class Verb(NamedTuple):
    """The forms of a verb with what belongs to it; the object's place is in braces."""

    base: str
    past: str
    participle: str
    gerund: str


@dataclass(frozen=True)
class Attribute:
    """What an event has: people, places, things, or texts."""

    name: str
    relations: tuple[str, ...]
    kinds: tuple[str, ...]
    values: str
    phrases: tuple[str, ...]
    object: bool
    place: bool
    optional: bool
    many: int
    things: tuple[str, ...]

    @property
    def person(self) -> bool:
        """Whether a question asks for it with "who"."""
        return self.values in _PEOPLE or not _PERSONS.isdisjoint(self.kinds)

    @property
    def textual(self) -> bool:
        """Whether its values are texts, no nodes."""
        return not self.kinds


@dataclass(frozen=True)
class Number:
    """A number that an event has, in a unit."""

    name: str
    relations: tuple[str, ...]
    unit: str
    low: int
    high: int
    duration: bool


@dataclass(frozen=True)
class Event:
    """A kind of event."""

    domain: str
    personal: bool
    classes: tuple[str, ...]
    slotted: tuple[Verb, ...]
    bare: tuple[Verb, ...]
    agent: str
    talk: bool
    spans: bool
    dates: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    numbers: tuple[Number, ...]

    @property
    def object(self) -> Attribute:
        """The attribute that the verbs take."""
        return next(attribute for attribute in self.attributes if attribute.object)


@cache
def events() -> tuple[Event, ...]:
    """All kinds of events."""
    return tuple(_event(row) for name in ("work", "home", "club") for row in _table(f"{name}.toml")["event"])


@cache
def pools() -> Mapping[str, tuple[str, ...]]:
    """The pools of names."""
    return {name: _split(text) for name, text in _table("pools.toml").items() if isinstance(text, str)}


@cache
def things() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Pools of things: the names of each class."""
    return {
        pool: {kind: _split(text) for kind, text in kinds.items()}
        for pool, kinds in _table("pools.toml")["things"].items()
    }


def _event(row: Mapping[str, Any]) -> Event:
    return Event(
        row["domain"],
        row.get("personal", False),
        _split(row["classes"]),
        tuple(_verbs(row["slotted"])),
        tuple(_verbs(row["bare"])),
        row.get("agent", ""),
        row.get("talk", False),
        row.get("spans", False),
        _split(row.get("dates", "")),
        tuple(_attribute(name, one) for name, one in row["attributes"].items()),
        tuple(_number(name, one) for name, one in row.get("numbers", {}).items()),
    )


def _number(name: str, row: Mapping[str, Any]) -> Number:
    low, high = row["range"]
    return Number(name, _split(row["relation"]), row["unit"], low, high, row.get("duration", False))


def _attribute(name: str, row: Mapping[str, Any]) -> Attribute:
    return Attribute(
        name,
        _split(row["relation"]),
        _split(row.get("kind", "")),
        row["values"],
        _split(row["phrase"]),
        row.get("object", False),
        row.get("place", False),
        row.get("optional", False),
        row.get("many", 1),
        _split(row.get("things", "")),
    )


def _verbs(text: str) -> Iterator[Verb]:
    for forms in text.split(";"):
        yield Verb(*(form.strip() for form in forms.split("/")))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|")) if text else ()


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
