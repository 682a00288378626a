"""Completion of names."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from kgqa.server.dependencies import Hosted
from kgqa.server.error_reply import error_responses
from kgqa.service import complete_name

__all__ = ["router"]

router = APIRouter(
    prefix="/api/v1/graphs/{graph}", tags=["graphs"], responses=error_responses(400, 401, 404, 422)
)


class ListedName(BaseModel):
    """An entity that was found by a name; `degree` is its number of facts."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    entity: str
    name: str
    degree: int
    class_name: Annotated[str | None, Field(alias="class")]


class NameList(BaseModel):
    """The entities that a text may be the beginning of the name of."""

    names: list[ListedName]


@router.get("/names")
def names(
    hosted: Hosted,
    q: Annotated[str, Query(max_length=400, description="What was typed so far.")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> NameList:
    """Complete a name: exact names first, then beginnings, then words; of each the most connected first."""
    found = complete_name(hosted.graph, q, limit)
    return NameList(names=[ListedName.model_validate(one.to_dict()) for one in found])
