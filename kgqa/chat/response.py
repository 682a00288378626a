"""What came back over the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Response", "Trouble"]

Trouble = Literal["unreachable", "timeout", "cut", "oversized", "unusable"]
"""Why there is no whole response: no connection; too slow; closed too early; too long; no HTTP."""


@dataclass(frozen=True)
class Response:
    """A response, or as much as came of it before the `trouble`; `status` is 0 where none came."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    trouble: Trouble | None = None
    reason: str = ""
