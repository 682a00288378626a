"""Two names that a yes-or-no question compares."""

from __future__ import annotations

import pytest

from kgqa.constraint import Compared
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.linking import ProgramLinker


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    return GraphBuilder.of(
        [("Ann", "born", "1990-01-01"), ("Bob", "born", "1985-05-05"), ("Ann", "in", "Sales")]
    )


@pytest.mark.parametrize(
    ("question", "dated"),
    [
        ("Is Ann older than Bob?", False),
        ("Does Ann earn more than Bob?", False),
        ("Did Ann score fewer goals than Bob did?", False),
        ("Is the salary of Ann higher than that of Bob?", False),
        ("is Ann's salary higher than Bob's", False),
        ("Do more people work for Ann than for Bob?", False),
        ("Are there fewer people with Ann than Bob?", False),
        ("Was Ann born before Bob?", True),
        ("Did Ann start earlier than Bob?", True),
    ],
)
def test_what_compares_two_names_and_nothing_else(question: str, dated: bool, graph: IndexedGraph) -> None:
    found = ProgramLinker().mentioned(question, graph)
    assert found.compared == Compared(("Ann",), ("Bob",), dated)


@pytest.mark.parametrize(
    "question",
    [
        "Is Ann's manager older than Bob?",
        "Is the manager of Ann older than Bob?",
        "Is Ann not older than Bob?",
        "Does Ann like other people than Bob?",
        "Is Ann the boss of Bob?",
        "Do people work for Ann rather than for Bob?",
        "Do more people work for Ann and her sister than for Bob?",
        "Does Ann earn more in Sales than Bob?",
        "Who is older, Ann or Bob?",
        "Is Ann older than Bob's sister Eve?",
        "Is Ann older than 30?",
    ],
)
def test_other_questions(question: str, graph: IndexedGraph) -> None:
    assert ProgramLinker().mentioned(question, graph).compared is None
