"""Dates that a question restricts events to."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

from kgqa.graph import Value
from kgqa.program import Comparator, Compare, Constant, Keep, Measure, Step

__all__ = ["Scope", "period", "scope_around", "single_month", "single_year"]

_MONTHS = [f"{date(2000, month, 1):%B}" for month in range(1, 13)]


@dataclass(frozen=True)
class Scope:
    """A condition on dates, with its words; `period` is "May 2021" of "in May 2021"."""

    words: str
    period: str
    comparator: Comparator
    low: Value
    high: Value | None = None

    def compare(self, relation: str) -> Compare:
        """The condition on the dates under a relation."""
        upper = None if self.high is None else Constant(self.high)
        return Compare(Measure((Step(relation),)), self.comparator, Constant(self.low), upper)

    def keep(self, relation: str) -> Keep:
        """The clause that keeps what has such a date."""
        return Keep(self.compare(relation))


def scope_around(day: date, chance: random.Random) -> Scope:
    """A scope that a day is in, or close to."""
    draw = chance.random()
    if draw < 0.36:
        return single_month(day, chance)
    if draw < 0.66:
        return single_year(day.year, chance)
    if draw < 0.7:
        return _day(day, chance)
    fine = chance.random() < 0.35
    if draw < 0.78:
        until = date(day.year + chance.randint(1, 2), 1 + (day.month * 5) % 12, 1)
        low, low_text = period(day, fine)
        high, high_text = period(until, fine)
        words = chance.choice(["between {} and {}", "from {} to {}", "from {} until {}", "between {} and {}"])
        return Scope(words.format(low_text, high_text), "", Comparator.AT_LEAST, low, high)
    comparator, phrases, shift = chance.choice(_OPEN)
    value, text = period(date(day.year + shift, day.month, 1), fine)
    return Scope(chance.choice(phrases).format(text), "", comparator, value)


_OPEN: tuple[tuple[Comparator, tuple[str, ...], int], ...] = (
    (
        Comparator.AT_LEAST,
        ("since {}", "since {}", "in or after {}", "from {} on", "from {} onwards", "since the start of {}"),
        0,
    ),
    (Comparator.ABOVE, ("after {}", "after {}", "later than {}", "after the end of {}"), -1),
    (Comparator.BELOW, ("before {}", "before {}", "earlier than {}", "prior to {}"), 1),
    (Comparator.AT_MOST, ("until {}", "up to {}", "in or before {}", "until the end of {}"), 0),
)


def single_month(day: date, chance: random.Random) -> Scope:
    """The month of a day."""
    value, text = period(day, True)
    words = chance.choice(["in {}", "in {}", "in {}", "in {}", "during {}", "in the month of {}"])
    if chance.random() < 0.25:
        text = text.replace(" ", " of ")
    if chance.random() < 0.04:
        text = f"{day:%Y-%m}"
    return Scope(words.format(text), text, Comparator.EQUALS, value)


def single_year(year: int, chance: random.Random) -> Scope:
    """A year."""
    words = chance.choice(["in {}", "in {}", "in {}", "in {}", "during {}", "in the year {}"])
    return Scope(words.format(year), str(year), Comparator.EQUALS, Value.date(year))


def period(day: date, fine: bool) -> tuple[Value, str]:
    """The month or the year of a day, and its words."""
    if fine:
        return Value.date(day.year, day.month), f"{_MONTHS[day.month - 1]} {day.year}"
    return Value.date(day.year), str(day.year)


def _day(day: date, chance: random.Random) -> Scope:
    month = _MONTHS[day.month - 1]
    text = chance.choice([f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}", day.isoformat()])
    return Scope(f"on {text}", text, Comparator.EQUALS, Value.date(day.year, day.month, day.day))
