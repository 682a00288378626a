"""The vote: who is elected, with which score, in which order, and with which proof."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.answer import Answer, Vote
from kgqa.constraint import Constraint
from kgqa.decode import Hypothesis
from kgqa.errors import UsageError
from kgqa.graph import Chain, GraphBuilder, Hop

GRAPH = GraphBuilder.of([])
State = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ListedChains:
    """A constraint whose states are their own chains: (start, relation, end)."""

    topics = ("s", "t")

    def ends(self, state: State) -> Mapping[str, int]:
        return dict(sorted(Counter(end for _, _, end in state).items()))

    def chains(self, state: State, end: str | None = None) -> Iterator[Chain]:
        return (Chain(s, (Hop(r, e),)) for s, r, e in state if end in (None, e))


def hypothesis(
    log_probability: float, *chains: tuple[str, str, str], tokens: tuple[int, ...] = ()
) -> Hypothesis:
    return Hypothesis(tokens, log_probability, chains, cast(Constraint, cast(Any, ListedChains())))


chain_lists = st.lists(
    st.tuples(st.sampled_from("st"), st.sampled_from("pqr"), st.sampled_from("abcde")),
    min_size=1,
    max_size=6,
    unique=True,
)


@st.composite
def hypothesis_lists(draw: st.DrawFn) -> list[Hypothesis]:
    scored = draw(st.lists(st.tuples(st.floats(-30, 0), chain_lists), max_size=6))
    return [hypothesis(score, *chains, tokens=(at,)) for at, (score, chains) in enumerate(scored)]


votes = st.builds(Vote, st.sampled_from([0.0, 0.2, 0.5, 1.0]), st.booleans(), st.integers(1, 4))


def test_no_hypotheses_give_the_empty_answer() -> None:
    assert Vote().aggregate("why?", [], GRAPH) == Answer("why?")


@given(votes, hypothesis_lists(), st.randoms())
def test_the_order_of_the_hypotheses_does_not_matter(
    vote: Vote, found: list[Hypothesis], chance: Any
) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert vote.aggregate("q", shuffled, GRAPH) == vote.aggregate("q", found, GRAPH)


@given(votes, hypothesis_lists())
def test_a_score_is_the_probability_of_the_hypotheses_that_end_there(
    vote: Vote, found: list[Hypothesis]
) -> None:
    total = sum(math.exp(h.log_probability) for h in found)
    for ranked in vote.aggregate("q", found, GRAPH).entities:
        mass = sum(math.exp(h.log_probability) for h in found if ranked.entity in h.ends)
        assert ranked.vote_share == pytest.approx(mass / total, rel=1e-9)
        assert 0 < ranked.vote_share <= 1


@given(votes, hypothesis_lists())
def test_every_answer_shows_chains_that_end_at_it_and_the_best_scores_come_first(
    vote: Vote, found: list[Hypothesis]
) -> None:
    entities = vote.aggregate("q", found, GRAPH).entities
    assert bool(entities) == bool(found)
    for ranked in entities:
        said = {chain for h in found for chain in h.chains(ranked.entity)}
        assert 1 <= len(ranked.chains) <= vote.chains_per_answer
        assert set(ranked.chains) <= said
        assert len(set(ranked.chains)) == len(ranked.chains)
    scores = [ranked.vote_share for ranked in entities]
    assert scores == sorted(scores, reverse=True)
    assert len({ranked.entity for ranked in entities}) == len(entities)


@given(hypothesis_lists())
def test_a_share_of_nothing_elects_every_end_and_a_larger_share_never_more(found: list[Hypothesis]) -> None:
    elected = [
        {r.entity for r in Vote(share, all_topics=False).aggregate("q", found, GRAPH).entities}
        for share in (0.0, 0.3, 0.6, 1.0)
    ]
    assert elected[0] == {end for h in found for end in h.ends}
    assert all(more >= fewer for more, fewer in pairwise(elected))


def test_equal_scores_are_ordered_by_rank_then_chains_then_identifier() -> None:
    best = hypothesis(-1.0, ("t", "r", "c"), ("t", "r", "b"), ("t", "s", "b"), ("t", "r", "a"), tokens=(1,))
    answer = Vote().aggregate("q", [best], GRAPH)
    assert [ranked.entity for ranked in answer.entities] == ["b", "a", "c"]


def test_entities_of_two_likely_paths_outweigh_the_single_likeliest_path() -> None:
    found = [
        hypothesis(math.log(0.4), ("t", "r", "alone"), tokens=(1,)),
        hypothesis(math.log(0.3), ("t", "p", "agreed"), tokens=(2,)),
        hypothesis(math.log(0.3), ("t", "q", "agreed"), tokens=(3,)),
    ]
    answer = Vote(share=0.5).aggregate("q", found, GRAPH)
    assert [ranked.entity for ranked in answer.entities] == ["agreed", "alone"]
    assert len(answer.entities[0].chains) == 2


def test_ends_reached_from_every_topic_are_the_answers_unless_told_otherwise() -> None:
    both = hypothesis(
        -0.1, ("france", "borders", "spain"), ("france", "borders", "italy"), ("portugal", "borders", "spain")
    )
    assert [r.entity for r in Vote().aggregate("q", [both], GRAPH).entities] == ["spain"]
    lenient = Vote(all_topics=False).aggregate("q", [both], GRAPH)
    assert [r.entity for r in lenient.entities] == ["spain", "italy"]


def test_what_likely_paths_from_different_topics_agree_on_is_the_answer() -> None:
    found = [
        hypothesis(-1.0, ("shakespeare", "wrote", "hamlet"), ("shakespeare", "wrote", "romeo"), tokens=(1,)),
        hypothesis(-1.2, ("juliet", "is in", "romeo"), tokens=(2,)),
        hypothesis(-9.0, ("juliet", "lives in", "hamlet"), tokens=(3,)),
    ]
    answer = Vote().aggregate("q", found, GRAPH)
    assert [r.entity for r in answer.entities] == ["romeo"]
    assert {chain.start for chain in answer.entities[0].chains} == {"shakespeare", "juliet"}


def test_a_hypothesis_that_the_model_finds_impossible_divides_nothing_by_zero() -> None:
    found = [hypothesis(-math.inf, ("t", "r", end), tokens=(at,)) for at, end in enumerate("ab")]
    assert [r.vote_share for r in Vote().aggregate("q", found, GRAPH).entities] == [0.5, 0.5]


@pytest.mark.parametrize("settings", [{"share": -0.1}, {"share": 1.1}, {"chains_per_answer": 0}])
def test_settings_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Vote(**settings)


@given(votes, hypothesis_lists(), st.floats(-30, 0))
def test_what_is_below_the_floor_might_as_well_not_be_there(
    vote: Vote, found: list[Hypothesis], floor: float
) -> None:
    strict = replace(vote, floor=floor)
    assert strict.aggregate("q", found, GRAPH) == vote.aggregate(
        "q", [h for h in found if h.log_probability >= floor], GRAPH
    )


def test_nothing_but_unlikely_chains_is_no_answer() -> None:
    assert not Vote(floor=-5).aggregate("q", [hypothesis(-6, ("s", "p", "a"))], GRAPH)
