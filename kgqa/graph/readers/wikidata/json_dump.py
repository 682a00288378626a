"""Wikidata's JSON: dumps, an array with one entity a line, and single entities as the web serves them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kgqa.graph.readers.lines import read_lines
from kgqa.graph.readers.rdf_term import XSD_STRING, Fact, Term, literal_term
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.wikidata.claim import DEPRECATED, NORMAL, PREFERRED, Claim, Predicates, claim_facts
from kgqa.graph.readers.wikidata.labels import ALT_LABEL, LABEL, PropertyLabels, chosen_names
from kgqa.graph.readers.wikidata.left_out import LeftOut
from kgqa.graph.readers.wikidata.unit_names import ENTITY
from kgqa.graph.readers.wikidata.value_terms import (
    DAY,
    TimeOfDay,
    date_term,
    media_term,
    quantity_term,
    url_term,
)
from kgqa.graph.statement import NodeKind
from kgqa.graph.values.date import to_gregorian

__all__ = ["is_wikidata_json", "read_wikidata_json"]

WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
JULIAN = "Q1985786"
EARTH = ENTITY + "Q2"
_RANKS = {"deprecated": DEPRECATED, "normal": NORMAL, "preferred": PREFERRED}
_IDENTIFIER = re.compile(r"[A-Z][1-9][0-9]*(?:-[A-Z][1-9][0-9]*)?")
_TIME = re.compile(r"([+-])([0-9]{1,16})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+")
_ENTITY_KEY = re.compile(rb'"(?:labels|claims|sitelinks)"\s*:')
_TYPE_KEY = re.compile(rb'"type"\s*:\s*"(?:item|property|lexeme)"')


class _Unreadable(Exception):
    """A part of an entity that is not in the form of the dump."""


def is_wikidata_json(start: bytes) -> bool:
    """Whether a file that begins so is a dump of Wikidata."""
    return bool(_TYPE_KEY.search(start) and _ENTITY_KEY.search(start))


def read_wikidata_json(path: Path, report: SkipReport, languages: Sequence[str]) -> Iterator[Fact]:
    """The facts of a dump, one entity a line, with or without the brackets and commas of an array.

    A line may also hold several entities under the key `entities`, as the web serves them. A line that is no
    entity is a bad line. What is left out is said in notes of the report.
    """
    reader, is_open = _Reader(languages), False
    for number, line in read_lines(path):
        text = line.strip().removesuffix(",")
        if text in ("", "[", "]"):
            is_open = text == "[" or (is_open and text != "]")
            continue
        try:
            entities = _entities(json.loads(text, parse_int=str, parse_float=str))
            found = [fact for entity in entities for fact in reader.facts(entity)]
            if "\\u" in text:
                _check_characters(found)
            yield from found
        except (ValueError, RecursionError) as error:
            report.add(path, number, f"no JSON of one entity ({' '.join(str(error).split()):.120})")
        except _Unreadable as wrong:
            report.add(path, number, str(wrong))
    yield from reader.labels.facts(reader.predicates.used)
    unnamed = reader.labels.count_unnamed(reader.predicates.used)
    reader.left_out.say(path, report, unnamed=unnamed)
    if is_open:
        report.note(path, "the list of entities does not end: this is a part of a dump, or a truncated file")


class _Reader:
    """Reads entities one after the other."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.left_out = LeftOut()
        self.predicates = Predicates()
        self.labels = PropertyLabels(languages)
        self._languages = languages

    def facts(self, entity: Any) -> list[Fact]:
        """The facts of an entity; all or, where its form is wrong, none."""
        identifier = _field(entity, "id", str)
        if not _IDENTIFIER.fullmatch(identifier):
            raise _Unreadable(f"the id {identifier!r:.40} is none of Wikidata")
        names = _languages_of(entity, "labels") or _languages_of(entity, "lemmas")
        if identifier.startswith("P"):
            self.labels.add(ENTITY + identifier, names)
            return []
        subject = Term(ENTITY + identifier, NodeKind.RESOURCE)
        labels, aliases = chosen_names(names, _aliases(entity), self._languages)
        found: list[Fact] = [(subject, LABEL, label) for label in labels]
        found += [(subject, ALT_LABEL, alias) for alias in aliases]
        self.left_out.parts += len(_parts(entity, "forms")) + len(_parts(entity, "senses"))
        claims = [claim for claim in map(self._claim, _statements(entity)) if claim is not None]
        return [*found, *claim_facts(subject, claims, self.predicates, self.left_out)]

    def _claim(self, statement: Any) -> Claim | None:
        """A claim, without a value where it has none that is read; None for an identifier elsewhere."""
        snak = _field(statement, "mainsnak", dict)
        prop = _property(snak)
        rank = _RANKS.get(str(statement.get("rank", "normal")))
        if rank is None:
            raise _Unreadable(f"the rank {statement.get('rank')!r:.40} is none of Wikidata")
        if snak.get("datatype") == "external-id":
            self.left_out.identifiers += 1
            return None
        node = _field(statement, "id", str).replace("$", "-", 1)
        claim = Claim(prop, f"{ENTITY}statement/{node}", self._value(snak), rank)
        if claim.value is None or rank == DEPRECATED:
            return claim
        for qualifiers in _mapping(statement, "qualifiers").values():
            for qualifier in qualifiers:
                if (term := self._value(qualifier)) is not None:
                    claim.qualifiers.append((_property(qualifier), term))
        return claim

    def _value(self, snak: Any) -> Term | None:
        """The value of a snak; None where there is none, which is counted."""
        if _field(snak, "snaktype", str) != "value":
            self.left_out.unknown += 1
            return None
        data = _field(snak, "datavalue", dict)
        value, kind = data.get("value"), data.get("type")
        try:
            term = self._term(kind, value, snak.get("datatype"))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _Unreadable(
                f"a value of {snak.get('property')!r:.40} is not in the form of the dump"
            ) from error
        if term is None:
            self.left_out.unread += 1
            return None
        return self.left_out.unless_property(term)

    def _term(self, kind: Any, value: Any, datatype: Any) -> Term | None:
        match kind:
            case "wikibase-entityid":
                return Term(ENTITY + _identifier(value), NodeKind.RESOURCE)
            case "string" if datatype == "url":
                return url_term(value) if _IRI.fullmatch(value) else None
            case "string" if datatype == "commonsMedia":
                return media_term(value)
            case "string":
                return literal_term(_checked(value), XSD_STRING, None)
            case "monolingualtext":
                return literal_term(value["text"], XSD_STRING, value["language"])
            case "time":
                return _date(value)
            case "quantity":
                return quantity_term(value["amount"], value["unit"], self.left_out)
            case "globecoordinate":
                return _place(value)
        return None


def _checked(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError("no text")
    return text


def _identifier(value: Mapping[str, Any]) -> str:
    """The entity that is a value; old dumps have its kind and number only."""
    kind = "P" if value.get("entity-type") == "property" else "Q"
    identifier = value.get("id") or f"{kind}{value['numeric-id']}"
    if not _IDENTIFIER.fullmatch(identifier):
        raise ValueError("no entity")
    return str(identifier)


def _place(value: Mapping[str, Any]) -> Term:
    """A place as in the RDF dumps, which name its globe unless that is the Earth."""
    globe = value.get("globe") or EARTH
    prefix = "" if globe == EARTH else f"<{globe}> "
    return literal_term(f"{prefix}Point({value['longitude']} {value['latitude']})", WKT, None)


def _date(value: Mapping[str, Any]) -> Term | None:
    """A date of the dump: 44 BC is the year -44, and a Julian day is one of the Julian calendar."""
    found = _TIME.fullmatch(value["time"])
    if found is None:
        return None
    year, month, day, *clock = map(int, found.groups()[1:])
    if found[1] == "-":
        year = 1 - year
    precision = int(value["precision"])
    if value["calendarmodel"].endswith(JULIAN) and precision >= DAY and 1 <= month <= 12 and 1 <= day <= 31:
        year, month, day = to_gregorian(year, month, day)
    return date_term(year, month, day, precision, TimeOfDay(*clock))


def _check_characters(facts: Iterable[Fact]) -> None:
    """Refuse escapes of half a character, which nothing can store."""
    try:
        for fact in facts:
            for term in fact:
                term.identifier.encode()
    except UnicodeEncodeError as error:
        raise _Unreadable("a lone surrogate cannot be stored") from error


def _entities(content: Any) -> Iterable[Any]:
    """The entities of a line."""
    if isinstance(content, dict) and "id" not in content and "entities" in content:
        return list(_mapping(content, "entities").values())
    return [content]


def _field(holder: Any, name: str, kind: type) -> Any:
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, kind):
        raise _Unreadable(f"an entity of Wikidata has {name!r} here")
    return value


def _mapping(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A JSON object, which the dump writes as an empty list where it is empty."""
    value = holder.get(name)
    if value is None or value == []:
        return {}
    if not isinstance(value, dict) or not all(isinstance(part, dict | list) for part in value.values()):
        raise _Unreadable(f"{name!r} is not in the form of the dump")
    return value


def _property(snak: Any) -> str:
    prop: str = _field(snak, "property", str)
    if not _IDENTIFIER.fullmatch(prop):
        raise _Unreadable(f"the property {prop!r:.40} is none of Wikidata")
    return ENTITY + prop


def _parts(lexeme: Mapping[str, Any], name: str) -> Sequence[Any]:
    """The forms or senses of a lexeme, which only lexemes have."""
    found = lexeme.get(name)
    return found if isinstance(found, list) else ()


def _statements(entity: Mapping[str, Any]) -> Iterator[Any]:
    for statements in _mapping(entity, "claims").values():
        yield from statements


def _languages_of(entity: Mapping[str, Any], name: str) -> list[Term]:
    return [_text(value) for value in _mapping(entity, name).values()]


def _aliases(entity: Mapping[str, Any]) -> list[Term]:
    return [_text(value) for values in _mapping(entity, "aliases").values() for value in values]


def _text(value: Any) -> Term:
    return literal_term(_field(value, "value", str), XSD_STRING, _field(value, "language", str))
