"""The settings of an LLM's walk through the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kgqa.pipeline.setting import setting

__all__ = ["WalkName", "WalkSettings"]

WalkName = Literal["choices", "scores"]


@dataclass(frozen=True, kw_only=True)
class WalkSettings:
    """How an LLM walks, with `reason` llm; `None`: the default of the walk."""

    name: WalkName = setting(
        "choices",
        "How the LLM walks. choices: it chooses from a menu at each hop; scores: it scores relations, then "
        "entities, and says when the facts are enough (as ToG).",
        flag="--walk",
    )
    width: int | None = setting(
        None, "Paths that the LLM continues at each hop [default: 3].", flag="--width", metavar="N", minimum=1
    )
    reply_tokens: int | None = setting(
        None, "Maximum length of a reply at a hop [default: 256].", metavar="N", minimum=1
    )
