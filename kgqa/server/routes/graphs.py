"""The list of graphs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from kgqa.server.dependencies import Catalogue
from kgqa.server.error_reply import error_responses

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["graphs"], responses=error_responses(401))


class ListedGraph(BaseModel):
    """A graph and its size; that of an endpoint is not known."""

    name: str
    version: str = Field(description="The checksum of the graph; it changes when a fact does.")
    entities: int | None
    facts: int | None
    relations: int | None


class GraphList(BaseModel):
    """All graphs."""

    graphs: list[ListedGraph]


@router.get("/graphs")
async def graphs(catalogue: Catalogue) -> GraphList:
    """List the graphs that can be asked."""
    return GraphList(graphs=[ListedGraph(**graph.to_dict()) for graph in catalogue])
