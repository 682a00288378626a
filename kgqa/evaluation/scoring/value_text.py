"""Numbers, dates and yes or no, read from texts of answers."""

from __future__ import annotations

import datetime
import math
import re
from typing import NamedTuple

from kgqa.graph import fold_name
from kgqa.graph.values import ValueKind, guess_value

__all__ = ["Number", "read_boolean", "read_date", "read_number"]

_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(
    r"(-?(?:\d{4}|[1-9]\d{4,}))(?:-(\d\d)(?:-(\d\d))?)?"  # year, month, day
    r"(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?",  # time, zone
    re.ASCII,
)
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?", re.ASCII)
_BOOLEANS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class Number(NamedTuple):
    """A number, whether it is written without decimals, and its unit."""

    value: float
    whole: bool
    unit: str = ""


def read_number(text: str) -> Number | None:
    """The number that a text is: digits, also in groups of three, decimals, an exponent, a unit.

    `None` for other texts, and for numbers beyond the range of a float.

    >>> read_number("1,234.50")
    Number(value=1234.5, whole=False, unit='')
    >>> read_number("7").whole, read_number("7 km").unit, read_number("1,23"), read_number("7 dwarfs")
    (True, 'km', None, None)
    """
    found = _NUMBER.fullmatch(text.strip().replace("\u2212", "-"))
    if found is None:
        value = guess_value(text)
        if value.kind is not ValueKind.NUMBER or not math.isfinite(value.low):
            return None
        return Number(value.low, "." not in text, value.unit)
    sign, digits, decimals, exponent = found.groups(default="")
    number = float(sign + digits.replace(",", "") + decimals + exponent)
    return Number(number + 0.0, not decimals and not exponent) if math.isfinite(number) else None


def read_boolean(text: str) -> bool | None:
    """Yes, true and 1, or no, false and 0, in any case; `None` for other texts.

    >>> read_boolean("Yes"), read_boolean("0"), read_boolean("perhaps")
    (True, False, None)
    """
    return _BOOLEANS.get(fold_name(text))


def read_date(text: str) -> str | None:
    """A date, year, month or time of day of ISO 8601 in one form; `None` for other texts and no such days.

    Midnight is the same as no time, and seconds of zero as no seconds. A year is no day in it: "1999" and
    "1999-01-01" differ.

    >>> read_date("1999-12-31T00:00:00"), read_date("0476"), read_date("09:30"), read_date("2021-02-30")
    ('1999-12-31', '476', '09:30:00', None)
    """
    text = text.strip()
    if found := _TIME.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in found.groups())
        return f"{hour:02}:{minute:02}:{second:02}" if hour < 24 and minute < 60 and second < 60 else None
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, time, zone = found.groups(default="")
    if (time or zone) and not day:
        return None
    if time and (time := read_date(time) or "") == "":
        return None
    if month and not _is_day(int(year), int(month), int(day or 1)):
        return None
    shown = "-".join(part for part in (str(int(year)), month, day) if part)
    return (
        shown + ("" if time in ("", "00:00:00") else f"T{time}") + ("" if zone == "Z" or not time else zone)
    )


def _is_day(year: int, month: int, day: int) -> bool:
    """Whether the calendar has this day; years that `datetime` does not know repeat every 400."""
    try:
        datetime.date(year % 400 + 400, month, day)
    except ValueError:
        return False
    return True
