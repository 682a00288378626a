"""The nodes of values in Wikibase's RDF: how exact a date is, in which unit a quantity is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kgqa.graph.readers.rdf_term import Term
from kgqa.graph.readers.wikidata.left_out import LeftOut
from kgqa.graph.readers.wikidata.value_terms import DAY, YEAR, TimeOfDay, date_term, quantity_term, url_term
from kgqa.graph.statement import NodeKind

__all__ = ["ValueNodes"]

_DATE_TIME = re.compile(
    r'"(-?[0-9]{4,16})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z"\^\^<[^>]*>'
)
_ENTITY = re.compile(r"/entity/[A-Z][1-9]")
_DECIMAL = "^^<http://www.w3.org/2001/XMLSchema#decimal>"


@dataclass
class ValueNodes:
    """The precisions and units of value nodes; kept for the whole file, since a value stands there once."""

    left_out: LeftOut
    _details: dict[str, int | str] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def add(self, node: str, kind: str, value: Term) -> None:
        """What a triple says about a value node."""
        if kind == "timePrecision" and value.text.isdecimal():
            self._details[node] = int(value.text)
        elif kind == "quantityUnit":
            self._details[node] = value.identifier
        elif kind in ("timeValue", "quantityAmount"):
            self._texts[node] = value.text

    def node_of(self, value: Term, nodes: Sequence[str]) -> str:
        """Which of some nodes is that of a value: one with its text, else one that is not known yet."""
        known = (node for node in nodes if self._texts.get(node) == value.text)
        return next(known, "") or next((node for node in nodes if node not in self._texts), "")

    def detailed(self, value: Term, node: str) -> Term:
        """A value with what its node says; a date or quantity without a known node is read as `plain`."""
        detail = self._details.get(node)
        if isinstance(detail, int):
            return _date(value, detail) or value
        if isinstance(detail, str) and value.kind is NodeKind.LITERAL:
            return quantity_term(value.text, detail, self.left_out) or value
        if node and (_DATE_TIME.fullmatch(value.identifier) or value.identifier.endswith(_DECIMAL)):
            self.left_out.vague += 1
        return self.plain(value)

    def plain(self, value: Term) -> Term:
        """A value for itself.

        An IRI that is no entity is an address. A date is a day, or a year where it is a 1 January, which is
        how the dumps write years.
        """
        if value.kind is not NodeKind.LITERAL:
            return value if _ENTITY.search(value.identifier) else url_term(value.identifier)
        if value.identifier.endswith(_DECIMAL):
            return quantity_term(value.text, "", self.left_out) or value
        found = _DATE_TIME.fullmatch(value.identifier)
        if found is None or found.groups()[3:] != ("00", "00", "00"):
            return value
        is_year = found[2] == found[3] == "01"
        self.left_out.years += is_year
        return _date(value, YEAR if is_year else DAY) or value


def _date(value: Term, precision: int) -> Term | None:
    found = _DATE_TIME.fullmatch(value.identifier)
    if found is None:
        return None
    year, month, day, *clock = map(int, found.groups())
    return date_term(year, month, day, precision, TimeOfDay(*clock))
