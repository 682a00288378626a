"""Templates of operator questions: wordings, a pattern, and what to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from scripts.atlas.graph import Atlas, Entity
from scripts.atlas.operator_queries import query_body
from scripts.atlas.tables import AtlasError, Row, Table
from scripts.atlas.templates import SPLITS
from scripts.atlas.turtle import turtle_subject

ENTITIES = "abc"
OTHERS = "nmdwzt"
"""Numbers (n, m), a SPARQL literal (d) and words of the question alone (w, z, t)."""

OPERATORS = (
    "aggregate",
    "comparison",
    "count",
    "date_filter",
    "group_by",
    "intersection",
    "literal_value",
    "negation",
    "numeric_filter",
    "ordinal",
    "path",
    "superlative",
    "union",
    "yes_no",
)
ANSWER_TYPES = ("entity", "number", "boolean", "literal")


class Mention(NamedTuple):
    """An entity as a wording writes it: `{a}` with its article, or one of these.

    `{a.name}` has none, `{a.the}` always has "the"; also `{a.lower}`, `{a.upper}` (first letter),
    `{a.plural}` and `{a.possessive}`.
    """

    name: str
    article: str

    def __format__(self, specification: str) -> str:
        return f"{self.article} {self.name}" if self.article else self.name

    @property
    def the(self) -> str:
        return f"the {self.name}"

    @property
    def lower(self) -> str:
        return self.name.lower()

    @property
    def plural(self) -> str:
        return self.name + ("es" if self.name.endswith("s") else "s")

    @property
    def upper(self) -> str:
        text = format(self)
        return text[0].upper() + text[1:]

    @property
    def possessive(self) -> str:
        text = format(self)
        return text + ("'" if text.endswith("s") else "'s")


class OperatorQuestion(NamedTuple):
    """A question with its topics and the parts of its query, before the graph was asked."""

    origin: str
    split: str
    operators: tuple[str, ...]
    answer_type: str
    text: str
    topics: tuple[Entity, ...]
    form: str
    pattern: str


def operator_questions(tables: list[Table], atlas: Atlas) -> list[OperatorQuestion]:
    """All questions of the templates; raises `AtlasError` with everything that is wrong with them."""
    questions: list[OperatorQuestion] = []
    errors: list[str] = []
    for table in tables:
        for row in table.rows:
            errors += errors_of(row)
            try:
                questions += questions_of(row, atlas)
            except AtlasError as error:
                errors.append(str(error))
    if errors:
        raise AtlasError("\n".join(errors))
    return questions


def errors_of(row: Row) -> Iterator[str]:
    """What is wrong with the words of one row."""
    if row.text("split") not in SPLITS:
        yield f"{row.origin}: the split is {row.text('split')!r}, not one of {', '.join(SPLITS)}"
    if row.text("answer") not in ANSWER_TYPES:
        yield f"{row.origin}: the answer is {row.text('answer')!r}, not one of {', '.join(ANSWER_TYPES)}"
    unknown = sorted(set(operators_of(row)) - set(OPERATORS))
    if unknown:
        yield f"{row.origin}: unknown operators: {', '.join(unknown)}"
    try:
        query_body(row.text("form"), row.text("pattern"))
    except AtlasError as error:
        yield f"{row.origin}: {error}"


def operators_of(row: Row) -> tuple[str, ...]:
    """The operators of a row."""
    return tuple(name.strip() for name in row.text("operators").split(","))


def questions_of(row: Row, atlas: Atlas) -> Iterator[OperatorQuestion]:
    """The questions of a row: one a filling, its wordings in turn."""
    wordings = [wording.strip() for wording in row.text("wordings").split(" || ")]
    names = [name for name in ENTITIES + OTHERS if re.search(rf"\{{{name}[.:}}]", row_text(row))]
    fillings = row.values("fillings") or [""]
    for number, filling in enumerate(fillings):
        values = [value.strip() for value in filling.split(" / ")] if filling else []
        if len(values) != len(names):
            raise AtlasError(f"{row.origin}: {filling!r} fills {len(values)} of {', '.join(names)}")
        filled = dict(zip(names, values, strict=True))
        topics = {name: topic_of(filled[name], row, atlas) for name in names if name in ENTITIES}
        words: dict[str, object] = {
            name: Mention(topic.label, article(topic, atlas)) for name, topic in topics.items()
        }
        words |= {name: number_of(filled[name]) for name in names if name not in ENTITIES}
        terms = filled | {name: turtle_subject(topic) for name, topic in topics.items()}
        yield OperatorQuestion(
            origin=row.origin,
            split=row.text("split"),
            operators=operators_of(row),
            answer_type=row.text("answer"),
            text=wordings[number % len(wordings)].format(**words),
            topics=tuple(topics.values()),
            form=replaced(row.text("form"), terms),
            pattern=replaced(row.text("pattern"), terms),
        )


def row_text(row: Row) -> str:
    """Everything of a row that may hold places to fill."""
    return " ".join(row.text(title) for title in ("form", "pattern", "wordings"))


def replaced(text: str, terms: dict[str, str]) -> str:
    """The text with `{a}` and so on replaced; other braces are SPARQL's."""
    return re.sub(r"\{(\w)\}", lambda found: terms[found[1]], text)


def number_of(text: str) -> int | str:
    """The text as a whole number, if it is one; so a wording may write `{n:,}`."""
    return int(text) if text.isdecimal() else text


def article(entity: Entity, atlas: Atlas) -> str:
    """The article of an entity's name."""
    return "the" if entity in atlas.with_article else ""


def topic_of(name: str, row: Row, atlas: Atlas) -> Entity:
    """The entity of this name; its label must be its own."""
    entity = Entity.parse(name)
    if entity not in atlas.kinds:
        raise AtlasError(f"{row.origin}: the atlas has no {name!r}")
    if entity.label in atlas.shared_labels:
        raise AtlasError(f"{row.origin}: several entities are called {entity.label!r}")
    return entity
