"""The extract of Wikidata as its JSON dump."""

from __future__ import annotations

import json
from typing import Any

from wikidata_extract import ITEMS, PREFIXES, PROPERTIES, Claim, extract, statement_id


def json_dump() -> str:
    """The extract as in `latest-all.json`: an array with one entity a line."""
    lines = [json.dumps(_item(item, claims), ensure_ascii=False) for item, claims in extract().items()]
    lines += [json.dumps(_property(prop), ensure_ascii=False) for prop in PROPERTIES]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _labels(english: str, german: str) -> dict[str, Any]:
    texts = {"en": english, "de": german}
    return {tag: {"language": tag, "value": text} for tag, text in texts.items() if text}


def _property(prop: str) -> dict[str, Any]:
    datatype, english, german = PROPERTIES[prop]
    labels = _labels(english, german)
    common = {"descriptions": [], "aliases": [], "claims": [], "lastrevid": 1}
    return {"type": "property", "datatype": datatype, "id": prop, "labels": labels, **common}


def _item(item: str, claims: list[Claim]) -> dict[str, Any]:
    english, german, aliases = ITEMS[item]
    texts = [{"language": "en", "value": alias} for alias in aliases.split("|") if alias]
    grouped: dict[str, list[Any]] = {}
    for number, claim in enumerate(claims):
        grouped.setdefault(claim.prop, []).append(_claim(item, number, claim))
    return {
        "type": "item",
        "id": item,
        "labels": _labels(english, german),
        "descriptions": {"en": {"language": "en", "value": f"an item called {english}"}},
        "aliases": {"en": texts} if texts else [],
        "claims": grouped or [],
        "sitelinks": {"enwiki": {"site": "enwiki", "title": english, "badges": []}},
        "lastrevid": 1889,
    }


def _claim(item: str, number: int, claim: Claim) -> dict[str, Any]:
    found: dict[str, Any] = {
        "mainsnak": _snak(claim.prop, claim.value, claim.unit),
        "type": "statement",
        "id": statement_id(item, number),
        "rank": claim.rank,
        "references": [{"hash": "a" * 40, "snaks": {"P248": [_snak("P248", "Q36578")]}}],
    }
    if claim.qualifiers:
        qualifiers: dict[str, list[Any]] = {}
        for prop, value in claim.qualifiers:
            qualifiers.setdefault(prop, []).append(_snak(prop, value))
        found |= {"qualifiers": qualifiers, "qualifiers-order": list(qualifiers)}
    return found


def _snak(prop: str, value: str, unit: str = "1") -> dict[str, Any]:
    """A snak of the JSON dump; `value` in the notation of `FACTS`."""
    datatype = PROPERTIES.get(prop, ("wikibase-item",))[0]
    common = {"property": prop, "hash": "b" * 40, "datatype": datatype}
    if value in ("somevalue", "novalue"):
        return {"snaktype": value, **common}
    kind, content = _value(value, unit)
    return {"snaktype": "value", **common, "datavalue": {"value": content, "type": kind}}


def _value(value: str, unit: str) -> tuple[str, Any]:
    if value.startswith("Q"):
        return "wikibase-entityid", {"entity-type": "item", "numeric-id": int(value[1:]), "id": value}
    if value.startswith('"') and "@" in value:
        text, _, language = value.rpartition("@")
        return "monolingualtext", {"text": text.strip('"'), "language": language}
    if value.startswith(('"', "<")):
        return "string", value.strip('"<>')
    if value.startswith("@"):
        longitude, latitude = map(float, value[1:].split("/"))
        globe = PREFIXES["wd"] + "Q2"
        place = {"latitude": latitude, "longitude": longitude, "altitude": None, "precision": 0.01}
        return "globecoordinate", {**place, "globe": globe}
    if "/" in value:
        date, precision, *calendar = value.split("/")
        model = PREFIXES["wd"] + ("Q1985786" if calendar else "Q1985727")
        zone = {"timezone": 0, "before": 0, "after": 0, "precision": int(precision)}
        return "time", {"time": f"{date}T00:00:00Z", **zone, "calendarmodel": model}
    return "quantity", {"amount": value, "unit": unit if unit == "1" else PREFIXES["wd"] + unit}
