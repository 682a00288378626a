"""Whether chains and programs hold in a graph."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from kgqa.server.dependencies import Hosted, Options
from kgqa.server.error_reply import error_responses
from kgqa.server.shapes import Fact
from kgqa.server.waiting import result_of

__all__ = ["router"]

router = APIRouter(
    prefix="/api/v1/graphs/{graph}",
    tags=["graphs"],
    responses=error_responses(400, 401, 404, 413, 422, 429, 504),
)
Line = Annotated[str, Field(max_length=10_000)]


class Claims(BaseModel):
    """What is claimed, as the lines of a file for `kgqa validate`: texts, or objects of JSONL."""

    model_config = ConfigDict(extra="forbid")

    claims: Annotated[list[Line | dict[str, Any]], Field(min_length=1, max_length=1000)]


class FailedClaim(BaseModel):
    """A claim that does not hold, by its place from 1, and what is wrong with it."""

    model_config = ConfigDict(extra="allow")

    line: int
    id: str
    chain: list[Fact]
    problems: list[str]


class Checked(BaseModel):
    """The object of `kgqa validate --json`."""

    checked: int
    hold: int
    failed: list[FailedClaim]


@router.post("/validate", response_model=Checked)
async def validate(claims: Claims, hosted: Hosted, request: Request, options: Options) -> JSONResponse:
    """Check chains fact by fact, and programs: in the graph, connected, from a topic to the answer."""
    return JSONResponse(await result_of(request, hosted.check(claims.claims), options.deadline))
