"""Diverse beams: their settings, and what they are for."""

from __future__ import annotations

from typing import Any

import pytest
from hub_question import PROMPT

from kgqa.constraint import GrammarName, Walk
from kgqa.decode import BeamSearch, DiverseBeamSearch, Hypothesis, decode
from kgqa.errors import BudgetError, UsageError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel

GRAPH = GraphBuilder.of(
    Triple("hub", relation, f"{relation} {n}")
    for relation in ("film.by", "film.in", "cast.as")
    for n in range(6)
)
LIKES = {" hub -> film.by": 6.0, " hub -> film.in": 5.0, " hub -> cast.as": 9.0}
"""At the first letter `film` is 2 nats ahead of `cast`, at the sixth `film.by` 1 of `film.in`."""


def hypotheses(search: DiverseBeamSearch | BeamSearch, grammar: GrammarName = "path") -> list[Hypothesis]:
    model = MockLanguageModel(preferences=LIKES, sharpness=0)
    return decode(search, model, PROMPT, Walk.of(GRAPH, ["hub"], model.tokenizer, grammar=grammar, hops=1))


def relations(found: list[Hypothesis]) -> set[str]:
    return {h.chain.hops[0].relation for h in found}


def test_the_defaults_are_those_of_gcr() -> None:
    search = DiverseBeamSearch()
    assert (search.beams, search.groups, search.penalty) == (10, 10, 1.0)


def test_penalised_relations_make_room_for_others() -> None:
    assert relations(hypotheses(BeamSearch(3))) == {"film.by"}
    assert relations(hypotheses(DiverseBeamSearch(3, 3, 0.6, "relations"))) == {"film.by", "film.in"}
    assert relations(hypotheses(DiverseBeamSearch(3, 3, 0.4, "relations"))) == {"film.by"}


def test_penalised_entities_leave_the_relation_alone() -> None:
    found = hypotheses(DiverseBeamSearch(3, 3, 5.0, "entities"))
    assert relations(found) == {"film.by"}
    assert len({h.chain.end for h in found}) == 3


def test_a_shared_beginning_of_two_names_is_no_choice_and_costs_nothing() -> None:
    """`film.by` and `film.in` part at their last word; penalised tokens drive the second group off `film`."""
    by_name = hypotheses(DiverseBeamSearch(2, 2, 4.0, "relations"))
    by_token = hypotheses(DiverseBeamSearch(2, 2, 4.0, "tokens"))
    assert relations(by_name) == {"film.by", "film.in"}
    assert relations(by_token) == {"film.by", "cast.as"}


def test_groups_that_would_meet_go_apart() -> None:
    found = hypotheses(DiverseBeamSearch(5, 5, 0.0))
    assert len({h.tokens for h in found}) == 5


def test_more_groups_than_texts_find_each_text_once() -> None:
    found = hypotheses(DiverseBeamSearch(30, 30, 1.0))
    assert len(found) == len({h.tokens for h in found}) <= 18


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"beams": 10, "groups": 3}, "beams must be a multiple of groups=3, not 10"),
        ({"penalise": "arrows"}, "penalise must be one of names, relations, entities, tokens, not 'arrows'"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        DiverseBeamSearch(**settings)


def test_running_out_of_time_is_an_error_that_says_so() -> None:
    with pytest.raises(BudgetError, match="1e-09 seconds"):
        hypotheses(DiverseBeamSearch(seconds=1e-9))
