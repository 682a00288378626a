"""Hypotheses from an LLM that walks the graph by multiple choice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from kgqa.answer import LlmReport
from kgqa.answer.quoted import quoted_entity
from kgqa.constraint import Constraint, State, StepWalk
from kgqa.decode import Hypothesis
from kgqa.errors import check_count
from kgqa.finders.hop_choice import HopChoice
from kgqa.finders.menu import Menu, Option
from kgqa.finders.protocol import Found
from kgqa.finders.walking_finder import WalkingFinder
from kgqa.lm import Embed

__all__ = ["ChatFinder"]

_NAMES_SHOWN = 10


@dataclass(frozen=True)
class _Partial:
    """An unfinished path: the constraint's state, tokens, log-probability, texts of the choices."""

    state: State
    tokens: tuple[int, ...] = ()
    score: float = 0.0
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChatFinder(WalkingFinder):
    """Lets an LLM walk a graph by multiple choice, for models whose probabilities are not available.

    At every hop the LLM sees the steps (or entities) that the constraint allows, up to `shown` on each of up
    to `pages` pages, those most similar to the question first (`Menu`), and names up to `beams` of them, best
    first, or stops. It can only choose what is in the graph, so its chains are as grounded as decoded ones.
    The `beams` best partial paths are continued. "Knowledge Solver" (2023) walks like this with one path.

    Choices have no probabilities. The choice in place r gets the probability 1/r², divided by the sum of this
    over all choices named; log-probability and score of a hypothesis are the sum of the logarithms over its
    hops (0: always the first choice). Several questions are asked at once, each in a thread of its own.

    Raises `UsageError` for settings out of range.

    >>> from kgqa import Answerer, GraphBuilder, Triple
    >>> from kgqa.chat import MockChatModel
    >>> facts = [Triple("Kismet", "directed_by", "William Dieterle"), Triple("Kismet", "in", "English")]
    >>> chat = MockChatModel(['{"choices": [1]}', '{"choices": [0]}'])
    >>> answer = Answerer(GraphBuilder.of(facts), ChatFinder(chat)).answer("Who directed Kismet?")
    >>> answer.entities[0].entity
    'William Dieterle'
    """

    beams: int = 3
    shown: int = 20
    pages: int = 3
    reply_tokens: int = 256
    embed: Embed | None = None

    def __post_init__(self) -> None:
        for name in ("beams", "shown", "pages", "reply_tokens"):
            check_count(getattr(self, name), name)

    def _walk(self, question: str, walk: StepWalk, constraint: Constraint) -> Found:
        """The chains chosen from a walk, which `constraint` narrows; none where nothing was chosen."""
        menu = Menu(walk, constraint, self.embed)
        asked = HopChoice(self.chat, question, self.beams, self.shown, self.pages, self.reply_tokens)
        partials, found = [_Partial(constraint.start)], list[Hypothesis]()
        while partials:
            grown = list[_Partial]()
            for partial in partials:
                for option, score in self._onward(asked, menu, partial):
                    if option is None:
                        found.append(Hypothesis(partial.tokens, score, partial.state, constraint))
                    else:
                        state = constraint.advance(partial.state, option.token)
                        texts = (*partial.texts, option.text)
                        grown.append(_Partial(state, (*partial.tokens, option.token), score, texts))
            found = sorted(found, key=lambda hypothesis: hypothesis.rank)[: self.beams]
            best = sorted(grown, key=lambda one: (-one.score, one.tokens))[: self.beams]
            partials = [one for one in best if len(found) < self.beams or one.score > found[-1].score]
        return Found(found, llm_report=LlmReport(self.chat.name, usage=asked.usage))

    def _onward(
        self, asked: HopChoice, menu: Menu, partial: _Partial
    ) -> Iterator[tuple[Option | None, float]]:
        """The choices that continue a path, with the score of the longer path; `None`: it ends here."""
        options, count = menu.options(asked.question, partial.state, self.shown * self.pages)
        stop = menu.constraint.accepts(partial.state)
        if count + stop == 1:
            yield options[0] if options else None, partial.score
            return
        so_far = " ".join((*self._topics(menu, partial), *partial.texts))
        reached = self._reached(menu, partial.state) if stop else ""
        chosen = asked.choose(so_far, reached, options, count, stop)
        total = math.fsum(place**-2 for place in range(1, len(chosen) + 1))
        for place, option in enumerate(chosen, 1):
            yield option, partial.score + math.log(place**-2 / total)

    def _topics(self, menu: Menu, partial: _Partial) -> Iterator[str]:
        """The names of the topics, where the first choice does not say which one the path starts from."""
        names = dict.fromkeys(quoted_entity(menu.walk.graph, topic) for topic in menu.walk.topics)
        if len(menu.walk.topics) == 1 or not partial.texts:
            yield " / ".join(names)

    def _reached(self, menu: Menu, state: State) -> str:
        ends = menu.constraint.ends(state)
        names = dict.fromkeys(quoted_entity(menu.walk.graph, end) for end in islice(ends, _NAMES_SHOWN))
        left = len(ends) - _NAMES_SHOWN
        return ", ".join(names) + (f" and {left} more" if left > 0 else "")
