"""A finder that tells what it finds while it searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Self

from kgqa.decode import Decoder, Hypothesis
from kgqa.decode.observed_search import ObservedSearch
from kgqa.errors import KgqaError
from kgqa.finders.chain_space import ChainSpace
from kgqa.finders.model_finder import ModelFinder
from kgqa.finders.protocol import Found, LinkedQuestion

__all__ = ["ObservedFinder"]


def _nothing(_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True, eq=False)
class ObservedFinder(ModelFinder):
    """A `ModelFinder` that tells of the topics of each question, then of each hypothesis, as it is finished.

    The hypotheses are told before they are ranked again. An exception of either function ends the search.
    """

    tell_topics: Callable[[tuple[str, ...]], None] = _nothing
    tell_found: Callable[[Hypothesis], None] = _nothing

    @classmethod
    def of(
        cls,
        finder: ModelFinder,
        tell_topics: Callable[[tuple[str, ...]], None],
        tell_found: Callable[[Hypothesis], None],
    ) -> Self:
        """The same finder, observed; what it knows of texts is shared."""
        settings = {one.name: getattr(finder, one.name) for one in fields(ModelFinder)}
        observed = cls(**settings, tell_topics=tell_topics, tell_found=tell_found)
        known = {name: value for name, value in vars(finder).items() if name not in settings}
        vars(observed).update(known)
        return observed

    def find(self, questions: Sequence[LinkedQuestion], space: ChainSpace) -> list[Found | KgqaError]:
        """As `ModelFinder.find`."""
        for one in questions:
            self.tell_topics(one.topics)
        return super().find(questions, space)

    def decoder_for(self, space: ChainSpace) -> Decoder:
        """That of the `ModelFinder`, observed."""
        return ObservedSearch(super().decoder_for(space), self.tell_found)
