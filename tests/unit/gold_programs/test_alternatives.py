"""Gold programs are written as the grammar can lead to them."""

from __future__ import annotations

import pytest

from kgqa.program import parse_program, program_text
from scripts.programs.alternatives import reachable
from scripts.programs.world import World, open_world

TURTLE = """
@prefix : <http://example.org/schema#> .
@prefix n: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:Animal a rdfs:Class ; rdfs:label "animal" .
:Cage a rdfs:Class ; rdfs:label "cage" .
n:leo a :Animal ; rdfs:label "Leo" ; :tame true ; :born 2004 ; :cage n:c1 .
n:lea a :Animal ; rdfs:label "Lea" ; :tame false ; :born 2010 ; :cage n:c2 .
n:bo a :Animal ; rdfs:label "Bo" ; :tame true ; :born 2011 ; :cage n:c3 .
n:c1 a :Cage ; rdfs:label "North" .
n:c2 a :Cage ; rdfs:label "South" .
n:c3 a :Cage ; rdfs:label "West" .
n:c4 a :Cage ; rdfs:label "Top" ; :below n:c5 .
n:c5 a :Cage ; rdfs:label "Middle" ; :below n:c1 .
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    path = tmp_path_factory.mktemp("zoo") / "zoo.ttl"
    path.write_text(TURTLE, encoding="utf-8")
    return open_world(path)


@pytest.mark.parametrize(
    ("question", "gold", "written"),
    [
        (
            "Which cages are above a cage of tame animals?",
            "all cage | where -> below -> below <- cage -> tame is true",
            "all animal | where -> tame is true | -> cage <- below <- below",
        ),
        ("Which animals live in South or North?", "South or North <- cage", "North or South <- cage"),
        (
            "Who was born in 2004 or 2010?",
            "2004 or 2010 <- born",
            "all animal | where -> born equals 2004 | or ( all animal | where -> born equals 2010 )",
        ),
        ("How many cages are there?", "all cage | count", "all cage | count"),
    ],
)
def test_a_program_is_written_as_the_grammar_leads_to_it(
    question: str, gold: str, written: str, world: World
) -> None:
    found = reachable(parse_program(gold, world.graph), world, question)
    assert program_text(found, world.graph) in (written, written.replace("North or South", "South or North"))
    assert (
        world.executor.execute(found).key() == world.executor.execute(parse_program(gold, world.graph)).key()
    )


def test_a_program_that_the_grammar_cannot_lead_to_stays_as_it_is(world: World) -> None:
    program = parse_program("all animal | where -> born above 2005", world.graph)
    assert reachable(program, world, "Which animals are young?") == program
