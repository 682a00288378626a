"""Dates: intervals of seconds since 1970-01-01T00:00:00Z in the proleptic Gregorian calendar."""

from __future__ import annotations

import math
import re

from kgqa.errors import UsageError, check_count

__all__ = [
    "MONTHS",
    "MOST_YEAR",
    "DateReading",
    "date_interval",
    "date_text",
    "read_date",
    "read_time",
    "to_gregorian",
]

YEAR, MONTH, DAY, INSTANT = 1, 2, 3, 4
"""How exact a date is: `xsd:gYear`, `xsd:gYearMonth`, `xsd:date`, `xsd:dateTime`."""

DAY_SECONDS = 86_400
MOST_YEAR = 10**12
"""Years further away than this are no dates."""

_ZONE = r"(Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_TIME = r"(?:([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(\.[0-9]+)?|(24):00:00(?:\.0+)?)"
_YEAR = r"(-?(?:[1-9][0-9]{3,11}|0[0-9]{3}))"
_FORM = re.compile(rf"{_YEAR}(?:-(0[1-9]|1[0-2])(?:-([0-2][0-9]|3[01])(?:T{_TIME})?)?)?{_ZONE}")
_TIME_FORM = re.compile(_TIME + _ZONE)
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

DateReading = tuple[int, float, float, bool]
"""How exact a date is, its interval, and whether it has a time zone."""


def date_interval(year: int, month: int | None = None, day: int | None = None) -> tuple[float, float]:
    """When a year, month or day begins and ends, in seconds since 1970-01-01T00:00:00Z.

    The end is the first instant that no longer belongs to it. Years are counted as in ISO 8601 and
    XSD 1.1: 0 is 1 BC, -43 is 44 BC.
    Raises `UsageError` for a date that the calendar does not have.

    >>> date_interval(1970, 1, 2)
    (86400.0, 172800.0)
    >>> date_interval(1944, 2, 30)
    Traceback (most recent call last):
        ...
    kgqa.errors.UsageError: day must be a day of 1944-02, not 30
    """
    check_count(year, "year", None)
    if abs(year) > MOST_YEAR:
        raise UsageError(f"year must be at most {MOST_YEAR:,} from 0, not {year!r:.80}")
    if month is None:
        if day is not None:
            raise UsageError(f"day {day!r} needs a month")
        return _at(_days(year, 1, 1)), _at(_days(year + 1, 1, 1))
    check_count(month, "month", None)
    if not 1 <= month <= 12:
        raise UsageError(f"month must be from 1 to 12, not {month!r:.80}")
    if day is None:
        return _at(_days(year, month, 1)), _at(_days(year + month // 12, month % 12 + 1, 1))
    check_count(day, "day", None)
    if not 1 <= day <= _month_days(year, month):
        raise UsageError(f"day must be a day of {_year_text(year)}-{month:02}, not {day!r:.80}")
    start = _days(year, month, day)
    return _at(start), _at(start + 1)


def to_gregorian(year: int, month: int, day: int) -> tuple[int, int, int]:
    """The same day in the Gregorian calendar, given one of the Julian calendar.

    >>> to_gregorian(1642, 12, 25)
    (1643, 1, 4)
    """
    shifted = year - (month <= 2)  # years that begin in March end with the leap day
    skipped = shifted // 100 - shifted // 400 - 2  # leap days that only the Julian calendar has
    return _civil(_days(year, month, day) + skipped)


def read_date(text: str) -> DateReading | None:
    """The date that a text in the form of `xsd:gYear`, `gYearMonth`, `date` or `dateTime` stands for.

    Without a time zone it is read as UTC. An instant of `xsd:dateTime` ends at the next float. None for
    another form, or for a date that the calendar does not have.

    >>> read_date("1970-01-02"), read_date("1970-02-30")
    ((3, 86400.0, 172800.0, False), None)
    """
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    years, months, days, hours, minutes, seconds, fraction, midnight, zone = form.groups()
    year, offset = int(years), _offset(zone)
    if months is None:
        start, end = _days(year, 1, 1), _days(year + 1, 1, 1)
        return YEAR, _at(start, -offset), _at(end, -offset), zone is not None
    month = int(months)
    if days is None:
        start, end = _days(year, month, 1), _days(year + month // 12, month % 12 + 1, 1)
        return MONTH, _at(start, -offset), _at(end, -offset), zone is not None
    day = int(days)
    if not 1 <= day <= _month_days(year, month):
        return None
    start = _days(year, month, day)
    if hours is None and midnight is None:
        return DAY, _at(start, -offset), _at(start + 1, -offset), zone is not None
    of_day = DAY_SECONDS if midnight else int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    low = _with_fraction(start * DAY_SECONDS + of_day - offset, fraction)
    return INSTANT, low, math.nextafter(low, math.inf), zone is not None


def read_time(text: str) -> float | None:
    """The seconds from midnight UTC to an `xsd:time`; None for another form.

    >>> read_time("10:30:00"), read_time("10:30")
    (37800.0, None)
    """
    form = _TIME_FORM.fullmatch(text)
    if form is None:
        return None
    hours, minutes, seconds, fraction, midnight, zone = form.groups()
    of_day = 0 if midnight else int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return _with_fraction(of_day - _offset(zone), fraction)


def date_text(low: float, high: float) -> str:
    """The shortest form of an interval of instants: a year, month, day, or an instant (UTC).

    >>> date_text(*date_interval(1944)), date_text(*date_interval(-43, 3, 15))
    ('1944', '15 March 44 BC')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    days, rest = divmod(int(low // 1), DAY_SECONDS)
    year, month, day = _civil(days)
    for parts in ((year,), (year, month), (year, month, day)):
        if date_interval(*parts) == (low, high):
            return _parts_text(*parts)
    if high > math.nextafter(low, math.inf):  # a day of another time zone, a span of days
        return f"{date_text(low, low)} to {date_text(high, high)}"
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}"
    second = f"{rest % 60:02}" if low.is_integer() else f"{rest % 60 + low % 1:09.6f}".rstrip("0")
    return f"{_parts_text(year, month, day)} {clock}:{second}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
MONTHS = {
    **{name.lower(): number for number, name in enumerate(_MONTHS, 1)},
    **{name[:3].lower(): number for number, name in enumerate(_MONTHS, 1)},
    "sept": 9,
}
"""The numbers of months by their English names and the short forms of these, in lower case."""


def _parts_text(year: int, month: int | None = None, day: int | None = None) -> str:
    if year > 0:
        rest = [f"{part:02}" for part in (month, day) if part]
        return "-".join([_year_text(year), *rest]) if rest else str(year)
    name = _MONTHS[month - 1] if month else None
    return " ".join(str(part) for part in (day, name, 1 - year, "BC") if part)


def _year_text(year: int) -> str:
    return f"{'-' if year < 0 else ''}{abs(year):04}"


def _at(days: int, seconds: int = 0) -> float:
    return float(days * DAY_SECONDS + seconds)


def _with_fraction(seconds: int, fraction: str | None) -> float:
    """Whole seconds and their fraction; never rounded up to the next whole second."""
    if fraction is None:
        return float(seconds)
    return min(seconds + float(fraction), math.nextafter(seconds + 1.0, -math.inf))


def _offset(zone: str | None) -> int:
    """How many seconds a time zone is ahead of UTC."""
    if zone is None or zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    return -seconds if zone[0] == "-" else seconds


def _month_days(year: int, month: int) -> int:
    if month == 2 and (year % 4 or (year % 100 == 0 and year % 400)):
        return 28
    return _MONTH_DAYS[month - 1]


def _days(year: int, month: int, day: int) -> int:
    """The days from 1970-01-01 to a date of the proleptic Gregorian calendar."""
    year -= month <= 2  # years that begin in March end with the leap day
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + of_year - 719_468


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of a number of days since 1970-01-01."""
    era, of_era = divmod(days + 719_468, 146_097)
    of_cycle = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * of_cycle + of_cycle // 4 - of_cycle // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return of_cycle + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1
