"""The claims of an LLM's reply, in JSON of any shape or in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kgqa.answer.loose_json import json_values, without_thoughts

__all__ = ["Claim", "Claims", "parse_claims", "says_nothing"]

_LISTS = ("answers", "entities", "results", "answer", "items", "final_answer")
"""Keys behind which answers stand."""
_NAMES = ("entity", "name", "answer", "label", "title", "value", "text")
_CITED = ("chains", "chain", "ids", "id", "cited", "citations", "cites", "evidence", "sources", "paths")
_DEPTH = 8
_NUMBER = re.compile(r"(?<![0-9.])-?[0-9]{1,18}(?![0-9.]*[0-9])")
_LONGEST_LINE = 2_000
_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
_BULLET = re.compile(r"^\s*(?:[-*•–]\s+|\(?\d{1,3}[.):]\s+|#+\s*)+")
_LEAD = re.compile(
    r"^(?:(?:the\s+)?(?:final\s+|correct\s+)?answers?(?:\s+(?:is|are)\b)?\s*:?|answers?\s*:)\s*", re.I
)
_IDS = re.compile(r"\[\s*#?(-?\d{1,18}(?:\s*[,;]\s*#?-?\d{1,18})*)\s*\]")
_BOLD = re.compile(r"^[^*]*\*\*([^*]+)\*\*[^*]*$")
_NONE = re.compile(
    r"(?:n/?a|none|unknown|unanswerable|not answerable|no answer|nothing|"
    r"(?:i\s+)?(?:do not|don['’]t) know|cannot be (?:answered|determined)|"
    r".*\b(?:chains|paths|evidence|graph|facts)\b.*\b(?:do|does) not (?:answer|say|contain|provide)\b.*)"
    r"(?:\s+from the (?:chains|paths|evidence|graph))?",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "`": "`"}


@dataclass(frozen=True)
class Claim:
    """A name that a reply gives as an answer, and the ids of the chains it names for it.

    `cited` is `None` where it names no chain at all, and empty where what it names is no id.
    """

    name: str
    cited: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Claims:
    """The claims of a reply, in its order; `abstains` where it says that there is no answer.

    One that says that there is an answer, and then names none, does not abstain: it claims nothing.
    """

    claims: tuple[Claim, ...] = ()
    abstains: bool = False


def parse_claims(text: str) -> Claims:
    """The claims of a reply: JSON, alone, in prose or fenced, else one answer a line. Never raises.

    Of JSON, trailing commas and a missing end are passed over, objects and lists may be nested, names
    may be numbers, and ids numbers or texts such as "[3]". Lines may have bullets, numbers, quotation
    marks and ids in brackets. What a reasoning model thinks aloud (`<think>`) is left out.

    >>> parse_claims('Sure! {"answers": [{"entity": "Nairobi", "chains": ["[1]", 2.0],}]}').claims
    (Claim(name='Nairobi', cited=(1, 2)),)
    >>> parse_claims("- Nairobi [1]\\n- Mombasa").claims
    (Claim(name='Nairobi', cited=(1,)), Claim(name='Mombasa', cited=None))
    """
    text = without_thoughts(text)
    values = [value for value in json_values(text) if isinstance(value, dict) or _is_answer_list(value)]
    claims = tuple(claim for value in values for claim in claims_of(value))
    objects = [keys_lowered(value) for value in values if isinstance(value, dict)]
    if any(map(refuses, objects)):
        return Claims(claims, abstains=True)
    if claims or any(set(_LISTS) & value.keys() for value in objects):
        return Claims(claims, abstains=not (claims or any(map(_affirms, objects))))
    if values and not re.sub(r"[\s`~\[\]{}]|json", "", text):
        return Claims((), abstains=True)  # [] or {}: nothing is claimed
    lines = tuple(claims_in_lines(text))
    return Claims(lines, abstains=not lines)


def _is_answer_list(value: list[Any]) -> bool:
    """Whether a list can be answers: `[1, 2]` in prose is a citation."""
    return not value or any(not isinstance(item, int | float) for item in value)


def claims_of(value: Any, depth: int = _DEPTH) -> Iterator[Claim]:
    """The claims of a JSON value: names by themselves, or objects with a name and ids, in lists or objects.

    >>> list(claims_of({"Answers": [{"entity": "Nairobi", "chains": ["[1]", 2.0]}, "Mombasa"]}))
    [Claim(name='Nairobi', cited=(1, 2)), Claim(name='Mombasa', cited=None)]
    """
    if depth < 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from claims_of(item, depth - 1)
    elif isinstance(value, dict):
        yield from _of_object(keys_lowered(value), depth)
    elif (name := _name(value)) is not None:
        yield Claim(name)


def refuses(value: Mapping[str, Any]) -> bool:
    """Whether an object with lower keys says that the question cannot be answered."""
    refused = value.get("not_answerable", value.get("unanswerable"))
    return value.get("answerable") in (False, "false", "no") or refused in (True, "true", "yes")


def _affirms(value: Mapping[str, Any]) -> bool:
    """Whether an object with lower keys says that the question can be answered."""
    return value.get("answerable") in (True, "true", "yes")


def keys_lowered(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object with its keys in lower case, and without spaces."""
    return {key.strip().lower().replace(" ", "_"): item for key, item in value.items()}


def _of_object(value: Mapping[str, Any], depth: int) -> Iterator[Claim]:
    if value and all(key.isdecimal() and len(key) <= 18 for key in value):  # {"2": "an end of line 2"}
        for number, ends in value.items():
            yield from (Claim(claim.name, (int(number),)) for claim in claims_of(ends, depth - 1))
        return
    name = next((_name(value[key]) for key in _NAMES if _name(value.get(key)) is not None), None)
    if name is not None:
        yield Claim(name, _cited(value))
        return
    inner = next((value[key] for key in (*_LISTS, *_NAMES) if value.get(key) is not None), None)
    yield from claims_of(inner, depth - 1)


def _name(value: Any) -> str | None:
    """A name, if this can be one."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**100 else None
    return value if isinstance(value, str) and value.strip() else None


def _cited(value: Mapping[str, Any]) -> tuple[int, ...] | None:
    given = next((value[key] for key in _CITED if key in value), None)
    items = given if isinstance(given, list) else [given]
    if given is None or not items:
        return None
    return tuple(dict.fromkeys(number for item in items for number in _numbers(item)))


def _numbers(item: Any) -> Iterator[int]:
    if isinstance(item, bool):
        return
    if isinstance(item, int) or (isinstance(item, float) and item.is_integer()):
        yield int(item)
    elif isinstance(item, str):
        yield from (int(digits) for digits in _NUMBER.findall(item)[:100])


def claims_in_lines(text: str) -> Iterator[Claim]:
    """The claim of each line that holds more than ids and marks, and does not say that there is no answer.

    >>> list(claims_in_lines("Answers:\\n1. **Nairobi** [1, 3]\\n- unknown"))
    [Claim(name='Nairobi', cited=(1, 3))]
    """
    for line in _FENCE.sub("", text).splitlines():
        if len(line) <= _LONGEST_LINE:
            yield from _of_line(line)


def says_nothing(name: str) -> bool:
    """Whether a text in place of a name means that there is no answer: "unknown", "I don't know"."""
    return bool(_NONE.fullmatch(name[:_LONGEST_LINE].strip().rstrip(".!")))


def _of_line(line: str) -> Iterator[Claim]:
    ids = [int(digits) for group in _IDS.findall(line) for digits in re.findall(r"-?\d+", group)]
    name = _LEAD.sub("", _BULLET.sub("", _IDS.sub(" ", line)).strip(), count=1)
    bold = _BOLD.match(name)
    name = _unquoted((bold[1] if bold else name).strip().strip("*_").strip())
    if re.search(r"\w", name) and not says_nothing(name):
        yield Claim(name, tuple(dict.fromkeys(ids)) or None)


def _unquoted(name: str) -> str:
    if len(name) > 1 and name[-1] in ".," and name[-2] in _QUOTES.values():
        name = name[:-1]
    while len(name) > 1 and _QUOTES.get(name[0]) == name[-1]:
        name = name[1:-1].strip()
    return name
