"""What a language model's reply claims, however it is written."""

from __future__ import annotations

import re
from typing import Any

from kgqa.answer.claim import Claim, Claims
from kgqa.answer.claims_in_json import LISTS, claims_of, keys_lowered, refuses
from kgqa.answer.claims_in_text import claims_in_lines, says_nothing
from kgqa.answer.loose_json import json_values, without_thoughts

__all__ = ["Claim", "Claims", "parse_claims", "says_nothing"]


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
    if claims or any(set(LISTS) & value.keys() for value in objects):
        return Claims(claims, abstains=not claims)
    if values and not re.sub(r"[\s`~\[\]{}]|json", "", text):
        return Claims((), abstains=True)  # [] or {}: nothing is claimed
    lines = tuple(claims_in_lines(text))
    return Claims(lines, abstains=not lines)


def _is_answer_list(value: list[Any]) -> bool:
    """Whether a list can be answers: `[1, 2]` in prose is a citation."""
    return not value or any(not isinstance(item, int | float) for item in value)
