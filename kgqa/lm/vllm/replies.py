"""Reading the replies of a vLLM server, which are not trusted to have the right form."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = ["Choice", "Malformed", "read_choices", "read_ids", "read_models", "read_scores"]

Result = TypeVar("Result")

_LOWEST = -3.5e38
"""Below all that float32 holds; sums of such numbers are still finite."""


class Malformed(ValueError):
    """A reply without what was asked for; the message says what is missing."""


@dataclass(frozen=True)
class Choice:
    """A text that the server wrote, its token ids with the end token, and whether it ended by itself."""

    text: str
    ids: tuple[int, ...]
    ended: bool


def read_models(body: bytes) -> list[str]:
    """The names of the models of a server, at least one."""
    found = [_is(str, one, "id") for one in _is(list, _object(body), "data")]
    if not found:
        raise Malformed("lists no models")
    return found


def read_ids(body: bytes) -> tuple[int, ...]:
    """The token ids of a text."""
    return _ids(_object(body), "tokens")


def read_choices(body: bytes, most: int) -> list[Choice]:
    """The texts of a completion, of which at most so many were asked for."""
    choices = _is(list, _object(body), "choices")
    if len(choices) > most:
        raise Malformed(f"sent {len(choices)} texts where {most} were asked for")
    return [
        Choice(_is(str, one, "text"), _ids(one, "token_ids"), one.get("finish_reason") == "stop")
        for one in choices
    ]


def read_scores(body: bytes, texts: Sequence[tuple[int, ...]]) -> list[float]:
    """The log-probability of each text, the end of a prompt that the server was to score."""
    choices = _is(list, _object(body), "choices")
    if len(choices) != len(texts):
        raise Malformed(f"scored {len(choices)} of {len(texts)} texts")
    placed = sorted(choices, key=lambda one: _is(int, one, "index"))
    return [_score(one, text) for one, text in zip(placed, texts, strict=True)]


def _score(choice: Any, text: tuple[int, ...]) -> float:
    rows = _is(list, choice, "prompt_logprobs")[-len(text) :]
    if len(rows) != len(text):
        raise Malformed("scored fewer tokens than it was given")
    values = [
        _is(float, _is(dict, row, str(token)), "logprob") for row, token in zip(rows, text, strict=True)
    ]
    if not all(_LOWEST <= value <= 1e-3 for value in values):
        raise Malformed(
            "gives scores that are no log-probabilities; start it with --logprobs-mode raw_logprobs"
        )
    return math.fsum(min(0.0, value) for value in values)


def _object(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("answered with something that is not valid JSON") from error


def _ids(value: Any, name: str) -> tuple[int, ...]:
    found = _is(list, value, name)
    if not found or not all(type(token) is int and token >= 0 for token in found):
        raise Malformed(f"gives no token ids as {name!r}; is it a vLLM server?")
    return tuple(found)


def _is(kind: type[Result], value: Any, name: str) -> Result:
    """The value of this kind that a JSON object has under a name."""
    found = value.get(name) if isinstance(value, dict) else None
    if kind is float and type(found) is int:
        with suppress(OverflowError):
            found = float(found)
    if not isinstance(found, kind):
        raise Malformed(f"sent no {name!r}; is it a vLLM server?")
    return found
