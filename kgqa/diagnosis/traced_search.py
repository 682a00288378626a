"""A decoder that records what another one keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kgqa.constraint import Constraint
from kgqa.decode import Decoder, Hypothesis, Prefix, Search

__all__ = ["TracedSearch"]


@dataclass(frozen=True, eq=False)
class TracedSearch(Decoder):
    """Searches as `decoder` does, and keeps in `steps` the prefixes that it asked for, step by step."""

    decoder: Decoder
    steps: list[Sequence[Prefix]] = field(default_factory=list)

    @property
    def renormalises(self) -> bool:
        """As the `decoder`."""
        return self.decoder.renormalises

    def search(self, constraint: Constraint) -> Search:
        """The hypotheses of the `decoder`."""
        search = self.decoder.search(constraint)
        try:
            wanted = next(search)
            while True:
                self.steps.append(wanted)
                wanted = search.send((yield wanted))
        except StopIteration as stop:
            found: list[Hypothesis] = stop.value
            return found

    def given_up(self, hypothesis: Hypothesis) -> tuple[int, float | None] | None:
        """After how many tokens the search gave up a text, and the least log-probability that it kept then.

        `None` for the latter where it kept nothing: texts that were finished were better already. `None` for
        a text whose tokens were all kept.
        """
        for step in self.steps:
            length = len(step[0].tokens)
            if length > len(hypothesis.tokens):
                break
            if all(prefix.tokens != hypothesis.tokens[:length] for prefix in step):
                return length, min(prefix.log_probability for prefix in step)
        reached = len(self.steps[-1][0].tokens)
        return (reached, None) if reached < len(hypothesis.tokens) else None
