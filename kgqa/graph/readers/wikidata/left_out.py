"""What of Wikidata is left out or read with a doubt, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from kgqa.counted import counted
from kgqa.graph.readers.rdf_term import Term
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.wikidata.vocabulary import is_property

__all__ = ["LeftOut"]

_SHOWN_UNITS = 5


@dataclass
class LeftOut:
    """Counts of what is no fact of the graph; `say` notes those that a user may miss."""

    deprecated: int = 0
    """Statements of deprecated rank."""
    unknown: int = 0
    """Values that are only known to exist (`somevalue`), and statements that there is none (`novalue`)."""
    unread: int = 0
    """Values in a form that is not known, and statements without a value in the file."""
    identifiers: int = 0
    """Statements whose value is an identifier in another database."""
    properties: int = 0
    """Values that are properties, which are relations and no entities."""
    parts: int = 0
    """Forms and senses of lexemes."""
    apart: int = 0
    """Statements that stand too far from their entity in the file, or whose entity is not there."""
    redirects: int = 0
    """Entities that are another one by now."""
    vague: int = 0
    """Dates and quantities whose node, with their precision or unit, is not in the file so far."""
    years: int = 0
    """Dates of a 1 January that are read as a year, because the file does not say how exact they are."""
    units: Counter[str] = field(default_factory=Counter)
    """Units that are not known, each with the number of its quantities."""

    def unless_property(self, value: Term) -> Term | None:
        """A value; None, which is counted, where it is a property."""
        if not is_property(value):
            return value
        self.properties += 1
        return None

    def say(self, path: Path, report: SkipReport, *, unnamed: int = 0) -> None:
        """Note what was counted; `unnamed` properties have no label in the file."""
        parts = [
            (self.deprecated, "deprecated statements"),
            (self.unknown, "unknown values"),
            (self.unread, "values that cannot be read"),
            (self.identifiers, "identifiers in other databases"),
            (self.properties, "values that are properties"),
            (self.parts, "forms and senses of lexemes"),
            (self.redirects, "redirects from one entity to another"),
            (self.apart, "statements that stand apart from their entity"),
        ]
        if told := ", ".join(f"{what}: {count:,}" for count, what in parts if count):
            report.note(path, f"left out: {told}")
        if self.vague:
            values = counted(self.vague, "value is", "values are")
            report.note(path, f"{values} read without the precision or unit given")
        if self.years:
            dates = counted(self.years, "date of 1 January is", "dates of 1 January are")
            report.note(path, f"{dates} read as years: no precision is given")
        if self.units:
            shown = ", ".join(iri.rpartition("/")[2] for iri, _ in self.units.most_common(_SHOWN_UNITS))
            texts = counted(self.units.total(), "quantity is a text", "quantities are texts")
            report.note(path, f"{texts}, since their units are not known: {shown}")
        if unnamed:
            names = counted(unnamed, "property has", "properties have")
            report.note(path, f"{names} no name: the file lacks their labels")
