"""The response to a request, or what arrived of it."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Response", "Trouble", "proxy_hint", "retry_after"]

Trouble = Literal["unreachable", "timeout", "cut", "oversized", "unusable"]
"""Why there is no whole response: no connection, too slow, closed too early, too long, not HTTP."""


@dataclass(frozen=True)
class Response:
    """A response, or the part of it that arrived before the `trouble`; `status` is 0 where none arrived."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    trouble: Trouble | None = None
    reason: str = ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of a Retry-After header, a number or a date; `None` without a valid one."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    from email.utils import parsedate_to_datetime  # late: takes milliseconds, and is seldom needed

    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError, OSError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def proxy_hint() -> str:
    """A note that requests go through a proxy, whose address is not shown: it may hold a password."""
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")
    name = next((name for name in names if os.environ.get(name)), None)
    return f"; requests go through the proxy in {name} unless NO_PROXY names the host" if name else ""
