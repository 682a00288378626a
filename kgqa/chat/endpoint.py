"""The address of an LLM, its prices and its limits."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from kgqa.errors import UsageError
from kgqa.web import Secret

__all__ = ["OPENAI", "Endpoint", "Prices"]

OPENAI = "https://api.openai.com/v1"

_MILLION = 1_000_000


@dataclass(frozen=True)
class Prices:
    """Prices of a million tokens of prompts and of completions, in any currency.

    Raises `UsageError` for a price below zero.

    >>> Prices(prompt=0.5, completion=2.0).cost(1000, 100)
    0.0007
    """

    prompt: float
    completion: float

    def __post_init__(self) -> None:
        for name, price in (("prompt", self.prompt), ("completion", self.completion)):
            if not (math.isfinite(price) and price >= 0):
                raise UsageError(f"{name}_price is an amount for a million tokens, got {price}")

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The price of so many tokens."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _MILLION


@dataclass(frozen=True)
class Endpoint:
    """An LLM at an OpenAI-compatible address, and the limits of requests to it.

    A user and password in `base_url` (`http://user:password@host/v1`) are moved to `login`, so that the
    address can be shown. `timeout` bounds a whole reply, retries included; `connect_timeout` bounds
    opening a connection; both in seconds. `concurrency` is the number of requests at a time.
    Raises `UsageError` for a value that makes no sense, without quoting a secret.
    """

    base_url: str
    model: str
    key: Secret | None = None
    login: Secret | None = None
    prices: Prices | None = None
    timeout: float = 60.0
    connect_timeout: float = 5.0
    concurrency: int = 8
    retries: int = 4
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    def __post_init__(self) -> None:
        url, login = _split(self.base_url)
        object.__setattr__(self, "base_url", url)
        if login is not None:
            object.__setattr__(self, "login", login)
        if not self.model.strip():
            raise UsageError(f"the endpoint {url} needs the name of a model")
        for name in ("timeout", "connect_timeout"):
            seconds = getattr(self, name)
            if not (seconds > 0 and math.isfinite(seconds)):
                raise UsageError(f"{name} is a number of seconds above zero, got {seconds}")
        if self.concurrency < 1 or self.retries < 0:
            raise UsageError(
                f"concurrency must be 1 or more and retries 0 or more, got {self.concurrency} and "
                f"{self.retries}"
            )

    @property
    def secrets(self) -> tuple[Secret | None, ...]:
        """Key and login, which must not be shown."""
        return self.key, self.login


def _split(address: str) -> tuple[str, Secret | None]:
    """The address without user and password, and these two."""
    found = None
    with suppress(ValueError):  # its message may quote the password
        parsed = urlsplit(address.strip())
        found = parsed, parsed.port
    if found is None:
        raise UsageError("the base URL of the LLM is no URL; give one such as http://localhost:8000/v1")
    parts, port = found
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"the base URL of the LLM must begin with http:// or https:// and name a host, got "
            f"{_shown(address)!r}; give one such as http://localhost:8000/v1"
        )
    if parts.query or parts.fragment:
        raise UsageError(
            f"the base URL of the LLM must end before its ? and #, as in {_shown(address)!r}; give a key "
            "in OPENAI_API_KEY, not in the URL"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = host if port is None else f"{host}:{port}"
    url = urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))
    if parts.username is None:
        return url, None
    return url, Secret(f"{unquote(parts.username)}:{unquote(parts.password or '')}")


def _shown(address: str) -> str:
    """The part of an address that holds no secret."""
    return address.strip().split("?")[0].split("#")[0].rpartition("@")[2][:100]
