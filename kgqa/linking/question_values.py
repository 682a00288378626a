"""Numbers, dates, ordinals and quoted texts in a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kgqa.errors import KgqaError
from kgqa.graph import Value, ValueKind, read_value
from kgqa.graph.values.date import MONTHS
from kgqa.program.text import ORDINALS

__all__ = ["QuestionValues", "question_values"]

MOST_VALUES = 8
"""Values of one question; those that come later are not read."""

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_SCALES = {
    "k": 1e3, "thousand": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12,
    "hundred": 1e2, "dozen": 12,
}  # fmt: skip
_ORDINALS = {word: place for place, word in enumerate(ORDINALS) if word}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_XSD_TIME = "http://www.w3.org/2001/XMLSchema#time"

_DATES = (
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?\b"),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<name>{_MONTH})\.?,? (?P<year>\d{{4}})\b", re.I
    ),
    re.compile(
        rf"\b(?P<name>{_MONTH})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,| of)? ?(?P<year>\d{{4}})\b", re.I
    ),
    re.compile(rf"\b(?P<name>{_MONTH})\.?,?(?: of)? (?P<year>\d{{4}})\b", re.I),
    re.compile(r"\b(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})\b"),
)
_DAYS = (
    re.compile(rf"\b(?P<name>{_MONTH})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b", re.I),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<name>{_MONTH})\b", re.I),
)
"""Days without a year."""
_TIME = re.compile(r"\b(?P<hour>\d{1,2})(?::(?P<minute>\d\d))? ?(?P<half>am|pm|a\.m\.|p\.m\.)(?!\w)", re.I)
_NUMBER = re.compile(
    r"(?<![\w.])(?P<sign>-)?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s?(?P<scale>k|m|bn|hundred|thousand|million|billion|trillion)\b|(?P<ordinal>st|nd|rd|th)\b)?(?![\d])",
    re.I,
)
_WORD_NUMBER = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<unit>one|two|three|four|five|six|seven|eight|nine))?"
    rf"|(?P<single>{'|'.join(_UNITS)}))(?:\s(?P<scale>hundred|thousand|million|billion|dozen)\b)?\b",
    re.I,
)
_SPANS = {
    "second": 1, "seconds": 1, "secs": 1, "minute": 60, "minutes": 60, "min": 60, "mins": 60, "hour": 3600,
    "hours": 3600, "hrs": 3600, "day": 86400, "days": 86400, "week": 604800, "weeks": 604800,
}  # fmt: skip
LEAST_SECONDS, MOST_SECONDS = 1e-3, 1e12
_SPAN = re.compile(rf"[\s-]({'|'.join(sorted(_SPANS, key=len, reverse=True))})\b", re.I)
"""Behind a number, what makes a length of time of it."""
_NUMBER_PHRASES = {"once": 1, "twice": 2, "both": 2, "a couple": 2, "a dozen": 12}
_ARTICLE_NUMBER = re.compile(
    r"\b(?P<half>half )?a (?P<one>hundred|thousand|million|billion)"
    r"(?: (?P<other>thousand|million|billion))?\b",
    re.I,
)
"""A million, half a million, a hundred thousand."""
_SHARED_SCALE = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?)"
    r"(?= (?:and|to|or) (\d+(?:\.\d+)?) ?(hundred|thousand|million|billion|trillion)\b)",
    re.I,
)
"""The first of two numbers of which only the second says in what: "between 10 and 20 million"."""
_AVERAGE = re.compile(r"\b(?:averages?|mean|typical|usual)\b", re.I)
_QUOTED = re.compile(r"[\"“”«]([^\"“”»]{1,80})[\"“”»]|(?<!\w)['‘`]([^'’`]{1,80})['’`](?!\w)")
_LETTER = re.compile(
    r"\b(?:letters?|prefix|suffix|initial|word|substring|string|phrase|contain(?:s|ing|ed)?|includ(?:es?|ing)"
    r"|(?:begin|start|end)(?:s|ning|ing)?(?: with)?)(?: the)?"
    r"(?: letters?| word| substring| string| prefix| suffix)? ['\"“‘]?(?P<text>[\w-]{1,40})",
    re.I,
)
_NO_TEXT = frozenset(
    [
        *("the", "a", "an", "with", "in", "on", "at", "of", "for", "and", "or", "to", "its", "their", "his"),
        *("her", "is", "are", "name", "names", "letter", "word"),
    ]
)


@dataclass(frozen=True)
class QuestionValues:
    """The values of a question, in the order of the text, each once.

    `values` are numbers, dates, times and lengths of time; a year is both a number and a date, and "5
    minutes" both a number and a length. `places` are ordinals and whole numbers from 2 to 100, which
    superlatives may count. `texts` are quoted texts, and words after "containing" and the like. `averages`:
    the question speaks of an average.
    """

    values: tuple[Value, ...]
    places: tuple[int, ...]
    texts: tuple[str, ...]
    averages: bool


def question_values(question: str, years: Sequence[int] = ()) -> QuestionValues:
    """What a question says in numbers, dates and quoted texts; days without a year are in one of `years`.

    >>> found = question_values("the two rivers longer than 1,000 km before May 2010")
    >>> [str(value) for value in found.values], found.places
    (['2', '1000', '2010-05', '2010', '2010'], (2,))
    >>> [str(value) for value in question_values("longer than 90 minutes").values]
    ['90', '1 h 30 min']
    """
    question = _SHARED_SCALE.sub(
        lambda one: f"{one[1]} {one[3]}" if float(one[1]) < float(one[2]) else one[1], question
    )
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, Value]] = []
    places: list[tuple[int, int]] = []
    for start, end, value in (*_dates(question), *_days(question, years)):
        if _is_free(start, end, taken):
            taken.append((start, end))
            found.append((start, value))
        elif any((start, end) == span for span in taken):
            found.append((start, value))
    for match in _NUMBER.finditer(question):
        number = float(match["digits"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1.0)
        number = -number if match["sign"] else number
        inside = not _is_free(match.start(), match.end(), taken)
        if match["ordinal"]:
            places.append((match.start(), int(number)))
            continue
        if inside and not (len(match["digits"]) == 4 and number.is_integer()):
            continue
        found += [
            (match.start(), value) for value in _of_number(number, match["digits"], year=not match["scale"])
        ]
        found += _span(question, match, number)
        if number.is_integer() and 1 < number <= 100:
            places.append((match.start(), int(number)))
    for match in _WORD_NUMBER.finditer(question):
        tens, unit, single = (str(match[name] or "").lower() for name in ("tens", "unit", "single"))
        number = float(_UNITS[single] if single else _TENS[tens] + _UNITS.get(unit, 0))
        number *= _SCALES.get((match["scale"] or "").lower(), 1.0)
        found += [(match.start(), value) for value in _of_number(number, "", year=False)]
        found += _span(question, match, number)
        if 1 < number <= 100:
            places.append((match.start(), int(number)))
    for word, number in _NUMBER_PHRASES.items():
        if (at := re.search(rf"\b{word}\b", question, re.I)) is not None:
            found += [(at.start(), value) for value in _of_number(float(number), "", year=False)]
    for match in _ARTICLE_NUMBER.finditer(question):
        number = _SCALES[match["one"].lower()] * _SCALES.get((match["other"] or "").lower(), 1.0)
        number *= 0.5 if match["half"] else 1.0
        found += [(match.start(), value) for value in _of_number(number, "", year=False)]
    places += [
        (match.start(), _ORDINALS[match[0].lower()])
        for match in re.finditer(rf"\b(?:{'|'.join(_ORDINALS)})\b", question, re.I)
    ]
    values = dict.fromkeys(value for _, value in sorted(found, key=lambda pair: pair[0]))
    counted = dict.fromkeys(place for _, place in sorted(places))
    texts, averages = tuple(_texts(question))[:4], _AVERAGE.search(question) is not None
    return QuestionValues(tuple(values)[:MOST_VALUES], tuple(counted)[:4], texts, averages)


def _is_free(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return all(end <= low or start >= high for low, high in taken)


def _of_number(number: float, digits: str, year: bool) -> Iterator[Value]:
    yield Value(ValueKind.NUMBER, number, number, f"{number:.15g}")
    if year and len(digits) == 4 and 1000 <= number < 3000:
        yield Value.date(int(number))


def _span(question: str, number: re.Match[str], count: float) -> Iterator[tuple[int, Value]]:
    """The length of time that a number and the word behind it are."""
    unit = _SPAN.match(question, number.end())
    seconds = count * _SPANS[unit[1].lower()] if unit else 0.0
    if LEAST_SECONDS <= seconds < MOST_SECONDS:
        yield number.start(), Value(ValueKind.DURATION, seconds, seconds, f"PT{seconds:.15g}S")


def _dates(question: str) -> Iterator[tuple[int, int, Value]]:
    for pattern in _DATES:
        for match in pattern.finditer(question):
            groups = match.groupdict()
            month = MONTHS[groups["name"].lower()] if groups.get("name") else int(groups["month"])
            day = int(groups["day"]) if groups.get("day") else None
            try:
                yield match.start(), match.end(), Value.date(int(groups["year"]), month, day)
            except (KgqaError, ValueError):
                continue
    for match in _TIME.finditer(question):
        hour, minute = int(match["hour"]) % 12, int(match["minute"] or 0)
        if int(match["hour"]) <= 12 and minute < 60:
            hour += 12 * (match["half"][0].lower() == "p")
            yield match.start(), match.end(), read_value(f"{hour:02}:{minute:02}:00", _XSD_TIME)


def _days(question: str, years: Sequence[int]) -> Iterator[tuple[int, int, Value]]:
    for pattern in _DAYS:
        for match in pattern.finditer(question):
            for year in years:
                try:
                    value = Value.date(year, MONTHS[match["name"].lower()], int(match["day"]))
                except (KgqaError, ValueError):
                    continue
                yield match.start(), match.end(), value


def _texts(question: str) -> Iterator[str]:
    known: set[str] = set()
    for match in _QUOTED.finditer(question):
        text = (match[1] or match[2]).strip(" %.,")
        if text and text.lower() not in known:
            known.add(text.lower())
            yield text
    for match in _LETTER.finditer(question):
        text = match["text"]
        if text.lower() not in known and text.lower() not in _NO_TEXT:
            known.add(text.lower())
            yield text
