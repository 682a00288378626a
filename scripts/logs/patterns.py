"""The patterns of questions about event logs, with how often they are drawn."""

from __future__ import annotations

from scripts.logs.sets_asked import SetsAsked
from scripts.logs.things_asked import ThingsAsked
from scripts.logs.values_asked import ValuesAsked

__all__ = ["PATTERNS", "Asker"]


class Asker(ValuesAsked, ThingsAsked, SetsAsked):
    """Drafts of all patterns."""


PATTERNS = {
    "count": 22,
    "last_date": 6,
    "first_date": 6,
    "nth_date": 2,
    "yes_no": 7,
    "more_often": 5,
    "sum_or_mean": 5,
    "count_above": 2,
    "longest_date": 1.5,
    "each": 1.5,
    "different": 5,
    "never": 2,
    "only_class": 3,
    "listing": 12,
    "most_often": 12,
    "most_in_total": 4,
    "last_thing": 4,
    "nth_thing": 5,
    "longest_thing": 2,
    "in_both": 6,
    "in_one_only": 4,
    "not_since": 4,
    "with_one_not_other": 2,
    "at_least": 2,
    "more_often_than": 2,
    "same_day": 6,
}
