"""English inflection by rule, with the irregular words that schemata use."""

from __future__ import annotations

import re
from functools import cache

__all__ = [
    "article",
    "gerund",
    "is_plural",
    "past",
    "plural",
    "singular",
    "third_person",
]

_IRREGULAR = {
    "person": "people", "man": "men", "woman": "women", "child": "children", "foot": "feet",
    "wife": "wives", "tooth": "teeth", "mouse": "mice", "goose": "geese", "life": "lives",
    "knife": "knives", "half": "halves", "shelf": "shelves", "leaf": "leaves", "wolf": "wolves",
    "thief": "thieves", "datum": "data", "nucleus": "nuclei", "medium": "media", "phenomenon": "phenomena",
    "criterion": "criteria", "analysis": "analyses", "basis": "bases", "crisis": "crises",
    "thesis": "theses", "alumnus": "alumni", "hero": "heroes", "potato": "potatoes", "tomato": "tomatoes",
    "echo": "echoes", "matrix": "matrices", "vertex": "vertices", "spouse": "spouses", "horse": "horses",
    "cause": "causes", "course": "courses", "bus": "buses", "gas": "gases", "status": "statuses",
    "campus": "campuses", "virus": "viruses", "lens": "lenses", "quiz": "quizzes", "movie": "movies",
    "cookie": "cookies", "zombie": "zombies", "tie": "ties", "pie": "pies", "calorie": "calories",
    "cache": "caches", "house": "houses", "license": "licenses", "warehouse": "warehouses",
    "purchase": "purchases", "database": "databases", "course code": "course codes", "race": "races",
    "mother-in-law": "mothers-in-law", "passerby": "passersby", "axis": "axes", "fish": "fish",
    "sheep": "sheep",
}  # fmt: skip
_UNCOUNTABLE = frozenset(
    [
        "aircraft",
        "species",
        "series",
        "staff",
        "information",
        "equipment",
        "furniture",
        "music",
        "software",
        "hardware",
        "news",
        "sheep",
        "fish",
        "deer",
        "data",
        "money",
        "traffic",
        "weather",
        "luggage",
        "art",
        "english",
        "research",
        "education",
        "means",
        "offspring",
        "headquarters",
        "police",
        "spacecraft",
        "crossroads",
        "health",
    ]
)
_SINGULARS = {many: one for one, many in _IRREGULAR.items()}
_SINGULAR_S = re.compile(r"(?:ss|us|is|[^aeiou]as|news|series|species|always|gps)$")
_PAST = {
    "write": "wrote", "give": "gave", "take": "took", "drive": "drove", "sing": "sang", "speak": "spoke",
    "choose": "chose", "draw": "drew", "fly": "flew", "know": "knew", "wear": "wore", "make": "made",
    "found": "founded", "lead": "led", "hold": "held", "build": "built", "teach": "taught", "buy": "bought",
    "win": "won", "beat": "beat", "run": "ran", "come": "came", "go": "went", "have": "had",
    "begin": "began", "catch": "caught", "bring": "brought", "sell": "sold", "send": "sent",
    "spend": "spent", "keep": "kept", "bear": "bore", "bind": "bound", "grow": "grew", "get": "got",
    "eat": "ate", "become": "became", "be": "was", "do": "did", "cut": "cut", "hit": "hit", "put": "put",
    "set": "set", "read": "read", "lie": "lay", "feed": "fed", "leave": "left", "meet": "met",
    "pay": "paid", "say": "said", "see": "saw", "stand": "stood", "tell": "told", "think": "thought",
    "understand": "understood", "precede": "preceded", "overtake": "overtook", "show": "showed",
    "throw": "threw", "break": "broke", "forget": "forgot", "ride": "rode", "rise": "rose", "shoot": "shot",
    "swim": "swam", "wind": "wound", "feel": "felt", "fall": "fell", "find": "found", "fight": "fought",
    "host": "hosted", "cost": "cost", "lend": "lent", "lose": "lost", "mean": "meant", "sit": "sat",
    "sleep": "slept", "succeed": "succeeded", "supply": "supplied", "own": "owned",
}  # fmt: skip
_DOUBLED = re.compile(r"(?:[^aeiouwxy][aeiou][bdgmnpt])$")
_NOT_DOUBLED = frozenset(
    {"visit", "edit", "happen", "open", "offer", "exhibit", "inherit", "market", "target"}
)


@cache
def plural(noun: str) -> str:
    """The plural of a noun phrase: that of its head, the last word before "of" and the like.

    >>> plural("country"), plural("date of birth"), plural("year opened"), plural("child"), plural("aircraft")
    ('countries', 'dates of birth', 'years opened', 'children', 'aircraft')
    """
    head, rest = _split_head(noun)
    words = head.split(" ")
    if len(words) > 1 and words[-1].endswith(("ed", "ing")):  # "year opened"
        return " ".join((plural(" ".join(words[:-1])), words[-1])) + rest
    if not words[-1] or is_plural(words[-1]):
        return noun
    words[-1] = _plural_word(words[-1])
    return " ".join(words) + rest


@cache
def singular(noun: str) -> str:
    """The singular of a noun phrase that may be plural.

    >>> singular("starred actors"), singular("countries"), singular("address"), singular("people")
    ('starred actor', 'country', 'address', 'person')
    """
    head, rest = _split_head(noun)
    words = head.split(" ")
    words[-1] = _singular_word(words[-1])
    return " ".join(words) + rest


def is_plural(noun: str) -> bool:
    """Whether a noun looks like a plural.

    >>> is_plural("points"), is_plural("address"), is_plural("people"), is_plural("city")
    (True, False, True, False)
    """
    head, _ = _split_head(noun)
    last = head.split(" ")[-1]
    return (last in _SINGULARS and last not in _IRREGULAR) or _singular_word(last) != last


def article(noun: str) -> str:
    """A noun phrase with "a" or "an".

    >>> article("employee"), article("university"), article("hour")
    ('an employee', 'a university', 'an hour')
    """
    vowel = re.match(
        r"(?:[aeio]|u(?!ni|se|sa|ti|k\b|s\b)|hour|honou?r|heir|[fhlmnrsx][^aeiouy\W]+\b)", noun.lower()
    )
    return f"{'an' if vowel else 'a'} {noun}"


@cache
def third_person(verb: str) -> str:
    """The verb phrase of a singular subject.

    >>> third_person("flow through"), third_person("have"), third_person("carry"), third_person("teach")
    ('flows through', 'has', 'carries', 'teaches')
    """
    first, *rest = verb.split(" ")
    if first in ("have", "be", "do", "go"):
        first = {"have": "has", "be": "is", "do": "does", "go": "goes"}[first]
    else:
        first = _plural_word(first, verb=True)
    return " ".join((first, *rest))


@cache
def past(verb: str) -> str:
    """The verb phrase in the past.

    >>> past("write"), past("live in"), past("carry"), past("stop at"), past("play for")
    ('wrote', 'lived in', 'carried', 'stopped at', 'played for')
    """
    first, *rest = verb.split(" ")
    if first in _PAST:
        first = _PAST[first]
    elif first.endswith("e"):
        first += "d"
    elif re.search(r"[^aeiou]y$", first):
        first = first[:-1] + "ied"
    else:
        first = f"{_doubled(first)}ed"
    return " ".join((first, *rest))


@cache
def gerund(verb: str) -> str:
    """The verb phrase with -ing.

    >>> gerund("flow through"), gerund("live in"), gerund("run"), gerund("lie")
    ('flowing through', 'living in', 'running', 'lying')
    """
    first, *rest = verb.split(" ")
    if first.endswith("ie"):
        first = first[:-2] + "ying"
    elif first.endswith("e") and not first.endswith(("ee", "oe", "ye")) and first != "be":
        first = first[:-1] + "ing"
    else:
        first = f"{_doubled(first)}ing"
    return " ".join((first, *rest))


def _doubled(verb: str) -> str:
    short = len(re.findall(r"[aeiou]+", verb)) == 1 or verb.endswith(("mit", "fer", "cur"))
    return verb + verb[-1] if short and _DOUBLED.search(verb) and verb not in _NOT_DOUBLED else verb


def _split_head(noun: str) -> tuple[str, str]:
    found = re.search(r" (?:of|in|at|for|on|to|by|per|with|from|against|\() ?", noun)
    return (noun[: found.start()], noun[found.start() :]) if found and found.start() else (noun, "")


def _plural_word(word: str, verb: bool = False) -> str:
    if not verb:
        if word in _UNCOUNTABLE:
            return word
        if word in _IRREGULAR:
            return _IRREGULAR[word]
        if word.endswith("man") and len(word) > 4 and word not in ("human", "german", "roman", "talisman"):
            return word[:-3] + "men"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    if re.search(r"(?:s|x|z|ch|sh|[^aeiou]o)$", word) and not word.endswith(
        ("photo", "piano", "casino", "memo")
    ):
        return word + "es"
    return word + "s"


def _singular_word(word: str) -> str:
    if word in _IRREGULAR or word in _UNCOUNTABLE:
        return word
    if word in _SINGULARS:
        return _SINGULARS[word]
    if len(word) < 4 or not word.endswith("s") or _SINGULAR_S.search(word):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(?:sses|xes|zes|ches|shes|oes)$", word):
        return word[:-2]
    return word[:-1]
