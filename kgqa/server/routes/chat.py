"""The OpenAI-compatible chat endpoint: graphs as models."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from kgqa.drawing import DisplayNames
from kgqa.errors import UnknownGraphError
from kgqa.pipeline import Outcome
from kgqa.server.chat import ChatReply, ChatRequest, Conversation, OpenAiError, OpenAiErrorReply
from kgqa.server.dependencies import Catalogue, Options
from kgqa.server.shapes import EVENTS
from kgqa.service import AnswerText, HostedGraph, Reply, markdown_escaped

__all__ = ["router"]


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Statuses of errors for the OpenAPI description; `default` keeps FastAPI from adding its own 422."""
    every: tuple[int | str, ...] = (*statuses, "default")
    return {status: {"model": OpenAiErrorReply} for status in every}


router = APIRouter(prefix="/v1", tags=["chat clients"], responses=_errors(401))
_STARTED = int(time.time())
MOST_MEANT = 5
MOST_TOLD = 100
"""Answers in the field `kgqa`, which a chat client gets whether it wants them or not."""


class Model(BaseModel):
    """A graph, as chat clients list models."""

    id: str
    object: str = "model"
    created: int = _STARTED
    owned_by: str = "kgqa"


class ModelList(BaseModel):
    """All graphs."""

    object: str = "list"
    data: list[Model]


class Completion(BaseModel):
    """The reply; `kgqa` is the object of `kgqa ask --json`, with what a follow-up was `about`, and the number
    of answers (`total`), of which it has 100 at most.
    """

    id: str
    object: str
    created: int
    model: str
    system_fingerprint: str
    choices: list[dict[str, Any]]
    usage: Annotated[dict[str, int], Field(description="Words and signs of the question and of the reply.")]
    kgqa: dict[str, Any]


@router.get("/models")
async def models(catalogue: Catalogue) -> ModelList:
    """List the graphs, each of which is a model."""
    return ModelList(data=[Model(id=graph.name) for graph in catalogue])


@router.get("/models/{model}", responses=_errors(404))
async def model(model: str, catalogue: Catalogue) -> Model:
    """One of the models."""
    return Model(id=_graph(catalogue, model).name)


@router.post(
    "/chat/completions",
    response_model=Completion,
    responses={
        200: {"content": EVENTS},
        **_errors(400, 404, 413, 429, 502, 504),
    },
)
async def completions(
    asked: ChatRequest, catalogue: Catalogue, request: Request, options: Options
) -> JSONResponse | StreamingResponse:
    """Answer the last question of a conversation, at once or in pieces."""
    hosted = _graph(catalogue, asked.model)
    questions = asked.questions()
    conversation = Conversation(hosted, request, options.deadline, request.app.state.remembered)
    outcome, about = await conversation.outcome(questions)
    reply = await run_in_threadpool(_reply, hosted, outcome, about, conversation.began)
    if not asked.stream:
        return JSONResponse(reply.completion())
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        iter(list(reply.events(asked.tells_usage))), media_type="text/event-stream", headers=headers
    )


def _graph(catalogue: Catalogue, name: str) -> HostedGraph:
    try:
        return catalogue.graph(name)
    except UnknownGraphError as error:
        raise OpenAiError(404, str(error), "model", "model_not_found") from error


def _reply(hosted: HostedGraph, outcome: Outcome, about: tuple[str, ...], began: float) -> ChatReply:
    graph = hosted.graph_of(outcome)
    names = DisplayNames(graph=graph)
    meant = [names.entity(entity) or entity for entity in about]
    reply = Reply.of(outcome)
    found = hosted.ask_object(outcome, time.monotonic() - began, MOST_TOLD)
    told = {**found, "total": len(reply.answer.entities), "about": meant}
    text = AnswerText.of(reply, graph).markdown()
    if meant:
        listed = ", ".join(meant[:MOST_MEANT]) + ", ..." * (len(meant) > MOST_MEANT)
        text = f"{text}\n\n*{markdown_escaped(f'asked about: {listed}')}*"
    return ChatReply(hosted.name, outcome.question, text, told)
