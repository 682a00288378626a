"""Chains that a language model chooses hop by hop."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from kgqa.answer.quoted import quoted_entity
from kgqa.chat import ChatModel, Usage
from kgqa.constraint import Constraint, State, StepWalk
from kgqa.decode import Hypothesis
from kgqa.errors import UsageError
from kgqa.lm import Embed
from kgqa.reason.hop_choice import HopChoice
from kgqa.reason.menu import Menu, Option

__all__ = ["ChatReasoner", "Reasoning"]

_NAMES_SHOWN = 10


@dataclass(frozen=True)
class Reasoning:
    """The hypotheses of a question, best first, and what finding them took."""

    hypotheses: tuple[Hypothesis, ...]
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class _Way:
    """Where the model has come: its choices, the state behind them, their log-probability, their texts."""

    state: State
    tokens: tuple[int, ...] = ()
    score: float = 0.0
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChatReasoner:
    """Lets a chat model walk a graph by multiple choice, for models whose probabilities nobody gets.

    At every hop the model is shown the steps (or entities) that the constraint allows, up to `shown` on a
    page, the likest to the question first (`Menu`), and names up to `beams` of them, best first, or stops;
    what it chooses from is in the graph, so its chains are as grounded as decoded ones. The `beams` best
    ways are gone on with. "Knowledge Solver" (2023) walks so, one way at a time.

    A model that chooses gives no probabilities. The choice that it names in place r is given the
    probability 1/r², divided by the sum of that over all that it names; a hypothesis' log-probability
    and score are the sum of the logarithms over its hops (0: never in doubt).

    Raises `UsageError` for settings out of range.
    """

    chat: ChatModel
    beams: int = 3
    shown: int = 20
    pages: int = 3
    reply_tokens: int = 256
    embed: Embed | None = None

    def __post_init__(self) -> None:
        for name in ("beams", "shown", "pages", "reply_tokens"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} must be at least 1, not {getattr(self, name)}")

    def reason(self, question: str, walk: StepWalk, constraint: Constraint | None = None) -> Reasoning:
        """The chains that the model chooses from `walk`, or from a `constraint` that narrows it.

        No hypotheses: it chose nothing that is on offer. Raises what the chat model raises.
        """
        constraint = constraint or walk
        menu = Menu(walk, constraint, self.embed)
        asked = HopChoice(self.chat, question, self.beams, self.shown, self.pages, self.reply_tokens)
        ways, found = [_Way(constraint.start)], list[Hypothesis]()
        while ways:
            grown = list[_Way]()
            for way in ways:
                for option, score in self._onward(asked, menu, way):
                    if option is None:
                        found.append(Hypothesis(way.tokens, score, way.state, constraint))
                    else:
                        state = constraint.advance(way.state, option.token)
                        texts = (*way.texts, option.text)
                        grown.append(_Way(state, (*way.tokens, option.token), score, texts))
            found = sorted(found, key=lambda hypothesis: hypothesis.rank)[: self.beams]
            best = sorted(grown, key=lambda way: (-way.score, way.tokens))[: self.beams]
            ways = [way for way in best if len(found) < self.beams or way.score > found[-1].score]
        return Reasoning(tuple(found), asked.usage)

    def _onward(self, asked: HopChoice, menu: Menu, way: _Way) -> Iterator[tuple[Option | None, float]]:
        """What is chosen behind a way, with the score of the way with it; `None`: it ends here."""
        options, count = menu.options(asked.question, way.state, self.shown * self.pages)
        stop = menu.constraint.accepts(way.state)
        if count + stop == 1:
            yield options[0] if options else None, way.score
            return
        so_far = " ".join((*self._topics(menu, way), *way.texts))
        reached = self._reached(menu, way.state) if stop else ""
        chosen = asked.choose(so_far, reached, options, count, stop)
        total = math.fsum(place**-2 for place in range(1, len(chosen) + 1))
        for place, option in enumerate(chosen, 1):
            yield option, way.score + math.log(place**-2 / total)

    def _topics(self, menu: Menu, way: _Way) -> Iterator[str]:
        """Where the way starts, where its first choice does not say so."""
        names = dict.fromkeys(quoted_entity(menu.walk.graph, topic) for topic in menu.walk.topics)
        if len(menu.walk.topics) == 1 or not way.texts:
            yield " / ".join(names)

    def _reached(self, menu: Menu, state: State) -> str:
        ends = menu.constraint.ends(state)
        names = dict.fromkeys(quoted_entity(menu.walk.graph, end) for end in islice(ends, _NAMES_SHOWN))
        left = len(ends) - _NAMES_SHOWN
        return ", ".join(names) + (f" and {left} more" if left > 0 else "")
