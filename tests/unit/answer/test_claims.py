"""Replies in every form that models write them in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kgqa.answer.llm.claims import Claim, parse_claims, says_nothing
from kgqa.answer.loose_json import json_values

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
IDS = st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True)
CLAIMS = st.lists(st.tuples(NAMES, IDS | st.none()), min_size=1, max_size=5)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["answers", "entity", "chains", "answerable", "name", "x"]), inner)
    ),
    max_leaves=12,
)
FRAMES = ("{}", "Sure! Here it is:\n{}\nI hope that this helps.", "```json\n{}\n```", "<think>[9]</think>{}")


@given(st.text())
@example("[" * 50_000)
@example('{"a":' * 50_000)
@example('{"answers": [{"entity": "' + "x" * 200_000)
@example("- " * 100_000)
@example("[1," * 30_000)
@example('{"answers": [' + "9" * 9_000 + "]}")
@example("answer:" * 30_000)
@example("chains do not " * 140)
@example('\ud800 {"answers": ["\\ud800"]}')
def test_nothing_that_a_model_may_say_raises(text: str) -> None:
    for claim in parse_claims(text).claims:
        assert claim.name.strip()
        assert claim.cited is None or all(isinstance(number, int) for number in claim.cited)


@given(ANY_JSON, st.sampled_from(FRAMES))
def test_no_json_of_any_shape_raises(value: Any, frame: str) -> None:
    parse_claims(frame.format(json.dumps(value)))


@given(CLAIMS, st.sampled_from(FRAMES), st.booleans(), st.data())
def test_claims_in_json_are_read_whatever_stands_around_them_and_however_ids_are_written(
    claims: list[tuple[str, list[int] | None]], frame: str, ascii_only: bool, data: st.DataObject
) -> None:
    ways: tuple[Callable[[int], object], ...] = (int, float, str, "[{}]".format, "chain {}".format)
    rows: list[dict[str, Any]] = [{"entity": name} for name, _ in claims]
    for row, (_, ids) in zip(rows, claims, strict=True):
        if ids is not None:
            row["chains"] = [data.draw(st.sampled_from(ways))(number) for number in ids]
    text = frame.format(json.dumps({"answerable": True, "answers": rows}, ensure_ascii=ascii_only))
    expected = tuple(Claim(name, None if ids is None else tuple(ids)) for name, ids in claims)
    assert parse_claims(text).claims == expected


@given(CLAIMS, st.integers(0, 400))
def test_of_a_reply_that_is_cut_off_the_whole_claims_are_read(
    claims: list[tuple[str, list[int] | None]], at: int
) -> None:
    rows = [{"entity": name, "chains": ids or [1]} for name, ids in claims]
    head = '{"answerable": true, "answers": ['
    whole = [json.dumps(row) for row in rows]
    text = head + ", ".join(whole)
    cut = text[: len(head) + at]
    complete = sum(len(head + ", ".join(whole[:n])) <= len(cut) for n in range(1, len(whole) + 1))
    found = parse_claims(cut).claims
    assert found[:complete] == tuple(Claim(r["entity"], tuple(r["chains"])) for r in rows[:complete])  # type: ignore[arg-type]
    if complete:
        assert len(found) == complete


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Nairobi", [("Nairobi", None)]),
        ("Nairobi\nMombasa\n", [("Nairobi", None), ("Mombasa", None)]),
        ("1. Nairobi [1]\n2) Mombasa [2, 3]", [("Nairobi", (1,)), ("Mombasa", (2, 3))]),
        ("# Answers:\n- **Nairobi** [1]", [("Nairobi", (1,))]),
        ("The answer is Nairobi.", [("Nairobi.", None)]),
        ('Answer: "Nairobi".', [("Nairobi", None)]),
        ("[1] Nairobi", [("Nairobi", (1,))]),
        ('["Nairobi", "Mombasa"]', [("Nairobi", None), ("Mombasa", None)]),
        ('{"answer": "Nairobi"}', [("Nairobi", None)]),
        ('{"Answers": "Nairobi", "Answerable": true}', [("Nairobi", None)]),
        ('{"Final Answer": ["Nairobi"]}', [("Nairobi", None)]),
        ('{"answers": {"entity": "Nairobi", "chain": "2"}}', [("Nairobi", (2,))]),
        ('{"answers": [1939, 12.0, true, null]}', [("1939", None), ("12", None)]),
        ('{"answers": ["a",], }', [("a", None)]),
        ('{"answers": ["a"], "answers": ["b"]}', [("b", None)]),
        ('{"entity": "a", "chains": ["x", -1, 1e99, true, "3.5"]}', [("a", (-1, int(1e99)))]),
        ('{"entity": "a", "chains": ["first"]}', [("a", ())]),
        ('{"entity": "a", "chains": []}', [("a", None)]),
        ('<think>Is it ["Oslo"]?</think>Nairobi', [("Nairobi", None)]),
    ],
)
def test_forms_of_replies(text: str, claims: list[tuple[str, tuple[int, ...] | None]]) -> None:
    found = parse_claims(text)
    assert [(claim.name, claim.cited) for claim in found.claims] == claims
    assert not found.abstains


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "```json\n{}\n```",
        '{"answerable": false, "answers": []}',
        '{"answers": []}',
        '{"not_answerable": true}',
        '{"Not Answerable": true}',
        "Not answerable.",
        "I don't know",
        "The paths do not contain the answer.",
        "[1]",
        "<think>I am still thinking",
    ],
)
def test_ways_to_say_that_there_is_no_answer(text: str) -> None:
    found = parse_claims(text)
    assert found.abstains
    assert not found.claims


def test_a_model_that_answers_and_says_that_it_cannot_abstains() -> None:
    assert parse_claims('{"answerable": false, "answers": ["Oslo"]}').abstains


def test_words_for_nothing_are_no_names_but_names_that_hold_them_are() -> None:
    assert says_nothing("Unknown.")
    assert not says_nothing("The Unknown Soldier")


@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.integers()), max_size=4), st.text("abc :,", max_size=9)
)
def test_json_values_are_found_in_their_order(values: list[dict[str, int]], between: str) -> None:
    assert list(json_values(between.join(map(json.dumps, values)))) == values
