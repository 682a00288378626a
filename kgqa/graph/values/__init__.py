"""Values: what literals and cells mean, compared and ranked."""

from kgqa.graph.values.cell import guess_value, with_unit
from kgqa.graph.values.date import date_interval
from kgqa.graph.values.extreme import Extreme, SortedFacts
from kgqa.graph.values.ill_typed import count_ill_typed
from kgqa.graph.values.literal import read_value
from kgqa.graph.values.unread_columns import columns_read, unread_columns
from kgqa.graph.values.value import COMPARABLE, Value, ValueKind
from kgqa.graph.values.value_table import ValueTable

__all__ = [
    "COMPARABLE",
    "Extreme",
    "SortedFacts",
    "Value",
    "ValueKind",
    "ValueTable",
    "columns_read",
    "count_ill_typed",
    "date_interval",
    "guess_value",
    "read_value",
    "unread_columns",
    "with_unit",
]
