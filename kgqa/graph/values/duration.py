"""Durations: seconds. A month is a twelfth of the mean year, because its length varies."""

from __future__ import annotations

import math
import re

__all__ = ["MONTH_SECONDS", "duration_text", "read_duration"]

MONTH_SECONDS = 2_629_746.0
"""The mean month of the Gregorian calendar: 30.436875 days, a twelfth of 365.2425."""

_FORM = re.compile(
    r"(-)?P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?"
)
_SECONDS = (12 * MONTH_SECONDS, MONTH_SECONDS, 86_400.0, 3600.0, 60.0, 1.0)


def read_duration(text: str) -> float | None:
    """The seconds of an `xsd:duration`; None for another form, or for more than a float can hold.

    >>> read_duration("PT1H30M"), read_duration("-P1D"), read_duration("P")
    (5400.0, -86400.0, None)
    """
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    sign, *parts = form.groups()
    seconds = sum(float(part) * size for part, size in zip(parts, _SECONDS, strict=True) if part)
    if math.isinf(seconds):
        return None
    return -seconds if sign else float(seconds)


def duration_text(seconds: float) -> str:
    """Days, hours, minutes and seconds.

    >>> duration_text(5400), duration_text(-86401.5)
    ('1 h 30 min', '-1 d 1.5 s')
    """
    if not math.isfinite(seconds):
        return ""
    whole, fraction = divmod(abs(seconds), 1)
    minutes, second = divmod(int(whole), 60)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    texts = [f"{count:,} {unit}" for count, unit in parts if count]
    if second or fraction or not texts:
        texts.append(f"{second + fraction:.6f}".rstrip("0").rstrip(".") + " s")
    return ("-" if seconds < 0 else "") + " ".join(texts)
