"""Requests to a vLLM server, with retries."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TypeVar

from kgqa.chat import Budget, Endpoint
from kgqa.chat.failure import Failure, diagnose
from kgqa.chat.sender import Sender
from kgqa.lm.vllm.replies import Malformed
from kgqa.web import BackOff, HttpRequest, HttpWire, Response

__all__ = ["VllmClient"]

Result = TypeVar("Result")


class VllmClient:
    """Asks the server at an endpoint, whose address may end in `/v1` or not; thread-safe.

    Requests are retried with back-off where that may help, each within the endpoint's timeout.
    """

    def __init__(self, endpoint: Endpoint, back_off: BackOff | None = None) -> None:
        self.endpoint = endpoint
        self.url = endpoint.base_url.removesuffix("/v1")
        self._wire = HttpWire(endpoint.connect_timeout)
        self._sender = Sender(endpoint, Budget(), back_off or BackOff(endpoint.retries))

    @property
    def name(self) -> str:
        """What messages call the server."""
        return f"the vLLM server at {self.url}"

    def turn(self) -> AbstractContextManager[None]:
        """One of the places of those that ask at the same time."""
        return self._sender.turn()

    def ask(self, path: str, body: object, read: Callable[[bytes], Result]) -> Result:
        """What `read` makes of a reply; it raises `Malformed` for one that is none, and this `ModelError`."""
        found = self.try_asking(path, body, read)
        if isinstance(found, Failure):
            self._sender.give_up(found)
        return found

    def try_asking(self, path: str, body: object, read: Callable[[bytes], Result]) -> Result | Failure:
        """As `ask`, or the failure with the complaint of a server that refused the request."""
        request = self._request(path, body)

        def once(seconds: float) -> tuple[Result | Failure] | Failure:
            response = self._wire.send(request, seconds)
            failure = self._failure(response)
            if failure is not None:
                return failure if failure.complaint is None else (failure,)
            try:
                return (read(response.body),)
            except Malformed as error:
                return Failure(f"{self.name} {error}", everywhere=True)

        return self._sender.send(once, 0, 0.0)[0]

    def _request(self, path: str, body: object) -> HttpRequest:
        headers = {} if body is None else {"Content-Type": "application/json"}
        if self.endpoint.key is not None:
            headers["Authorization"] = f"Bearer {self.endpoint.key.reveal()}"
        return HttpRequest(f"{self.url}{path}", headers, None if body is None else json.dumps(body).encode())

    def _failure(self, response: Response) -> Failure | None:
        found = diagnose(response, self.endpoint)
        if found is None:
            return None
        said = found.message.replace(f"the LLM at {self.endpoint.base_url}", self.name)
        if response.trouble == "unreachable":
            said = f"{self.name} cannot be reached ({response.reason or 'no connection'}); is it running?"
        elif response.status in (401, 403):
            said = f"{self.name} refuses access ({response.status}); set VLLM_API_KEY"
        elif response.status == 404:
            said = f"{self.name} has no model of that name, or it is no vLLM server (404)"
        return replace(found, message=said, unknown=False)
