"""The extract of Wikidata as its full and its truthy RDF dump, in N-Triples."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from wikidata_extract import ITEMS, PREFIXES, PROPERTIES, Claim, extract, statement_id

XSD = PREFIXES["xsd"]


def _term(text: str) -> str:
    """A term of N-Triples from a prefixed name; other terms stay."""
    prefix, colon, name = text.partition(":")
    return f"<{PREFIXES[prefix]}{name}>" if colon and prefix in PREFIXES and text[0] not in '"<' else text


def _line(*terms: str) -> str:
    return " ".join(map(_term, terms)) + " ."


def full_rdf() -> str:
    """The extract as in `latest-all.nt`: values and statements are nodes beside the truthy triples."""
    return "\n".join([*_full_lines(), ""])


def truthy_rdf() -> str:
    """The extract as in `latest-truthy.nt`: no statements, and no dates that say how exact they are."""
    return "\n".join([*_truthy_lines(), ""])


def _truthy_lines() -> Iterator[str]:
    for item, claims in extract().items():
        yield from _about(item)
        yield from _direct(item, claims)
    yield from _properties()


def _full_lines() -> Iterator[str]:
    written: set[str] = set()
    for item, claims in extract().items():
        yield from _about(item)
        yield from _direct(item, claims)
        for number, claim in enumerate(claims):
            yield from _statement(item, number, claim, written)
    yield from _properties()


def _about(item: str) -> Iterator[str]:
    english, german, aliases = ITEMS[item]
    yield _line(f"data:{item}", "rdf:type", "schema:Dataset")
    yield _line(f"data:{item}", "schema:about", f"wd:{item}")
    yield _line(f"data:{item}", "schema:version", f'"1889"^^<{XSD}integer>')
    yield _line(f"data:{item}", "wikibase:statements", f'"7"^^<{XSD}integer>')
    yield _line(f"wd:{item}", "rdf:type", "wikibase:Item")
    for text, tag in ((english, "en"), (german, "de")):
        if text:
            for predicate in ("rdfs:label", "skos:prefLabel", "schema:name"):
                yield _line(f"wd:{item}", predicate, f'"{text}"@{tag}')
    for alias in filter(None, aliases.split("|")):
        yield _line(f"wd:{item}", "skos:altLabel", f'"{alias}"@en')
    yield _line(f"wd:{item}", "schema:description", f'"an item called {english}"@en')
    article = f"<https://en.wikipedia.org/wiki/{english.replace(' ', '_') or item}>"
    yield _line(article, "rdf:type", "schema:Article")
    yield _line(article, "schema:about", f"wd:{item}")
    yield _line(article, "schema:name", f'"{english} (article)"@en')


def _direct(item: str, claims: list[Claim]) -> Iterator[str]:
    has_preferred = {claim.prop for claim in claims if claim.rank == "preferred"}
    for claim in claims:
        if claim.rank == "preferred" or (claim.rank == "normal" and claim.prop not in has_preferred):
            if claim.value == "novalue":
                yield _line(f"wd:{item}", "rdf:type", f"wdno:{claim.prop}")
            else:
                yield _line(f"wd:{item}", f"wdt:{claim.prop}", _value(claim.value, item))


def _value(value: str, place: str = "") -> str:
    """A value in RDF, given in the notation of `FACTS`: what the simple forms say, without precision."""
    if value == "somevalue":
        return f"<http://www.wikidata.org/.well-known/genid/{hashlib.md5(place.encode()).hexdigest()}>"
    if value.startswith("Q"):
        return f"wd:{value}"
    if value.endswith('.jpg"'):
        name = value.strip('"').replace(" ", "%20")
        return f"<http://commons.wikimedia.org/wiki/Special:FilePath/{name}>"
    if value.startswith(('"', "<")):
        return value
    if value.startswith("@"):
        longitude, latitude = value[1:].split("/")
        return f'"Point({longitude} {latitude})"^^geo:wktLiteral'.replace(
            "geo:wktLiteral", _term("geo:wktLiteral")
        )
    if "/" in value:
        return f'"{_rdf_date(value)}"^^<{XSD}dateTime>'
    return f'"{value}"^^<{XSD}decimal>'


def _rdf_date(value: str) -> str:
    """The xsd:dateTime of a date: 44 BC is -0043, unknown parts are 01, Julian days are converted."""
    date, _, *calendar = value.split("/")
    if calendar:
        return {"+1642-12-25": "1643-01-04T00:00:00Z"}[date]
    year, month, day = date[1:].split("-")
    number = 1 - int(year) if date.startswith("-") else int(year)
    sign = "-" if number < 0 else ""
    return f"{sign}{abs(number):04}-{max(1, int(month)):02}-{max(1, int(day)):02}T00:00:00Z"


def _statement(item: str, number: int, claim: Claim, written: set[str]) -> Iterator[str]:
    node = "s:" + statement_id(item, number).replace("$", "-")
    yield _line(f"wd:{item}", f"p:{claim.prop}", node)
    yield _line(node, "rdf:type", "wikibase:Statement")
    if claim.rank == "preferred":
        yield _line(node, "rdf:type", "wikibase:BestRank")
    yield _line(node, "wikibase:rank", f"wikibase:{claim.rank.title()}Rank")
    if claim.value == "novalue":
        yield _line(node, "rdf:type", f"wdno:{claim.prop}")
    else:
        yield from _with_value(node, ("ps", "psv"), claim.prop, claim.value, claim.unit, written)
    for prop, value in claim.qualifiers:
        yield from _with_value(node, ("pq", "pqv"), prop, value, "1", written)
    yield _line(node, "prov:wasDerivedFrom", "ref:" + "a" * 40)
    yield _line("ref:" + "a" * 40, "pr:P248", "wd:Q36578")


def _with_value(
    node: str, prefixes: tuple[str, str], prop: str, value: str, unit: str, written: set[str]
) -> Iterator[str]:
    simple = _value(value, node)
    yield _line(node, f"{prefixes[0]}:{prop}", simple)
    if value[0] not in "+-":
        return
    hashed = "v:" + hashlib.md5(f"{value} {unit}".encode()).hexdigest()
    yield _line(node, f"{prefixes[1]}:{prop}", hashed)
    if hashed in written:  # a value is written once
        return
    written.add(hashed)
    if "/" in value:
        yield _line(hashed, "rdf:type", "wikibase:TimeValue")
        yield _line(hashed, "wikibase:timeValue", simple)
        yield _line(hashed, "wikibase:timePrecision", f'"{value.split("/")[1]}"^^<{XSD}integer>')
        yield _line(hashed, "wikibase:timeCalendarModel", "wd:Q1985727")
    else:
        yield _line(hashed, "rdf:type", "wikibase:QuantityValue")
        yield _line(hashed, "wikibase:quantityAmount", simple)
        yield _line(hashed, "wikibase:quantityUnit", f"wd:{'Q199' if unit == '1' else unit}")


def _properties() -> Iterator[str]:
    for prop, (_, english, german) in PROPERTIES.items():
        yield _line(f"wd:{prop}", "rdf:type", "wikibase:Property")
        for text, tag in ((english, "en"), (german, "de")):
            yield _line(f"wd:{prop}", "rdfs:label", f'"{text}"@{tag}')
        yield _line(f"wd:{prop}", "wikibase:directClaim", f"wdt:{prop}")
        yield _line(f"wd:{prop}", "wikibase:claim", f"p:{prop}")
        yield _line(f"p:{prop}", "rdf:type", "owl:ObjectProperty")
        yield _line(f"wdt:{prop}", "rdf:type", "owl:ObjectProperty")
        yield _line(f"wdno:{prop}", "owl:complementOf", f"_:genid{prop}")
        yield _line(f"_:genid{prop}", "rdf:type", "owl:Restriction")
        yield _line(f"_:genid{prop}", "owl:onProperty", f"wdt:{prop}")
