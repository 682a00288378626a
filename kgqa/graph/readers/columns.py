"""What the columns of a table are: given by the user, or told by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgqa.counted import counted
from kgqa.errors import UsageError, check_names, check_text
from kgqa.graph.name import clean_name, separate_words

__all__ = ["HEADERS", "Columns", "guessed_columns", "header_columns", "named"]

HEADERS = (
    ("head", "relation", "tail"),
    ("subject", "predicate", "object"),
    ("subject", "relation", "object"),
    ("head", "rel", "tail"),
    ("source", "relation", "target"),
)
_ROLES = (
    frozenset({"head", "subject", "source", "src", "from", "start", "entity", "item", "s", "h"})
    | {"entity 1", "node 1", "arg 1"},
    frozenset({"relation", "predicate", "property", "rel", "relationship", "edge", "type", "label"})
    | {"attribute", "p", "r"},
    frozenset({"tail", "object", "target", "dst", "to", "end", "value", "o", "t"})
    | {"entity 2", "node 2", "arg 2"},
)
"""Words that name a column of heads, relations, tails; each role must be named by exactly one column."""
_DETAILS = frozenset({"id", "iri", "uri", "name", "label"})

Position = tuple[int, int, int]


@dataclass(frozen=True)
class Columns:
    """How a table is read, where its columns do not tell or tell wrongly.

    `head`, `relation` and `tail` name the columns of facts, by their names in the first row or by their
    numbers, from 1. With `table` the column `head` (by default the first) is the entity, and every other
    column a relation with the name in the first row; `entity_type` is what the entities are, by default what
    their column is called, else the file, and with "" nothing. `header` says whether the first row has names;
    None: found out. `split` separates several values in one cell, `separator` the cells of a text file. With
    `decimal_comma` cells of a text file such as "1.234,5" are read as "1234.5".

    Raises `UsageError` for parts that contradict each other.

    >>> Columns(relation=1, head=2, tail=3).is_mapped
    True
    """

    head: str | int | None = None
    relation: str | int | None = None
    tail: str | int | None = None
    table: bool = False
    header: bool | None = None
    split: str | None = None
    separator: str | None = None
    entity_type: str | None = None
    decimal_comma: bool = False

    def __post_init__(self) -> None:
        for role in ("head", "relation", "tail"):
            column = getattr(self, role)
            if isinstance(column, bool) or not isinstance(column, str | int | None) or column == "":
                raise UsageError(f"{role} must be the name or the number of a column, not {column!r:.80}")
        for name in ("split", "separator"):
            text = getattr(self, name)
            if text is not None and (not isinstance(text, str) or not text):
                raise UsageError(f"{name} must be a text of at least one character, not {text!r:.80}")
        if self.separator is not None and (len(self.separator) != 1 or self.separator in '"\r\n'):
            raise UsageError(f"separator must be one character, not {self.separator!r:.80}")
        if self.table and (self.relation is not None or self.tail is not None):
            raise UsageError("in a table every column but the entity's is a relation: name the head only")
        if self.entity_type is not None and not self.table:
            raise UsageError("only the entities of a table have a type: give table, too")
        check_text(self.entity_type, "entity_type", optional=True)
        if self.table and self.header is False:
            raise UsageError("a table needs a first row that names its relations")

    @property
    def is_mapped(self) -> bool:
        """Whether a column of facts is named."""
        return (self.head, self.relation, self.tail) != (None, None, None)

    @property
    def needs_names(self) -> bool:
        """Whether a column is called by something that can only be a name."""
        wanted = (self.head, self.relation, self.tail)
        return any(isinstance(column, str) and not column.isdecimal() for column in wanted)

    def position(self, column: str | int, names: Sequence[str] | None, width: int, source: object) -> int:
        """Where a column is, by its name (if the columns have names) or its number. Raises `UsageError`."""
        check_names(() if names is None else names, "names")
        places = [i for i, name in enumerate(names or ()) if name.strip() == str(column).strip()]
        if len(places) == 1:
            return places[0]
        if len(places) > 1:
            raise UsageError(f"{source}: {len(places)} columns are called {column!r}; give a number")
        if str(column).isdecimal() and 1 <= int(column) <= width:
            return int(column) - 1
        there = named(names) if names else counted(width, "column")
        raise UsageError(f"{source}: no column {column!r}; it has {there}")

    def positions(self, names: Sequence[str] | None, width: int, source: object) -> Position:
        """The columns of head, relation and tail. Raises `UsageError`.

        One that is not given is the only other column with a name for it; else those that are left are
        taken in their order, if there are no more of them than needed.
        """
        check_names(() if names is None else names, "names")
        wanted = (self.head, self.relation, self.tail)
        found = [None if column is None else self.position(column, names, width, source) for column in wanted]
        for role, place in enumerate(found):
            places = [i for i, name in enumerate(names or ()) if _role_words(name) in _ROLES[role]]
            others = [i for i in places if i not in found]
            if place is None and len(others) == 1:
                found[role] = others[0]
        if len(set(found) - {None}) < 3 - found.count(None):
            raise UsageError(f"{source}: head, relation and tail must be three different columns")
        left = [place for place in range(width) if place not in found]
        if 0 < found.count(None) != len(left):
            there = named(names) if names else counted(width, "column")
            raise UsageError(f"{source}: name all of head, relation and tail; it has {there}")
        positions = [left.pop(0) if place is None else place for place in found]
        return positions[0], positions[1], positions[2]


def header_columns(fields: Sequence[str]) -> Position | None:
    """The positions of head, relation and tail if these fields are usual column names; else None.

    >>> header_columns(["Weight", "Subject", "Predicate", "Object"])
    (1, 2, 3)
    """
    names = [field.strip().casefold() for field in fields]
    for header in HEADERS:
        if all(names.count(name) == 1 for name in header):
            head, relation, tail = (names.index(name) for name in header)
            return head, relation, tail
    return None


def guessed_columns(fields: Sequence[str]) -> Position | None:
    """The same for names that are less usual: each role is named by exactly one field.

    >>> guessed_columns(["id", "node1", "label", "node2"]), guessed_columns([":START_ID", ":END_ID", ":TYPE"])
    ((1, 2, 3), (0, 2, 1))
    """
    names = [_role_words(field) for field in fields]
    found = [[i for i, name in enumerate(names) if name in role] for role in _ROLES]
    if any(len(places) != 1 for places in found):
        return None
    head, relation, tail = (places[0] for places in found)
    return head, relation, tail


def named(names: Sequence[object]) -> str:
    """Columns, for a message."""
    return f"{', '.join(clean_name(str(name)) or repr(name) for name in names):.200}"


def _role_words(field: str) -> str:
    words = separate_words(field.replace("1", " 1").replace("2", " 2"))
    while len(words) > 1 and words[-1] in _DETAILS:
        words.pop()
    return " ".join(words)
