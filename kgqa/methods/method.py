"""A published method as settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["Method", "PublishedScore", "Table"]

Table = Mapping[str, Any]
"""Settings as a table of a run file."""


class PublishedScore(NamedTuple):
    """One published score (percent): the data set, the metric by its published name, and the models."""

    dataset: str
    metric: str
    value: float
    models: str


@dataclass(frozen=True, kw_only=True)
class Method:
    """What a method is made of, as settings, with the paper's numbers where it gives them.

    `settings` hold always, `with_llm` where an LLM is named and `alone` where none is; with `needs_llm` it
    cannot be run without one. `plain` replaces what a model cannot do that reads no prompts and writes no
    free text, as the shipped one. `definition` and `metric` are the published way of scoring it
    (`DEFINITIONS` of `kgqa.evaluation`). `source` says where the settings are from, `published` which scores
    its authors, or those who ran it again, print.
    """

    name: str
    title: str
    source: str
    settings: Table
    definition: str
    metric: str
    needs_llm: bool = False
    with_llm: Table = field(default_factory=dict)
    alone: Table = field(default_factory=dict)
    plain: Table = field(default_factory=dict)
    published: tuple[PublishedScore, ...] = ()

    def is_plain(self, model: str | None) -> bool:
        """Whether it runs without its prompts and free texts: `None` is the shipped model, which has none."""
        return model is None and bool(self.plain)

    @property
    def uses_llm(self) -> bool:
        """Whether an LLM has a part in it, needed or not."""
        return self.needs_llm or bool(self.with_llm)
