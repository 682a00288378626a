"""One object of a file of questions, read field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgqa.errors import ParseError
from kgqa.graph import Triple

__all__ = ["Row"]


@dataclass(frozen=True)
class Row:
    """An object with its place; a field of another kind is a `ParseError` with file, line and field."""

    path: Path
    line: int
    record: Mapping[str, Any]

    def has(self, field: str) -> bool:
        """Whether the field is there and not null."""
        return self.record.get(field) is not None

    def others(self, known: tuple[str, ...]) -> dict[str, object]:
        """All other fields, as they are."""
        return {field: value for field, value in self.record.items() if field not in known}

    def value(self, field: str) -> Any:
        """A field of any type."""
        if field not in self.record:
            raise ParseError(self.path, self.line, f"the field {field!r} is missing")
        return self.record[field]

    def text(self, field: str) -> str:
        """A text that is not empty."""
        value = self.value(field)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(field, "a text that is not empty", value)
        return value

    def text_of_id(self, field: str) -> str:
        """A text or a whole number, as text."""
        value = self.value(field)
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else self.text(field)

    def number(self, field: str) -> int:
        """A whole number, 0 or more."""
        value = self.value(field)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.wrong(field, "a whole number", value)
        return value

    def items(self, field: str) -> list[Any]:
        """A list of anything."""
        value = self.value(field)
        if not isinstance(value, list):
            raise self.wrong(field, "a list", value)
        return value

    def names(self, field: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self.items(field)
        if not all(isinstance(name, str) for name in value):
            raise self.wrong(field, "a list of texts", value)
        return tuple(value)

    def name_lists(self, field: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts."""
        value = self.items(field)
        for names in value:
            if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
                raise self.wrong(field, "lists of texts", names)
        return tuple(tuple(names) for names in value)

    def rows(self, field: str) -> list[Row]:
        """A list of objects."""
        value = self.items(field)
        for one in value:
            if not isinstance(one, dict):
                raise self.wrong(field, "a list of objects", one)
        return [Row(self.path, self.line, one) for one in value]

    def row(self, field: str) -> Row:
        """An object."""
        value = self.value(field)
        if not isinstance(value, dict):
            raise self.wrong(field, "an object", value)
        return Row(self.path, self.line, value)

    def triples(self, field: str, value: Any) -> tuple[Triple, ...]:
        """A list of triples, which is the field or a part of it."""
        if not isinstance(value, list):
            raise self.wrong(field, "lists of triples", value)
        found: list[Triple] = []
        for item in value:
            match item:
                case [str(), str(), str()]:
                    found.append(Triple._make(item))
                case _:
                    raise self.wrong(field, "[head, relation, tail]", item)
        return tuple(found)

    def wrong(self, field: str, needed: str, value: object) -> ParseError:
        """The error for a field that is not what is needed."""
        shown = json.dumps(value, ensure_ascii=False, default=str)
        return ParseError(self.path, self.line, f"{field!r} must be {needed}, not {shown[:80]}")
