"""Where words begin and end, and which of them seldom are names."""

from __future__ import annotations

import unicodedata

__all__ = ["ARTICLES", "COMMON_WORDS", "is_common", "word_boundaries"]

_WORDS = """
    a about above acted acting actor actors actress after against all along also am among an and another any
    are area around as at author authors be became because been before began being below best between big
    book books born both but by called came can capital character characters cities city come comes comprised
    countries country created currency date dates day days describe described did die died directed director
    directors do does done down during each end ever famous film films find first for form found from
    full gave genre genres get give given go god goes good got great had happened has have he her here
    him his home how i if in into is it its job join just kind kinds king know known language languages
    last leader led lie like list live lived lives long look made main make man many married me mean member
    met money most movie movies much my name named names new news next no not now number of off office
    old on once one only or other our out over own part people person place places plays play played
    position president release released religion river rivers run same say school see sex share shares she
    should show so some song songs sort speak spoken star starred starring stars start started state states
    still stuff such system take talk team teams tell than that the their them then there these they thing
    things this those three through time times title titled to together too topic topics two type types
    under up us use used using was way we were what whats when where wheres which while who whom whos whose
    why will win with within won words work works world would write writer writers written wrote year
    years you your
"""
COMMON_WORDS = frozenset(_WORDS.split())
"""Words of questions: entities may be called so, but a question that uses them seldom means those."""

ARTICLES = frozenset({"a", "an", "the"})
"""Common words that names often begin with."""

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "BOPOMOFO")


def is_common(folded: str) -> bool:
    """Whether a folded name consists of common words, single letters and punctuation only.

    >>> is_common("who wrote"), is_common("the matrix"), is_common("9")
    (True, False, False)
    """
    return all(
        word in COMMON_WORDS or (len(word) == 1 and not word.isdigit() and word.isascii())
        for word in "".join(c if c.isalnum() else " " for c in folded.replace("'s", "")).split()
    )


def word_boundaries(text: str) -> tuple[list[int], list[int]]:
    """The positions where a name may start, and those where one may end.

    Nowhere inside a run of letters and digits, but at every character of a script that is written
    without spaces, and at every punctuation mark: names may start or end with those.

    >>> word_boundaries("Who's it?")
    ([0, 3, 4, 6, 8], [3, 4, 5, 8, 9])
    """
    kinds = [_kind(character) for character in text]
    starts = [
        at for at, kind in enumerate(kinds) if kind and (kind == "." or at == 0 or kinds[at - 1] != kind)
    ]
    ends = [
        at + 1
        for at, kind in enumerate(kinds)
        if kind and (kind == "." or at + 1 == len(kinds) or kinds[at + 1] != kind)
    ]
    return starts, ends


def _kind(character: str) -> str:
    """Empty for a space, `w` inside a word, `.` for a character that stands for itself."""
    if character.isspace():
        return ""
    if character.isascii():
        return "w" if character.isalnum() else "."
    if unicodedata.category(character)[0] == "M":
        return "w"
    if character.isalnum() and not unicodedata.name(character, "").startswith(_UNSPACED):
        return "w"
    return "."
