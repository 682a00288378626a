"""What a language model can choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kgqa.answer.quoted import quoted, quoted_entity
from kgqa.answer.words import STOP_WORDS, akin, words
from kgqa.constraint import Constraint, State, StepWalk
from kgqa.lm import Embed

__all__ = ["Menu", "Option"]


@dataclass(frozen=True)
class Option:
    """A token of a `StepWalk` as it is offered, and its words."""

    token: int
    text: str
    words: str


@dataclass(frozen=True, eq=False)
class Menu:
    """The options at a state, those likest to the question first.

    Likeness is the number of the question's words that an option has or begins like, and, with `embed`
    (vectors of length 1), ten times the cosine of the two, as in `PathFit`. Ties are broken by the
    options' texts. `walk` names the tokens that the constraint, which may be narrower, allows.
    """

    walk: StepWalk
    constraint: Constraint
    embed: Embed | None = None
    per_cosine: float = field(default=10.0)

    def options(self, question: str, state: State) -> list[Option]:
        """All options, the likest first."""
        options = [self._option(state, token) for token in self.constraint.allowed(state).tolist()]
        if len(options) < 2:
            return options
        likeness = self._overlap(question, options)
        if self.embed is not None:
            own, *others = self.embed([question, *(option.words for option in options)])
            likeness = likeness + self.per_cosine * np.round(np.array(others) @ own, 5)
        order = sorted(range(len(options)), key=lambda at: (-likeness[at], options[at].text, at))
        return [options[at] for at in order]

    def _option(self, state: State, token: int) -> Option:
        step = self.walk.step(token)
        if step is None:
            entity = self.walk.entity(token)
            return Option(token, quoted_entity(self.walk.graph, entity), self.walk.graph.label(entity) or "")
        relation, inverse = step
        arrow = f"<-{quoted(relation)}-" if inverse else f"-{quoted(relation)}->"
        if state == self.constraint.start and len(self.walk.topics) > 1:
            arrow = f"{self._leaving(token)} {arrow}"
        return Option(token, arrow, relation)

    def _leaving(self, step: int) -> str:
        """The topics that a first step leaves."""
        graph = self.walk.graph
        names = (quoted_entity(graph, topic) for topic in self.walk.topics if self.walk.takes(topic, step))
        return " / ".join(dict.fromkeys(names))

    def _overlap(
        self, question: str, options: Sequence[Option]
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        asked = [word for word in words(question) if word not in STOP_WORDS]
        said = [words(option.words) for option in options]
        counts = [sum(any(akin(word, other) for other in own) for word in asked) for own in said]
        return np.array(counts, dtype=np.float64)
