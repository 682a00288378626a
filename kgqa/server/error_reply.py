"""Errors as replies: a status, and one line without a path or a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import Receive, Scope, Send

from kgqa.errors import (
    BudgetError,
    BusyError,
    EndpointError,
    KgqaError,
    NoTopicError,
    StoppingError,
    UnknownEntityError,
    UnknownGraphError,
    UnknownRelationError,
    UnknownRunError,
)
from kgqa.graph.name import clean_text
from kgqa.server.chat.openai_error import OpenAiError, openai_object
from kgqa.server.waiting import ClientLeft
from kgqa.service import SHOWN, shown_message

__all__ = ["ErrorReply", "error_object", "error_reply", "error_responses", "install_errors", "status_of"]

_STATUSES: dict[type[KgqaError], int] = {
    StoppingError: 503,
    BusyError: 429,
    UnknownGraphError: 404,
    UnknownRunError: 404,
    UnknownEntityError: 404,
    UnknownRelationError: 404,
    NoTopicError: 404,
    BudgetError: 504,
    EndpointError: 502,
}
"""Those of `kgqa.service.SHOWN` that are no 400; a kind stands before the one that it is a kind of."""
CHAT_ROUTES = "/v1/"
_TYPES = {
    400: "BadRequest",
    401: "AccessError",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    408: "Timeout",
    413: "TooLarge",
    415: "UnsupportedMediaType",
    422: "ShapeError",
}


class ErrorDetail(BaseModel):
    """The kind of an error, and one line for people."""

    type: str
    message: str


class ErrorReply(BaseModel):
    """The reply of a request that failed."""

    error: ErrorDetail


def status_of(error: Exception) -> int:
    """The status of an error: 500 unless it is one of the client's, of time, or of an endpoint."""
    if not isinstance(error, SHOWN):
        return 500
    return next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 400)


def error_object(error: Exception) -> dict[str, Any]:
    """The error for JSON; what is not meant for clients is logged instead."""
    message = shown_message(error)
    return _object("InternalError" if status_of(error) == 500 else type(error).__name__, message)


class ErrorResponse(JSONResponse):
    """A reply with an error; on the routes of chat clients in OpenAI's form."""

    def __init__(self, found: dict[str, Any], status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(found, status, dict(headers or {}))
        self._message, self._more = found["error"]["message"], dict(headers or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        if not scope["path"].startswith(CHAT_ROUTES):
            await super().__call__(scope, receive, send)
            return
        if self.status_code == 504:  # to ask again would only add to what waits
            self._more["x-should-retry"] = "false"
        reply = JSONResponse(openai_object(self.status_code, self._message), self.status_code, self._more)
        await reply(scope, receive, send)


def error_reply(
    status: int, message: str, kind: str | None = None, headers: Mapping[str, str] | None = None
) -> ErrorResponse:
    """A reply with an error that is no `KgqaError`."""
    kind = kind or _TYPES.get(status, "HttpError")
    return ErrorResponse(_object(kind, message), status, headers)


def error_responses(*statuses: int, of_page: bool = False) -> dict[int | str, dict[str, Any]]:
    """Statuses for the OpenAPI description of a route, also of one whose other replies are no JSON."""
    if not of_page:
        return {status: {"model": ErrorReply} for status in statuses}
    schema = {"$ref": f"#/components/schemas/{ErrorReply.__name__}"}
    said = {"description": "An error", "content": {"application/json": {"schema": schema}}}
    return dict.fromkeys(statuses, said)


def install_errors(app: FastAPI) -> None:
    """Let all errors of an app, and of the middleware that it has so far, be replies of one form."""

    @app.exception_handler(KgqaError)
    async def failed(_: Request, error: Exception) -> JSONResponse:
        headers = {"Retry-After": str(error.seconds)} if isinstance(error, BusyError) else None
        return ErrorResponse(error_object(error), status_of(error), headers)

    @app.exception_handler(OpenAiError)
    async def unserved(_: Request, error: OpenAiError) -> JSONResponse:
        return JSONResponse(openai_object(error.status, str(error), error.param, error.code), error.status)

    @app.exception_handler(ClientLeft)
    async def left(_: Request, __: ClientLeft) -> Response:
        return Response(status_code=499)  # nobody reads it

    @app.exception_handler(RequestValidationError)
    async def misshapen(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"]]
        said = first["msg"]
        if first["type"] == "json_invalid":
            place, at = place[:1], place[1]
            said = f"not JSON at character {at} ({first['ctx']['error']})"
        elif place == ["body"] and isinstance(error.body, bytes):  # it was not read as JSON
            said = "JSON is needed, with the header Content-Type: application/json"
        said = f"{'.'.join(place)}: {said}"
        if request.url.path.startswith(CHAT_ROUTES):
            param = ".".join(place[1:]) or None
            return JSONResponse(openai_object(400, said, param, "invalid_value"), 400)
        return error_reply(422, said)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:
        return error_reply(error.status_code, str(error.detail), headers=error.headers)

    app.add_middleware(ServerErrorMiddleware, handler=failed)  # FastAPI's own is outside all other middleware


def _object(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"type": kind, "message": clean_text(message)}}
