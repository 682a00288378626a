"""Units of Wikidata, and the datatypes of quantities in them."""

from __future__ import annotations

import re

__all__ = ["ENTITY", "NO_UNIT", "unit_datatype"]

ENTITY = "http://www.wikidata.org/entity/"
NO_UNIT = ("", "1", ENTITY + "Q199")
"""How the dumps write that a quantity is a plain number."""

_WORDS = """
Q174789 millimetre Q174728 centimetre Q11573 metre Q828224 kilometre Q218593 inch Q3710 feet
Q482798 yards Q253276 mile Q93318 nautical-mile Q25343 square-metre Q712226 square-kilometre
Q35852 hectare Q81292 acre Q857027 square-foot Q232291 square-mile Q25517 cubic-metre
Q4243638 cubic-kilometre Q11582 litre Q794261 cubic-metre-per-second Q41803 gram
Q11570 kilogram Q191118 tonne Q100995 lb Q48013 oz Q11574 seconds Q7727 minutes Q25235 hrs
Q573 days Q23387 weeks Q5151 months Q577 years Q24564698 years Q180154 kilometre-per-hour
Q182429 m-s Q25267 degree-celsius Q42289 fahrenheit Q11579 kelvin Q11229 percent Q39369 hertz
Q25236 watt Q6982035 megawatts Q4917 us-dollar Q4916 euro Q25224 pound-sterling Q8146 yen
Q25344 swiss-franc Q39099 renminbi Q80524 indian-rupee
"""
_NAMES = dict(re.findall(r"(\S+) (\S+)", _WORDS))
"""Words that `kgqa.graph.values.unit` knows, by the item of the unit."""


def unit_datatype(unit: str) -> str | None:
    """The datatype of numbers in a unit of Wikidata; None for a unit that is not known.

    >>> unit_datatype("http://www.wikidata.org/entity/Q828224")
    'http://www.wikidata.org/entity/Q828224#kilometre'
    """
    name = _NAMES.get(unit.removeprefix(ENTITY))
    return f"{unit}#{name}" if name else None
