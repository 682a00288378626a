"""The laws of constraints for walks by steps, which speak of the same chains as walks by tokens."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from property_examples import examples

from kgqa.constraint import Filtered, Reach, StepGrammar, StepWalk, Using, Walk
from kgqa.constraint.testing import check_constraint, language
from kgqa.errors import ConstraintError, NoChainError, UnknownEntityError, UsageError
from kgqa.graph import Chain, GraphBuilder, Triple
from kgqa.lm import MockTokenizer

GRAMMAR: st.SearchStrategy[StepGrammar] = st.sampled_from(["relations", "path"])
TOPICS = st.lists(st.sampled_from(ENTITIES), min_size=1, max_size=2)


@examples(250)
@given(named_graphs(), GRAMMAR, st.integers(1, 3), st.booleans(), st.booleans(), TOPICS)
def test_a_walk_by_steps_obeys_all_laws_and_speaks_of_the_same_chains_as_a_walk_by_tokens(
    named: NamedGraph, grammar: StepGrammar, hops: int, inverse: bool, allow_return: bool, topics: list[str]
) -> None:
    topics = [topic for topic in topics if topic in named.graph.entities]
    reach = Reach.of(named.graph, inverse)
    try:
        by_tokens = Walk.over(reach, topics, MockTokenizer(), grammar, hops, allow_return)
    except NoChainError:
        with pytest.raises(NoChainError):
            StepWalk.over(reach, topics, grammar, hops, allow_return)
        return
    by_steps = StepWalk.over(reach, topics, grammar, hops, allow_return)
    check_constraint(by_steps, named.graph, vocabulary=range(by_steps.step_count + 8))
    verbalized: Counter[Chain] = Counter()
    for chains in language(by_tokens).values():
        verbalized.update(chains.keys())
    assert {c for chains in language(by_steps).values() for c in chains} == verbalized.keys()


FACTS = [Triple("a", "r", "b"), Triple("b", "s", "c"), Triple("b", "r", "d")]


def test_a_walk_by_steps_can_be_narrowed() -> None:
    narrowed = Filtered(StepWalk.over(Reach(GraphBuilder.of(FACTS)), ["a"]), Using(relations={"s"}))
    chains = [chain for chains in language(narrowed).values() for chain in chains]
    assert chains
    assert all("s" in {hop.relation for hop in chain.hops} for chain in chains)
    check_constraint(narrowed, GraphBuilder.of(FACTS))


def test_bad_requests_are_refused() -> None:
    reach = Reach(GraphBuilder.of(FACTS))
    with pytest.raises(UnknownEntityError):
        StepWalk.over(reach, ["z"])
    with pytest.raises(UsageError, match="hops must be a whole number of at least 1, not 0"):
        StepWalk.over(reach, ["a"], hops=0)
    with pytest.raises(UsageError, match="chain"):
        StepWalk.over(reach, ["a"], "chain")  # type: ignore[arg-type]
    walk = StepWalk.over(reach, ["a"])
    with pytest.raises(ConstraintError):
        walk.advance(walk.start, walk.step_count + 1)
