"""Draws what questions give and ask for."""

from __future__ import annotations

import random

from scripts.logs.draft import Schema
from scripts.logs.log import Happening
from scripts.logs.scope import Scope, scope_around
from scripts.logs.tables import Attribute, Number
from scripts.logs.wording import Given, Wording

__all__ = ["Drawing", "when"]


class Drawing:
    """Random parts of questions about the events of one kind."""

    def __init__(self, wording: Wording, schema: Schema) -> None:
        self.wording = wording
        self.schema = schema
        self.part = wording.part
        self.event = wording.event
        self.chance: random.Random = wording.chance

    def happening(self) -> Happening:
        """One of the events, which questions are drawn around."""
        return self.chance.choice(self.part.happenings)

    def given(self, about: Happening, count: int, without: Attribute | None = None) -> tuple[Given, ...]:
        """What is given of an event: up to `count` attributes, the object and the agent more often."""
        free = [one for one in self.event.attributes if one is not without and one.name in about.values]
        found = []
        for _ in range(min(count, len(free))):
            weights = [3 if one.object else 1 if one.textual else 2 for one in free]
            one = self.chance.choices(free, weights)[0]
            free.remove(one)
            values = about.values[one.name]
            both = len(values) > 1 and self.chance.random() < 0.15
            found.append(Given(one, tuple(self.chance.sample(values, 2 if both else 1))))
        return tuple(found)

    def few(self) -> int:
        """How many attributes to give."""
        return self.chance.choices([0, 1, 2, 3], [0.15, 0.5, 0.3, 0.05])[0]

    def scope(self, about: Happening, share: float) -> Scope | None:
        """A scope that has an event, with this chance."""
        return scope_around(about.day, self.chance) if self.chance.random() < share else None

    def asked(self) -> Attribute:
        """An attribute to ask for."""
        free = [one for one in self.event.attributes if not one.textual or self.chance.random() < 0.2]
        return self.chance.choices(free, [2 if one.object or one.person else 1 for one in free])[0]

    def number(self) -> Number | None:
        return self.chance.choice(self.event.numbers) if self.event.numbers else None

    def says_noun(self, share: float = 0.35) -> bool:
        """Whether to speak of the events by their noun."""
        return self.chance.random() < share

    def pick(self, *texts: str) -> str:
        return self.chance.choice(texts)

    def of(self, scope: Scope | None) -> str:
        """The words of a scope behind a noun."""
        if scope is None or not scope.period or scope.words.startswith("on ") or self.chance.random() < 0.5:
            return when(scope)
        return f"of {scope.period}"

    def threshold(self, number: Number) -> int:
        """A number that some of the events are above."""
        values = sorted(one.numbers[number.name] for one in self.part.happenings)
        return values[self.chance.randrange(len(values) // 4, max(len(values) * 3 // 4, 1))]


def when(scope: Scope | None) -> str:
    """The words of a scope."""
    return "" if scope is None else scope.words
