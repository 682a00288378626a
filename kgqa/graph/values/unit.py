"""Units: found in the names of relations and datatypes, and in what is said about relations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kgqa.graph.name import separate_words

__all__ = ["unit_of_comment", "unit_of_name", "unit_of_symbol", "unit_of_words"]

_UNITS = {
    # unit: symbols and words
    "mm": "mm millimetre millimetres millimeter millimeters",
    "cm": "cm centimetre centimetres centimeter centimeters",
    "m": "m metre metres meter meters",
    "km": "km kms kilometre kilometres kilometer kilometers",
    "in": "inch inches",
    "ft": "ft feet",
    "yd": "yd yards",
    "mi": "mi mile miles",
    "nmi": "nmi nautical_mile nautical_miles",
    "m²": "m² m2 m_2 sqm sq_m square_metre square_metres square_meter square_meters",
    "km²": "km² km2 km_2 sqkm sq_km square_km square_kilometre square_kilometres square_kilometer "
    "square_kilometers",
    "ft²": "ft² ft2 ft_2 sqft sq_ft square_foot square_feet",
    "sq mi": "mi² mi2 mi_2 sqmi sq_mi square_mile square_miles",
    "ha": "ha hectare hectares",
    "acres": "acre acres",
    "m³": "m³ m3 m_3 cubic_metre cubic_metres cubic_meter cubic_meters",
    "km³": "km³ km3 km_3 cubic_kilometre cubic_kilometres cubic_kilometer cubic_kilometers",
    "m³/s": "m³/s m3_s cubic_metre_per_second cubic_metres_per_second cubic_meters_per_second",
    "l": "l litre litres liter liters",
    "ml": "ml millilitre millilitres milliliter milliliters",
    "mg": "mg milligram milligrams",
    "g": "g gram grams gramme grammes",
    "kg": "kg kgs kilogram kilograms kilogramme kilogrammes kilo kilos",
    "t": "t tonne tonnes metric_ton metric_tons",
    "lb": "lb lbs",
    "oz": "oz ounce ounces",
    "ms": "ms millisecond milliseconds",
    "s": "s secs seconds",
    "min": "mins minutes",
    "h": "h hrs hours",
    "days": "days",
    "weeks": "weeks",
    "months": "months",
    "years": "years yrs",
    "km/h": "km/h kmh kph km_h kilometre_per_hour kilometres_per_hour kilometers_per_hour",
    "m/s": "m/s m_s metre_per_second metres_per_second meters_per_second",
    "mph": "mph miles_per_hour",
    "mpg": "mpg miles_per_gallon",
    "°C": "°c celsius degrees_celsius degree_celsius",
    "°F": "°f fahrenheit degrees_fahrenheit degree_fahrenheit",
    "K": "kelvin",
    "°": "°",
    "%": "% pct percent percentage",
    "Hz": "hz hertz",
    "kHz": "khz kilohertz",
    "MHz": "mhz megahertz",
    "GHz": "ghz gigahertz",
    "W": "watt watts",
    "kW": "kw kilowatt kilowatts",
    "MW": "mw megawatt megawatts",
    "kWh": "kwh kilowatt_hours",
    "hp": "hp horsepower",
    "V": "volt volts",
    "kcal": "kcal kilocalories",
    "kB": "kb kilobyte kilobytes",
    "MB": "mb megabyte megabytes",
    "GB": "gb gigabyte gigabytes",
    "USD": "$ usd us$ us_dollar us_dollars dollar dollars",
    "EUR": "€ eur euro euros",
    "GBP": "£ gbp pound_sterling pounds_sterling",
    "JPY": "¥ jpy yen",
    "CHF": "chf swiss_franc swiss_francs",
    "CNY": "cny rmb yuan renminbi",
    "INR": "₹ inr rupee rupees indian_rupee",
    "people per km²": "inhabitants_per_square_kilometre people_per_square_kilometre people_per_sq_km "
    "people_per_square_km",
    "people per sq mi": "people_per_square_mile inhabitants_per_square_mile",
}
_BY_WORDS = {tuple(form.split("_")): unit for unit, forms in _UNITS.items() for form in forms.split()}
_LONGEST = max(map(len, _BY_WORDS))
_LETTERS = {form for forms in _UNITS.values() for form in forms.split() if len(form) == 1 and form.isalpha()}
"""Units of one letter, which names also use for other things: "plan_m"."""

_SPANS = frozenset({"seconds", "minutes", "hours", "days", "weeks", "months", "years"})
"""Units that descriptions use for other things ("years before Christ are negative")."""

_SCALES = {
    word: scale for scale in ("thousand", "million", "billion", "trillion") for word in (scale, f"{scale}s")
}
_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,40})[)\]]")
_SYMBOLS = {"min": "min", "sec": "s", "hr": "h"}
"""Units that names use for other things ("temperature_min")."""
_COMMENT_WORD = re.compile(r"[^\W_]+(?:/[^\W_]+)?|[%$€£¥₹°]\w?")


def unit_of_name(name: str) -> str:
    """The unit that the name of a relation ends with, or has in brackets; empty if there is none.

    >>> [unit_of_name(name) for name in ("length in km", "areaKm2", "height (m)", "price_usd", "name")]
    ['km', 'km²', 'm', 'USD', '']
    >>> unit_of_name("damageMillionsUsd")
    'million USD'
    """
    for part in _BRACKETS.findall(name):
        if unit := unit_of_symbol(part.strip().removeprefix("in ")):
            return unit
    words = separate_words(_BRACKETS.sub(" ", name))
    for length in range(min(_LONGEST, len(words)), 0, -1):
        unit = unit_of_words(words[-length:])
        if unit and (words[-1] not in _LETTERS or length > 1 or _is_set_apart(name, words)):
            return _scaled(words, len(words) - length, unit)
    return ""


def unit_of_symbol(text: str) -> str:
    """The unit that a whole text stands for; empty if it is none.

    >>> unit_of_symbol("km/h"), unit_of_symbol("square miles"), unit_of_symbol("apples")
    ('km/h', 'sq mi', '')
    """
    folded = text.strip().lower()
    return _SYMBOLS.get(folded) or _BY_WORDS.get((folded,)) or unit_of_words(separate_words(text))


def unit_of_words(words: Sequence[str]) -> str:
    """The unit of exactly these lower-case words; empty if they are none."""
    return _BY_WORDS.get(tuple(words), "")


def unit_of_comment(comment: str) -> str:
    """The unit that a description of a relation mentions, if it mentions one only and no amount of it.

    >>> unit_of_comment("river length in km"), unit_of_comment("metres above sea level")
    ('km', 'm')
    >>> unit_of_comment("distance in millions of kilometres"), unit_of_comment("longer than 750 km")
    ('million km', '')
    >>> unit_of_comment("square miles for states, square km for lakes")
    ''
    """
    words = [word.lower() for word in _COMMENT_WORD.findall(comment)]
    found: set[str] = set()
    at = 0
    while at < len(words):
        length, unit = _longest_at(words, at)
        before = words[at - 1] if at else ""
        phrase = words[at : at + length]
        if unit and not before[-1:].isdigit() and _is_clear(phrase, before, len(words)):
            found.add(_scaled(words, at, unit))
        at += max(length, 1)
    return found.pop() if len(found) == 1 else ""


def _longest_at(words: list[str], at: int) -> tuple[int, str]:
    """The number of words and the unit of the longest unit that begins here."""
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        if unit := unit_of_words(words[at : at + length]):
            return length, unit
    return 0, ""


def _is_clear(phrase: list[str], before: str, count: int) -> bool:
    """Whether words of a description are a unit: no short or common word, unless "in" is before it."""
    if len(phrase) == count or len(phrase) > 1:
        return True
    word = phrase[0]
    is_singular = len(word) > 3 and unit_of_words([f"{word}s"]) == unit_of_words([word])  # "in dollar signs"
    return not is_singular and (before == "in" or ((not before or len(word) > 2) and word not in _SPANS))


def _scaled(words: list[str], at: int, unit: str) -> str:
    """The unit that stands at a place, in millions where the words before it say so."""
    before = [word for word in words[:at] if word != "of"]
    scale = _SCALES.get(before[-1]) if before else None
    return f"{scale} {unit}" if scale else unit


def _is_set_apart(name: str, words: list[str]) -> bool:
    """Whether the last letter of a name is written as a unit: "height_m", "height in m"."""
    return name.endswith(words[-1]) and (words[-2:-1] == ["in"] or name.endswith(f"_{words[-1]}"))
