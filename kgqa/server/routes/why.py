"""Why an answer is wrong or missing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from kgqa.server.dependencies import Hosted, Options
from kgqa.server.error_reply import error_responses
from kgqa.server.shapes import Asked, Fact, Names, Text
from kgqa.server.waiting import result_of

__all__ = ["router"]

router = APIRouter(
    prefix="/api/v1/graphs/{graph}",
    tags=["questions"],
    responses=error_responses(400, 401, 404, 413, 422, 429, 504),
)


class WhyAsked(Asked):
    """A question and the answers that were expected; without them: why there is none."""

    expected: Annotated[
        list[Text], Field(default_factory=list, max_length=100, description="Names or values.")
    ]


class WhyReply(BaseModel):
    """The object of `kgqa why --json`, with its printed form and names."""

    model_config = ConfigDict(extra="allow")

    question: str
    cause: str
    sentence: str
    expected: list[str]
    given: list[str]
    confidence: float | None
    links: list[dict[str, Any]]
    suggestion: Fact | None
    notes: list[str]
    text: str
    names: Names


@router.post("/why", response_model=WhyReply)
async def why(asked: WhyAsked, hosted: Hosted, request: Request, options: Options) -> JSONResponse:
    """Name the first stage that lost the expected answer, with evidence."""
    future = hosted.explain(asked.question, asked.topics, asked.expected)
    return JSONResponse(await result_of(request, future, options.deadline))
