"""What a run is to do, as a run file or the command line says it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, cast

from kgqa.constraint import GrammarName
from kgqa.datasets import Part
from kgqa.decode import DecoderName
from kgqa.evaluation.settings_table import SettingError, read_table
from kgqa.lm import NumberFormat

__all__ = [
    "FilterSettings",
    "LlmSettings",
    "Published",
    "ReasonName",
    "RunSettings",
    "SearchSettings",
]

ReasonName = Literal["model", "chat"]


@dataclass(frozen=True)
class SearchSettings:
    """How chains are searched for: the decoder's name, its beams, and its seconds a question, if limited."""

    name: DecoderName = "beam"
    beams: int = 10
    seconds: float | None = None


@dataclass(frozen=True)
class FilterSettings:
    """What chains must keep to, by names of the graph; see the options of `kgqa ask`."""

    without: tuple[str, ...] = ()
    only_relation: tuple[str, ...] = ()
    must_use: tuple[str, ...] = ()
    answer_type: tuple[str, ...] = ()


@dataclass(frozen=True)
class LlmSettings:
    """The LLM that is asked, where one is: see the options of `kgqa ask`.

    `max_cost` is in the currency of the prices, `max_seconds` and `timeout` in seconds.
    """

    name: str | None = None
    base_url: str | None = field(default=None, repr=False)
    config: str | None = None
    timeout: float | None = None
    concurrency: int | None = None
    max_cost: float | None = None
    max_seconds: float | None = None


@dataclass(frozen=True)
class Published:
    """Numbers to compare a run with: where they stand, each by its published name, and what to note."""

    source: str
    values: Mapping[str, float]
    note: str = ""


@dataclass(frozen=True)
class RunSettings:
    """All settings of a run; what is not said is as `kgqa ask` has it.

    `dataset` is a name that `kgqa data` lists or a question file; `graph` an index folder or a graph file,
    by default that of the data set, else the atlas. `part` takes one part of a fixed split by id, then
    `sample` draws so many of what is left, with `seed`, and `limit` takes the first so many; in the order
    of the set. `together` questions share the passes of the model. `aggregate` says by its `name` who
    makes answers of chains; the rest of the table is that aggregator's own. With `reason` "chat" the LLM
    chooses the chains too, and no `model` is asked.
    """

    dataset: str
    title: str = ""
    graph: str | None = None
    part: Part | None = None
    sample: int | None = None
    limit: int | None = None
    seed: int = 0
    model: str | None = None
    device: str = "auto"
    dtype: NumberFormat = "auto"
    grammar: GrammarName = "relations"
    hops: int = 3
    inverse: bool = True
    allow_return: bool = False
    link: bool = False
    together: int = 8
    search: SearchSettings = field(default_factory=SearchSettings)
    aggregate: Mapping[str, object] = field(default_factory=lambda: {"name": "vote"})
    reason: ReasonName = "model"
    llm: LlmSettings = field(default_factory=LlmSettings)
    filters: FilterSettings = field(default_factory=FilterSettings)
    published: Published | None = None

    def __post_init__(self) -> None:
        for name in ("sample", "limit", "hops", "together"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingError(name, f"must be 1 or more, not {value}")
        if self.search.beams < 1:
            raise SettingError("search.beams", f"must be 1 or more, not {self.search.beams}")
        if self.search.seconds is not None and not self.search.seconds > 0:
            raise SettingError("search.seconds", f"must be more than 0, not {self.search.seconds}")
        if not isinstance(self.aggregate.get("name"), str):
            raise SettingError("aggregate.name", 'is missing; say who makes the answers, such as "vote"')

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Self:
        """The settings in a table of TOML. Raises `SettingError` for a key or a value that is none."""
        return read_table(cls, values)

    def but(self, key: str, value: object) -> Self:
        """The same settings with another value under a dotted name. Raises `SettingError`."""
        table = self.to_json()
        *outer, last = key.split(".")
        inner: Any = table
        for name in outer:
            inner = inner.setdefault(name, {}) if isinstance(inner, dict) else None
        if not isinstance(inner, dict):
            raise SettingError(key, "there is no such table")
        inner[last] = value
        return self.of(table)

    @property
    def asks_llm(self) -> bool:
        """Whether an LLM has a part in it."""
        return self.reason == "chat" or self.aggregate["name"] != "vote"

    @property
    def about(self) -> dict[str, Any]:
        """What says which run it is, as JSON values: title, questions, published numbers."""
        names = ("title", "dataset", "part", "sample", "limit", "published")
        return {name: value for name, value in self.to_json().items() if name in names}

    def to_json(self) -> dict[str, Any]:
        """As a table that `of` reads; what is not set is left out."""
        return cast("dict[str, Any]", _without_none(dataclasses.asdict(self)))


def _without_none(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    return list(value) if isinstance(value, tuple) else value
