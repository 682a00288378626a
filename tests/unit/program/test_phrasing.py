"""Programs in plain English."""

from __future__ import annotations

from random import Random

import pytest
from random_programs import HOSTILE_NAMES, RandomPrograms, random_graph

from kgqa.graph import GraphBuilder
from kgqa.program import parse_program, phrase, program_text

GRAPH = GraphBuilder.of(
    [
        ("France", "shares border with", "Germany"),
        ("Germany", "shares border with", "France"),
        ("Danube", "flows through", "Austria"),
        *(("France", "type", "Country"), ("Danube", "type", "River"), ("Amy", "type", "Person")),
        ("Danube", "length", "2850"),
        *(("France", "capital", "Paris"), ("France", "continent", "Europe"), ("France", "population", "67")),
        *(("Kismet", "directed_by", "Nolan"), ("Kismet", "publication year", "1944")),
        *(("Amy", "department", "Sales"), ("Amy", "salary", "100"), ("x", "-> r", "y")),
    ]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "France <- shares border with | only Country | but not ( Germany <- shares border with )",
            "the countries that share border with France, but not the things that share border with Germany",
        ),
        ("Danube -> flows through | count", "how many things that Danube flows through there are"),
        (
            "Europe <- continent | only Country | second most -> population",
            "of the countries that have Europe as continent, the one with the second highest population",
        ),
        ("all River | least -> length", "the river with the lowest length"),
        ("all Country | top 3 most -> population", "of the countries, the 3 with the highest population"),
        (
            "all River | where -> length above 1000 | count",
            "how many rivers whose length is above 1000 there are",
        ),
        (
            "Nolan <- directed_by | where -> publication year after 2010",
            "the things that are directed by Nolan and whose publication year is after 2010",
        ),
        ("France | test -> capital is Paris", "whether France has Paris as capital"),
        ("France | test not -> capital is Paris", "whether France does not have Paris as capital"),
        ("France | test -> population above 50", "whether the population of France is above 50"),
        (
            "all Person | by -> department each average -> salary",
            "average salary of the people, for each department",
        ),
        ("all Country | average -> population", "the average population of the countries"),
        ("all Country | without -> capital", "the countries that do not have anything as capital"),
        ("Paris <- capital -> population", "the population of (the things that have Paris as capital)"),
    ],
)
def test_programs_read_as_english(text: str, expected: str) -> None:
    assert phrase(parse_program(text, GRAPH), GRAPH) == expected


def test_programs_over_relations_without_plain_words_keep_their_text() -> None:
    program = parse_program("x -> -> r | count", GRAPH)
    assert phrase(program, GRAPH) == program_text(program, GRAPH)


@pytest.mark.parametrize("seed", range(20))
def test_programs_with_the_same_phrase_have_the_same_text(seed: int) -> None:
    random = Random(seed)
    graph = random_graph(random, HOSTILE_NAMES if seed % 2 else ("Ada", "Bob", "same", "300")).graph
    drawn = RandomPrograms(graph, random)
    seen: dict[str, str] = {}
    for _ in range(150):
        program = drawn.program()
        text = program_text(program, graph)
        assert seen.setdefault(phrase(program, graph), text) == text
