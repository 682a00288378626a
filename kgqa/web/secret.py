"""Keys and passwords, which are never shown."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from urllib.parse import quote

from kgqa.errors import UsageError

__all__ = ["Secret", "scrubbed"]

_HIDDEN = "***"
_LEAST = 4
"""Shorter values are placeholders such as `-`; to remove them would garble messages."""


class Secret:
    """A key or password, which is printed, logged and written as `***`.

    Raises `UsageError`, which does not quote it, for a value that an HTTP header cannot hold.

    >>> Secret("sk-123")
    ***
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        value = value.strip()
        if not value or not value.isascii() or not value.isprintable():
            raise UsageError(
                "a key or password is empty or has characters that no HTTP header can hold; copy it again"
            )
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the request that needs it."""
        return self._value

    def __repr__(self) -> str:
        return _HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


def scrubbed(text: str, secrets: Iterable[Secret | None]) -> str:
    """The text with `***` for the secrets, also for their forms in URLs and headers."""
    for secret in secrets:
        if secret is None:
            continue
        value = secret.reveal()
        last = value.partition(":")[2].strip()  # the password of a login, the value of a header
        parts = [value, last, *last.split()[-1:]]  # `Bearer` is none
        forms = {form for part in parts for form in (part, quote(part, safe=""), quote(part))}
        forms.add(base64.b64encode(value.encode()).decode())
        for form in sorted(forms, key=len, reverse=True):
            if len(form) >= _LEAST:
                text = text.replace(form, _HIDDEN)
    return text
