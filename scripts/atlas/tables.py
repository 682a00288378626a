"""Tab-separated tables: comments, a header, rows that know their file and line."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class AtlasError(Exception):
    """The tables contradict themselves; one line per finding, each naming file and line."""


class Row(NamedTuple):
    """One line of a table by column title; `origin` is its file and line."""

    origin: str
    cells: dict[str, str]

    def text(self, title: str) -> str:
        """The cell as it stands; raises `AtlasError` if it is empty or the column is missing."""
        if not self.cells.get(title):
            raise AtlasError(f"{self.origin}: nothing in the column {title!r}")
        return self.cells[title]

    def values(self, title: str) -> list[str]:
        """The cell's values; empty if the cell or the column is missing."""
        return [value.strip() for value in self.cells.get(title, "").split(";") if value.strip()]


@dataclass(frozen=True)
class Table:
    """A tab-separated file: `# key: value` comments, a header, rows."""

    path: Path
    comments: list[tuple[str, str]]
    header: list[str]
    rows: list[Row]

    @property
    def relation_titles(self) -> list[str]:
        """The columns that hold facts."""
        return [title for title in self.header if title not in ("label", "aliases", "article", "also")]

    def comment_values(self, key: str) -> list[str]:
        """All values of the comments with this key."""
        texts = [text for comment, text in self.comments if comment == key]
        return [value.strip() for text in texts for value in text.split(";") if value.strip()]

    @property
    def kind(self) -> str:
        """The class of the entities that the rows are about."""
        kinds = self.comment_values("kind")
        if len(kinds) != 1:
            raise AtlasError(f"{self.path}: one `# kind: Name` line is needed, {len(kinds)} found")
        return kinds[0]

    @property
    def column_kinds(self) -> dict[str, set[str]]:
        """The class of entities that are named in a column and have no row anywhere."""
        assignments = [value.partition("=") for value in self.comment_values("column-kind")]
        return {title.strip(): {kind.strip()} for title, _, kind in assignments}


def read_table(path: Path) -> Table:
    """Read one table; rows may leave out empty cells at their end."""
    comments: list[tuple[str, str]] = []
    header: list[str] = []
    rows: list[Row] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        origin = f"{path}:{number}"
        if not line.strip():
            continue
        if not header and line.startswith("#"):
            key, _, text = line[1:].partition(":")
            comments.append((key.strip(), text.strip()))
        elif not header:
            header = [title.strip() for title in line.split("\t")]
        else:
            rows.append(Row(origin, cells_of(line, header, origin)))
    repeated = [title for title, count in Counter(header).items() if count > 1]
    if repeated or not header:
        raise AtlasError(f"{path}: a header with different titles is needed, received {header}")
    return Table(path, comments, header, rows)


def cells_of(line: str, header: list[str], origin: str) -> dict[str, str]:
    """Split a line into cells by column title."""
    cells = [unicodedata.normalize("NFC", cell.strip()) for cell in line.split("\t")]
    if len(cells) > len(header):
        raise AtlasError(f"{origin}: {len(cells)} cells for {len(header)} columns")
    return dict(zip(header, cells, strict=False))


def read_tables(folder: Path) -> list[Table]:
    """All tables of a folder, by file name."""
    return [read_table(path) for path in sorted(folder.glob("*.tsv"))]
