"""An extract of Wikidata, written by hand: its properties, items and statements.

`wikidata_json` and `wikidata_rdf` write it as Wikidata's own dumps do, with what readers must leave out:
sitelinks, versions, references, deprecated ranks, unknown values.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

PREFIXES = {
    "wd": "http://www.wikidata.org/entity/",
    "s": "http://www.wikidata.org/entity/statement/",
    "v": "http://www.wikidata.org/value/",
    "ref": "http://www.wikidata.org/reference/",
    "data": "https://www.wikidata.org/wiki/Special:EntityData/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "p": "http://www.wikidata.org/prop/",
    "ps": "http://www.wikidata.org/prop/statement/",
    "psv": "http://www.wikidata.org/prop/statement/value/",
    "pq": "http://www.wikidata.org/prop/qualifier/",
    "pqv": "http://www.wikidata.org/prop/qualifier/value/",
    "pr": "http://www.wikidata.org/prop/reference/",
    "wdno": "http://www.wikidata.org/prop/novalue/",
    "wikibase": "http://wikiba.se/ontology#",
    "schema": "http://schema.org/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "geo": "http://www.opengis.net/ont/geosparql#",
}

PROPERTIES = {
    # property: datatype, English label, German label
    "P31": ("wikibase-item", "instance of", "ist ein(e)"),
    "P279": ("wikibase-item", "subclass of", "Unterklasse von"),
    "P17": ("wikibase-item", "country", "Staat"),
    "P18": ("commonsMedia", "image", "Bild"),
    "P19": ("wikibase-item", "place of birth", "Geburtsort"),
    "P20": ("wikibase-item", "place of death", "Sterbeort"),
    "P22": ("wikibase-item", "father", "Vater"),
    "P26": ("wikibase-item", "spouse", "Ehepartner(in)"),
    "P36": ("wikibase-item", "capital", "Hauptstadt"),
    "P50": ("wikibase-item", "author", "Autor"),
    "P57": ("wikibase-item", "director", "Regisseur"),
    "P69": ("wikibase-item", "educated at", "besuchte Bildungseinrichtung"),
    "P86": ("wikibase-item", "composer", "Komponist"),
    "P106": ("wikibase-item", "occupation", "Tätigkeit"),
    "P166": ("wikibase-item", "award received", "Auszeichnung"),
    "P214": ("external-id", "VIAF ID", "VIAF-ID"),
    "P403": ("wikibase-item", "mouth of the watercourse", "mündet in"),
    "P569": ("time", "date of birth", "Geburtsdatum"),
    "P570": ("time", "date of death", "Sterbedatum"),
    "P571": ("time", "inception", "Gründung"),
    "P577": ("time", "publication date", "Veröffentlichungsdatum"),
    "P580": ("time", "start time", "Startzeitpunkt"),
    "P582": ("time", "end time", "Endzeitpunkt"),
    "P585": ("time", "point in time", "Zeitpunkt"),
    "P625": ("globe-coordinate", "coordinate location", "geographische Koordinaten"),
    "P856": ("url", "official website", "offizielle Website"),
    "P1082": ("quantity", "population", "Einwohnerzahl"),
    "P1705": ("monolingualtext", "native label", "Name in Amtssprache"),
    "P2043": ("quantity", "length", "Länge"),
    "P2044": ("quantity", "elevation above sea level", "Höhe über dem Meeresspiegel"),
}

ITEMS = {
    # item: English label, German label, English aliases
    "Q5": ("human", "Mensch", ""),
    "Q515": ("city", "Stadt", ""),
    "Q6256": ("country", "Land", ""),
    "Q4022": ("river", "Fluss", ""),
    "Q8502": ("mountain", "Berg", ""),
    "Q11424": ("film", "Film", ""),
    "Q8261": ("novel", "Roman", ""),
    "Q1344": ("opera", "Oper", ""),
    "Q3918": ("university", "Universität", ""),
    "Q165": ("sea", "Meer", ""),
    "Q618779": ("award", "Auszeichnung", ""),
    "Q36180": ("writer", "Schriftsteller", ""),
    "Q169470": ("physicist", "Physiker", ""),
    "Q36834": ("composer", "Komponist", ""),
    "Q82955": ("politician", "Politiker", ""),
    "Q183": ("Germany", "Deutschland", "Federal Republic of Germany"),
    "Q40": ("Austria", "Österreich", ""),
    "Q145": ("United Kingdom", "Vereinigtes Königreich", "UK"),
    "Q142": ("France", "Frankreich", ""),
    "Q36": ("Poland", "Polen", ""),
    "Q38": ("Italy", "Italien", ""),
    "Q30": ("United States", "Vereinigte Staaten", "USA|America"),
    "Q39": ("Switzerland", "Schweiz", ""),
    "Q64": ("Berlin", "Berlin", ""),
    "Q1741": ("Vienna", "Wien", ""),
    "Q84": ("London", "London", ""),
    "Q90": ("Paris", "Paris", "City of Light"),
    "Q270": ("Warsaw", "Warschau", ""),
    "Q220": ("Rome", "Rom", ""),
    "Q350": ("Cambridge", "Cambridge", ""),
    "Q3012": ("Ulm", "Ulm", ""),
    "Q138518": ("Princeton", "Princeton", ""),
    "Q34713": ("Salzburg", "Salzburg", ""),
    "Q244187": ("Steventon", "Steventon", ""),
    "Q160642": ("Winchester", "Winchester", ""),
    "Q159288": ("Santa Barbara", "Santa Barbara", ""),
    "Q837084": ("Passy", "Passy", ""),
    "Q42": ("Douglas Adams", "Douglas Adams", "Douglas Noel Adams"),
    "Q937": ("Albert Einstein", "Albert Einstein", "Einstein"),
    "Q7186": ("Marie Curie", "Marie Curie", "Maria Skłodowska-Curie"),
    "Q37463": ("Pierre Curie", "Pierre Curie", ""),
    "Q36322": ("Jane Austen", "Jane Austen", ""),
    "Q7259": ("Ada Lovelace", "Ada Lovelace", ""),
    "Q5679": ("Lord Byron", "George Gordon Byron", ""),
    "Q254": ("Wolfgang Amadeus Mozart", "Wolfgang Amadeus Mozart", "Mozart"),
    "Q1048": ("Julius Caesar", "Gaius Iulius Caesar", "Caesar"),
    "Q935": ("Isaac Newton", "Isaac Newton", ""),
    "Q19504": ("Fritz Lang", "Fritz Lang", ""),
    "Q868": ("Aristotle", "Aristoteles", ""),
    "Q151394": ("Metropolis", "Metropolis", ""),
    "Q170583": ("Pride and Prejudice", "Stolz und Vorurteil", ""),
    "Q3107329": ("The Hitchhiker's Guide to the Galaxy", "Per Anhalter durch die Galaxis", ""),
    "Q5064": ("The Magic Flute", "Die Zauberflöte", ""),
    "Q1653": ("Danube", "Donau", ""),
    "Q584": ("Rhine", "Rhein", ""),
    "Q1644": ("Elbe", "Elbe", ""),
    "Q166": ("Black Sea", "Schwarzes Meer", ""),
    "Q1693": ("North Sea", "Nordsee", ""),
    "Q583": ("Mont Blanc", "Mont Blanc", "Monte Bianco"),
    "Q3375": ("Zugspitze", "Zugspitze", ""),
    "Q11942": ("ETH Zurich", "ETH Zürich", ""),
    "Q691283": ("St John's College", "St John's College", ""),
    "Q38104": ("Nobel Prize in Physics", "Nobelpreis für Physik", ""),
    "Q44585": ("Nobel Prize in Chemistry", "Nobelpreis für Chemie", ""),
    "Q999999": ("", "Schlossgespenst", ""),
}

FACTS = """
Q42 P31 Q5; P19 Q350; P20 Q159288; P569 +1952-03-11/11; P570 +2001-05-11/11; P106 Q36180; P214 "113230702"
Q42 P69 Q691283 [P580 +1971-00-00/9, P582 +1974-00-00/9]; P18 "Douglas adams portrait cropped.jpg"
Q937 P31 Q5; P19 Q3012; P20 Q138518; P569 +1879-03-14/11; P570 +1955-04-18/11; P106 Q169470; P69 Q11942
Q937 P166 Q38104 [P585 +1921-00-00/9]
Q7186 P31 Q5; P19 Q270; P20 Q837084; P569 +1867-11-07/11; P570 +1934-07-04/11; P26 Q37463; P106 Q169470
Q7186 P166 Q38104 [P585 +1903-00-00/9]; P166 Q44585 [P585 +1911-00-00/9]
Q37463 P31 Q5; P19 Q90; P26 Q7186; P569 +1859-05-15/11; P166 Q38104 [P585 +1903-00-00/9]; P106 Q169470
Q36322 P31 Q5; P19 Q244187; P20 Q160642; P569 +1775-12-16/11; P106 Q36180
Q7259 P31 Q5; P22 Q5679; P19 Q84; P569 +1815-12-10/11
Q5679 P31 Q5; P19 Q84; P106 Q36180; P569 +1788-01-22/11
Q254 P31 Q5; P19 Q34713; P20 Q1741; P106 Q36834; P569 +1756-01-27/11
Q1048 P31 Q5; P19 Q220; P570 -0044-03-15/11; P569 -0100-07-00/10; P106 Q82955
Q935 P31 Q5; P569 +1642-12-25/11/julian; P106 Q169470; P570 +1727-03-20/11 deprecated
Q868 P31 Q5; P569 -0384-00-00/9; P22 somevalue; P26 novalue
Q19504 P31 Q5; P19 Q1741; P569 +1890-12-05/11
Q151394 P31 Q11424; P57 Q19504; P577 +1927-01-10/11; P17 Q183
Q170583 P31 Q8261; P50 Q36322; P577 +1813-01-28/11
Q3107329 P31 Q8261; P50 Q42; P577 +1979-10-12/11
Q5064 P31 Q1344; P86 Q254; P577 +1791-00-00/9
Q183 P31 Q6256; P36 Q64; P1082 +83149300; P1705 "Deutschland"@de
Q40 P31 Q6256; P36 Q1741; P1082 +8979894
Q145 P31 Q6256; P36 Q84; P1082 +67326569
Q142 P31 Q6256; P36 Q90; P1082 +68042591
Q36 P31 Q6256; P36 Q270
Q38 P31 Q6256; P36 Q220
Q39 P31 Q6256
Q30 P31 Q6256
Q64 P31 Q515; P17 Q183; P1082 +3755251 preferred [P585 +2022-12-31/11]; P1082 +3382169 [P585 +2000-12-31/11]
Q64 P625 @13.383333/52.516667; P856 <https://www.berlin.de/>; P571 +1200-00-00/7
Q1741 P31 Q515; P17 Q40; P1082 +1973403
Q84 P31 Q515; P17 Q145
Q90 P31 Q515; P17 Q142; P1082 +2102650
Q270 P31 Q515; P17 Q36
Q220 P31 Q515; P17 Q38
Q3012 P31 Q515; P17 Q183
Q350 P31 Q515; P17 Q145
Q34713 P31 Q515; P17 Q40
Q1653 P31 Q4022; P2043 +2850 Q828224; P403 Q166
Q584 P31 Q4022; P2043 +1232.7 Q828224; P403 Q1693
Q1644 P31 Q4022; P2043 +1094 Q828224; P403 Q1693
Q166 P31 Q165
Q1693 P31 Q165
Q583 P31 Q8502; P2044 +4805.59 Q11573; P17 Q142
Q3375 P31 Q8502; P2044 +2962 Q11573; P17 Q183
Q11942 P31 Q3918; P17 Q39; P571 +1855-00-00/9
Q691283 P31 Q3918; P571 +1511-00-00/9
Q38104 P31 Q618779
Q44585 P31 Q618779
Q8261 P279 Q8261
"""


@dataclass
class Claim:
    """A statement of the extract; `value` and those of qualifiers in the notation of `FACTS`."""

    prop: str
    value: str
    rank: str = "normal"
    unit: str = "1"
    qualifiers: list[tuple[str, str]] = field(default_factory=list)


def extract() -> dict[str, list[Claim]]:
    """The claims of each item, in the order of `FACTS`."""
    found: dict[str, list[Claim]] = {item: [] for item in ITEMS}
    for line in FACTS.strip().splitlines():
        item, _, rest = line.partition(" ")
        found[item] += [_claim(part.strip()) for part in rest.split("; ")]
    return found


def _claim(text: str) -> Claim:
    text, _, inside = text.partition(" [")
    qualifiers = [(part.split()[0], part.split()[1]) for part in inside.removesuffix("]").split(", ") if part]
    prop, _, rest = text.partition(" ")
    if rest.startswith('"'):
        return Claim(prop, rest)
    value, *others = rest.split()
    rank = next((word for word in others if word in ("preferred", "deprecated")), "normal")
    unit = next((word for word in others if word.startswith("Q")), "1")
    return Claim(prop, value, rank, unit, qualifiers)


def statement_id(item: str, number: int) -> str:
    """The id of a statement, the same in all forms."""
    digest = hashlib.md5(f"{item} {number}".encode()).hexdigest().upper()
    return f"{item}$" + "-".join([digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]])
