"""The review of a run by people."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kgqa.review import Verdict
from kgqa.server.dependencies import Catalogue, Run
from kgqa.server.error_reply import error_responses
from kgqa.server.routes.runs import asked_graph, graphs_of

__all__ = ["router"]

router = APIRouter(
    prefix="/api/v1/runs/{run}/review", tags=["review"], responses=error_responses(400, 401, 404, 413, 422)
)
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class AskedQuestion(BaseModel):
    """A question with the answer to judge, the first of `answers`, and its chains or its proof."""

    id: str
    question: str
    topics: list[str]
    answers: list[str]
    entities: list[str]
    confidence: float | None
    chains: list[list[list[str]]]
    proof_text: str
    program: str
    names: dict[str, str | None]


class PairAgreement(BaseModel):
    """How far two reviewers agree; `kappa` is Cohen's."""

    reviewers: list[str]
    questions: int
    same: int
    kappa: float | None


class ReviewQueue(BaseModel):
    """The next answers that a reviewer has not judged; `waiting` of them are left."""

    run: str
    graph: Annotated[str | None, Field(description="The graph that the run asked, where it is served.")]
    reviewer: str
    waiting: int
    judged: int
    questions: list[AskedQuestion]
    by_reviewer: dict[str, dict[str, int]]
    agreement: list[PairAgreement]


class NewVerdict(BaseModel):
    """A verdict on the first answer to a question."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(max_length=1000)]
    verdict: Verdict
    reviewer: Name
    note: Annotated[str, Field(max_length=1000)] = ""


class KeptVerdict(BaseModel):
    """A verdict as it stands in the file of the run."""

    id: str
    answer: str
    verdict: Verdict
    reviewer: str
    note: str
    time: str


@router.get("")
def queue(
    run: Run,
    catalogue: Catalogue,
    reviewer: Annotated[Name, Query()],
    limit: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> ReviewQueue:
    """List the next answers to judge, the least confident first."""
    found = run.queue(reviewer, limit, graphs_of(run, catalogue))
    return ReviewQueue(**found, graph=asked_graph(run, catalogue))


@router.post("")
def judge(run: Run, given: NewVerdict) -> KeptVerdict:
    """Keep a verdict; of several of one reviewer on a question the last one counts."""
    kept: Any = run.judge(given.id, given.verdict, given.reviewer, given.note)
    return KeptVerdict.model_validate(kept, from_attributes=True)
