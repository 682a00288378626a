"""What the `aggregate` table of a run means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import cast

from kgqa.answer import Aggregator, Vote
from kgqa.chat import ChatModel
from kgqa.cli.aggregator_option import AggregateName, aggregator
from kgqa.errors import UsageError
from kgqa.evaluation.settings_table import SettingError, read_table
from kgqa.graph import IndexedGraph

__all__ = ["check_aggregator", "run_aggregator"]


@dataclass(frozen=True)
class _ByLlm:
    """The settings of an aggregator that asks an LLM; see the options of `kgqa ask`."""

    closed_book: bool = False
    fall_back: bool = False
    contrast: bool = False
    evidence_tokens: int = 3_000


def run_aggregator(table: Mapping[str, object], graph: IndexedGraph, chat: ChatModel | None) -> Aggregator:
    """The aggregator of a run's `aggregate` table: its `name`, and that aggregator's own settings.

    Raises `UsageError` as `check_aggregator` does, and where an LLM is needed and none is there.
    """
    settings = check_aggregator(table)
    if isinstance(settings, Vote):
        return settings
    name = cast("AggregateName", table["name"])
    return aggregator(graph, Vote(), name, lambda: _needed(chat), **asdict(settings))


def check_aggregator(table: Mapping[str, object]) -> Vote | _ByLlm:
    """Its settings. Raises `UsageError` for a name that is none, and for settings that it has not."""
    own = {key: value for key, value in table.items() if key != "name"}
    match table["name"]:
        case "vote":
            if told := sorted(own.keys() & {field.name for field in fields(_ByLlm)}):
                raise SettingError(f"aggregate.{told[0]}", "is about an LLM's answers; name one with --llm")
            return read_table(Vote, own, "aggregate.")
        case "grounded" | "open":
            return read_table(_ByLlm, own, "aggregate.")
        case other:
            raise SettingError("aggregate.name", f"{other!r} is none; there are vote, grounded, open")


def _needed(chat: ChatModel | None) -> ChatModel:
    if chat is None:
        raise UsageError("an LLM is needed; name one with --llm")
    return chat
