"""Whether relations can give the quantity that is asked for."""

from __future__ import annotations

import pytest

from kgqa.answer import can_be_quantity
from kgqa.graph import GraphBuilder
from kgqa.program import Step

GRAPH = GraphBuilder.of(
    [
        *(("Oslo", "population", "700000"), ("Oslo", "population density", "1600"), ("Ann", "age", "7")),
        *(("Ann", "birth date", "1990-02-03"), ("Ann", "birth year", "1990"), ("Oslo", "mayor", "Ann")),
    ]
)


@pytest.mark.parametrize(
    ("question", "relation", "can"),
    [
        ("What is the population density of Oslo?", "population", False),
        ("What is the population density of Oslo?", "population density", True),
        ("What is the population of Oslo?", "population", True),
        ("GDP per capita of Oslo", "population", False),
        ("How old is Ann?", "birth date", False),
        ("how old was Ann in 2000", "birth year", False),
        ("How old is Ann?", "age", True),
        ("What is the age of Ann?", "age", True),
        ("When was Ann born?", "birth date", True),
        ("How old is the mayor of Oslo?", "mayor", True),
    ],
)
def test_no_population_is_a_density_and_no_date_an_age(question: str, relation: str, *, can: bool) -> None:
    assert can_be_quantity(question, [relation, "Oslo"], Step(relation), GRAPH) is can
