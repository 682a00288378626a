"""Requests to services on the web: secrets, waits before retries, responses."""

from kgqa.web.http_wire import HttpRequest, HttpWire
from kgqa.web.pacing import BackOff, CircuitBreaker, RateLimit
from kgqa.web.response import Response, Trouble, proxy_hint, retry_after
from kgqa.web.secret import Secret, scrubbed

__all__ = [
    "BackOff",
    "CircuitBreaker",
    "HttpRequest",
    "HttpWire",
    "RateLimit",
    "Response",
    "Secret",
    "Trouble",
    "proxy_hint",
    "retry_after",
    "scrubbed",
]
