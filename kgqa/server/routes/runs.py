"""Runs: their scores, their reports and their records."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from kgqa.errors import DataError, UsageError
from kgqa.graph import IndexedGraph
from kgqa.report.score import LABELS, SHOWN
from kgqa.server.dependencies import Catalogue, Run, Runs
from kgqa.server.error_reply import error_responses
from kgqa.service import GraphCatalogue, HostedRun

__all__ = ["asked_graph", "graphs_of", "router"]

router = APIRouter(prefix="/api/v1/runs", tags=["runs"], responses=error_responses(401))
_ONE = error_responses(404, 422)
_LOG = logging.getLogger("kgqa")
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
)
"""A report is one file with its style sheet in it; it has no script, and none would run."""


class ListedRun(BaseModel):
    """A run; `judged` of its questions have a verdict."""

    run: str
    title: str
    dataset: str | None
    questions: int
    missing: Annotated[int, Field(description="Questions of the set without a record.")]
    scores: Annotated[dict[str, float], Field(description="Means over the questions, from 0 to 1.")]
    judged: int


class RunList(BaseModel):
    """All runs, and what their scores are called."""

    runs: list[ListedRun]
    labels: dict[str, str]


class Interval(BaseModel):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


class RunAbout(BaseModel):
    """A run; `graph` is the graph that it asked, where that is served too."""

    run: str
    title: str
    dataset: str | None
    questions: int
    missing: int
    judged: int
    graph: str | None
    labels: dict[str, str]
    scores: dict[str, Interval]
    statuses: dict[str, int]
    model: str
    settings: str


class ListedRecord(BaseModel):
    """What became of a question."""

    model_config = ConfigDict(extra="forbid")

    id: str
    question: str
    topics: list[str]
    answers: list[str]
    gold: list[str]
    status: str
    error: str
    confidence: float | None
    hits_at_1: float
    f1: float


class RecordPage(BaseModel):
    """Some records of a run, and where the next ones begin."""

    records: list[ListedRecord]
    total: int
    next: int | None


@router.get("")
def runs(found: Runs) -> RunList:
    """List the runs that are shown."""
    lines = []
    for run in found.all():
        try:
            lines.append(ListedRun(**run.line))
        except DataError as error:
            _LOG.warning("a run is left out: %s", error)
    return RunList(runs=lines, labels={name: LABELS[name] for name in SHOWN})


@router.get("/{run}", responses=_ONE)
def about(run: Run, catalogue: Catalogue) -> RunAbout:
    """Describe a run: scores, what became of its questions, settings."""
    return RunAbout(**run.about(asked_graph(run, catalogue)))


@router.get(
    "/{run}/report", response_class=HTMLResponse, responses=error_responses(401, 404, 422, of_page=True)
)
def report(run: Run, catalogue: Catalogue) -> HTMLResponse:
    """The report of a run as a page."""
    graph = next(iter(graphs_of(run, catalogue, only_asked=True)), None)
    return HTMLResponse(run.report(graph), headers={"content-security-policy": _REPORT_POLICY})


@router.get("/{run}/records", responses=_ONE)
def records(
    run: Run,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    wrong: Annotated[bool, Query(description="Only questions whose first answer is wrong.")] = False,
) -> RecordPage:
    """List the records of a run, page by page."""
    return RecordPage(**run.records(offset, limit, wrong=wrong))


def asked_graph(run: HostedRun, catalogue: GraphCatalogue) -> str | None:
    """The name of the graph that a run asked, if it is served in the same version."""
    return next((graph.name for graph in catalogue if graph.version == run.checksum), None)


def graphs_of(run: HostedRun, catalogue: GraphCatalogue, *, only_asked: bool = False) -> list[IndexedGraph]:
    """The graphs that may name what is in a run, the one that it asked first."""
    found: list[IndexedGraph] = []
    for hosted in sorted(catalogue, key=lambda graph: graph.version != run.checksum):
        if only_asked and hosted.version != run.checksum:
            break
        try:
            found.append(hosted.graph)
        except UsageError:  # one at an endpoint, which holds no names here
            continue
    return found
