"""Whether a name is of a class is asked of all instances of the class."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import NamedVariants
from kgqa.graph import GraphBuilder
from kgqa.lm import MockLanguageModel

GRAPH = GraphBuilder.of(
    [
        *(("Ann Roe", "type", "doctor"), ("Bob Lee", "type", "patient"), ("Kim", "type", "ward sister")),
        *(("Bob Lee", "treated by", "Ann Roe"), ("Kim", "ward", "North"), ("Bob Lee", "age", "7")),
    ]
)


@pytest.mark.parametrize(
    ("question", "name", "expected"),
    [
        ("Is Bob Lee a doctor?", "Bob Lee", {"all doctor | test is Bob Lee"}),
        ("is ann roe one of the doctors", "Ann Roe", {"all doctor | test is Ann Roe"}),
        ("Was the Kim a sister?", "Kim", {"all ward sister | test is Kim"}),
        ("Is Bob Lee a doctor of Kim?", "Bob Lee", set()),
        ("Is Bob Lee a dentist?", "Bob Lee", set()),
        ("Who is Bob Lee a patient of?", "Bob Lee", set()),
    ],
)
def test_is_it_a_doctor_is_asked_of_all_doctors(question: str, name: str, expected: set[str]) -> None:
    given = written(GRAPH, question, f"{name} | count")
    found = NamedVariants(MockLanguageModel().tokenizer).rank(question, [name], given, GRAPH)
    texts = {text_of(hypothesis, GRAPH) for hypothesis in found}
    assert {text for text in texts if text.startswith("all") and "| test is" in text} == expected
