"""Wikibase's RDF as facts: full dumps, truthy dumps, and what is served for single entities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kgqa.graph.readers.rdf_term import Fact, SourcedFact, Term
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.wikidata.claim import Predicates, claim_facts
from kgqa.graph.readers.wikidata.labels import ALT_LABEL, LABEL, PropertyLabels, chosen_names
from kgqa.graph.readers.wikidata.left_out import LeftOut
from kgqa.graph.readers.wikidata.statement_nodes import StatementNodes
from kgqa.graph.readers.wikidata.value_nodes import ValueNodes
from kgqa.graph.readers.wikidata.vocabulary import (
    WIKIDATA,
    Role,
    is_bookkeeping,
    is_entity,
    is_ontology,
    is_page,
    is_property,
    is_unknown,
    role_of,
)

__all__ = ["wikibase_facts"]

_NO_VALUE = re.compile(r".*/prop/novalue/P[0-9]+")
_OF_WIKIDATA = (f"{WIKIDATA}entity/", "https://www.wikidata.org/wiki/")
_OPEN = 1000
"""So many entities wait for what may come after them: nodes of values, more triples."""


def wikibase_facts(
    facts: Iterable[SourcedFact], path: Path, report: SkipReport, languages: Sequence[str]
) -> Iterator[SourcedFact]:
    """What RDF says, where it is of Wikidata or another Wikibase; other facts are handed on as they are.

    Labels of properties become those of their relations, statements become facts and mediators as
    `claim_facts` says, bookkeeping is left out. The triples of one entity stand near each other, as in dumps;
    statements that stand further away than `_OPEN` entities are left out, which is said. What several
    sources say of an entity is read apart.
    """
    reader = _Reader(languages)
    for fact, source in facts:
        role = reader.role(fact)
        if role is None:
            yield fact, source
        else:
            yield from reader.read(fact, role, source)
    yield from reader.finish()
    if reader.is_wikibase:
        unnamed = reader.labels.count_unnamed(reader.predicates.used)
        reader.left_out.say(path, report, unnamed=unnamed)


@dataclass
class _Section:
    """What a file says about one entity."""

    subject: Term
    is_property: bool
    source: str
    labels: list[Term] = field(default_factory=list)
    aliases: list[Term] = field(default_factory=list)
    direct: list[tuple[str, Term]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    unknown: int = 0
    """Truthy values that are only known to exist, or not to."""


class _Reader:
    """Reads facts in the order of a file."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.is_wikibase = False
        self.labels = PropertyLabels(languages)
        self.left_out = LeftOut()
        self.predicates = Predicates()
        self._languages = languages
        self._roles: dict[str, Role | None] = {}
        self._section: _Section | None = None
        self._open: dict[tuple[str, str], _Section] = {}
        self._nodes = StatementNodes()
        self._values = ValueNodes(self.left_out)

    def role(self, fact: Fact) -> Role | None:
        """What the predicate says; None for a fact that is none of Wikibase's."""
        predicate = fact[1].identifier
        try:
            role = self._roles[predicate]
        except KeyError:
            role = self._roles[predicate] = role_of(predicate)
        if role is not None and not self.is_wikibase:
            self.is_wikibase = (
                role.prop.startswith(WIKIDATA)
                or is_ontology(predicate)
                or (role.kind == "type" and is_ontology(fact[2].identifier))
                or fact[0].identifier.startswith(_OF_WIKIDATA)
            )
        return role if self.is_wikibase else None

    def read(self, fact: Fact, role: Role, source: str) -> Iterator[SourcedFact]:
        """The facts that this one completes."""
        subject, _, value = fact
        match role.kind:
            case "direct" | "claim" | "label" | "alias" | "name":
                if self._is_here(subject, source) or is_entity(subject):
                    yield from self._about_entity(subject, role, value, source)
                elif role.kind != "name" or not is_page(subject):
                    yield fact, source
            case "of page" if not is_page(subject):
                yield fact, source
            case "description" if not is_entity(subject):
                yield fact, source
            case "redirect" if not is_entity(subject):
                yield fact, source
            case "redirect":
                self.left_out.redirects += 1
            case "statement" | "statement/value" | "qualifier" | "qualifier/value" | "rank":
                self._nodes.add(subject.identifier, role, value)
            case "timeValue" | "timePrecision" | "quantityAmount" | "quantityUnit":
                self._values.add(subject.identifier, role.kind, value)
            case "type" if _NO_VALUE.fullmatch(value.identifier):
                if is_entity(subject):
                    yield from self._about_entity(subject, Role("novalue"), value, source)
                else:
                    self._nodes.add(subject.identifier, Role("novalue"), value)
            case "type" if not is_bookkeeping(subject, value):
                yield fact, source

    def finish(self) -> Iterator[SourcedFact]:
        """What is left at the end of the file."""
        for section in self._open.values():
            yield from self._close(section)
        self.left_out.apart = self._nodes.count()
        yield from ((fact, "") for fact in self.labels.facts(self.predicates.used))

    def _about_entity(self, subject: Term, role: Role, value: Term, source: str) -> Iterator[SourcedFact]:
        section = self._section
        if section is None or not self._is_here(subject, source):
            key = subject.identifier, source
            section = self._open.pop(key, None) or _Section(subject, is_property(subject), source)
            self._section = self._open[key] = section
            if len(self._open) > _OPEN:
                yield from self._close(self._open.pop(next(iter(self._open))))
        match role.kind:
            case "label" | "name":
                section.labels.append(value)
            case "alias":
                section.aliases.append(value)
            case "claim":
                section.statements.append(value.identifier)
                self._nodes.link(value.identifier, role.prop)
            case "novalue":
                section.unknown += 1
            case _ if is_unknown(value):
                section.unknown += 1
            case _:
                section.direct.append((role.prop, value))

    def _is_here(self, subject: Term, source: str) -> bool:
        """Whether the fact before was about the same entity, from the same source."""
        section = self._section
        if section is None or section.subject.identifier != subject.identifier:
            return False
        return section.source == source

    def _close(self, section: _Section) -> Iterator[SourcedFact]:
        """The facts of a section that is complete."""
        return ((fact, section.source) for fact in self._facts_of(section))

    def _facts_of(self, section: _Section) -> Iterator[Fact]:
        if section.is_property:
            self.labels.add(section.subject.identifier, section.labels)
            self._nodes.drop(section.statements)
            return
        subject = section.subject
        labels, aliases = chosen_names(section.labels, section.aliases, self._languages)
        for label in labels:
            yield subject, LABEL, label
        for alias in aliases:
            yield subject, ALT_LABEL, alias
        if not section.statements:  # else they are counted there
            self.left_out.unknown += section.unknown
        claims = self._nodes.claims(section.statements, self._values, self.left_out)
        told = {claim.prop for claim in claims}
        for prop, value in section.direct:
            if prop not in told and self.left_out.unless_property(value):
                yield subject, self.predicates.of("direct", prop), self._values.plain(value)
        yield from claim_facts(subject, claims, self.predicates, self.left_out)
