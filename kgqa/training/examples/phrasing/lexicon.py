"""Other words for the words of a schema."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kgqa.training.examples.phrasing.inflection import plural, singular

__all__ = ["synonyms", "varied"]

_LONGEST = 3


@cache
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """For each noun (singular) of synonyms.toml the other ones."""
    table = tomllib.loads((Path(__file__).parent / "synonyms.toml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, None]] = {}
    for group in table["both"]:
        for word in group:
            found.setdefault(word, {}).update((other, None) for other in group if other != word)
    for word, others in table["one_way"].items():
        found.setdefault(word, {}).update(dict.fromkeys(others))
    return {word: tuple(others) for word, others in found.items()}


def varied(noun: str, chance: random.Random, likely: float = 0.25) -> str:
    """A noun phrase (singular or plural), with the probability `likely` in other words where there are some.

    The whole phrase is replaced or, half as often, one or more words of it.
    """
    if chance.random() >= likely:
        return noun
    one = singular(noun)
    turned = (lambda word: word) if one == noun else plural
    if others := synonyms().get(one):
        return turned(chance.choice(others))
    words = one.split(" ")
    if len(words) == 1 or chance.random() < 0.5:
        return noun
    places = [
        (first, last)
        for first in range(len(words))
        for last in range(first + 1, min(first + _LONGEST, len(words)) + 1)
        if " ".join(words[first:last]) in synonyms()
    ]
    if not places:
        return noun
    first, last = max(places, key=lambda place: place[1] - place[0])
    other = chance.choice(synonyms()[" ".join(words[first:last])])
    if " of " in other and last < len(words):
        return noun
    return turned(" ".join((*words[:first], other, *words[last:])))
