"""A value: what a literal or a cell means, as a kind and an interval of numbers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from kgqa.errors import UsageError
from kgqa.graph.values.date import date_interval, date_text
from kgqa.graph.values.duration import duration_text

__all__ = ["COMPARABLE", "Value", "ValueKind"]

_PLAIN_NUMBER = re.compile(r"([+-]?)0*([0-9]+)(\.[0-9]+)?")


class ValueKind(IntEnum):
    """The kind of a value; stored as one byte. Only values of one kind are compared."""

    NONE = 0
    """No value: a resource, a blank node."""
    NUMBER = 1
    DATE = 2
    """An interval of seconds since 1970-01-01T00:00:00Z."""
    DURATION = 3
    """Seconds; a time of day is the seconds since midnight."""
    BOOLEAN = 4
    """0 or 1."""
    TEXT = 5
    """A text; it has no number and no order."""


COMPARABLE = (ValueKind.NUMBER, ValueKind.DATE, ValueKind.DURATION, ValueKind.BOOLEAN)
"""The kinds whose values have numbers and an order."""


@dataclass(frozen=True)
class Value:
    """A value: its kind, the numbers it is compared by, the text it was written as, its unit.

    `low` and `high` are equal for numbers, durations (seconds) and booleans (0, 1). A date covers the
    instants from `low` up to, but not including, `high`, in seconds since 1970-01-01T00:00:00Z (proleptic
    Gregorian calendar, negative before). A text has NaN in both. An empty `text` marks a computed value.

    Two values are comparable if they have the same kind, have numbers, and do not have two different units.
    """

    kind: ValueKind
    low: float
    high: float
    text: str = ""
    unit: str = ""

    @classmethod
    def number(cls, number: float, unit: str = "") -> Self:
        """A finite number. Raises `UsageError` for NaN and infinity.

        >>> str(Value.number(1200, "km"))
        '1,200 km'
        """
        try:
            value = float(number)
        except (OverflowError, TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            raise UsageError(f"number must be a finite number, not {number!r:.80}")
        return cls(ValueKind.NUMBER, value, value, "", unit)

    @classmethod
    def date(cls, year: int, month: int | None = None, day: int | None = None) -> Self:
        """A day, month or year; see `date_interval`, which says which dates there are.

        >>> str(Value.date(1944, 6)), str(Value.date(-43))
        ('1944-06', '44 BC')
        """
        return cls(ValueKind.DATE, *date_interval(year, month, day))

    def comparable(self, other: Value) -> bool:
        """Whether the two values have an order."""
        return (
            self.kind == other.kind
            and self.kind in COMPARABLE
            and (self.unit == other.unit or not self.unit or not other.unit)
            and not math.isnan(self.low + other.low)
        )

    def below(self, other: Value) -> bool:
        """Whether this value is less: of dates, whether it ends before the other one begins.

        >>> Value.date(2010).below(Value.date(2010, 5)), Value.date(2009).below(Value.date(2010, 5))
        (False, True)
        """
        if not self.comparable(other):
            return False
        return self.high <= other.low if self.kind == ValueKind.DATE else self.high < other.low

    def above(self, other: Value) -> bool:
        """Whether this value is more; the converse of `below`."""
        return other.below(self)

    def inside(self, other: Value) -> bool:
        """Whether this value is part of the other one, as a day is of its year; of numbers, whether equal."""
        return self.comparable(other) and self.low >= other.low and self.high <= other.high

    def equals(self, other: Value) -> bool:
        """Whether the values are the same: equal numbers, the same dates, the same text.

        The text of a number does not matter, the language of a text neither.
        """
        if self.kind == other.kind == ValueKind.TEXT:
            return self.text == other.text
        return self.comparable(other) and self.low == other.low and self.high == other.high

    def __str__(self) -> str:
        """The value for people: digits are grouped where the unit is known, so that no year is."""
        match self.kind:
            case ValueKind.NUMBER:
                return self._number_text()
            case ValueKind.DATE:
                return date_text(self.low, self.high)
            case ValueKind.DURATION:
                return self.text if ":" in self.text else duration_text(self.low)
            case ValueKind.BOOLEAN:
                return "true" if self.low else "false"
            case _:
                return self.text

    def _number_text(self) -> str:
        plain = _PLAIN_NUMBER.fullmatch(self.text or _shortest(self.low))
        if not self.unit or plain is None:
            return " ".join(filter(None, (self.text or _shortest(self.low), self.unit)))
        sign, whole, fraction = plain.groups()
        return f"{sign.strip('+')}{int(whole):,}{(fraction or '').rstrip('0').rstrip('.')} {self.unit}"


def _shortest(number: float) -> str:
    """The shortest text of a float; whole numbers up to 2^53 without a decimal point."""
    return str(int(number)) if number.is_integer() and abs(number) <= 2**53 else repr(number)
