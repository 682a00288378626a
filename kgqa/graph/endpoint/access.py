"""Where a SPARQL endpoint is, how it is logged into, and the limits of requests to it."""

from __future__ import annotations

import base64
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from kgqa.errors import UsageError, check_count, check_number
from kgqa.graph.graph_source import is_endpoint
from kgqa.web import Secret

__all__ = ["EndpointAccess"]

LOGIN, TOKEN, HEADER = "KGQA_SPARQL_LOGIN", "KGQA_SPARQL_TOKEN", "KGQA_SPARQL_HEADER"
"""The environment variables of secrets: `user:password`, a bearer token, a whole header `Name: value`."""
_HEADER = re.compile(r"([!#$%&'*+.^_`|~\w-]+):\s*(\S.*)", re.ASCII)


@dataclass(frozen=True)
class EndpointAccess:
    """The address of a SPARQL endpoint, its secrets, and the limits of requests to it.

    `login` is `user:password`, `token` a bearer token, `header` a whole header such as `X-Api-Key: abc`; none
    is ever shown. `timeout` bounds a request with its retries, in seconds; `concurrency` is the number of
    requests at a time. Raises `UsageError` for an address that is none, or that has a password in it.
    """

    url: str
    login: Secret | None = None
    token: Secret | None = None
    header: Secret | None = None
    timeout: float = 60.0
    concurrency: int = 4
    retries: int = 4

    def __post_init__(self) -> None:
        _check(self.url)
        check_number(self.timeout, "timeout", above=0)
        check_count(self.concurrency, "concurrency")
        check_count(self.retries, "retries", 0)
        if self.login is not None and self.token is not None:
            raise UsageError(f"set {LOGIN} or {TOKEN}, not both: a request has one Authorization")
        if self.header is not None:
            found = _HEADER.fullmatch(self.header.reveal())
            if found is None:
                raise UsageError(f"{HEADER} is not a header such as `X-Api-Key: ...`")
            if found[1].lower() == "authorization" and (self.login or self.token):
                raise UsageError(f"set {HEADER} or a login, not both: a request has one Authorization")

    @classmethod
    def of(cls, url: str, timeout: float = 60.0, concurrency: int = 4) -> Self:
        """The access to an address, with the secrets that the environment has."""
        login, token, header = (
            Secret(text) if (text := os.environ.get(name)) else None for name in (LOGIN, TOKEN, HEADER)
        )
        return cls(url.strip(), login, token, header, timeout, concurrency)

    @property
    def secrets(self) -> tuple[Secret | None, ...]:
        """What must not be shown."""
        return self.login, self.token, self.header

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say who asks."""
        found = {}
        if self.login is not None:
            found["Authorization"] = "Basic " + base64.b64encode(self.login.reveal().encode()).decode()
        if self.token is not None:
            found["Authorization"] = f"Bearer {self.token.reveal()}"
        if self.header is not None:
            name, _, value = self.header.reveal().partition(":")
            found[name] = value.strip()
        return found


def _check(url: str) -> None:
    parts = None
    with suppress(ValueError):  # its message may quote a password
        parsed = urlsplit(url)
        parts = parsed if parsed.port != 0 else None
    if parts is None or not is_endpoint(url) or not parts.hostname or not url.isprintable() or " " in url:
        raise UsageError("the address of a SPARQL endpoint is a URL such as http://localhost:8890/sparql")
    if parts.username is not None:
        raise UsageError(
            f"the address of an endpoint has no user and password: give them in {LOGIN} as user:password"
        )
    if parts.fragment:
        raise UsageError(f"the address of the endpoint ends before its #: {url.partition('#')[0]:.200}")
