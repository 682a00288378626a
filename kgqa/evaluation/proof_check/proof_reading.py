"""The JSON form of proofs, read with every type checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kgqa.evaluation.proof_check.proof_chain import FactChain
from kgqa.graph import Triple

__all__ = [
    "BadProofError",
    "ReadMember",
    "ReadValue",
    "form",
    "integer",
    "member",
    "members",
    "number",
    "pieces",
    "text",
    "texts",
    "value",
]


class BadProofError(Exception):
    """A field of a proof that is missing or of another type; the message is a sentence."""


@dataclass(frozen=True)
class ReadValue:
    """A value as it is stated."""

    kind: str
    low: float
    high: float
    text: str = ""
    unit: str = ""


@dataclass(frozen=True)
class ReadMember:
    """A member as it is stated."""

    entity: str
    chains: tuple[FactChain, ...]
    terms: int
    value: ReadValue | None


def integer(form: Mapping[str, Any], field: str) -> int:
    """A whole number."""
    found = _field(form, field)
    if not isinstance(found, int) or isinstance(found, bool):
        raise BadProofError(f"{field!r} must be a whole number, not {found!r:.80}")
    return found


def text(form: Mapping[str, Any], field: str) -> str:
    """A text."""
    found = _field(form, field)
    if not isinstance(found, str):
        raise BadProofError(f"{field!r} must be a text, not {found!r:.80}")
    return found


def texts(form: Mapping[str, Any], field: str) -> list[str]:
    """A list of texts."""
    found = _field(form, field)
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise BadProofError(f"{field!r} must be a list of texts, not {found!r:.80}")
    return found


def members(form: Mapping[str, Any], field: str) -> list[ReadMember]:
    """A list of members."""
    found = _field(form, field)
    if not isinstance(found, list):
        raise BadProofError(f"{field!r} must be a list, not {found!r:.80}")
    return [member(item, field) for item in found]


def member(form: object, field: str) -> ReadMember:
    """A member."""
    if not isinstance(form, dict) or not form.keys() <= {"entity", "chains", "terms", "value"}:
        raise BadProofError(f"{field!r} must have members, not {form!r:.80}")
    chains = _field(form, "chains")
    if not isinstance(chains, list):
        raise BadProofError(f"'chains' must be a list, not {chains!r:.80}")
    return ReadMember(
        text(form, "entity"),
        tuple(map(_chain, chains)),
        integer(form, "terms"),
        value(form["value"]) if "value" in form else None,
    )


def value(form: object) -> ReadValue | None:
    """A value, or `None`."""
    if form is None:
        return None
    if not isinstance(form, dict) or not form.keys() <= {"kind", "low", "high", "text", "unit"}:
        raise BadProofError(f"a value must have 'kind', 'low' and 'high', not be {form!r:.80}")
    optional = [text(form, field) if field in form else "" for field in ("text", "unit")]
    return ReadValue(text(form, "kind"), number(form, "low"), number(form, "high"), *optional)


def number(form: Mapping[str, Any], field: str) -> float:
    """A number."""
    found = _field(form, field)
    if not isinstance(found, (int, float)) or isinstance(found, bool):
        raise BadProofError(f"{field!r} must be a number, not {found!r:.80}")
    try:
        return float(found)
    except OverflowError as error:
        raise BadProofError(f"{field!r} must be a number that a float can hold") from error


def form(form: Mapping[str, Any], field: str) -> dict[str, Any]:
    """A JSON object."""
    found = _field(form, field)
    if not isinstance(found, dict):
        raise BadProofError(f"{field!r} must be an object, not {found!r:.80}")
    return found


def pieces(form: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    """A list of JSON objects."""
    found = _field(form, field)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise BadProofError(f"{field!r} must be a list of objects, not {found!r:.80}")
    return found


def _chain(form: object) -> FactChain:
    if not isinstance(form, list) or not all(
        isinstance(triple, list) and len(triple) == 3 and all(isinstance(part, str) for part in triple)
        for triple in form
    ):
        raise BadProofError(f"a chain must be a list of [head, relation, tail], not {form!r:.80}")
    return tuple(Triple(*triple) for triple in form)


def _field(form: Mapping[str, Any], field: str) -> Any:
    if field not in form:
        raise BadProofError(f"{field!r} is missing")
    return form[field]
