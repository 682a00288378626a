"""Question templates: the relation paths that they ask for, their split, their words."""

from __future__ import annotations

import re
from typing import NamedTuple

from scripts.atlas.graph import Atlas
from scripts.atlas.tables import AtlasError, Row, Table

SPLITS = ("train", "dev", "test")

TOPICS_PER_TEMPLATE = 3
TOPICS_PER_ONE_HOP_TEMPLATE = 1


class Step(NamedTuple):
    """One step of a relation path, along the relation or, inverse, against it."""

    relation: str
    inverse: bool

    def __str__(self) -> str:
        return f"~{self.relation}" if self.inverse else self.relation


RelationPath = tuple[Step, ...]


class Side(NamedTuple):
    """What a question asks of one of its topics: a relation path, and the topic's kind (empty: any)."""

    path: RelationPath
    kind: str


class Template(NamedTuple):
    """One way to ask for the answers at the end of one path, or where two paths meet."""

    origin: str
    split: str
    sides: tuple[Side, ...]
    text: str

    @property
    def questions(self) -> int:
        """How many questions to make of it; one-hop paths are many, so each gives few."""
        one_hop = len(self.sides) == 1 and len(self.sides[0].path) == 1
        return TOPICS_PER_ONE_HOP_TEMPLATE if one_hop else TOPICS_PER_TEMPLATE


def read_templates(tables: list[Table], atlas: Atlas) -> list[Template]:
    """All templates; raises `AtlasError` on an unknown relation or split and on a path in two splits."""
    templates = [template_of(row) for table in tables for row in table.rows]
    relations = set(atlas.relations)
    split_of: dict[tuple[RelationPath, ...], str] = {}
    errors = []
    for template in templates:
        paths = tuple(side.path for side in template.sides)
        unknown = {step.relation for path in paths for step in path} - relations
        if unknown:
            errors.append(f"{template.origin}: no fact has the relation {', '.join(sorted(unknown))}")
        if split_of.setdefault(paths, template.split) != template.split or template.split not in SPLITS:
            errors.append(
                f"{template.origin}: the split is {template.split!r}; a path has one of {', '.join(SPLITS)}"
            )
    if errors:
        raise AtlasError("\n".join(errors))
    return templates


def template_of(row: Row) -> Template:
    """Read a row with the columns path, split, template and perhaps kind."""
    paths = [path_of(text) for text in row.text("path").split(" & ")]
    kinds = row.cells.get("kind", "").split("&")
    if len(kinds) == 1:
        kinds = kinds * len(paths)
    names = re.findall(r"\{(\w)[.}]", row.text("template"))
    if sorted(names) != ["a", "b"][: len(paths)] or len(kinds) != len(paths):
        raise AtlasError(
            f"{row.origin}: {len(paths)} topics in the path, {names} in the template, {kinds} as kinds"
        )
    sides = tuple(Side(path, kind.strip()) for path, kind in zip(paths, kinds, strict=True))
    return Template(row.origin, row.text("split"), sides, row.text("template"))


def path_of(text: str) -> RelationPath:
    """Read `~capital / official language`."""
    steps = [step.strip() for step in text.split(" / ")]
    return tuple(Step(step.removeprefix("~"), step.startswith("~")) for step in steps)
