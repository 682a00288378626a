"""Results: what a program denotes, by identifiers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from kgqa.graph import Value
from kgqa.program.proof.evidence import Member, value_dict

__all__ = ["Result", "ResultKind"]

ResultKind = Literal["set", "value", "truth", "table"]


@dataclass(frozen=True)
class Result:
    """What a program denotes, by identifiers.

    Of a set, `entities` are the first members and `size` is the number of all; of a table, `rows` are the
    first rows (without chains) and `size` is the number of all. `value` is that of a count or summary, `None`
    where there was nothing to summarise. `truth` is yes or no.
    """

    kind: ResultKind
    entities: tuple[str, ...] = ()
    rows: tuple[Member, ...] = ()
    size: int = 0
    value: Value | None = None
    truth: bool | None = None

    def shortened(self, most: int) -> Self:
        """The same result, with at most so many members or rows listed."""
        return replace(self, entities=self.entities[:most], rows=self.rows[:most])

    def to_dict(self) -> dict[str, Any]:
        """The result for JSON: its kind and what belongs to that."""
        match self.kind:
            case "set":
                return {"kind": "set", "size": self.size, "entities": list(self.entities)}
            case "table":
                rows = [
                    {"entity": row.entity, "value": None if row.value is None else value_dict(row.value)}
                    for row in self.rows
                ]
                return {"kind": "table", "size": self.size, "rows": rows}
            case "truth":
                return {"kind": "truth", "truth": self.truth}
            case _:
                return {"kind": "value", "value": None if self.value is None else value_dict(self.value)}
