"""What differs between two graphs."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from kgqa.diff import AnswerDiff, GraphDiff
from kgqa.pipeline import Query
from kgqa.server.dependencies import Catalogue, Options
from kgqa.server.error_reply import error_responses
from kgqa.server.shapes import Asked
from kgqa.server.waiting import result_of
from kgqa.service import GraphComparison

__all__ = ["router"]

router = APIRouter(
    prefix="/api/v1", tags=["graphs"], responses=error_responses(400, 401, 404, 413, 422, 429, 504)
)
GraphName = Annotated[str, Field(min_length=1, max_length=100)]


class DiffAsked(BaseModel):
    """Two graphs by their names, and questions whose answers are compared."""

    model_config = ConfigDict(extra="forbid")

    old: GraphName
    new: GraphName
    questions: Annotated[list[Asked], Field(max_length=50)] = []


class DiffReply(BaseModel):
    """The object of `kgqa diff --json`."""

    old: dict[str, Any]
    new: dict[str, Any]
    facts: dict[str, Any]
    entities: dict[str, Any]
    relations: dict[str, list[str]]
    relabelled: dict[str, Any]
    renamed: dict[str, Any]
    answers: dict[str, Any] | None = Field(description="null without questions")


@router.post("/diff", response_model=DiffReply)
async def diff(asked: DiffAsked, request: Request, catalogue: Catalogue, options: Options) -> JSONResponse:
    """Compare the facts and names of two graphs, and the answers to questions."""
    comparison = GraphComparison(catalogue.graph(asked.old), catalogue.graph(asked.new))
    end = time.monotonic() + options.deadline
    graphs = await result_of(request, comparison.graphs(), options.deadline)
    answers = None
    if asked.questions:
        queries = [Query(one.question, one.topics) for one in asked.questions]
        left = max(0.001, end - time.monotonic())
        answers = await result_of(request, comparison.answers(graphs, queries), left)
    return JSONResponse(await run_in_threadpool(_object, graphs, answers))


def _object(graphs: GraphDiff, answers: AnswerDiff | None) -> dict[str, Any]:
    """As JSON values; what was renamed is looked for here, which may take seconds."""
    return {**graphs.to_dict(), "answers": None if answers is None else answers.to_dict()}
