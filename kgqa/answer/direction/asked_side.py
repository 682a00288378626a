"""Which side of a relation the topic of a question is on, by the question's grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kgqa.answer.direction.relation_sides import PREPOSITIONS, RelationSides, is_participle, singular_of
from kgqa.graph import mention_of

__all__ = ["asked_side"]

_TOPIC = "\0"
_TOKEN = re.compile(r"\0|'s\b|[^\W_]+(?:-[^\W_]+)*")
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "get", "gets", "got"})
_DO = frozenset({"do", "does", "did"})
_HAVE = frozenset({"has", "have", "had", "having"})
_HAVING = _HAVE | {"with"}
_PLACE = frozenset({"in", "at", "on", "by"})
_ARTICLES = frozenset({"a", "an", "the"})
_POSSESSIVES = _ARTICLES | {"its", "their", "his", "her"}
_ASKS = frozenset({"what", "which", "who", "whom", "whose", "where"})


def asked_side(question: str, topic: str, sides: RelationSides) -> bool | None:
    """Whether the topic is the head of the relation that a question asks about; `None` where it does not say.

    >>> from kgqa.answer.direction.relation_sides import relation_sides
    >>> replaces = relation_sides("replaces")
    >>> asked_side("What replaced B2?", "B2", replaces), asked_side("What did B2 replace?", "B2", replaces)
    (False, True)
    """
    tokens = _as_one(_tokens(question, topic), sides.phrase)
    if not topic or tokens.count(_TOPIC) != 1:
        return None
    doer = _topic_is_doer(tokens, sides)
    return None if doer is None else doer == sides.doer_is_head


def _tokens(question: str, topic: str) -> list[str]:
    """The words in lower case, the topic as one, without its article."""
    marked = mention_of(topic).sub(_TOPIC, question.replace(_TOPIC, " ").replace("’", "'"))
    tokens = _TOKEN.findall(marked.lower())
    return [
        token
        for token, after in zip(tokens, [*tokens, ""][1:], strict=True)
        if not (after == _TOPIC and token in _ARTICLES)
    ]


def _as_one(tokens: list[str], phrase: Sequence[str]) -> list[str]:
    """The tokens with a noun phrase as its noun: "cause of death" as "cause", "capital city" as "city"."""
    size = len(phrase)
    if size > 1:
        for at in range(len(tokens) - size + 1):
            if tokens[at : at + size] == list(phrase):
                noun = phrase[list(phrase).index("of") - 1] if "of" in phrase[1:] else phrase[-1]
                return [*tokens[:at], noun, *tokens[at + size :]]
    return tokens


def _topic_is_doer(tokens: Sequence[str], sides: RelationSides) -> bool | None:
    place = tokens.index(_TOPIC)
    for at, token in enumerate(tokens):
        singular = singular_of(token)
        is_verb = token in sides.doing or token in sides.undergoing
        if is_verb and not (_may_be_noun(tokens, at) and {token, singular} & (sides.doers | sides.others)):
            subject = _topic_is_subject(tokens, at, place, sides)
            if subject is not None:
                return subject == (token in sides.doing)
        elif {token, singular} & (sides.doers | sides.others):
            holder = _topic_is_holder(tokens, at, place)
            if holder is not None:
                return holder == bool({token, singular} & sides.doers)
    before = tokens[place - 1] if place else ""
    if sides.ordered and before in {"after", "before"}:
        return before == "before"
    return _by_preposition(tokens, place, sides.preposition) if sides.preposition else None


def _may_be_noun(tokens: Sequence[str], at: int) -> bool:
    """Whether a word that is verb and noun ("mentor", "cause") stands where a noun does."""
    before = tokens[at - 1] if at else ""
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    if before == _TOPIC:
        if len(tokens) == 2:
            return True
        asked = set(tokens[:at]) & (_DO | {"that", "who", "which", "whom"})
        return not asked and not tokens[at].endswith("s")
    return before in {*_ARTICLES, "'s", "whose", "as", "with"} or after in {"of", "for"} or at == 0


def _topic_is_subject(tokens: Sequence[str], verb: int, place: int, sides: RelationSides) -> bool | None:
    """Whether the topic does what the verb says."""
    before = tokens[place - 1] if place else ""
    after = tokens[verb + 1] if verb + 1 < len(tokens) else ""
    if sides.preposition and sides.preposition != "by":
        if place < verb:
            return True
        return False if before in PREPOSITIONS or before in {"of", tokens[verb]} else None
    front = set(tokens[:verb])
    by = after == "by" or tokens[0] == "by" or tokens[-1] == "by"
    passive = is_participle(tokens[verb]) and not front & _DO and (by or bool(front & _BE))
    if passive and place < verb and front & _HAVE and not front & _BE and not by:
        passive = False
    if passive:
        if place < verb:
            return False
        return True if before == "by" else None
    if place < verb:
        return True
    between = tokens[verb + 1 : place]
    return False if len(between) <= 1 else None


def _topic_is_holder(tokens: Sequence[str], noun: int, place: int) -> bool | None:
    """Whether the topic is what the noun says (of another), or another is that of the topic."""
    before = tokens[place - 1] if place else ""
    ahead = tokens[noun - 1] if noun else ""
    after = tokens[noun + 1] if noun + 1 < len(tokens) else ""
    two_ahead = tokens[noun - 2] if noun > 1 else ""
    between = set(tokens[noun + 1 : place])
    if place > noun:
        if before in {"named", "called"}:
            return True
        if "whose" in tokens[:noun]:
            return True if not between or between & _BE else None
        if ahead == "'s" and between & _BE:
            return True
        if ahead in _HAVING or (ahead in _ARTICLES and two_ahead in _HAVING):
            return True if between <= {"of", "in", "on", "a"} else False if between & _DO else None
        if between & _BE and ahead in _ARTICLES:
            return None
        return False if before in {"of", "for", "to"} or between & (_DO | _HAVE | _BE) else None
    if ahead == "as" or (ahead in _POSSESSIVES and two_ahead == "as"):
        return True
    if after in {"of", "for", "to"} and (noun + 2 == len(tokens) or tokens[noun + 2] in _ASKS):
        return True
    if ahead == "'s":
        return False
    if ahead == _TOPIC:
        return False if len(tokens) == 2 else True if set(tokens[:place]) & _HAVING else None
    is_before = bool(set(tokens[:place]) & _BE)
    return True if is_before and ahead in _ARTICLES and (tokens[0] in {"of", "for"} or after == "") else None


def _by_preposition(tokens: Sequence[str], place: int, preposition: str) -> bool | None:
    """Without the verb: "which theatre is in it", "in which town is it", "where is it"."""
    before = tokens[place - 1] if place else ""
    if preposition not in _PLACE:
        return None
    if before == preposition:
        return False
    asked = preposition in tokens[:2] or tokens[-1] == preposition or tokens[0] == "where"
    return True if asked and set(tokens) & _ASKS else None
