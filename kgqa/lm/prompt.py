"""What a language model is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Grammar", "Prompt"]

Grammar = Literal["path", "chain", "relations"]
"""Which form of text the model is to write; see `kgqa.constraint`."""


@dataclass(frozen=True)
class Prompt:
    """A question with the names of its topic entities; each model renders it in its own words."""

    question: str
    topics: tuple[str, ...]
    grammar: Grammar = "path"
