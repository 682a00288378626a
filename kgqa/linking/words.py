"""Word boundaries and stop words."""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "ARTICLES",
    "EVERYDAY_WORDS",
    "FUNCTION_WORDS",
    "STOP_WORDS",
    "content_words",
    "only_stop_words",
    "word_boundaries",
]

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

_FUNCTION_WORDS = """
a about above across after against all along also although always am among an and another any anybody anyone
anything are aren't arent around as at be became because become been before behind being below beneath
beside between beyond both but by can can't cannot cant could couldn't couldnt did didn't didnt do does
doesn't doesnt doing don't done dont down during each either else ever every everybody everyone everything
few for from had hadn't hadnt has hasn't hasnt have haven't havent having he her here hers herself him
himself his how however i if im in inside into is isn't isnt it its itself ive just least less let lets like
many may maybe me might mine more most much must my myself near neither never no nobody none nor not nothing
now of off often on once one only onto or other others ought our ours ourselves out outside over own past
per perhaps quite rather same shall she should shouldn't shouldnt since so some somebody someone something
sometimes soon still such than that the their theirs them themselves then there these they theyre this those
though through till to together too toward towards under until up upon us very was wasn't wasnt we were
weren't werent what whatever whats when whenever where wheres wherever whether which whichever while who
whoever whom whos whose why will with within without won't wont would wouldn't wouldnt yes yet you your
youre yours yourself yourselves
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split()) | frozenset(".,;:?!")
"""Question words, pronouns, auxiliary verbs, prepositions, conjunctions and the like; punctuation marks."""

_EVERYDAY_WORDS = """
able actually afraid afternoon agree answer answers ask asked asking asks bad begin believe best better
bored bother bring busy buy bye call care check come coming correct day dear doubt easy enough evening
exactly exist explain fact feel feeling feels fine first forget forgot friend funny get getting give glad go
going gone good goodbye got great guess guy guys happen happening happy hard hate hear heard hello help
helped helpful helping helps hey hi hope idea important interesting joke keep kidding kind knew know knows
last later learn leave listen little long look looking lot made make makes mean means meet morning name need
needs new next nice night ok okay old please pleased possible pretty problem question questions ready real
really remember right sad said saw say saying says see seem seems seen sense serious show sleep smart sorry
start stop stupid sure take talk talking talks tell telling thank thanks thing things think thinking thinks
thought tired today tomorrow tonight true try trying understand understood use useful using wait want wanted
wants way welcome well word words work working works worry wrong yeah yesterday
"""
EVERYDAY_WORDS = frozenset(_EVERYDAY_WORDS.split())
"""Words that are frequent in conversation, whatever it is about."""

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


def content_words(text: str) -> list[str]:
    """The words of a text that are no stop words, of three letters or more, in lower case.

    >>> content_words("Which films did Dieterle direct?")
    ['dieterle', 'direct']
    """
    words = re.findall(r"\w+", text.lower())
    return list(dict.fromkeys(word for word in words if len(word) > 2 and not only_stop_words(word)))


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
