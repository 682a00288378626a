"""A place in a question that may name an entity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Candidate", "How", "Mention"]

How = Literal["label", "alias", "loose", "part", "spelling", "meaning"]
"""How an entity was found.

`label` and `alias`: equal once case and space are folded; `loose`: equal but for accents and
punctuation; `part`: its name holds these words; `spelling` and `meaning`: its name is like them.
"""


@dataclass(frozen=True)
class Candidate:
    """An entity that a mention may mean; `score` is the likeness of its name, 0 to 1 (1: equal)."""

    entity: str
    score: float
    how: How


@dataclass(frozen=True)
class Mention:
    """`question[start:end]`, with the entities it may mean, the likeliest first, never none.

    `weak` marks words that hardly ever are meant as a name ("what", "film", "the").
    """

    text: str
    start: int
    end: int
    candidates: tuple[Candidate, ...]
    weak: bool = False

    @property
    def best(self) -> Candidate:
        """The likeliest entity."""
        return self.candidates[0]
