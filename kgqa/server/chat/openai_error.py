"""Errors in the form that OpenAI's clients read."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

__all__ = ["OpenAiError", "OpenAiErrorReply", "openai_object"]

_TYPES = {429: "rate_limit_error", 401: "authentication_error", 403: "permission_error"}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded", 413: "request_too_large", 504: "timeout"}


class OpenAiError(Exception):
    """A request that cannot be served: the status, one line, the parameter and the code that clients test."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code


class OpenAiErrorDetail(BaseModel):
    """What is wrong: a line for people, and the type, parameter and code for programs."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAiErrorReply(BaseModel):
    """The reply of a request that failed."""

    error: OpenAiErrorDetail


def openai_object(
    status: int, message: str, param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """The body of an error.

    >>> openai_object(404, "there is no model 'x'", "model", "model_not_found")["error"]["type"]
    'invalid_request_error'
    """
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code or _CODES.get(status)}}
