"""The classes and relations of a graph."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from kgqa.server.dependencies import Hosted
from kgqa.server.error_reply import error_responses
from kgqa.service import graph_schema

__all__ = ["router"]

router = APIRouter(
    prefix="/api/v1/graphs/{graph}", tags=["graphs"], responses=error_responses(400, 401, 404, 422)
)


class ListedClass(BaseModel):
    """A class and how many instances it has."""

    entity: str
    name: str
    members: int


class ListedRelation(BaseModel):
    """A relation and how many facts it has."""

    relation: str
    name: str
    facts: int


class Schema(BaseModel):
    """The most frequent classes and relations of a graph, and how many there are of each."""

    classes: list[ListedClass]
    class_total: int
    relations: list[ListedRelation]
    relation_total: int


@router.get("/schema")
def schema(hosted: Hosted, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> Schema:
    """Tell what a graph is about."""
    return Schema.model_validate(graph_schema(hosted.graph, limit).to_dict())
