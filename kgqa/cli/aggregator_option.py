"""What `aggregate` may name."""

from __future__ import annotations

from collections.abc import Mapping

from kgqa.answer import Aggregator, Vote
from kgqa.evaluation.settings_table import SettingError, read_table

__all__ = ["aggregator", "estimated_cost"]


def aggregator(table: Mapping[str, object]) -> Aggregator:
    """The aggregator of a run's `aggregate` table: its `name`, and that aggregator's own settings.

    Raises `UsageError` for a name that is none, and for settings that it has not or that are out of
    range.
    """
    own = {key: value for key, value in table.items() if key != "name"}
    match table["name"]:
        case "vote":
            return read_table(Vote, own, "aggregate.")
        case other:
            raise SettingError("aggregate.name", f"{other!r} is none; there is vote")


def estimated_cost(table: Mapping[str, object], questions: int) -> float:
    """Dollars that the language models behind an aggregator will cost for so many questions.

    Raises `UsageError` for a name that is none.
    """
    aggregator(table)
    per_question = {"vote": 0.0}
    return per_question[str(table["name"])] * questions
