"""Words of relations and classes in English sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kgqa.graph import relation_words

__all__ = [
    "RelationForm",
    "negated",
    "plural",
    "relation_form",
    "singular",
    "uncapitalised",
    "without_conjugation",
]

_VERBS = re.compile(
    "is|are|was|were|has|have|had|flows|runs|shares|borders|contains|includes|owns|employs|directs|plays|"
    "starred|acted|wrote|written|directed|produced|founded|built|born|died|located|situated|based|made|"
    "employed|named|married|succeeded|preceded|followed|won|works|lives|lies|crosses|traverses|joins|uses|"
    "covers|speaks|reports|replaces|precedes|follows|belongs|leads|teaches|manages|supplies|sells|buys|serves"
)
"""First words of relations that are verbs: "flows through", "directed by"."""

_PREPOSITIONS = frozenset(
    ("by", "in", "at", "on", "through", "with", "for", "to", "from", "into", "over", "near", "under")
)
_ODD = re.compile(r"[^\w '().%/&-]", re.UNICODE)


@dataclass(frozen=True)
class RelationForm:
    """A relation as it is put into a sentence: its words, whether they are a verb ("flows through")."""

    words: str
    verb: bool


def relation_form(text: str) -> RelationForm | None:
    """The words of a relation; `None` for one that has no plain words.

    >>> relation_form("directed_by"), relation_form("birthPlace"), relation_form("-> r")
    (RelationForm(words='directed by', verb=True), RelationForm(words='birth place', verb=False), None)
    """
    if _ODD.search(text.replace("_", " ").replace(".", " ").replace(":", " ")):
        return None
    words = relation_words(text)[0]
    parts = words.split()
    if not parts or not any(part.isalpha() for part in parts):
        return None
    verb = bool(_VERBS.fullmatch(parts[0])) or (parts[-1] in _PREPOSITIONS and len(parts) > 1)
    return RelationForm(words, verb)


def plural(noun: str) -> str:
    """The plural of a class name: of its last word, or of the word before "of".

    >>> plural("River"), plural("country"), plural("Head of state"), plural("Person")
    ('rivers', 'countries', 'heads of state', 'people')
    """
    words = uncapitalised(noun).split()
    at = words.index("of") - 1 if "of" in words[1:] else len(words) - 1
    words[at] = _plural(words[at])
    return " ".join(words)


def uncapitalised(noun: str) -> str:
    """A class name as a noun within a sentence.

    >>> uncapitalised("River"), uncapitalised("Music Genre"), uncapitalised("NBA team")
    ('river', 'music genre', 'NBA team')
    """
    words = noun.split()
    if len(words) > 1 and noun == noun.title():
        return " ".join(words).lower()
    if words and words[0][1:].islower():
        words[0] = words[0].lower()
    return " ".join(words)


def _plural(word: str) -> str:
    irregular = {"person": "people", "man": "men", "woman": "women", "child": "children", "city": "cities"}
    if word in irregular:
        return irregular[word]
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    if re.search(r"(s|x|z|ch|sh)$", word):
        return word if word.endswith("ies") or re.search(r"[^su]s$", word) else f"{word}es"
    return f"{word}s"


def without_conjugation(words: str) -> str:
    """A verb for several subjects.

    >>> without_conjugation("flows through"), without_conjugation("directed by"), without_conjugation("has")
    ('flow through', 'are directed by', 'have')
    """
    first, *rest = words.split()
    plain = {"is": "are", "was": "were", "has": "have", "does": "do"}.get(first)
    if plain is None and (first.endswith("ed") or first in _PARTICIPLES):
        plain = f"are {first}" if rest and rest[-1] in _PREPOSITIONS else first
    if plain is None and first.endswith("ies"):
        plain = f"{first[:-3]}y"
    if plain is None and re.search(r"(ch|sh|x|z|ss)es$", first):
        plain = first[:-2]
    if plain is None and first.endswith("s") and not first.endswith("ss"):
        plain = first[:-1]
    return " ".join([plain or first, *rest])


def singular(predicate: str) -> str:
    """A predicate for several, for one.

    >>> singular("flow through"), singular("are directed by"), singular("do not have it as capital")
    ('flows through', 'is directed by', 'does not have it as capital')
    """
    first, *rest = predicate.split(" ")
    found = {"are": "is", "were": "was", "have": "has", "do": "does"}.get(first)
    if found is None and not first.endswith("ed") and first not in _PARTICIPLES:
        found = f"{first[:-1]}ies" if re.search(r"[^aeiou]y$", first) else f"{first}s"
        found = f"{first}es" if re.search(r"(ch|sh|x|z|ss)$", first) else found
    return " ".join([found or first, *rest])


def negated(predicate: str) -> str:
    """A predicate for several, negated.

    >>> negated("are directed by Nolan"), negated("flow through Kenya")
    ('are not directed by Nolan', 'do not flow through Kenya')
    """
    first, _, rest = predicate.partition(" ")
    return f"{first} not {rest}" if first in ("are", "were") else f"do not {predicate}"


_PARTICIPLES = frozenset(["written", "built", "born", "made", "won"])
