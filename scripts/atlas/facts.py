"""From tables to the graph, and what may be wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from scripts.atlas.graph import Atlas, Entity, Fact, Literal
from scripts.atlas.tables import AtlasError, Row, Table


def build_atlas(tables: list[Table]) -> Atlas:
    """Join the tables into one graph; raises `AtlasError` with every contradiction found."""
    atlas = Atlas()
    errors = [*read_entities(tables, atlas), *read_facts(tables, atlas)]
    errors += relations_of_two_sorts(tables)
    errors += one_sided_facts(atlas)
    if errors:
        raise AtlasError("\n".join(errors))
    return atlas


def read_entities(tables: list[Table], atlas: Atlas) -> Iterator[str]:
    """Enter every row's entity with its kinds and aliases; yields what is wrong."""
    for table in tables:
        seen: set[Entity] = set()
        for row in table.rows:
            entity = Entity.parse(row.text("label"))
            kinds = {table.kind, *row.values("also")}
            if entity in seen:
                yield f"{row.origin}: second row for {entity.label!r} in this table"
            if entity in atlas.kinds and not atlas.kinds[entity] & kinds:
                yield (
                    f"{row.origin}: {entity.label!r} is a {table.kind} here and a "
                    f"{', '.join(sorted(atlas.kinds[entity]))} elsewhere: write `Name | kind` if these are "
                    "two entities, name the other kind in a column `also` if they are one"
                )
            seen.add(entity)
            atlas.kinds[entity] |= kinds
            known = {entity.label, *atlas.aliases[entity]}
            atlas.aliases[entity] += [alias for alias in row.values("aliases") if alias not in known]
            if row.values("article"):
                atlas.with_article.add(entity)


def read_facts(tables: list[Table], atlas: Atlas) -> Iterator[str]:
    """Enter every cell's facts, and the entities that only cells name; yields what is wrong."""
    with_row = frozenset(atlas.kinds)
    for table in tables:
        atlas.symmetric.update(table.comment_values("symmetric"))
        column_kinds = table.column_kinds
        unknown = sorted(column_kinds.keys() - set(table.relation_titles))
        yield from (f"{table.path}: column-kind of {title!r}, which is no column" for title in unknown)
        for row, title in product(table.rows, table.relation_titles):
            for fact in facts_of(row, title):
                if isinstance(fact.tail, Entity) and fact.tail not in with_row:
                    yield from ambiguous_reference(fact.tail, row, with_row)
                    atlas.kinds[fact.tail] |= column_kinds.get(title, set())
                if fact.tail == fact.head:
                    yield f"{row.origin}: {fact.head.label!r} is related to itself by {title!r}"
                if fact in atlas.origins:
                    yield f"{row.origin}: {title} {fact.tail.label!r} was said at {atlas.origins[fact]}"
                else:
                    atlas.add(fact, row.origin)


def facts_of(row: Row, title: str) -> Iterator[Fact]:
    """The facts in one cell; a title that ends in ` #` announces literals."""
    head = Entity.parse(row.text("label"))
    relation = title.removesuffix(" #")
    for value in row.values(title):
        yield Fact(head, relation, Literal(value) if title.endswith(" #") else Entity.parse(value))


def ambiguous_reference(entity: Entity, row: Row, with_row: frozenset[Entity]) -> Iterator[str]:
    """Yields an error for a plain name where the tables know only qualified ones."""
    if not entity.qualifier:
        qualifiers = sorted(other.qualifier for other in with_row if other.label == entity.label)
        if qualifiers:
            choices = " or ".join(f"`{entity.label} | {qualifier}`" for qualifier in qualifiers)
            yield f"{row.origin}: {entity.label!r} is ambiguous: write {choices}"


def relations_of_two_sorts(tables: list[Table]) -> list[str]:
    """Relations whose values are literals in one table and entities in another."""
    titles = {title: table.path for table in tables for title in table.header}
    return [
        f"{path}: the values of {title!r} are entities here and literals in {titles[f'{title} #']}"
        for title, path in sorted(titles.items())
        if f"{title} #" in titles
    ]


def one_sided_facts(atlas: Atlas) -> list[str]:
    """Facts of symmetric relations that lack their mirror image."""
    return [
        f"{origin}: {fact.head.label!r} {fact.relation} {fact.tail.label!r}, but not the other way round"
        for fact, origin in atlas.origins.items()
        if fact.relation in atlas.symmetric and not mirrored(fact, atlas)
    ]


def mirrored(fact: Fact, atlas: Atlas) -> bool:
    """Whether the graph says the fact the other way round as well."""
    return isinstance(fact.tail, Entity) and Fact(fact.tail, fact.relation, fact.head) in atlas.origins
