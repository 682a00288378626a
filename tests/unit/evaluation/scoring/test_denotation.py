"""Answers compared by their type: laws, then the cases that people get wrong."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kgqa.answer import Answer, RankedEntity
from kgqa.datasets import ANSWER_TYPES, AnswerType, Question
from kgqa.errors import UsageError
from kgqa.evaluation import Metrics, exact_match, score_answers
from kgqa.evaluation.scoring.agreement import (
    COUNTS_BELOW,
    TOLERANCE,
    YEARS_BELOW,
    Agreement,
    numbers_agree,
)
from kgqa.evaluation.scoring.denotation import Denotation, GoldDenotation
from kgqa.evaluation.scoring.metrics import score_denotation
from kgqa.evaluation.scoring.value_text import Number, read_boolean, read_date, read_number
from kgqa.graph import Chain, Hop

TEXTS = st.one_of(
    st.sampled_from(
        ["yes", "No", "TRUE", "0", "1", "2004", "2004-02-29", "2004-02-29T00:00:00", "10:30", "Oslo"]
    ),
    st.integers(-5000, 5000).map(str),
    st.integers(990, 1010).map(lambda number: f"{number / 7:.2f}"),
    st.text("aB1. ,-", max_size=4),
)
LISTS = st.lists(TEXTS, max_size=6).map(tuple)
TYPES = st.sampled_from(ANSWER_TYPES)
NUMBERS = st.floats(-1e9, 1e9) | st.integers(-4000, 4000).map(float)


def scored(given_texts: tuple[str, ...], gold: tuple[str, ...], answer_type: AnswerType) -> Metrics:
    return score_denotation(Denotation(given_texts), GoldDenotation(gold, answer_type))


def agree(said: str, gold: str, answer_type: AnswerType) -> bool:
    return scored((said,), (gold,), answer_type).denotation == 1.0


@given(LISTS, LISTS, TYPES)
def test_a_denotation_is_right_exactly_where_f1_is_one(
    answers: tuple[str, ...], gold: tuple[str, ...], answer_type: AnswerType
) -> None:
    found = scored(answers, gold, answer_type)
    assert found.denotation == float(found.f1 == 1.0)
    assert found.denotation <= found.f1 <= found.hit
    assert found.hits_at_1 <= found.hit
    assert min(found.precision, found.recall) <= found.f1 + 1e-12
    assert all(0 <= value <= 1 for value in vars(found).values())


@given(LISTS, LISTS, TYPES, st.randoms(use_true_random=False))
def test_the_order_of_answers_decides_only_what_is_first(
    answers: tuple[str, ...], gold: tuple[str, ...], answer_type: AnswerType, chance: random.Random
) -> None:
    turned, other = list(answers), list(gold)
    chance.shuffle(turned)
    chance.shuffle(other)
    one = scored(answers, gold, answer_type)
    two = scored(tuple(turned), tuple(other), answer_type)
    names = ("hit", "precision", "recall", "f1", "denotation")
    assert [getattr(one, name) for name in names] == [getattr(two, name) for name in names]


@given(LISTS, TYPES)
def test_every_set_of_answers_agrees_with_itself_and_with_itself_twice(
    texts: tuple[str, ...], answer_type: AnswerType
) -> None:
    for said in (texts, texts + texts):
        found = scored(said, texts, answer_type)
        assert (found.denotation, found.hits_at_1) == (1.0, 1.0)


@given(LISTS, LISTS, TYPES)
def test_answers_and_gold_are_paired_one_to_one(
    answers: tuple[str, ...], gold: tuple[str, ...], answer_type: AnswerType
) -> None:
    found = Agreement.of(Denotation(answers), GoldDenotation(gold, answer_type))
    assert len(set(found.pairs.values())) == len(found.pairs) <= min(found.answers, found.gold)
    for at, place in found.pairs.items():
        assert agree(answers[place], gold[at], answer_type)
    given_first = bool(answers) and any(agree(answers[0], one, answer_type) for one in gold)
    assert found.first == given_first


@given(LISTS, LISTS)
def test_names_are_scored_as_names(answers: tuple[str, ...], gold: tuple[str, ...]) -> None:
    found = score_answers(answers, gold)
    assert found == scored(answers, gold, "entity")
    assert found.denotation == exact_match(answers, gold)


@given(NUMBERS, NUMBERS, st.booleans())
@example(1000.0, 1005.0, False)
def test_the_tolerance_is_symmetric(one: float, other: float, whole: bool) -> None:
    """For gold numbers of one kind: counts are compared with nothing but counts."""
    if whole:
        one, other = float(round(one)), float(round(other))
        if min(abs(one), abs(other)) < COUNTS_BELOW <= max(abs(one), abs(other)):
            return
    pair = Number(one, whole), Number(other, whole)
    assert numbers_agree(*pair) == numbers_agree(*pair[::-1])


@given(NUMBERS, st.floats(0.0, 0.02))
def test_numbers_agree_within_the_tolerance_and_not_beyond_it(gold: float, away: float) -> None:
    said = gold * (1 - away)
    if abs(away - TOLERANCE) > 1e-9:
        expected = away < TOLERANCE or said == gold
        assert numbers_agree(Number(said, False), Number(gold, False)) == expected


@given(st.lists(st.integers(0, 40), max_size=5), st.lists(st.integers(0, 40), max_size=5))
def test_as_many_numbers_are_paired_as_can_be(answers: list[int], gold: list[int]) -> None:
    """Numbers that are close together, against trying every pairing."""
    said = tuple(dict.fromkeys(f"{10000 + 10 * number}.5" for number in answers))
    right = tuple(dict.fromkeys(f"{10000 + 10 * number}.5" for number in gold))
    fits = [[agree(one, other, "number") for other in right] for one in said]
    small, large = sorted((len(said), len(right)))
    flip = len(said) > len(right)
    most = max(
        sum(fits[b][a] if flip else fits[a][b] for a, b in zip(range(small), chosen, strict=True))
        for chosen in itertools.permutations(range(large), small)
    )
    found = Agreement.of(Denotation(said), GoldDenotation(right, "number"))
    equal = len(set(said) & set(right))
    assert equal <= len(found.pairs) <= most
    if not equal:
        assert len(found.pairs) == most


@pytest.mark.parametrize(
    ("said", "gold", "right"),
    [
        ("1,234.5", "1234.5", True),
        ("98,315", "98315", True),
        ("100.4", "100.0", True),  # decimals in gold: the tolerance
        ("100.6", "100.0", False),
        ("54", "53", False),  # a count is exact
        ("54.0", "54", True),
        ("53.9", "54", False),
        ("999", "1000", False),
        ("1004", "1001", False),  # either may be a year
        ("2004", "2005", False),
        ("2004.3", "2005", True),
        ("1004.0", "1001", True),
        ("38,050,000", "38000000", True),
        ("38200000", "38000000", False),
        ("-99", "99", False),
        ("0", "-0", True),
        ("0.0001", "0", False),
        ("7 km", "7", True),
        ("7 km", "7 mi", False),
        ("seven", "7", False),
        ("NaN", "nan", True),  # no numbers: the same text
        ("1e400", "1e401", False),
    ],
)
def test_numbers(said: str, gold: str, right: bool) -> None:
    assert agree(said, gold, "number") is right


def test_two_answers_near_one_gold_number_are_one_too_many() -> None:
    found = scored(("100000.1", "100000.2"), ("100000",), "number")
    assert (found.denotation, found.recall, found.precision) == (0.0, 1.0, 0.5)


def test_a_number_between_two_gold_numbers_leaves_each_its_own() -> None:
    assert scored(("1003.0", "1006.0"), ("1001.5", "1004.5"), "number").denotation == 1.0


@pytest.mark.parametrize(
    ("said", "gold", "right"),
    [
        ("1999-12-31T00:00:00", "1999-12-31", True),
        ("1999-12-31 00:00:00", "1999-12-31", True),
        ("1999-12-31T10:00", "1999-12-31", False),
        ("1999", "1999-12-31", False),
        ("1999-12", "1999-12-31", False),
        ("2004", "2005", False),
        ("0476", "476", True),
        ("44 BC", "44 BCE", True),
        ("44 BC", "44", False),
        ("2004", "2004.0", True),
        ("10:30", "10:30:00", True),
        ("2021-02-30", "2021-02-30", True),  # no day: the same text
        ("12.50", "12.5", True),
        ("12.51", "12.5", False),  # literals are exact
        ("02139", "2139.0", False),  # a code
        ("Long Beach", "long  beach", True),
    ],
)
def test_literals(said: str, gold: str, right: bool) -> None:
    assert agree(said, gold, "literal") is right


@pytest.mark.parametrize("said", ["yes", "Yes", "true", "TRUE", "1"])
def test_yes_is_yes_in_every_spelling(said: str) -> None:
    assert agree(said, "yes", "boolean")
    assert not agree(said, "no", "boolean")


def test_yes_is_no_name_of_something_that_is_called_one() -> None:
    assert not agree("1", "yes", "entity")


def test_what_is_no_value_is_read_as_none() -> None:
    assert [read_number(text) for text in ("", "1,23", "1.2.3", "٣", "inf", "3 Doors Down")] == [None] * 6
    assert [read_date(text) for text in ("", "25:00", "1999-13", "1999-1-1", "١٩٩٩", "1999Z")] == [None] * 6
    assert read_boolean("ja") is None


def test_equal_names_are_told_apart_by_their_identifiers() -> None:
    gold = GoldDenotation(("New York",), "entity", ("state/ny",))
    city = Denotation(("New York",), ("city/ny",))
    assert score_denotation(city, gold).hit == 0.0
    assert score_denotation(Denotation(("NY",), ("state/ny",)), gold).denotation == 1.0
    assert score_denotation(Denotation(("new york",)), gold).denotation == 1.0  # no identifiers to compare
    both = Denotation(("New York", "New York"), ("state/ny", "city/ny"))
    assert score_denotation(both, gold).precision == 0.5
    assert score_denotation(both, GoldDenotation(("New York",))).denotation == 1.0


def test_nothing_agrees_with_nothing_only() -> None:
    for answer_type in ANSWER_TYPES:
        assert scored((), (), answer_type).denotation == 1.0
        assert scored(("1",), (), answer_type).denotation == scored((), ("1",), answer_type).denotation == 0.0
    assert score_denotation(Denotation(), GoldDenotation(("a",), "entity", ("i",))).denotation == 0.0


def test_an_answer_and_a_question_become_what_is_compared() -> None:
    ranked = RankedEntity("e", 1.0, (Chain("a", (Hop("r", "e"),)),), "Name")
    assert Denotation.of(Answer("?", (ranked,))) == Denotation(("Name",), ("e",))
    question = Question("1", "?", answers=("Name",), answer_ids=("e",))
    assert GoldDenotation.of(question) == GoldDenotation(("Name",), "entity", ("e",))


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(UsageError, match="1 identifier for 2 answers"):
        Denotation(("a", "b"), ("i",))
    with pytest.raises(UsageError, match="2 identifiers for 1 gold answer"):
        GoldDenotation(("a",), "entity", ("i", "j"))


def test_the_bounds_are_those_of_the_reference_page() -> None:
    assert (TOLERANCE, COUNTS_BELOW, YEARS_BELOW) == (0.005, 1000, 3000)


def test_many_numbers_take_no_time_worth_naming() -> None:
    said = tuple(f"{number}.5" for number in range(10_000, 60_000))
    gold = tuple(f"{number}.6" for number in range(10_000, 60_000, 100))
    assert scored(said, gold, "number").recall == 1.0


def test_an_alias_of_a_gold_answer_counts_as_its_name_once() -> None:
    gold = GoldDenotation(("United States", "Norway"), aliases=(("USA", "US"), ()))
    found = Agreement.of(Denotation(("usa", "United States", "Norway")), gold)
    assert (found.answers, found.gold, found.first, dict(found.pairs)) == (2, 2, True, {0: 0, 1: 2})
    assert score_denotation(Denotation(("US", "Norway")), gold).denotation == 1.0
    assert exact_match(("US", "Norway"), gold.texts, gold.aliases) == 1.0
    assert exact_match(("US", "Norway"), gold.texts) == 0.0


def test_an_alias_of_two_gold_answers_is_the_first_of_them_to_every_score() -> None:
    gold = GoldDenotation(("America", "United States"), aliases=(("US",), ("US",)))
    for answers, right in ((("US", "United States"), 1.0), (("US", "America"), 0.0)):
        assert score_denotation(Denotation(answers), gold).denotation == right
        assert exact_match(answers, gold.texts, gold.aliases) == right


def test_a_name_of_a_gold_answer_is_no_alias_of_another() -> None:
    gold = GoldDenotation(("Georgia", "Tbilisi"), aliases=(("Tbilisi",), ()))
    assert dict(Agreement.of(Denotation(("Tbilisi",)), gold).pairs) == {1: 0}
    with pytest.raises(UsageError, match="1 alias list for 2"):
        GoldDenotation(("a", "b"), aliases=((),))
