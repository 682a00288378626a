"""Numbers as XSD writes them, and as people write them in tables."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable

__all__ = ["NUMBERS", "read_cell_number", "with_point"]

Reader = Callable[[str], float | None]

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DOUBLE = re.compile(_DECIMAL.pattern + r"(?:[eE][+-]?[0-9]+)?")
_GROUPS = "[, '\u2019\u00a0\u2009\u202f]"
"""What stands between groups of three digits: a comma, an apostrophe, or a space of some width."""
_CELL = re.compile(
    rf"[+-]?(?:(?:0|[1-9][0-9]*|[1-9][0-9]{{0,2}}(?P<group>{_GROUPS})[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*)"
    r"(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
)
_COMMA_NUMBER = re.compile(r"[+\-\u2212]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?")
_BITS = {"byte": 8, "short": 16, "int": 32, "long": 64}


def read_cell_number(text: str) -> float | None:
    """The number that a table's cell shows: digits, in groups of three or not; None for anything else.

    Between groups is one of `, ' ’` or a space, the same in a number. Leading zeros mark identifiers, so
    "007" is no number. A comma never starts a fraction.

    >>> read_cell_number("1,234.5"), read_cell_number("-3e5"), read_cell_number("007")
    (1234.5, -300000.0, None)
    >>> read_cell_number("2 102 650"), read_cell_number("134'591"), read_cell_number("1,234 567")
    (2102650.0, 134591.0, None)
    """
    text = text.replace("\u2212", "-", 1)
    form = _CELL.fullmatch(text)
    return _finite(float(text.replace(form["group"] or ",", ""))) if form else None


def with_point(text: str) -> str:
    """A number with a decimal comma, and perhaps points between groups, as one with a decimal point.

    >>> with_point("1.084.831"), with_point("-405,02"), with_point("31.12.1990"), with_point("3,4,5")
    ('1084831', '-405.02', '31.12.1990', '3,4,5')
    """
    if _COMMA_NUMBER.fullmatch(text.strip()) is None:
        return text
    return text.replace(".", "").replace(",", ".")


def _finite(number: float) -> float | None:
    """None for a number beyond the largest float."""
    return number if math.isfinite(number) else None


def _real(form: re.Pattern[str]) -> Reader:
    def read(text: str) -> float | None:
        return _finite(float(text)) if form.fullmatch(text) else None

    return read


def _whole(least: int | None, most: int | None) -> Reader:
    """Whole numbers in a range; those beyond 2^53 become the nearest float."""

    def read(text: str) -> float | None:
        if not _INTEGER.fullmatch(text):
            return None
        if least is None and most is None:
            return _finite(float(text))
        digits = text.lstrip("+-0") or "0"
        if len(digits) > 20:  # beyond 64 bits; int() refuses thousands of digits
            beyond = least is None if text.startswith("-") else most is None
            return _finite(float(text)) if beyond else None
        number = -int(digits) if text.startswith("-") else int(digits)
        if (least is not None and number < least) or (most is not None and number > most):
            return None
        return float(number)

    return read


def _single(text: str) -> float | None:
    """A number of 32 bits, as `xsd:float` has them."""
    if not _DOUBLE.fullmatch(text):
        return None
    try:
        return float(struct.unpack("<f", struct.pack("<f", float(text)))[0])
    except OverflowError:
        return None


NUMBERS: dict[str, Reader] = {
    "decimal": _real(_DECIMAL),
    "double": _real(_DOUBLE),
    "float": _single,
    "integer": _whole(None, None),
    "nonNegativeInteger": _whole(0, None),
    "positiveInteger": _whole(1, None),
    "nonPositiveInteger": _whole(None, 0),
    "negativeInteger": _whole(None, -1),
    **{name: _whole(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for name, bits in _BITS.items()},
    **{f"unsigned{name.title()}": _whole(0, 2**bits - 1) for name, bits in _BITS.items()},
}
"""How the text of each numeric type of XSD is read; NaN, infinity and numbers out of range give None."""
