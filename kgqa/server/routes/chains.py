"""The chains that are found for a question, before they become an answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from kgqa.server.dependencies import Hosted, Options
from kgqa.server.error_reply import error_responses
from kgqa.server.shapes import Asked, Fact, Names
from kgqa.server.waiting import result_of

__all__ = ["ListedChain", "router"]

router = APIRouter(
    prefix="/api/v1/graphs/{graph}",
    tags=["questions"],
    responses=error_responses(400, 401, 404, 413, 422, 429, 502, 504),
)


class ListedChain(BaseModel):
    """A chain of facts by names and by identifiers, or a program; log-probabilities are in nats."""

    text: str
    triples: Annotated[list[Fact], Field(description="Of a program, one chain of its result.")]
    log_probability: float


class ChainsReply(BaseModel):
    """Chains, the best first."""

    topics: list[str]
    chains: list[ListedChain]
    names: Names


@router.post("/chains", response_model=ChainsReply)
async def chains(asked: Asked, hosted: Hosted, request: Request, options: Options) -> JSONResponse:
    """List the chains or programs that are found for a question, the best first."""
    outcome = await result_of(request, hosted.search(asked.question, asked.topics), options.deadline)
    return JSONResponse(await run_in_threadpool(hosted.chains_object, outcome))
