"""Questions and their answers."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from kgqa.server.dependencies import Hosted, Options
from kgqa.server.error_reply import error_responses
from kgqa.server.shapes import Asked, Fact, Names
from kgqa.server.waiting import result_of

__all__ = ["AskedWithLimit", "router"]

router = APIRouter(
    prefix="/api/v1/graphs/{graph}",
    tags=["questions"],
    responses=error_responses(400, 401, 404, 413, 422, 429, 502, 504),
)


class AskedWithLimit(Asked):
    """A question, and how many of its answers are wanted."""

    limit: Annotated[int | None, Field(ge=1, description="At most so many answers.")] = None


class AnswerEntity(BaseModel):
    """One answer with the chains that prove it, the most probable first."""

    entity: str
    name: str
    unit: str | None
    vote_share: float
    confidence: float | None
    chains: list[list[Fact]]


class AnswerReply(BaseModel):
    """The object of `kgqa ask --json`, with the names of what it lists and the version of the graph."""

    model_config = ConfigDict(extra="allow")

    question: str
    answers: list[AnswerEntity]
    confidence: float | None
    answer_type: str | None
    value: str | None
    vote_share: float | None
    table: list[dict[str, Any]]
    program: str | None
    sparql: str | None
    proof: dict[str, Any] | None
    sources: list[dict[str, Any]] | None
    notes: list[str]
    reason: str | None
    seconds: float
    names: Names
    proof_text: Annotated[str | None, Field(description="The proof of a program, in some lines.")]
    version: str


@router.post("/ask", response_model=AnswerReply)
async def ask(asked: AskedWithLimit, hosted: Hosted, request: Request, options: Options) -> JSONResponse:
    """Answer a question, with the chains or the program that prove the answer."""
    began = time.monotonic()
    outcome = await result_of(request, hosted.ask(asked.question, asked.topics), options.deadline)
    seconds = time.monotonic() - began
    return JSONResponse(await run_in_threadpool(hosted.ask_object, outcome, seconds, asked.limit))
