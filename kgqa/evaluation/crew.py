"""Who answers the questions of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kgqa.datasets import Question
from kgqa.evaluation.asker import Asker
from kgqa.evaluation.record import Record

__all__ = ["Alone", "Crew", "Group", "Recipe"]

Group = Sequence[Question]
"""Questions that are answered together."""

Recipe = Callable[[], Asker]
"""Makes an asker where it is needed; can be pickled."""


class Crew(Protocol):
    """Answers the questions of a run; closed when it is left."""

    def facts(self) -> Mapping[str, object]:
        """What records depend on and only those who answer can tell; see `Asker.facts`."""
        ...

    def records(self, groups: Iterable[Group]) -> Iterator[Record]:
        """The records of all questions, one each, as they come."""
        ...

    def close(self) -> None:
        """Let everybody go."""
        ...


@dataclass(frozen=True)
class Alone:
    """This process does all the work, in order."""

    asker: Asker

    def facts(self) -> Mapping[str, object]:
        """Those of the asker."""
        return self.asker.facts

    def records(self, groups: Iterable[Group]) -> Iterator[Record]:
        """The records, in the order of the questions."""
        for group in groups:
            yield from self.asker.ask(group)

    def close(self) -> None:
        """Nothing to let go."""
