"""What the tails of relations are compared as, and by: worked out from the texts of the tails alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kgqa.evaluation.proof_check.fact_store import FactStore
from kgqa.graph import Value, ValueKind, guess_value, read_value
from kgqa.graph.values.cell import guess_year
from kgqa.graph.values.value_column import is_about_identifiers, is_about_time

__all__ = ["COMPARED", "Bounds", "Column", "ValueColumns"]

Bounds = tuple[float, float]
"""What a value is compared by: equal numbers, or where a date begins and ends."""

COMPARED = (ValueKind.NUMBER, ValueKind.DATE, ValueKind.DURATION, ValueKind.BOOLEAN)
"""The kinds of values that are compared."""

_IRIS = ("http://", "https://", "urn:")
_CELL_STARTS = frozenset("0123456789+-.$tTfFPA JMSONDjmasond")
_NOTHING = Value(ValueKind.NONE, float("nan"), float("nan"), "")
_KEPT_VALUES = 1 << 16


@dataclass(frozen=True)
class Column:
    """The kind and unit of the values among the tails of a relation, and how one is read.

    `literal`: literals of this kind and unit; `cell` and `date`: every tail, by its name.
    """

    kind: ValueKind = ValueKind.NONE
    unit: str = ""
    reading: Literal["literal", "cell", "date"] = "cell"


class ValueColumns:
    """The columns of the relations of a store, each worked out once."""

    def __init__(self, store: FactStore) -> None:
        self._store = store
        self._columns: dict[str, Column] = {}
        self.value = lru_cache(maxsize=_KEPT_VALUES)(self._value)

    def column(self, relation: str) -> Column:
        """What the tails of a relation are compared as."""
        if relation not in self._columns:
            self._columns[relation] = self._typed(relation) or self._untyped(relation)
        return self._columns[relation]

    def _value(self, relation: str, node: str) -> Bounds | None:
        """What a node is compared by as the tail of a relation; `None` where it is none, or has no value."""
        column = self.column(relation)
        if column.kind == ValueKind.NONE:
            return None
        if column.reading == "literal":
            own = self._own(node)
            return (own.low, own.high) if (own.kind, own.unit) == (column.kind, column.unit) else None
        if not self._store.starts(node, relation):
            return None
        value = self._cell(node)
        return self._date(node, value) if column.reading == "date" else (value.low, value.high)

    def _typed(self, relation: str) -> Column | None:
        """The kind of most literals with a datatype, and the unit of most of these."""
        own = map(self._own, self._store.literal_tails(relation))
        counts = Counter((value.kind, value.unit) for value in own if value.kind in COMPARED)
        if not counts:
            return None
        kinds: Counter[ValueKind] = Counter()
        for (kind, _), count in counts.items():
            kinds[kind] += count
        most = min(kinds, key=lambda kind: (-kinds[kind], COMPARED.index(kind)))
        units = {unit: count for (kind, unit), count in counts.items() if kind == most}
        return Column(most, min(units, key=lambda unit: (-units[unit], unit)), "literal")

    def _untyped(self, relation: str) -> Column:
        """A column of cells: all of one kind and one unit, or all dates and years."""
        label = self._store.relation_label(relation)
        names = (relation.replace("#", "/").split("/")[-1], relation if label is None else label)
        if any(map(is_about_identifiers, names)):
            return Column()
        found: set[tuple[ValueKind, str]] = set()
        plain, all_dates = False, True
        for tail in self._store.tails(relation):
            if not self._is_cell(tail):
                return Column()
            value = self._cell(tail)
            found.add((value.kind, value.unit))
            plain = plain or self._is_plain(tail)
            all_dates = all_dates and self._date(tail, value) is not None
        kinds = {kind for kind, _ in found}
        if all_dates and (ValueKind.DATE in kinds or any(map(is_about_time, names))):
            return Column(ValueKind.DATE, "", "date")
        if len(found) == 1 and not plain:
            ((kind, unit),) = found
            if kind in (ValueKind.NUMBER, ValueKind.DURATION, ValueKind.BOOLEAN):
                return Column(kind, unit, "cell")
        return Column()

    def _is_plain(self, node: str) -> bool:
        return self._store.is_literal(node) and not _split(node)[1]

    def _is_cell(self, node: str) -> bool:
        label = self._store.label(node)
        if self._store.is_blank(node) or (self._store.is_literal(node) and not self._is_plain(node)):
            return False
        starts = label[:1] in _CELL_STARTS or label[:1].encode()[:1] in (b"\xc2", b"\xe2")
        return bool(label) and len(label.encode()) <= 64 and starts

    def _cell(self, node: str) -> Value:
        if not self._is_plain(node) and node.startswith(_IRIS):
            return Value(ValueKind.TEXT, float("nan"), float("nan"), "")
        return guess_value(self._store.label(node))

    def _date(self, node: str, value: Value) -> Bounds | None:
        if value.kind == ValueKind.DATE:
            return value.low, value.high
        is_iri = not self._is_plain(node) and node.startswith(_IRIS)
        readable = value.kind in (ValueKind.NUMBER, ValueKind.TEXT) and not is_iri
        return guess_year(self._store.label(node)) if readable else None

    def _own(self, node: str) -> Value:
        """What a literal means for itself."""
        if not self._store.is_literal(node):
            return _NOTHING
        text, suffix = _split(node)
        datatype = suffix[3:-1] if suffix.startswith("^^<") else ""
        return read_value(text, datatype)


def _split(node: str) -> tuple[str, str]:
    """The text of a literal in N-Triples form and what follows it; nothing for other forms."""
    text, quote, suffix = node.rpartition('"')
    if not quote or not text.startswith('"'):
        return "", ""
    text = text[1:].replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")
    return text, suffix
