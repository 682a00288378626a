"""Relation plans in RoG's form are the relation paths of the same graph, written otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs

from kgqa.constraint import Walk
from kgqa.constraint.tables.reach import Reach
from kgqa.constraint.testing import check_constraint, language
from kgqa.errors import NoChainError
from kgqa.finders.plan_tokenizer import PlanTokenizer
from kgqa.graph import Chain, GraphBuilder
from kgqa.lm import MockTokenizer

TOKENIZER = MockTokenizer()


def walked(named: NamedGraph, topics: list[str], inverse: bool, *, plans: bool) -> Walk | None:
    reach = Reach.of(named.graph, inverse)
    try:
        return Walk.over(reach, topics, TOKENIZER, "relations", 2, plans=plans)
    except NoChainError:
        return None


def chains(walk: Walk | None) -> Counter[Chain]:
    found: Iterable[Counter[Chain]] = () if walk is None else language(walk).values()
    return sum(found, Counter[Chain]())


@given(named_graphs(), st.lists(st.sampled_from(ENTITIES), min_size=1, max_size=2), st.booleans())
def test_plans_are_the_same_chains_and_keep_the_laws(
    named: NamedGraph, topics: list[str], inverse: bool
) -> None:
    plans = walked(named, topics, inverse, plans=True)
    paths = walked(named, topics, inverse, plans=False)
    assert {*chains(plans)} == {*chains(paths)}
    if plans is not None:
        check_constraint(plans, named.graph)


GRAPH = GraphBuilder.of(
    [("Kismet", "directed_by", "Al"), ("Al", "born_in", "Rome"), ("Ann", "knows", "Kismet")]
)


@pytest.mark.parametrize(
    ("inverse", "texts"),
    [
        (False, {" directed_by", " directed_by <SEP> born_in"}),
        (True, {" directed_by", " directed_by <SEP> born_in", " <- knows"}),
    ],
)
def test_a_plan_is_written_with_the_mark_between_relations(inverse: bool, texts: set[str]) -> None:
    walk = Walk.over(Reach.of(GRAPH, inverse), ["Kismet"], TOKENIZER, "relations", 2, plans=True)
    assert {bytes(tokens).decode() for tokens in language(walk)} == texts


def test_a_model_with_a_token_for_the_mark_writes_that() -> None:
    tokenizer = PlanTokenizer(TOKENIZER, 300)
    walk = Walk.over(Reach.of(GRAPH, inverse=False), ["Kismet"], tokenizer, "relations", 2, plans=True)
    long = next(tokens for tokens in language(walk) if 300 in tokens)
    assert long == (*b" directed_by", 300, *b" born_in")
    assert tokenizer.fingerprint != TOKENIZER.fingerprint


def test_a_topic_without_steps_has_no_plan() -> None:
    with pytest.raises(NoChainError):
        Walk.over(Reach.of(GRAPH, inverse=False), ["Rome"], TOKENIZER, "relations", 2, plans=True)
