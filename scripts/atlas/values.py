"""The tables of values: numbers and dates of entities that other tables have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.atlas.graph import Atlas, Entity
from scripts.atlas.tables import AtlasError, Table

NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def check_values(tables: list[Table], atlas: Atlas) -> None:
    """Check tables of values against the atlas without them.

    Every row is about an entity of the table's kind, every column holds literals, every cell one number or
    one date that the atlas does not have already. Raises `AtlasError` with everything that is wrong.
    """
    errors = [error for table in tables for error in errors_of(table, atlas)]
    if errors:
        raise AtlasError("\n".join(errors))


def errors_of(table: Table, atlas: Atlas) -> Iterator[str]:
    """What is wrong with one table."""
    others = [title for title in table.header if title != "label" and not title.endswith(" #")]
    yield from (f"{table.path}: the column {title!r} holds no literals" for title in others)
    for row in table.rows:
        entity = Entity.parse(row.text("label"))
        if table.kind not in atlas.kinds.get(entity, ()):
            yield f"{row.origin}: no other table has a {table.kind} {row.text('label')!r}"
        for title in table.relation_titles:
            values = row.values(title)
            relation = title.removesuffix(" #")
            if values and (entity, relation) in atlas.outgoing:
                yield f"{row.origin}: another table has the {relation} of {entity.label!r}"
            if len(values) > 1 or not all(re.fullmatch(f"{NUMBER}|{DATE}", value) for value in values):
                yield f"{row.origin}: the {relation} is {'; '.join(values)!r}, needed is one number or date"


def relation_comments(tables: list[Table]) -> dict[str, str]:
    """What `# comment: relation=text` lines say about relations; raises `AtlasError` on a contradiction."""
    comments: dict[str, str] = {}
    for table in tables:
        for value in table.comment_values("comment"):
            relation, _, text = (part.strip() for part in value.partition("="))
            if comments.setdefault(relation, text) != text:
                raise AtlasError(f"{table.path}: another comment on {relation!r} elsewhere")
    return comments
