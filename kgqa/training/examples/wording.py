"""Patterns of questions about a relation, made from its name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Wording", "wordings"]

_HERE = Path(__file__).parent

_PREPOSITIONS = "by|in|at|from|near|on|to|into|for|with|as|after|through|over|against"
_PASSIVE = re.compile(
    r"(?:(?:is|was|are|been) )?(?P<done>\w+(?:ed|en|wn|ught|ung)|born|made|found|led|set|held|built) "
    rf"(?P<how>{_PREPOSITIONS})"
)
_PAST = {
    "written": "wrote", "given": "gave", "taken": "took", "driven": "drove", "sung": "sang",
    "spoken": "spoke", "chosen": "chose", "drawn": "drew", "flown": "flew", "known": "knew", "worn": "wore",
}  # fmt: skip
_WHERE = {"in", "at", "from", "near", "on"}
_VERB = re.compile(rf"(?P<base>\w{{2,}}[^s\W])s (?P<rest>(?:{_PREPOSITIONS})\b.*)")
_KINDS = (
    ("time", re.compile(r"\b(date|year|day|time|birthday|when|start|end|since|century)\b")),
    (
        "place",
        re.compile(r"\b(place|location|country|city|town|region|state|continent|headquarters|venue)\b"),
    ),
    (
        "person",
        re.compile(
            r"\b(people|persons?|parents?|children|child|spouses?|wife|husband|siblings?|presidents?|artists?"
            r"|\w{2,}(?:or|er|ist|ian)s?)\b"
        ),
    ),
)


class Wording(NamedTuple):
    """Patterns with `{x}` for the known entity, and `{things}` for a noun for the wanted one.

    `questions` ask along the relation, `inverse_questions` against it. The phrases are noun phrases for
    the same entities, and can stand in the place of `{x}`.
    """

    questions: tuple[str, ...]
    phrases: tuple[str, ...]
    inverse_questions: tuple[str, ...]
    inverse_phrases: tuple[str, ...]


@cache
def wordings(words: str) -> tuple[Wording, ...]:
    """The wordings of a relation whose name has these words: by its notion, if known, and by its grammar.

    >>> len(wordings("place of birth")), wordings("directed by")[-1].questions[0]
    (2, 'who directed {x}')
    """
    notion = next((found for form in _forms(words) if (found := _notions().get(form))), None)
    return (*([notion] if notion else []), _by_grammar(words))


def _forms(words: str) -> list[str]:
    """The forms in which a notion may list the words: without "has", in the singular or plural."""
    bare = re.sub(r"^(has|is|was|are) ", "", words)
    bare = re.sub(r" s$", "", bare)  # what is left of "spouse(s)"
    singular = re.sub(r"(?<=\w\w[^s\W])s\b", "", re.sub(r"ies\b", "y", bare))
    return [words, bare, singular, f"{bare}s", f"{bare} by"]


@cache
def _notions() -> Mapping[str, Wording]:
    """The wordings of notions (what people often ask about), by all relation names of each."""
    found: dict[str, Wording] = {}
    for notion in tomllib.loads((_HERE / "notions.toml").read_text(encoding="utf-8"))["notion"]:
        found.update(dict.fromkeys(notion["relations"], _wording(notion)))
    return found


@cache
def _shapes() -> Mapping[str, Wording]:
    shapes = tomllib.loads((_HERE / "shapes.toml").read_text(encoding="utf-8"))
    return {name: _wording(shape) for name, shape in shapes.items()}


def _wording(table: Mapping[str, Sequence[str]]) -> Wording:
    return Wording(*(tuple(table[key]) for key in ("forward", "forward_phrase", "inverse", "inverse_phrase")))


def _by_grammar(words: str) -> Wording:
    passive = _PASSIVE.fullmatch(words)
    if passive and passive["how"] == "by":
        return _shaped("made_by", done=passive["done"], past=_PAST.get(passive["done"], passive["done"]))
    if passive:
        more = ["done_where"] if passive["how"] in _WHERE else []
        return _shaped("done", *more, done=passive["done"], how=passive["how"])
    if words.startswith(("has ", "have ")):
        return _shaped("has", r=words.split(" ", 1)[1])
    if words.startswith("in "):
        return _shaped("in", r=words.removeprefix("in "))
    verb = _VERB.fullmatch(words)
    if verb:
        return _shaped("does", r=words, base=f"{verb['base']} {verb['rest']}")
    return _shaped("noun", *(name for name, of_kind in _KINDS if of_kind.search(words)), r=words)


def _shaped(*shapes: str, **parts: str) -> Wording:
    """The patterns of some shapes, filled with the parts of the relation's name."""
    of_shapes = zip(*(_shapes()[shape] for shape in shapes), strict=True)
    return Wording(*(tuple(_filled(p, parts) for some in lists for p in some) for lists in of_shapes))


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    for name, part in parts.items():
        pattern = pattern.replace(f"{{{name}}}", part)
    return pattern
