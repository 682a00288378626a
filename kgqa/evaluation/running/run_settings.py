"""The settings of a run: those of an answerer, and the questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from typing import Any

from kgqa.datasets import Part
from kgqa.pipeline.setting import setting
from kgqa.pipeline.settings import AnswererSettings

__all__ = ["MODELS", "Published", "RunSettings"]

MODELS = ("model", "large_model", "encoder", "reranker")
"""The settings that name a model: a folder, or a name on the hub."""


@dataclass(frozen=True)
class Published:
    """Published numbers to compare a run with: their source, each by its published name, and a note."""

    source: str
    values: Mapping[str, float]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class RunSettings(AnswererSettings):
    """All settings of a run.

    `dataset` is a name that `kgqa data` lists or a question file; the default `graph` is that of the data
    set, else the atlas. `part` takes one part of a fixed split by id, then `sample` draws from what is left
    with `seed`, and `limit` takes the first ones, in the order of the set.
    """

    dataset: str = setting(
        MISSING,
        "JSONL or parquet, or a set that `kgqa data` lists.",
        flag="--questions",
        metavar="FILE_OR_NAME",
    )
    title: str = setting("", shown=False)
    part: Part | None = setting(
        None, "Only this part of the set; sets without parts are split 80/10/10 % by id."
    )
    sample: int | None = setting(None, "Only N questions, drawn at random.", metavar="N", minimum=1)
    limit: int | None = setting(None, "Only the first N questions.", metavar="N", minimum=1)
    link: bool = setting(
        False, "Find topics in the text of the questions, and ignore those of the file.", flag="--link"
    )
    batch_size: int = setting(
        8, "Questions decoded in one batch. A killed run repeats its unfinished batch.", minimum=1
    )
    published: Published | None = setting(None, shown=False)

    @property
    def about(self) -> dict[str, Any]:
        """What describes a run to its readers, as JSON values: all settings but the address of the LLM."""
        found = self.to_json()
        found["llm"].pop("base_url", None)  # it may hold a password
        if self.reason == "model":
            found.setdefault("model", "shipped")
        return found
