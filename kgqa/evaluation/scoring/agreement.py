"""Which answers of a system agree with which gold answers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from kgqa.datasets import AnswerType
from kgqa.evaluation.scoring.denotation import Denotation, GoldDenotation
from kgqa.evaluation.scoring.value_text import Number, read_boolean, read_date, read_number
from kgqa.graph import fold_name
from kgqa.graph.values import ValueKind, guess_value

__all__ = ["COUNTS_BELOW", "TOLERANCE", "YEARS_BELOW", "Agreement", "numbers_agree"]

TOLERANCE = 0.005
"""Numbers agree if they differ by at most this share of the larger one."""
COUNTS_BELOW = 1000
"""A gold number below this that is written without decimals is a count: only the same number agrees."""
YEARS_BELOW = 3000
"""Of two numbers without decimals below this, either may be a year: only the same number agrees."""


@dataclass(frozen=True)
class Agreement:
    """Answers and gold answers, each counted once, and how many of them agree, one to one.

    `first` says whether the first answer agrees with a gold answer. `pairs` has the place of an answer, from
    0, for each place of a gold answer that one agrees with, by the places in the texts.
    """

    answers: int
    gold: int
    first: bool
    pairs: Mapping[int, int]

    @classmethod
    def of(cls, given: Denotation, gold: GoldDenotation) -> Self:
        """Compare by identifier where both have them, else by what the type of the answers says.

        Entities are compared by name (`fold_name`), yes or no and texts of dates by value, other literals as
        numbers if both are exactly the same number, else by name. Numbers agree by `numbers_agree`; what is
        equal agrees first, what is left in ascending order. An alias of a gold answer counts as its name.
        """
        if gold.compares_identifiers(given):
            return cls._of_keys(given.identifiers, gold.identifiers, {}, {})
        ours = [_key(text, gold.answer_type) for text in given.texts]
        theirs = [_key(text, gold.answer_type) for text in gold.texts]
        named = _renamed(theirs, gold)
        ours = [named.get(key, key) for key in ours]
        if gold.answer_type != "number":
            return cls._of_keys(ours, theirs, {}, {})
        return cls._of_keys(ours, theirs, _numbers(given.texts, ours), _numbers(gold.texts, theirs))

    @classmethod
    def _of_keys(
        cls,
        given: Sequence[Hashable],
        gold: Sequence[Hashable],
        given_numbers: Mapping[Hashable, Number],
        gold_numbers: Mapping[Hashable, Number],
    ) -> Self:
        ours, theirs = _places(given), _places(gold)
        found = {key: key for key in theirs if key in ours}
        left = sorted(
            (key for key in given_numbers if key not in found), key=lambda k: given_numbers[k].value
        )
        wanted = sorted(
            (key for key in gold_numbers if key not in found), key=lambda k: gold_numbers[k].value
        )
        start = 0
        for key in wanted:
            right = gold_numbers[key].value
            while start < len(left) and _is_below(given_numbers[left[start]].value, right):
                start += 1
            for at in range(start, len(left)):
                if _is_below(right, given_numbers[left[at]].value):
                    break
                if numbers_agree(given_numbers[left[at]], gold_numbers[key]):
                    found[key] = left.pop(at)
                    break
        first = bool(given) and (
            given[0] in theirs
            or (
                given[0] in given_numbers
                and any(numbers_agree(given_numbers[given[0]], number) for number in gold_numbers.values())
            )
        )
        pairs = {theirs[key]: ours[name] for key, name in found.items()}
        return cls(len(ours), len(theirs), first, pairs)


def _renamed(names: Sequence[Hashable], gold: GoldDenotation) -> dict[Hashable, Hashable]:
    """For each alias that is no name of a gold answer itself, the name of the first answer that has it."""
    found: dict[Hashable, Hashable] = {}
    for name, aliases in zip(names, gold.aliases, strict=False):  # there may be none at all
        for alias in aliases:
            found.setdefault(_key(alias, gold.answer_type), name)
    known = frozenset(names)
    return {alias: name for alias, name in found.items() if alias not in known}


def numbers_agree(given: Number, gold: Number) -> bool:
    """Whether a number is the gold one, within `TOLERANCE` unless it is a count or may be a year.

    Units, where both have one, must be the same.

    >>> [numbers_agree(Number(a, True), Number(b, True)) for a, b in ((5020, 5000), (54, 54.0), (54, 53))]
    [True, True, False]
    """
    if given.unit and gold.unit and given.unit != gold.unit:
        return False
    if given.value == gold.value:
        return True
    if gold.whole and abs(gold.value) < COUNTS_BELOW:
        return False
    if given.whole and gold.whole and max(abs(given.value), abs(gold.value)) < YEARS_BELOW:
        return False
    return _near(given.value, gold.value)


def _is_below(one: float, other: float) -> bool:
    """Whether a number is less than the other, by more than the tolerance."""
    return one < other and not _near(one, other)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))


def _key(text: str, answer_type: AnswerType) -> Hashable:
    """What texts that say the same have in common."""
    value: object = None
    if answer_type == "boolean":
        value = read_boolean(text)
    elif answer_type == "number":
        value = None if (number := read_number(text)) is None else (number.value, number.unit)
    elif answer_type == "literal":
        value = _literal(text)
    return fold_name(text) if value is None else (type(value).__name__, value)


def _literal(text: str) -> object:
    """A date, a number or a duration; `None` for texts and for codes such as 02139.

    A year alone is the number of its digits: untyped it cannot be told from one.
    """
    date = read_date(text)
    if date is not None:
        return (float(date), "") if date.lstrip("-").isdigit() else date
    if _has_zeros(text):
        return None
    if (number := read_number(text)) is not None:
        return (number.value, number.unit)
    value = guess_value(text)
    return (value.low, value.high) if value.kind in (ValueKind.DATE, ValueKind.DURATION) else None


def _has_zeros(text: str) -> bool:
    """Whether a text of digits begins with a zero that a number has not: it is a code."""
    digits = text.strip().lstrip("+-")
    return digits.startswith("0") and digits[1:2].isdigit()


def _places(keys: Sequence[Hashable]) -> dict[Hashable, int]:
    """Each key once, with its first place."""
    found: dict[Hashable, int] = {}
    for place, key in enumerate(keys):
        found.setdefault(key, place)
    return found


def _numbers(texts: Sequence[str], keys: Sequence[Hashable]) -> dict[Hashable, Number]:
    """The numbers by their keys; one that is written with decimals anywhere has them."""
    found: dict[Hashable, Number] = {}
    for text, key in zip(texts, keys, strict=True):
        if (number := read_number(text)) is not None:
            found[key] = number._replace(whole=number.whole and found.get(key, number).whole)
    return found
