"""What the cells of a table say about its columns: triples, a table of entities, a first row of names.

All of it is measured on the first rows. The first row is measured apart, since it may name the columns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kgqa.graph.readers.columns import named
from kgqa.graph.values import ValueKind, guess_value

__all__ = [
    "SAMPLE",
    "list_separator",
    "looks_like_header",
    "marks_of_nothing",
    "may_be_header",
    "usual_width",
    "why_no_triples",
]

SAMPLE = 1000
"""The number of rows that are looked at."""
MOST = 0.9
"""The share of rows that counts as nearly all of them."""
FEW_ROWS = 10
"""In fewer rows equal cells are rare in any table, so how the relations are written counts too."""
_LIST_MARKS = (";", "|")
_LONGEST_PART = 60
"""What is longer is a sentence rather than a value of a list."""
HEADER_ROWS = 3
"""The least number of rows under a first row that tell whether it is one of them."""
HEADER_ROWS_OF_RELATIONS = 2
"""The same, where the cells of the second column tell it by their capitals."""

_MARKS = frozenset(
    ("na", "n/a", "n.a.", "#n/a", "<na>", "nan", "null", "unknown", "-", "--", "\u2013", "\u2014", "?")
)
"""What stands in columns of values for none, in any case."""
_DIGITS = re.compile(r"\W*[0-9][0-9\W]*")

Rows = Sequence[Sequence[str]]


def usual_width(rows: Rows) -> int:
    """The number of cells that most rows have; three wherever at least half of them have three."""
    widths = [len(row) for row in rows]
    if not widths or 2 * widths.count(3) >= len(widths):
        return 3
    return max(widths, key=lambda width: (widths.count(width), -width))


def why_no_triples(rows: Rows, *, may_have_header: bool) -> str | None:
    """Why rows of three cells are a table of something else than heads, relations and tails; None if not.

    The first column is a *key* if nearly all its cells are distinct and nearly none is in the third column.
    The rows are no triples if

    - the first column is a key, and nearly all cells of the second are distinct; in less than ten rows only
      where most of these begin with a capital or are values, as relations rarely do;
    - in ten rows or more, nearly all cells of the second column are distinct, and at least a tenth of them
      is also in the third: entities;
    - the first row looks like column names (`looks_like_header`), none of which is a relation; or it may be
      that (`may_be_header`), the first column is a key, and most cells of the second begin with a capital.

    >>> why_no_triples([["Ann", "Zed Ltd", "Oslo"], ["Bob", "Acme", "Bergen"]], may_have_header=True)
    'the second column has 2 distinct values in 2 rows'
    """
    heads, relations, tails = ([row[place] for row in rows] for place in range(3))
    count, distinct = len(rows), len(set(relations))
    is_key = len(set(heads)) >= MOST * count and len(set(heads) & set(tails)) <= (1 - MOST) * count
    measured = relations[1:] or relations
    are_names = 2 * sum(map(_is_no_relation, measured)) > len(measured)
    if distinct >= MOST * count:
        if is_key and (are_names or count >= FEW_ROWS):
            return f"the second column has {distinct} distinct values in {count} rows"
        if count >= FEW_ROWS and len(set(relations) & set(tails)) >= (1 - MOST) * distinct:
            return f"the second column has {distinct} distinct values in {count} rows, also of the third"
    may_be = may_have_header and is_key and are_names and may_be_header(rows)
    if may_be or (may_have_header and looks_like_header(rows)):
        return f"the first row ({named(rows[0])}) names columns, none of them a relation"
    return None


def looks_like_header(rows: Rows) -> bool:
    """Whether the first row names the columns.

    None of its cells is empty, a value (a number, a date), or found again below it in the same column;
    and some column has values only below it, or names that begin with capitals below a name that does not.
    At least three rows below it are needed, two where the capitals are in the second column.

    >>> looks_like_header([["film", "year"], ["Kismet", "1944"], ["Juarez", "1939"], ["Salome", "1953"]])
    True
    """
    first, below = rows[0], rows[1:]
    if not _stands_alone(rows) or any(_is_value(cell) for cell in first):
        return False
    for place, name in enumerate(first):
        cells = [row[place] for row in below if row[place].strip()]
        if len(cells) >= HEADER_ROWS and all(map(_is_value, cells)):
            return True
        least = HEADER_ROWS_OF_RELATIONS if place == 1 else HEADER_ROWS
        capitals = sum(map(_begins_with_capital, cells))
        if name.strip()[:1].islower() and len(cells) >= least and capitals >= MOST * len(cells):
            return True
    return False


def may_be_header(rows: Rows) -> bool:
    """Whether the first row may name the columns, though it need not: it is read as a fact, which is said.

    None of its cells is found again below it, while every relation below is there at least twice.
    """
    return (
        len(rows) > HEADER_ROWS
        and _stands_alone(rows)
        and min(Counter(row[1] for row in rows[1:]).values()) > 1
    )


def marks_of_nothing(rows: Rows, place: int) -> frozenset[str]:
    """The cells of a column that say that there is no value, where all others of at least two are values.

    In a column of names, "NA" may be one.

    >>> sorted(marks_of_nothing([["a", "12"], ["b", "n/a"], ["c", "7"], ["d", "-"]], 1))
    ['-', 'n/a']
    """
    cells = [cell.strip() for row in rows if len(row) > place and (cell := row[place]).strip()]
    marks = {cell for cell in cells if cell.casefold() in _MARKS or cell == "None"}
    others = [cell for cell in cells if cell not in marks]
    return frozenset(marks) if len(others) > 1 and all(map(_is_value, others)) else frozenset()


def list_separator(rows: Rows, place: int) -> str | None:
    """What separates several values in the cells of a column, if two cells or more are short lists.

    >>> list_separator([["a", "iron;coal"], ["b", "tin"], ["c", "coal; tin"]], 1)
    ';'
    """
    cells = [row[place] for row in rows if len(row) > place]
    for mark in _LIST_MARKS:
        lists = [cell.split(mark) for cell in cells if mark in cell]
        if len(lists) > 1 and all(
            0 < len(part.strip()) <= _LONGEST_PART for parts in lists for part in parts
        ):
            return mark
    return None


def _stands_alone(rows: Rows) -> bool:
    """Whether no cell of the first row is empty, or found again in its column."""
    first, below = rows[0], rows[1:]
    return bool(below) and all(
        cell.strip() and all(row[place] != cell for row in below) for place, cell in enumerate(first)
    )


def _is_value(cell: str) -> bool:
    """Whether a cell shows a value, or is digits and signs, such as "1,25" and "2-1", which are texts."""
    return guess_value(cell).kind is not ValueKind.TEXT or _DIGITS.fullmatch(cell) is not None


def _begins_with_capital(cell: str) -> bool:
    return cell.strip()[:1].isupper()


def _is_no_relation(cell: str) -> bool:
    return _begins_with_capital(cell) or not cell.strip() or _is_value(cell)
