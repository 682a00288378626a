"""Values in words: constants of questions, and what members are compared by."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

from kgqa.graph import Value, ValueKind
from kgqa.program import Comparator
from kgqa.training.examples.phrasing.inflection import article, is_plural, past, plural
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.measure_words import MeasureWords, comparison_phrases, measure_words
from kgqa.training.examples.phrasing.noun_phrase import Modifier
from kgqa.training.examples.phrasing.step_words import be, do, have, who

__all__ = ["Compared", "count_modifiers", "extreme_words", "value_modifiers", "value_text", "year_like"]

_UNITS = {
    "km": ("km", "kilometers", "kilometres"), "m": ("meters", "metres"), "ft": ("feet",),
    "USD": ("dollars", "USD"), "kg": ("kg", "kilograms"), "ft²": ("square feet",),
    "km²": ("square kilometers",), "mi": ("miles",), "min": ("minutes",), "s": ("seconds",),
    "h": ("hours",), "°C": ("degrees",), "%": ("percent", "%"), "EUR": ("euros",),
    "cm": ("cm", "centimeters"), "lb": ("pounds",), "t": ("tons", "tonnes"), "in": ("inches",),
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTED = re.compile(r"(?:number|num|count|amount|total number|no) (?:of )?(.+)")
_WITHOUT_OF = re.compile(
    r"(?:above|below|over|under|exceeding|in excess|equal|from|in the|higher|lower|greater|larger|smaller)\b"
)
_APPOSED = ("exceeding", "in excess", "a minimum")
"""Phrases that do not come after "is"."""
_COMPARATORS = {
    Comparator.ABOVE: ("above", "after"),
    Comparator.BELOW: ("below", "before"),
    Comparator.AT_LEAST: ("at_least", "since"),
    Comparator.AT_MOST: ("at_most", "until"),
    Comparator.EQUALS: ("equals", "in"),
}


class Compared(NamedTuple):
    """What members are compared with: texts of one or two values (or of a named thing), and how."""

    comparator: Comparator
    text: str
    upper: str = ""
    own: bool = False
    average: bool = False
    day: bool = False


def value_text(value: Value, unit: str, chance: random.Random) -> str:
    """A value as people write it; `kgqa.linking.question_values` reads the same value from it."""
    if value.kind is ValueKind.DATE:
        return _date_text(str(value), chance)
    number = value.low
    if number.is_integer() and 0 < number <= 10 and not unit and chance.random() < 0.3:
        return _NUMBERS[int(number)]
    for scale, word in ((1e9, "billion"), (1e6, "million")):
        if number >= scale and round(number / scale, 2) * scale == number and chance.random() < 0.5:
            return _united(f"{number / scale:g} {word}", unit, chance)
    text = f"{number:.15g}"
    if number.is_integer() and abs(number) >= 1000 and chance.random() < 0.35:
        text = f"{int(number):,}"
    return _united(text, unit, chance)


def _united(text: str, unit: str, chance: random.Random) -> str:
    if unit == "USD" and chance.random() < 0.3:
        return f"${text}"
    if unit in _UNITS and chance.random() < 0.5:
        word = chance.choice(_UNITS[unit])
        return f"{text}{word}" if word == "%" else f"{text} {word}"
    return text


def _date_text(text: str, chance: random.Random) -> str:
    found = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?", text)
    if found is None or chance.random() < 0.3:
        return text
    year, month, day = found[1], _MONTHS[int(found[2]) - 1], found[3]
    if day is None:
        return f"{month} {year}"
    return chance.choice((f"{month} {int(day)}, {year}", f"{int(day)} {month} {year}"))


def year_like(words: str, kind: ValueKind) -> bool:
    """Whether numbers are years, which are worded as dates are."""
    return kind is ValueKind.NUMBER and re.search(r"\byear\b", words) is not None and "years" not in words


def counted_noun(words: str, measure: MeasureWords) -> str:
    """What there is a number of, in the plural ("points" for "number of points"), or empty."""
    if counted := _COUNTED.fullmatch(words):
        return plural(counted[1])
    return words if is_plural(words) and " of " not in words else measure.have[0] if measure.have else ""


def value_modifiers(
    words: str,
    kind: ValueKind,
    noun: str,
    many: bool,
    negated: bool,
    compared: Compared,
    chance: random.Random,
) -> list[Modifier]:
    """Ways to say that a value compares so: "longer than 5 km", "whose length is over 5 km"."""
    return list(_value_modifiers(words, kind, noun, many, negated, compared, chance))


def _value_modifiers(
    words: str,
    kind: ValueKind,
    noun: str,
    many: bool,
    negated: bool,
    compared: Compared,
    chance: random.Random,
) -> Iterator[Modifier]:
    dated = kind is ValueKind.DATE or year_like(words, kind)
    measure = measure_words(words, ValueKind.DATE if dated else kind)
    said = varied(words, chance)
    phrase = _phrase(compared, dated, said, chance)
    while negated and phrase.startswith(("no ", "not ")):
        phrase = _phrase(compared, dated, said, chance)
    plain = phrase
    while plain.startswith((*_APPOSED, *(("no ", "not ") if negated else ()))):
        plain = _phrase(compared, dated, said, chance)
    pronoun, not_ = who(noun), " not" if negated else ""
    comparative = {Comparator.ABOVE: measure.more, Comparator.BELOW: measure.less}.get(
        compared.comparator, ()
    )
    if compared.average:
        side = "above" if compared.comparator in (Comparator.ABOVE, Comparator.AT_LEAST) else "below"
        if not negated:
            yield Modifier(
                f"with {article(f'{side}-average')} {said}",
                f"{have(many)} {article(f'{side}-average')} {said}",
            )
            if comparative:
                yield Modifier(
                    f"{chance.choice(comparative)} than average",
                    f"{be(many)} {chance.choice(comparative)} than average",
                )
        yield Modifier(f"whose {said} is{not_} {side} {chance.choice(('average', 'the average'))}")
        return
    if compared.own:
        if dated and measure.happened:
            how = chance.choice(measure.happened)
            yield Modifier(f"{not_} {how} {phrase}".strip(), f"{be(many)}{not_} {how} {phrase}")
        for word in comparative[:2]:
            verb = f"{be(many)}{not_} {word} than {compared.text}"
            yield Modifier(f"{not_} {word} than {compared.text}".strip(), verb)
        if compared.comparator in (Comparator.ABOVE, Comparator.BELOW) and not dated and not comparative:
            degree = "higher" if compared.comparator is Comparator.ABOVE else "lower"
            if not negated and not is_plural(said):
                yield Modifier(
                    f"with a {degree} {said} than {compared.text}",
                    f"{have(many)} a {degree} {said} than {compared.text}",
                )
        phrase = _phrase(compared._replace(text=f"that of {compared.text}"), dated, said, chance)
        yield Modifier(f"whose {said} is{not_} {phrase}")
        return
    if comparative and not compared.upper and not dated:
        word = chance.choice(comparative)
        verb = f"{be(many)}{not_} {word} than {compared.text}"
        yield Modifier(f"{not_} {word} than {compared.text}".strip(), verb)
        yield Modifier(f"{pronoun} {verb}", verb)
    if dated and measure.happened:
        for how in measure.happened[:2]:
            verb = f"{'were' if many else 'was'}{not_} {how} {phrase}"
            yield Modifier(f"{not_} {how} {phrase}".strip(), verb)
    if dated and measure.verb:
        verb = f"{'did not ' + measure.verb if negated else past(measure.verb)} {phrase}"
        yield Modifier(f"{pronoun} {verb}", verb)
    counted = counted_noun(said, measure)
    if counted and not negated and not dated:
        number = _phrase(compared, False, "", chance, counted=True)
        yield Modifier(f"with {number} {counted}", f"{have(many)} {number} {counted}")
        yield Modifier(f"{pronoun} {have(many)} {number} {counted}", f"{have(many)} {number} {counted}")
    if is_plural(said):
        yield Modifier(f"whose {said} are{not_} {plain}")
        return
    yield Modifier(f"whose {said} is{not_} {plain}")
    if negated:
        return
    linked = f"{said} {phrase}" if dated or _WITHOUT_OF.match(phrase) else f"{said} of {phrase}"
    yield Modifier(f"with {article(linked)}", f"{have(many)} {article(linked)}")
    if compared.comparator is Comparator.EQUALS and not dated and not compared.upper:
        yield Modifier(f"with {said} {compared.text}", f"{have(many)} {said} {compared.text}")
    elif chance.random() < 0.3:
        yield Modifier(f"with {said} {phrase}", f"{have(many)} {said} {phrase}")


def count_modifiers(
    counted: str, noun: str, many: bool, negated: bool, compared: Compared, chance: random.Random
) -> list[Modifier]:
    """Ways to say how many a member has: "with more than two children"."""
    number = _phrase(compared, False, "", chance, counted=True)
    if negated:
        verb = f"{do(many)} not have {number} {counted}"
        return [Modifier(f"{who(noun)} {verb}", verb)]
    verb = f"{have(many)} {number} {counted}"
    return [Modifier(f"with {number} {counted}", verb), Modifier(f"{who(noun)} {verb}", verb)]


def _phrase(compared: Compared, dated: bool, said: str, chance: random.Random, counted: bool = False) -> str:
    plain, date = _COMPARATORS[compared.comparator]
    if compared.upper:
        name = "date_between" if dated else "between"
    elif dated:
        name = "on" if date == "in" and compared.day else date
    else:
        name = f"count_{plain}" if counted else plain
    pattern = chance.choice(comparison_phrases()[name])
    return pattern.replace("{v}", compared.text).replace("{w}", compared.upper).replace("{r}", said)


class ExtremeWords(NamedTuple):
    """Superlatives that stand before the noun, and phrases that stand behind it."""

    before: tuple[str, ...]
    after: tuple[Modifier, ...]


def extreme_words(
    words: str, kind: ValueKind, noun: str, many: bool, least: bool, chance: random.Random
) -> ExtremeWords:
    """How the member with the most, or least, of a value is described."""
    dated = kind is ValueKind.DATE or year_like(words, kind)
    measure = measure_words(words, ValueKind.DATE if dated else kind)
    said = varied(words, chance)
    before = measure.least if least else measure.most
    degrees: tuple[str, ...] = (
        ("lowest", "smallest", "minimum") if least else ("highest", "largest", "greatest", "maximum")
    )
    if dated:
        degrees = ("earliest", "first", "oldest") if least else ("latest", "most recent", "last")
    degree = chance.choice(degrees[:3] if many else degrees)
    after = []
    counted = counted_noun(said, measure)
    if counted and not dated:
        much = "fewest" if least else "most"
        after += [
            Modifier(f"with the {much} {counted}", f"{have(many)} the {much} {counted}"),
            Modifier(f"{who(noun)} {have(many)} the {much} {counted}", f"{have(many)} the {much} {counted}"),
        ]
    if not is_plural(said) or " of " in said:
        after.append(Modifier(f"with the {degree} {said}", f"{have(many)} the {degree} {said}"))
        after.append(Modifier(f"whose {said} is the {degree}"))
    if dated and measure.verb:
        when = chance.choice(("first", "earliest") if least else ("last", "most recently", "latest"))
        verb = f"{past(measure.verb)} {when}"
        after.append(Modifier(f"{who(noun)} {verb}", verb))
    if dated and measure.happened:
        when = chance.choice(("first", "earliest") if least else ("last", "most recently"))
        how = chance.choice(measure.happened)
        after.append(
            Modifier(
                f"{who(noun)} {'were' if many else 'was'} {how} {when}",
                f"{'were' if many else 'was'} {how} {when}",
            )
        )
    return ExtremeWords(before, tuple(after))
