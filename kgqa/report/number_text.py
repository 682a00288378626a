"""How numbers are written for people."""

from __future__ import annotations

import math

from kgqa.report.score import Score

__all__ = ["between", "duration", "interval", "number", "percent"]


def percent(share: float | None) -> str:
    """A share (0 to 1) in percent, with one decimal; a dash where there is none.

    >>> percent(0.7321)
    '73.2'
    """
    return "–" if share is None else f"{100 * share:.1f}"


def interval(score: Score) -> str:
    """The interval of a score in percent; nothing where it has no width.

    >>> interval(Score(0.5, 0.251, 0.75))
    '25.1–75.0'
    """
    if score.low == score.high:
        return ""
    return f"{percent(score.low)}–{percent(score.high)}"


def number(count: int) -> str:
    """A count with separators between the thousands."""
    return f"{count:,}"


def duration(seconds: float) -> str:
    """Seconds in the unit that fits.

    >>> duration(0.000008), duration(0.0421), duration(4.2), duration(312), duration(7261)
    ('8 µs', '42 ms', '4.2 s', '5 min 12 s', '2 h 1 min')
    """
    if not math.isfinite(seconds):
        return "no time"
    if seconds < 0.0000995:
        return f"{1_000_000 * seconds:.0f} µs"
    if seconds < 0.9995:
        return f"{1000 * seconds:.{0 if seconds >= 0.00995 else 1}f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def between(value: float, low: float, high: float) -> float:
    """Where a value lies between two others on a logarithmic scale, from 0 to 1.

    >>> between(10, 1, 100)
    0.5
    """
    return min(max(math.log(value / low) / math.log(high / low), 0.0), 1.0)
