"""Values as questions say them."""

from __future__ import annotations

import random
import re

import numpy as np

from kgqa.graph import Value, ValueKind

__all__ = ["day_value", "number_value", "rounded"]


def number_value(number: float) -> Value | None:
    """A number as `kgqa.linking.question_values` reads it."""
    if not abs(number) < 1e15:
        return None
    return Value(ValueKind.NUMBER, number, number, f"{number:.15g}")


def rounded(number: float, down: bool) -> float:
    """A rounder number nearby, of one or two digits."""
    if number == 0 or abs(number) < 10:
        return float(np.floor(number) if down else np.ceil(number)) if abs(number) >= 1 else number
    scale = 10.0 ** (np.floor(np.log10(abs(number))) - (0 if abs(number) < 100 else 1))
    return float((np.floor if down else np.ceil)(number / scale) * scale)


def day_value(low: float, high: float, chance: random.Random, shift: int = 0) -> Value | None:
    """The year of a date, or its month or day, as a question says it."""
    start = np.datetime64(int(low), "s")
    text = str(start.astype("datetime64[D]"))
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text)
    if found is None or not 1000 <= int(found[1]) + shift < 3000:
        return None
    year, month, day = int(found[1]) + shift, int(found[2]), int(found[3])
    length = high - low
    if length > 32 * 86400 or shift or chance.random() < 0.5:
        return Value.date(year)
    if length > 86400 or chance.random() < 0.2:
        return Value.date(year, month)
    return Value.date(year, month, day)
