"""How relations are asked about."""

from __future__ import annotations

import pytest

from kgqa.graph import relation_words
from kgqa.training.examples.wording import Wording, wordings

NAMES = [
    "directed by", "located in", "born at", "has genre", "in language", "flows through", "population",
    "founding year", "place of birth", "spouse s", "capital", "is part of", "has", "in", "by", "",
    "countries used", "written by", "starred actors",
]  # fmt: skip


@pytest.mark.parametrize("words", NAMES)
def test_every_pattern_has_one_place_for_what_is_known(words: str) -> None:
    for wording in wordings(words):
        assert all(wording)
        for pattern in (pattern for patterns in wording for pattern in patterns):
            left = pattern.replace("{things}", "").replace(words, "") if words else pattern
            assert left.count("{x}") == 1, pattern
            assert "{r}" not in pattern
            assert "{done}" not in pattern


def by_grammar(words: str) -> Wording:
    return wordings(words)[-1]


def test_the_grammar_of_a_name_is_seen() -> None:
    assert "who wrote {x}" in by_grammar("written by").questions
    assert "which {things} were written by {x}" in by_grammar("written by").inverse_questions
    assert "where is {x} located" in by_grammar("located in").questions
    assert "what genre does {x} have" in by_grammar("has genre").questions
    assert "in which language is {x}" in by_grammar("in language").questions
    assert "what does {x} flow through" in by_grammar("flows through").questions
    assert "when was {x}'s founding year" in by_grammar("founding year").questions
    assert "who is the conductor of {x}" in by_grammar("conductor").questions
    assert "whose population is {x}" in by_grammar("population").inverse_questions


@pytest.mark.parametrize(
    "words",
    ["place of birth", "spouse s", "has genre", "genres", "countries of origin", "director", "directed"],
)
def test_common_notions_are_known_by_many_names(words: str) -> None:
    assert len(wordings(words)) == 2


def test_a_notion_is_asked_about_in_other_words_than_its_name() -> None:
    (notion, _) = wordings("place of birth")
    assert any("birth" not in question for question in notion.questions)
    assert wordings("birth place")[0] == notion


def test_words_come_from_identifiers_of_all_kinds() -> None:
    assert relation_words("people.person.place_of_birth") == ("place of birth", "person")
    assert relation_words("http://example.org/ontology#birthPlace") == ("birth place", "ontology")
    assert relation_words("people.person.") == ("person", "people")
    assert relation_words("_") == ("_", "")
    assert relation_words("...") == ("...", "")
    assert relation_words("film._") == ("film", "")
