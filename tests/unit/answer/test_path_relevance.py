"""Relation paths and answers in the order of a cross-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from decoded import decoded
from numpy.typing import NDArray

from kgqa.answer import Answer, EndRelevance, PathRelevance, RankedEntity
from kgqa.decode import Hypothesis
from kgqa.graph import Chain, GraphBuilder, Hop, RelationStep, Triple
from kgqa.lm import PathReading

GRAPH = GraphBuilder.of(
    [
        Triple("Kismet", "directed_by", "William Dieterle"),
        Triple("Kismet", "in_language", "English"),
        Triple("Kismet", "release_year", "1944"),
        Triple("William Dieterle", "born_in", "Ludwigshafen"),
        *(Triple("Kismet", "seen_in", city) for city in ("Cork", "Lima", "Oslo", "Quito", "Rome", "Sofia")),
    ]
)


class Reader:
    """Thinks most of paths that end in a wanted relation or name, and notes what it read."""

    def __init__(self, *wanted: str) -> None:
        self.wanted = wanted
        self.read: list[tuple[str, tuple[str, ...], list[PathReading]]] = []

    def relevance(
        self, question: str, topics: Sequence[str], paths: Sequence[PathReading]
    ) -> NDArray[np.float32]:
        self.read.append((question, tuple(topics), list(paths)))
        liked = [
            path.steps[-1].relation in self.wanted or set(path.ends) & set(self.wanted) for path in paths
        ]
        return np.array([10.0 * bool(yes) for yes in liked], dtype=np.float32)


@pytest.fixture(scope="module")
def hypotheses() -> list[Hypothesis]:
    return decoded(GRAPH, "Kismet", ["Kismet"], hops=2)


def relations(ranked: Sequence[Hypothesis]) -> list[tuple[str, ...]]:
    return [tuple(hop.relation for hop in hypothesis.chain.hops) for hypothesis in ranked]


def an_answer(*names: str, score: float = 0.5) -> Answer:
    ranked = (RankedEntity(name, score, (Chain("Kismet", (Hop("seen_in", name),)),)) for name in names)
    return Answer("in which city was Kismet seen", tuple(ranked))


def test_what_reads_well_comes_first(hypotheses: list[Hypothesis]) -> None:
    for wanted in ("in_language", "release_year", "born_in"):
        judge = PathRelevance(Reader(wanted).relevance, weight=100, reach=100)
        assert relations(judge.rank("?", ["Kismet"], hypotheses, GRAPH))[0][-1] == wanted


def test_a_path_is_read_with_its_labels_directions_and_first_two_ends(hypotheses: list[Hypothesis]) -> None:
    reader = Reader()
    PathRelevance(reader.relevance, reach=100).rank("who made Kismet", ["Kismet"], hypotheses, GRAPH)
    ((question, topics, paths),) = reader.read
    assert (question, topics) == ("who made Kismet", ("Kismet",))
    assert PathReading((RelationStep("directed_by"),), ("William Dieterle",)) in paths
    (seen,) = (path for path in paths if path.steps == (RelationStep("seen_in"),))
    assert len(seen.ends) == 2


def test_what_is_read_does_not_depend_on_the_order(hypotheses: list[Hypothesis]) -> None:
    one, other = Reader(), Reader()
    first = PathRelevance(one.relevance).rank("?", [], hypotheses, GRAPH)
    second = PathRelevance(other.relevance).rank("?", [], hypotheses[::-1], GRAPH)
    assert one.read == other.read
    assert first == second


def test_what_is_far_behind_is_not_read(hypotheses: list[Hypothesis]) -> None:
    reader = Reader("born_in")
    best, *others = [replace(h, score=-float(number)) for number, h in enumerate(hypotheses)]
    ranked = PathRelevance(reader.relevance, reach=2.5).rank("?", [], [best, *others], GRAPH)
    ((_, _, paths),) = reader.read
    assert len(paths) == 3
    assert {h.tokens for h in ranked[:3]} == {h.tokens for h in (best, *others[:2])}
    assert [h.tokens for h in ranked[3:]] == [h.tokens for h in others[2:]]


def test_nothing_is_read_where_the_scores_have_decided(hypotheses: list[Hypothesis]) -> None:
    reader = Reader("born_in")
    scored = [replace(h, score=-float(number)) for number, h in enumerate(hypotheses)]
    ranked = PathRelevance(reader.relevance, reach=0.5, trust=0.25).rank("?", [], scored, GRAPH)
    assert not reader.read
    assert [h.tokens for h in ranked] == [h.tokens for h in scored]
    assert [h.score for h in ranked] == [-number / 4 for number in range(len(scored))]


def test_the_most_relevant_keeps_its_score_and_the_others_fall(hypotheses: list[Hypothesis]) -> None:
    judge = PathRelevance(Reader("in_language").relevance, weight=2, trust=0.5, reach=100)
    before = {h.tokens: h.score for h in hypotheses}
    for ranked in judge.rank("?", [], hypotheses, GRAPH):
        worse = 0 if "in_language" in relations([ranked])[0][-1] else 20
        assert ranked.score == pytest.approx((before[ranked.tokens] - worse) / 2)
        assert (
            ranked.log_probability == next(h for h in hypotheses if h.tokens == ranked.tokens).log_probability
        )


def test_no_hypotheses_are_no_hypotheses() -> None:
    assert PathRelevance(Reader().relevance).rank("?", [], [], GRAPH) == []


def test_answers_of_like_score_are_read_one_by_one() -> None:
    reader = Reader("Oslo")
    answer = EndRelevance(reader.relevance).order(an_answer("Cork", "Lima", "Oslo", "Quito", "Rome"), GRAPH)
    assert [ranked.entity for ranked in answer.entities] == ["Oslo", "Cork", "Lima", "Quito", "Rome"]
    ((question, topics, paths),) = reader.read
    assert question == "in which city was Kismet seen"
    assert topics == ("Kismet",)
    assert paths == [
        PathReading((RelationStep("seen_in"),), (name,)) for name in ("Cork", "Lima", "Oslo", "Quito")
    ]


def test_a_small_lead_moves_nothing() -> None:
    answer = an_answer("Cork", "Lima")
    assert EndRelevance(Reader("Lima").relevance, lead=10.5).order(answer, GRAPH) is answer
    assert EndRelevance(Reader("Lima").relevance, lead=10).order(answer, GRAPH).entities[0].entity == "Lima"


def test_where_chains_from_several_topics_meet_nothing_is_moved() -> None:
    reader = Reader("Lima")
    both = (Chain("Kismet", (Hop("seen_in", "Lima"),)), Chain("Cork", (Hop("twin", "Lima"),)))
    answer = Answer("?", (*an_answer("Cork").entities, RankedEntity("Lima", 0.5, both)))
    assert EndRelevance(reader.relevance).order(answer, GRAPH) is answer
    assert not reader.read


def test_answers_of_unlike_score_stay_where_they_are() -> None:
    reader = Reader("Lima")
    answer = Answer("?", (*an_answer("Cork", score=0.6).entities, *an_answer("Lima").entities))
    assert EndRelevance(reader.relevance).order(answer, GRAPH) is answer
    assert EndRelevance(reader.relevance).order(an_answer("Cork"), GRAPH).entities
    assert not reader.read
