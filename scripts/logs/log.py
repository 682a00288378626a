"""A random log: events of a few kinds over some years, with the names that its schema has."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from scripts.logs.tables import Attribute, Event, Number, events, pools, things

__all__ = ["EventLog", "Happening", "LoggedEvents", "camel", "draw_log"]

_DATES = ("date", "day", "took place on", "happened on", "when", "held on", "date of event")
_SPANS = (
    ("start date", "end date"),
    ("begins", "ends"),
    ("from", "until"),
    ("first day", "last day"),
    ("departure", "return"),
)
_SHARED = {
    "person": ("with", "person", "participant", "with whom", "people involved", "name"),
    "agent": ("done by", "by", "who", "responsible"),
    "place": ("place", "location", "in", "where", "at"),
    "thing": ("what", "object", "about"),
    "duration": ("minutes", "duration", "length", "time spent"),
}
"""Relations that several kinds of events of a log have, so that their class tells them apart."""
_OWNERS = ("Me", "Myself", "I", "The author")
_OWNER_RELATIONS = ("belongs to", "diary of", "logged by", "done by me", "whose")


@dataclass(frozen=True)
class Happening:
    """One event: its days, the values of its attributes, its numbers."""

    day: date
    last_day: date
    values: dict[str, tuple[str, ...]]
    numbers: dict[str, int]


@dataclass(frozen=True)
class LoggedEvents:
    """All events of one kind, with the names that this log has for its class and relations."""

    event: Event
    kind: str
    relations: dict[str, str]
    """By the names of attributes and numbers; those of the dates are `date` and `end`."""
    happenings: tuple[Happening, ...]


@dataclass(frozen=True)
class EventLog:
    """A log; `kinds` has the class of each node by its name."""

    parts: tuple[LoggedEvents, ...]
    owner: str
    owner_relation: str
    subject: str
    kinds: dict[str, str]
    labelled: bool
    """Whether relations have labels in words; else they are in camel case."""
    titles: str
    """How events are called: by what happened, by a number, or not at all."""


@dataclass
class _Names:
    """The names that one log has."""

    chance: random.Random
    kinds: dict[str, str] = field(default_factory=dict)
    by_pool: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def values(self, attribute: Attribute) -> tuple[str, ...]:
        """The values of an attribute in this log, the frequent ones first."""
        key = attribute.values
        if key not in self.by_pool:
            found = list(self._of_pool(key))
            self.chance.shuffle(found)
            kind = self.chance.choice(attribute.kinds) if attribute.kinds else ""
            found = found[: self.chance.randint(min(len(found), 4), max(4, min(len(found), 22)))]
            self.by_pool[key] = kind, tuple(found)
            if kind and not key.startswith("*"):
                for name in found:
                    self.kinds.setdefault(name, kind)
        return self.by_pool[key][1]

    def _of_pool(self, key: str) -> Iterator[str]:
        if key.startswith("*"):
            for kind, names in things()[key[1:]].items():
                for name in names:
                    self.kinds.setdefault(name, kind)
                    yield name
        elif key == "@people" and self.chance.random() < 0.4:
            for name in pools()["people"]:
                yield f"{name} {self.chance.choice(pools()['surnames'])}"
        elif key == "@towns" and self.chance.random() < 0.4:
            for name in pools()["towns"]:
                yield f"{name}, {self.chance.choice(pools()['countries'])}"
        elif key.startswith("@"):
            yield from pools()[key[1:]]
        else:
            yield from (part.strip() for part in key.split("|"))


def draw_log(chance: random.Random) -> EventLog:
    """A log of two to five kinds of events from one or two domains."""
    domains = sorted(event.domain for event in events())  # the larger ones more often
    chosen = chance.sample(domains, 2)
    among = [event for event in events() if event.domain in chosen]
    some = chance.sample(among, min(len(among), chance.randint(2, 5)))
    personal = all(event.personal for event in some) or chance.random() < 0.2
    names = _Names(chance)
    first = date(chance.randint(2004, 2022), 1, 1)
    days = round(365.25 * chance.randint(2, 5))
    dates, spans = chance.choice(_DATES), chance.choice(_SPANS)
    shared = {
        key: chance.choice(found)
        for key, found in _SHARED.items()
        if chance.random() < (0.4 if key == "thing" else 0.85)
    }
    if "person" in shared and chance.random() < 0.5:
        shared["agent"] = shared["person"]
    parts, taken = [], set[str]()
    for event in some:
        kind = next(
            (name for name in _shuffled(event.classes, chance) if name not in taken), event.classes[0]
        )
        taken.add(kind)
        relations = _relations(event, chance, dates, spans, shared)
        happenings = tuple(_happenings(event, names, first, days, chance))
        parts.append(LoggedEvents(event, kind, relations, happenings))
    return EventLog(
        tuple(parts),
        chance.choice(_OWNERS) if personal and chance.random() < 0.7 else "",
        chance.choice(_OWNER_RELATIONS),
        chance.choice(["I", "I", "I", "we", "you"])
        if personal
        else chance.choice(["we", "they", "you", "we"]),
        names.kinds,
        chance.random() < 0.7,
        chance.choice(["words", "words", "number", ""]),
    )


def _relations(
    event: Event, chance: random.Random, dates: str, spans: tuple[str, str], shared: dict[str, str]
) -> dict[str, str]:
    if event.spans:
        found = {"date": spans[0], "end": spans[1]}
    else:
        found = {"date": chance.choice(event.dates) if event.dates else dates}
    named: tuple[Attribute | Number, ...] = (*event.attributes, *event.numbers)
    for one in named:
        common = shared.get(_role(one, event), "")
        options = (common,) if common and common not in found.values() else one.relations
        free = [name for name in options if name not in found.values()]
        found[one.name] = chance.choice(free or [f"{one.name} of {event.classes[0]}"])
    return found


def _role(one: Attribute | Number, event: Event) -> str:
    """Which of the shared relations an attribute or number may have."""
    if isinstance(one, Number):
        return "duration" if one.duration and one.unit == "minutes" else ""
    if one.name == event.agent:
        return "agent"
    if one.person:
        return "person"
    if one.place:
        return "place"
    return "thing" if one.object else ""


def _happenings(
    event: Event, names: _Names, first: date, days: int, chance: random.Random
) -> Iterator[Happening]:
    weights = {
        one.name: [1 / (place + chance.uniform(0.6, 3)) for place in range(len(names.values(one)))]
        for one in event.attributes
    }
    for _ in range(chance.randint(25, 150)):
        day = first + timedelta(chance.randrange(days))
        values = {}
        for one in event.attributes:
            if one.optional and chance.random() < 0.3:
                continue
            many = chance.randint(1, one.many)
            drawn = chance.choices(names.values(one), weights[one.name], k=many)
            values[one.name] = tuple(dict.fromkeys(drawn))
        numbers = {one.name: chance.randint(one.low, one.high) for one in event.numbers}
        yield Happening(day, day + timedelta(chance.randint(1, 14)), values, numbers)


def _shuffled(names: tuple[str, ...], chance: random.Random) -> list[str]:
    return chance.sample(names, len(names))


def camel(words: str) -> str:
    """Words in camel case.

    >>> camel("took place on")
    'tookPlaceOn'
    """
    first, *rest = (str(word) for word in re.findall(r"[A-Za-z0-9]+", words))
    return first.lower() + "".join(word.capitalize() for word in rest)
