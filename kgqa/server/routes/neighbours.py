"""The facts of an entity, page by page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kgqa.server.dependencies import Hosted
from kgqa.server.error_reply import error_responses
from kgqa.service import Direction
from kgqa.service import neighbours as read_neighbours

__all__ = ["router"]

router = APIRouter(
    prefix="/api/v1/graphs/{graph}", tags=["graphs"], responses=error_responses(400, 401, 404, 422)
)
Kind = Annotated[str, Field(description="resource, literal or blank")]


class ListedGroup(BaseModel):
    """How many facts an entity has over a relation, in one direction."""

    relation: str
    name: str
    direction: Direction
    facts: int


class ListedNeighbour(BaseModel):
    """A fact of the entity: what it leads to, and the number of facts there."""

    relation: str
    relation_name: str
    direction: Direction
    entity: str
    name: Annotated[str | None, Field(description="null for a mediator")]
    kind: Kind
    degree: int


class NeighbourPage(BaseModel):
    """An entity with its relations, and a page of its facts."""

    entity: str
    name: str | None
    kind: Kind
    degree: Annotated[int, Field(description="The number of all its facts.")]
    relations: Annotated[list[ListedGroup], Field(description="Those with most facts first, at most 1,000.")]
    neighbours: list[ListedNeighbour]
    total: Annotated[int, Field(description="How many facts were asked for, on all pages.")]
    next: Annotated[int | None, Field(description="The offset of the next page; null at the end.")]


@router.get("/neighbours")
def neighbours(
    hosted: Hosted,
    entity: Annotated[str, Query(min_length=1, max_length=2000, description="The identifier of an entity.")],
    relation: Annotated[str | None, Query(max_length=2000, description="Only facts over it.")] = None,
    direction: Annotated[Direction | None, Query(description="Only facts in this direction.")] = None,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> NeighbourPage:
    """List the facts of an entity: outgoing ones first, by relation."""
    page = read_neighbours(
        hosted.graph, entity, relation=relation or None, direction=direction, offset=offset, limit=limit
    )
    return NeighbourPage.model_validate(page.to_dict())
