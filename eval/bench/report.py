"""What a benchmark found, as a page and as data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from machine import Machine

__all__ = ["Report", "Table", "median", "percentile", "shown"]


@dataclass(frozen=True)
class Table:
    """Rows under the names of their columns, and what a reader must know of them."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    note: str = ""

    def __str__(self) -> str:
        texts = [[shown(value) for value in row] for row in self.rows]
        numeric = [
            all(isinstance(row[at], (int, float)) or row[at] is None for row in self.rows)
            for at in range(len(self.columns))
        ]
        lines = [self.columns, ["---:" if right else "---" for right in numeric], *texts]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"{self.note}\n\n{table}" if self.note else table


@dataclass(frozen=True)
class Report:
    """A page of tables with everything that was measured beside it.

    `name` is the name of the script and, with `of`, of what is written. `data` is what the tables were made
    from.
    """

    name: str
    title: str
    machine: Machine
    settings: dict[str, Any]
    tables: Sequence[Table]
    data: Any
    notes: Sequence[str] = ()
    pictures: Sequence[str] = field(default=())
    of: str = ""

    def __str__(self) -> str:
        settings = ", ".join(f"{key} {shown(value)}" for key, value in self.settings.items())
        parts = [
            f"# {self.title}",
            f"`.venv/bin/python eval/bench/{self.name}.py` ({settings})",
            str(self.machine),
            *self.notes,
            *map(str, self.tables),
            *(f"![{self.title}]({picture})" for picture in self.pictures),
        ]
        return "\n\n".join(parts) + "\n"

    def write(self, folder: Path) -> None:
        """Print the page, and write it with its data to a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        found = {"machine": vars(self.machine), "settings": self.settings, "found": self.data}
        stem = "-".join(filter(None, (self.name.replace("_", "-"), self.of)))
        (folder / f"{stem}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
        (folder / f"{stem}.md").write_text(str(self), "utf-8")
        print(self)
        print(f"written to {folder / stem}.md and .json")


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` percent of the values are, between two where it falls there."""
    if not values:
        return None
    ranked = sorted(values)
    place = (len(ranked) - 1) * share / 100
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)


def median(values: Sequence[float]) -> float | None:
    """The middle value; None of none."""
    return percentile(values, 50)


def shown(value: object) -> str:
    """A value as a table shows it: three digits that count."""
    if value is None:
        return "-"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
