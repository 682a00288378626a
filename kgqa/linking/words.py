"""Word boundaries and stop words."""

from __future__ import annotations

import unicodedata

__all__ = ["ARTICLES", "STOP_WORDS", "only_stop_words", "word_boundaries"]

_WORDS = """
a about above acted acting actor actors actress actual after against age ages album albums all along also am
among an and another any are area around artist artists as at author authors band bands battle be became
because been before began being belief believe below best between big biggest birth birthday birthplace book
books born both brother brothers but by called came can capital character characters child children cities
city coach college colleges come comes companies company composer composers comprised continent countries
country county created currency current currently date dates daughter daughters day days death deepest
describe described did die died directed director directors discover discovered do does done down drink
during each eat education end episode episodes event events ever families family famous father film films
find first food for form found founded founder founders from full game games gave genre genres get give
given go god goes good got government governor great group groups had happened has have he height her here
highest him his home how husband i if in instrument instruments into invent invented inventor inventors is
island islands it its job jobs join just kind kinds king know known lake lakes language languages largest
last leader leaders led lie like list live lived lives local long longest look made main make man many map
married mascot mayor me mean meaning member met minister money most mother mountain mountains movie movies
much music musical my name named names nationality new news next no not novel novels now number occupation
ocean of off office official old oldest on once one only or other our out over own painter painters painting
paintings parent parents part parties party people person place places play played player players plays poet
poets popular position president prime profession queen region regions release released religion river
rivers run same say school season see senator series sex share shares she should show shows singer singers
sister sisters small smallest so some son song songs sons sort speak spoken sport sports spouse star starred
starring stars start started state states still structure stuff such system take talk tall team teams tell
than that the their them then there these they thing things this those three through time times title titled
to together too topic topics town towns travel tv two type types under universities university up us use
used using village voice voices war wars was way we wear were what whats when where wheres which while who
whom whos whose why wife will win with within won word words work works world worship would write writer
writers written wrote year years you youngest your zone
"""
STOP_WORDS = frozenset(_WORDS.split())
"""Words that are frequent in questions: an entity may be named so, but a question that has the word rarely
means the entity."""

ARTICLES = frozenset({"a", "an", "the"})
"""Stop words that names often begin with."""

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "BOPOMOFO")


def only_stop_words(folded: str) -> bool:
    """Whether a folded name consists of stop words, single letters and punctuation only.

    >>> only_stop_words("who wrote"), only_stop_words("the matrix"), only_stop_words("9")
    (True, False, False)
    """
    return all(
        word in STOP_WORDS or (len(word) == 1 and not word.isdigit() and word.isascii())
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
