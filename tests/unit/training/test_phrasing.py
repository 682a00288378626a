from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random

import pytest

import kgqa.training.examples.phrasing as phrasing
from kgqa.graph import GraphBuilder, Triple
from kgqa.program import Follow, Named, Program, Step
from kgqa.training.examples.phrasing.lexicon import synonyms, varied
from kgqa.training.examples.phrasing.question import worded
from kgqa.training.examples.phrasing.reading import view_of

HERE = Path(phrasing.__file__).parent
RELATIONS = tomllib.loads((HERE / "relations.toml").read_text("utf-8"))["relation"]
SYMMETRIC = {"borders", "spouse", "sibling", "friend"}


def questions(relation: str, *, inverse: bool) -> set[str]:
    """Many wordings of the question for one step from the middle of a chain of two facts."""
    graph = GraphBuilder.of([Triple("Alpha", relation, "Beta"), Triple("Beta", relation, "Gamma")])
    program = Program(Named((("Beta",),)), (Follow(Step(relation, inverse)),))
    found = {worded(program, graph, Random(seed)) for seed in range(80)}
    return {question.lower().rstrip("?.") for question in found}


@pytest.mark.parametrize("name", [entry["names"][0] for entry in RELATIONS])
def test_no_question_along_a_relation_is_also_one_against_it(name: str) -> None:
    along, against = questions(name, inverse=False), questions(name, inverse=True)
    assert along
    assert against
    if name not in SYMMETRIC:
        assert along.isdisjoint(against), along & against


def test_directions_are_asked_for_in_words_that_people_use() -> None:
    along, against = (questions("reports_to", inverse=inverse) for inverse in (False, True))
    assert {"who does beta report to", "what does beta report to"} & along
    assert {"who reports to beta", "what reports to beta"} & against
    assert "what replaced beta" in questions("replaces", inverse=True)
    assert "what did beta replace" in questions("replaces", inverse=False)
    assert any("subsidiar" in question for question in questions("subsidiary_of", inverse=True))


def test_the_tables_are_large_enough_and_name_each_relation_once() -> None:
    names = [name for entry in RELATIONS for name in entry["names"]]
    assert len(RELATIONS) >= 40
    assert len(names) == len(set(names))
    assert len(synonyms()) >= 150


def test_nouns_keep_their_number_in_other_words() -> None:
    found = {varied("home countries", Random(seed), likely=1.0) for seed in range(30)}
    assert found == {"home countries", "home nations"}


def test_relations_in_camel_case_and_with_prefixes_are_read_as_words() -> None:
    assert view_of("hasFlavor").asked_nouns == ("flavor",)
    assert view_of("isOwnedBy").known_passives == ("owned by",)
    assert view_of("locatedInRegion").words == "located in region"
