"""What the words of a relation say about its head and its tail."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from kgqa.graph import relation_words

__all__ = ["PREPOSITIONS", "RelationSides", "is_participle", "relation_sides", "singular_of"]

_PREPOSITIONS = """
    in at on from to into onto after for with through near over under against upon within during as"""
PREPOSITIONS = frozenset(_PREPOSITIONS.split())
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being"})
_PARTICIPLES = """
    made built sold bought won lost led held fed written given taken driven sung spoken chosen drawn flown
    known worn born found eaten beaten slain sent sworn taught caught brought thought kept left met set
    hung shot run begun grown thrown shown bred bound borne"""
_IRREGULAR = frozenset(_PARTICIPLES.split())
_PASTS = "wrote gave took drove sang spoke chose drew flew knew wore ate beat slew won led"
_PAST = frozenset(_PASTS.split())
_BOTH = "make work study report lead head need hold feed train coach cost star act play"
_NOUNS_TOO = frozenset(_BOTH.split())
"""Base forms that name a relation as nouns."""
_SYMMETRIC = """
    sibling brother sister spouse partner friend neighbour neighbor twin colleague cousin married adjacent
    similar equal equivalent connected border bordering"""
_EITHER_WAY = frozenset(_SYMMETRIC.split())
_VERB_ENDINGS = ("", "s", "es", "ed", "d", "ing")


class Converse(NamedTuple):
    """Words for the two sides of one thing; see converses.toml."""

    doing: frozenset[str] = frozenset()
    undergoing: frozenset[str] = frozenset()
    doers: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    ordered: bool = False
    plural_noun: bool = False


@dataclass(frozen=True)
class RelationSides:
    """A relation as something that one side does, or is, to the other.

    Of "replaces" the head is the doer, of "replaced by" the tail; "subsidiary of" says what the head is to
    the tail, "supervisor" what the tail is to the head. The words are those by which a question may refer to
    the doer's doing (`doing`, `undergoing` with the other side as the subject) and to the sides (`doers`,
    `others`). `preposition` is that of a verb ("reports to"), `phrase` a name of several words ("cause of
    death").
    """

    doer_is_head: bool
    doing: frozenset[str]
    undergoing: frozenset[str]
    doers: frozenset[str]
    others: frozenset[str]
    preposition: str = ""
    ordered: bool = False
    phrase: tuple[str, ...] = ()


def is_participle(word: str) -> bool:
    """Whether a word may be a past participle.

    >>> is_participle("owned"), is_participle("written"), is_participle("owns")
    (True, True, False)
    """
    return word in _IRREGULAR or (len(word) > 3 and word.endswith(("ed", "wn")))


@lru_cache(maxsize=4096)
def relation_sides(label: str) -> RelationSides | None:
    """The sides of a relation with this label; `None` where its words say nothing about them.

    >>> relation_sides("replacedBy").doer_is_head, relation_sides("replaces").doer_is_head
    (False, True)
    >>> relation_sides("is capital of").doer_is_head, relation_sides("has capital").doer_is_head
    (True, False)
    """
    words = relation_words(label)[0].split()
    has = bool(words) and words[0] in {"has", "have", "had"}
    if has:
        words = words[1:]
    while words and words[0] in {*_BE, "a", "an", "the"}:
        words, has = words[1:], False
    if not words or "and" in words or " of the " in f" {' '.join(words)} ":
        return None
    if _EITHER_WAY & set(words) and words[-1] != "into":
        return None
    if has:
        return _noun(words, holder_is_head=False)
    if len(words) > 1 and words[0] in PREPOSITIONS:
        return _noun(words[1:], holder_is_head=False)
    *front, last = words
    if last == "by" and front:
        if is_participle(front[-1]):
            return _verb(front[-1], doer_is_head=False)
        nothing = frozenset[str]()
        return RelationSides(True, nothing, nothing, nothing, nothing, "by")
    if last == "of" and front:
        if is_participle(front[-1]):
            return _verb(front[-1], doer_is_head=True, preposition="of")
        return _noun(front, holder_is_head=True)
    if last in PREPOSITIONS and front:
        if is_participle(front[-1]) or front[-1].endswith("s") or _is_verb(front[-1]):
            return _verb(front[-1], doer_is_head=True, preposition=last)
        return _noun(front, holder_is_head=True)
    if len(words) > 1 and (is_participle(last) or is_participle(words[0])):
        return None
    if len(words) == 1 and _is_verb(last):
        return _verb(last, doer_is_head=True)
    return _noun(words, holder_is_head=False)


def _is_verb(word: str) -> bool:
    if is_participle(word) or word in _PAST:
        return True
    converse = _converse(_stem(word), "doing") or _converse(_stem(word), "undergoing")
    if word in _NOUNS_TOO or (converse is not None and converse.plural_noun):
        return False
    if converse is not None:
        return word.endswith("s") or not _known(word, ("doers", "others"))
    return len(word) > 2 and word.endswith("s") and not _forms(word[:-1]).isdisjoint(_verbs())


def _verb(word: str, *, doer_is_head: bool, preposition: str = "") -> RelationSides:
    stem = _stem(word)
    converse, reverse = _converse(stem, "doing"), False
    if converse is None and (converse := _converse(stem, "undergoing")) is not None:
        reverse = True
    if converse is None:
        converse = Converse(doing=frozenset({stem}), doers=frozenset({f"{stem}er", f"{stem}r", f"{stem}or"}))
    return RelationSides(
        doer_is_head != reverse,
        _all_forms(converse.doing) | (frozenset() if reverse else _forms(stem)),
        _all_forms(converse.undergoing),
        converse.doers,
        converse.others,
        preposition,
        converse.ordered,
    )


def _noun(words: list[str], *, holder_is_head: bool) -> RelationSides:
    """A relation that says what one side is to the other: its `holder`."""
    head = words[words.index("of") - 1] if "of" in words[1:] else words[-1]
    singular = singular_of(head)
    for name in (singular, head):
        converse = _converse(name, "doers")
        if converse is not None:
            return _of_noun(converse, name, holder_is_head, words, is_doer=True)
        converse = _converse(name, "others")
        if converse is not None:
            return _of_noun(converse, name, holder_is_head, words, is_doer=False)
    own = Converse(doers=frozenset({singular}))
    return _of_noun(own, singular, holder_is_head, words, is_doer=True)


def _of_noun(
    converse: Converse, name: str, holder_is_head: bool, words: list[str], *, is_doer: bool
) -> RelationSides:
    own = frozenset({name})
    return RelationSides(
        holder_is_head == is_doer,
        _all_forms(converse.doing),
        _all_forms(converse.undergoing),
        converse.doers | own if is_doer else converse.doers - own,
        converse.others - own if is_doer else converse.others | own,
        "",
        converse.ordered,
        tuple(words),
    )


def singular_of(word: str) -> str:
    """A noun without a plural's ending.

    >>> singular_of("tributaries"), singular_of("owners"), singular_of("class")
    ('tributary', 'owner', 'class')
    """
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _stem(word: str) -> str:
    """The base of a regular verb form, as far as its ending shows it."""
    for ending in ("ies", "ied"):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + "y"
    known = [
        word,
        *(word[: -len(end)] for end in ("s", "d", "es", "ed", "ing") if word.endswith(end) and word != end),
    ]
    for form in known:
        if _known(form, ("doing", "undergoing")):
            return form
    if word in _IRREGULAR or word in _PAST:
        return word
    for ending in ("ed", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: -len(ending)]
    return word


def _forms(stem: str) -> frozenset[str]:
    forms = {stem + ending for ending in _VERB_ENDINGS}
    forms |= {f"{stem}{stem[-1]}{ending}" for ending in ("ed", "ing")}
    if stem.endswith("e"):
        forms |= {stem[:-1] + "ing"}
    else:
        forms |= {stem + "e", stem + "es"}
    if stem.endswith("y"):
        forms |= {stem[:-1] + "ies", stem[:-1] + "ied"}
    return frozenset(forms)


def _all_forms(stems: frozenset[str]) -> frozenset[str]:
    return frozenset[str]().union(*map(_forms, stems))


def _known(word: str, fields: tuple[str, ...]) -> bool:
    return any(_converse(word, field) is not None for field in fields)


def _converse(word: str, field: str) -> Converse | None:
    return next((one for one in _converses() if word in getattr(one, field)), None)


@cache
def _verbs() -> frozenset[str]:
    return frozenset(_table()["verbs"].split())


@cache
def _converses() -> tuple[Converse, ...]:
    return tuple(
        Converse(
            frozenset(row.get("doing", ())),
            frozenset(row.get("undergoing", ())),
            frozenset(row.get("doers", ())),
            frozenset(row.get("others", ())),
            bool(row.get("ordered", False)),
            bool(row.get("plural_noun", False)),
        )
        for row in _table()["converse"]
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "converses.toml").read_text(encoding="utf-8"))
