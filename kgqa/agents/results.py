"""What the tools give back, as agents are told in their output schemas."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AskResult",
    "FindResult",
    "FoundAnswer",
    "NeighboursResult",
    "SchemaResult",
    "ValidateResult",
    "WhyResult",
]

Fact = Annotated[
    list[str], Field(min_length=3, max_length=3, description="head, relation, tail (identifiers)")
]


class FoundAnswer(BaseModel):
    """One answer: an entity, and up to 3 chains of facts that lead to it, the most probable first."""

    entity: Annotated[str, Field(description="Its identifier; the tools take it as `entity`.")]
    name: str
    unit: str | None
    confidence: Annotated[float | None, Field(description="The probability that it is right, 0 to 1.")]
    chains: list[list[Fact]]


class AskResult(BaseModel):
    """The answer to a question, with what proves it. Without answers, value and table: nothing was found."""

    graph: str
    version: Annotated[str, Field(description="The version of the graph that was asked.")]
    text: Annotated[str, Field(description="The answer, its proof and notes for a reader.")]
    answers: list[FoundAnswer]
    total: Annotated[int, Field(description="How many answers there are; `answers` has the first.")]
    value: Annotated[str | None, Field(description="A number, a date, yes or no, where that was asked for.")]
    table: Annotated[list[dict[str, Any]], Field(description="Rows of entity, name and value.")]
    confidence: Annotated[float | None, Field(description="The probability that it is right, 0 to 1.")]
    program: Annotated[str | None, Field(description="What was executed, where no chain gives the answer.")]
    sparql: Annotated[str | None, Field(description="The same as a SPARQL query.")]
    notes: list[str]
    reason: Annotated[str | None, Field(description="Why there is no answer.")]


class FoundEntity(BaseModel):
    """An entity that goes by a name."""

    model_config = ConfigDict(populate_by_name=True)

    entity: Annotated[str, Field(description="Its identifier.")]
    name: str
    degree: Annotated[int, Field(description="Its number of facts.")]
    class_name: Annotated[str | None, Field(alias="class")]


class FindResult(BaseModel):
    """The entities that a text may be the name of, the best first."""

    graph: str
    names: list[FoundEntity]


class Relation(BaseModel):
    """How many facts an entity has over a relation, in one direction."""

    relation: str
    name: str
    direction: Annotated[
        str, Field(description="`out`: the entity is the head of the facts; `in`: the tail.")
    ]
    facts: int


class NeighbourFact(BaseModel):
    """A fact of the entity: the relation, and the entity at its other end."""

    relation: str
    relation_name: str
    direction: Annotated[str, Field(description="`out`: the entity is the head of the fact; `in`: the tail.")]
    entity: str
    name: Annotated[str | None, Field(description="null for a mediator, a node that only joins others.")]
    kind: Annotated[str, Field(description="resource, literal or blank")]
    degree: int


class NeighboursResult(BaseModel):
    """A page of the facts of an entity."""

    graph: str
    entity: str
    name: str | None
    kind: str
    degree: Annotated[int, Field(description="The number of all its facts.")]
    relations: list[Relation]
    neighbours: list[NeighbourFact]
    total: Annotated[int, Field(description="How many facts were asked for, on all pages.")]
    next: Annotated[int | None, Field(description="The `offset` of the next page; null at the end.")]


class SchemaClass(BaseModel):
    """A class and how many instances it has."""

    entity: str
    name: str
    members: int


class SchemaRelation(BaseModel):
    """A relation and how many facts it has."""

    relation: str
    name: str
    facts: int


class SchemaResult(BaseModel):
    """What a graph is about: its size, and its most frequent classes and relations."""

    graph: str
    version: str
    entities: int
    facts: int
    classes: list[SchemaClass]
    class_total: int
    relations: list[SchemaRelation]
    relation_total: int


class ValidateResult(BaseModel):
    """Which of the claims hold in the graph, and what is wrong with the others."""

    graph: str
    checked: int
    hold: int
    failed: Annotated[
        list[dict[str, Any]], Field(description="`line` (from 1), `chain` and `problems` of each that fails.")
    ]


class WhyResult(BaseModel):
    """The first stage that lost the expected answer, with evidence."""

    model_config = ConfigDict(extra="allow")

    graph: str
    text: Annotated[str, Field(description="The cause and its evidence for a reader.")]
    cause: str
    sentence: str
    expected: list[str]
    given: list[str]
    suggestion: Annotated[Fact | None, Field(description="A guess at a missing fact; check it.")]
    notes: list[str]
