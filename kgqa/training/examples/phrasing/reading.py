"""What the name of a relation says in English: nouns and verbs for both of its directions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kgqa.graph import relation_words
from kgqa.training.examples.phrasing.inflection import singular

__all__ = ["View", "view_of"]

_PREPOSITIONS = "by|in|at|from|near|on|to|into|for|with|as|after|through|over|against|of|under|about"
_PASSIVE = re.compile(
    rf"(?:(?:is|was|are|been|be) )?(\w+(?:ed|en|wn|ught|ung)|born|made|found|led|set|held|built|sold|done)"
    rf" ({_PREPOSITIONS})(?: (\w+(?: \w+)?))?"
)
_VERB_WITH = re.compile(rf"(\w{{2,}}[^s\W])s ({_PREPOSITIONS})(?: (\w+(?: \w+)*))?")
_ROLE_OF = re.compile(r"(?:is |was )?(?:an? |the )?(\w+(?: \w+){0,4}) of")
_PLACED = re.compile(r"(?:is )?(in|on|at|from|near|under|for|with) (\w.*)")
_NO_VERBS = frozenset(
    [
        "comes",
        "address",
        "series",
        "species",
        "status",
        "class",
        "business",
        "process",
        "access",
        "gas",
        "bus",
        "news",
        "press",
        "mass",
        "less",
        "glass",
        "cross",
        "boss",
        "loss",
        "pass",
        "miss",
        "guess",
        "kids",
        "analys",
        "bas",
    ]
)
_VERBS = {
    "borders": "border", "contains": "contain", "owns": "own", "plays": "play", "speaks": "speak",
    "likes": "like", "uses": "use", "makes": "make", "sells": "sell", "serves": "serve",
    "includes": "include", "covers": "cover", "requires": "require", "offers": "offer", "hosts": "host",
    "teaches": "teach", "attends": "attend", "leads": "lead", "directs": "direct", "writes": "write",
    "knows": "know", "visits": "visit", "studies": "study", "traverses": "traverse", "crosses": "cross",
    "supports": "support", "treats": "treat", "causes": "cause", "eats": "eat", "drives": "drive",
    "employs": "employ", "produces": "produce", "sponsors": "sponsor", "governs": "govern", "rules": "rule",
    "trains": "train", "wears": "wear", "follows": "follow", "joins": "join", "allows": "allow",
    "accepts": "accept", "takes": "take", "provides": "provide", "prefers": "prefer", "wants": "want",
    "needs": "need", "defeats": "defeat", "wins": "win", "approves": "approve", "cites": "cite",
    "mentions": "mention", "describes": "describe", "carries": "carry", "connects": "connect",
    "links": "link", "opposes": "oppose", "worships": "worship", "operates": "operate", "builds": "build",
    "manufactures": "manufacture", "supplies": "supply", "administers": "administer",
    "represents": "represent", "precedes": "precede", "succeeds": "succeed", "replaces": "replace",
    "reports": "report", "depends": "depend", "funds": "fund", "invests": "invest", "advises": "advise",
    "mentors": "mentor", "reviews": "review", "edits": "edit", "publishes": "publish",
    "translates": "translate", "buys": "buy", "orders": "order", "pays": "pay", "rents": "rent",
    "repairs": "repair", "maintains": "maintain", "controls": "control", "monitors": "monitor",
    "measures": "measure", "protects": "protect", "attacks": "attack", "kills": "kill", "loves": "love",
    "hates": "hate", "admires": "admire", "marries": "marry", "supervises": "supervise",
    "manages": "manage", "assists": "assist", "helps": "help", "coaches": "coach", "sings": "sing",
    "performs": "perform", "composes": "compose", "designs": "design", "invents": "invent",
    "discovers": "discover", "explores": "explore", "climbs": "climb", "grows": "grow", "feeds": "feed",
    "breeds": "breed", "inherits": "inherit", "extends": "extend", "implements": "implement",
    "calls": "call", "imports": "import", "exports": "export", "inhibits": "inhibit",
    "activates": "activate", "interacts": "interact",
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """How a step is worded, seen from the known end; the other end is asked for.

    "{asked} is the {asked noun} of {known}", "{known} is a {known noun} of {asked}", "{known} {known verb}
    {asked}" and "{asked} {asked verb} {known}" (infinitives), "{known} is {known passive} {asked}" and
    "{asked} is {asked passive} {known}". `past` says that the verbs are also used in the past. `words` are
    those of the relation, `kind` a noun for its heads or empty; `inverse` says that the asked end
    is the head.
    """

    words: str
    asked_nouns: tuple[str, ...] = ()
    known_nouns: tuple[str, ...] = ()
    known_verbs: tuple[str, ...] = ()
    asked_verbs: tuple[str, ...] = ()
    known_passives: tuple[str, ...] = ()
    asked_passives: tuple[str, ...] = ()
    past: bool = False
    kind: str = ""
    inverse: bool = False

    def turned(self) -> View:
        """The same relation, seen from the other end."""
        return View(
            self.words,
            self.known_nouns,
            self.asked_nouns,
            self.asked_verbs,
            self.known_verbs,
            self.asked_passives,
            self.known_passives,
            self.past,
            self.kind,
            not self.inverse,
        )


@cache
def view_of(relation: str, inverse: bool = False) -> View:
    """The view of a step along a relation, or against it.

    >>> view_of("subsidiary_of").asked_nouns[0], view_of("subsidiary_of", inverse=True).asked_nouns[0]
    ('parent company', 'subsidiary')
    >>> view_of("flowsThrough").known_verbs[0], view_of("homeTown").asked_nouns[0]
    ('flow through', 'home')
    >>> view_of("located in country").known_passives, view_of("requires ingredient").asked_nouns
    (('located in',), ('ingredient',))
    """
    if inverse:
        return view_of(relation).turned()
    words, kind = relation_words(relation)
    bare = re.sub(r"^(?:has|have) ", "", words)
    known = _known()
    for form in (words, bare, singular(bare), re.sub(r"^(?:is|was) ", "", words)):
        if form in known:
            return _from_table(known[form], words, kind)
    return _by_grammar(words, bare, kind)


@cache
def _known() -> Mapping[str, Mapping[str, object]]:
    text = (Path(__file__).parent / "relations.toml").read_text(encoding="utf-8")
    return {name: entry for entry in tomllib.loads(text)["relation"] for name in entry["names"]}


def _from_table(entry: Mapping[str, object], words: str, kind: str) -> View:
    def listed(key: str) -> tuple[str, ...]:
        found = entry.get(key, [])
        assert isinstance(found, list)
        return tuple(found)

    return View(
        words,
        listed("tail_nouns"),
        listed("head_nouns"),
        listed("head_verbs"),
        listed("tail_verbs"),
        listed("head_passives"),
        listed("tail_passives"),
        bool(entry.get("past")),
        kind,
    )


def _by_grammar(words: str, bare: str, kind: str) -> View:
    if passive := _PASSIVE.fullmatch(words):
        nouns = (passive[3],) if passive[3] else ()
        return View(words, asked_nouns=nouns, known_passives=(f"{passive[1]} {passive[2]}",), kind=kind)
    if words == bare:
        first, _, rest = words.partition(" ")
        if first in _VERBS:
            preposition, _, noun = rest.partition(" ")
            if not re.fullmatch(_PREPOSITIONS, preposition):
                preposition, noun = "", rest
            verb = f"{_VERBS[first]} {preposition}".strip()
            return View(words, asked_nouns=(noun,) if noun else (), known_verbs=(verb,), kind=kind)
        found = _VERB_WITH.fullmatch(words)
        if found and f"{found[1]}s" not in _NO_VERBS and found[2] != "of":
            nouns = (found[3],) if found[3] else ()
            return View(words, asked_nouns=nouns, known_verbs=(f"{_base(found[1])} {found[2]}",), kind=kind)
        if role := _ROLE_OF.fullmatch(words):
            return View(words, known_nouns=(role[1],), kind=kind)
        placed = _PLACED.fullmatch(words)
        if placed and placed[2].endswith(" of"):
            return View(words, known_passives=(words.removeprefix("is "),), kind=kind)
        if placed:
            return View(words, asked_nouns=(placed[2],), known_passives=(placed[1],), kind=kind)
    return View(words, asked_nouns=(singular(bare) or words,), kind=kind)


def _base(stem: str) -> str:
    """The infinitive of a verb without its ending -s.

    >>> _base("carrie"), _base("flow"), _base("teache"), _base("live")
    ('carry', 'flow', 'teach', 'live')
    """
    if stem.endswith("ie"):
        return stem[:-2] + "y"
    return stem[:-1] if re.search(r"(?:sse|xe|che|she|oe)$", stem) else stem
