"""What has something in common with a name is found by way of that; "who else" is not the name itself."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import NamedExceptions, NamedVariants
from kgqa.graph import GraphBuilder
from kgqa.lm import MockLanguageModel

GRAPH = GraphBuilder.of(
    [
        *((name, "type", "employee") for name in ("Ann", "Bob", "Cid", "Dee")),
        *(("Ann", "home office", "Oslo"), ("Bob", "home office", "Oslo"), ("Cid", "home office", "Rome")),
        *(("Ann", "boss", "Dee"), ("Bob", "boss", "Dee"), ("Cid", "boss", "Dee"), ("Oslo", "type", "city")),
        *(("Ann", "birth place", "Oslo"), ("Cid", "birth place", "Oslo")),
    ]
)
TOKENIZER = MockLanguageModel().tokenizer


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who has the same boss as Ann?", {"Ann -> boss <- boss"}),
        ("which employees work in the same office as Ann", {"Ann -> home office <- home office"}),
        (
            "Who lives in the same city as Ann?",
            {"Ann -> home office <- home office", "Ann -> birth place <- birth place"},
        ),
        ("Who has the same hobby as Ann?", set()),
        ("Is the same boss over Ann?", set()),
        ("Who is the boss of Ann?", set()),
    ],
)
def test_the_way_to_what_is_the_same_and_back_is_tried(question: str, expected: set[str]) -> None:
    given = written(GRAPH, question, "Ann | count")
    found = NamedVariants(TOKENIZER).rank(question, ["Ann"], given, GRAPH)
    texts = {text_of(hypothesis, GRAPH) for hypothesis in found}
    assert {text for text in texts if " <- " in text and text.startswith("Ann -> ")} == expected


def test_who_else_has_the_same_boss_as_ann_is_not_ann() -> None:
    question, text = "Who else has the same boss as Ann?", "Ann -> boss <- boss"
    (found,) = NamedExceptions(TOKENIZER).rank(question, ["Ann"], written(GRAPH, question, text), GRAPH)
    assert text_of(found, GRAPH) == f"{text} | where not is Ann"
    other = "Who has the same boss as Ann?"
    (kept,) = NamedExceptions(TOKENIZER).rank(other, ["Ann"], written(GRAPH, other, text), GRAPH)
    assert text_of(kept, GRAPH) == text
