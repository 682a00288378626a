"""A span of a question that may name an entity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["EntityCandidate", "MatchKind", "Mention"]

MatchKind = Literal["label", "alias", "normalized", "partial", "spelling", "meaning"]
"""How a name matched the text.

`label` and `alias`: equal after case and white space are folded; `normalized`: equal after accents and
punctuation are dropped too; `partial`: the name contains the words of the text; `spelling` and `meaning`:
similar in spelling, or in the embedding of the text.
"""


@dataclass(frozen=True)
class EntityCandidate:
    """An entity that a mention may refer to; `score` is the similarity of its name, 0 to 1 (1: equal)."""

    entity: str
    score: float
    how: MatchKind


@dataclass(frozen=True)
class Mention:
    """The span `question[start:end]` with the entities that it may refer to: at least one, the best first.

    `stop_words` is true when the span consists of stop words ("what", "the film"), which are rarely
    meant as a name.
    """

    text: str
    start: int
    end: int
    candidates: tuple[EntityCandidate, ...]
    stop_words: bool = False

    @property
    def best(self) -> EntityCandidate:
        """The likeliest entity."""
        return self.candidates[0]

    @property
    def best_entities(self) -> tuple[str, ...]:
        """The entities that match as well as the best one, which is the first of them."""
        best = self.best
        return tuple(one.entity for one in self.candidates if (one.how, one.score) == (best.how, best.score))
