"""Where chains from several topics meet."""

from __future__ import annotations

from decoded import decoded

from kgqa.answer import Answer, TopicIntersection, Vote
from kgqa.decode import Hypothesis
from kgqa.graph import GraphBuilder, Name, Triple

GRAPH = GraphBuilder.of(
    [
        *(Triple("NATO", "member", country) for country in ("Italy", "France", "Norway")),
        *(Triple(country, "language", "Italian") for country in ("Italy", "San Marino")),
        Triple("Norway", "language", "Norwegian"),
        Triple("k1", "director", "Dieterle"),
        Triple("k2", "director", "Korda"),
        Triple("k1", "genre", "fantasy"),
        Triple("k2", "genre", "fantasy"),
        Name("k1", "Kismet"),
        Name("k2", "Kismet"),
    ]
)


def voted(hypotheses: list[Hypothesis]) -> Answer:
    return Vote(all_topics=False).aggregate("?", hypotheses, GRAPH)


def test_the_answer_is_where_both_topics_lead_and_each_has_its_chain() -> None:
    hypotheses = decoded(GRAPH, "?", ["NATO", "Italian"])
    answer = TopicIntersection(nats=1000).prefer(voted(hypotheses), ["NATO", "Italian"], hypotheses, GRAPH)
    (italy,) = answer.entities
    assert italy.entity == "Italy"
    assert {chain.start for chain in italy.chains} == {"NATO", "Italian"}
    assert all(chain.end == "Italy" for chain in italy.chains)
    assert 0 < italy.vote_share <= 1


def test_without_a_meeting_the_vote_stands() -> None:
    hypotheses = decoded(GRAPH, "?", ["NATO", "Norwegian", "Italian"])
    answer = voted(hypotheses)
    assert (
        TopicIntersection(nats=1000).prefer(answer, ["NATO", "Norwegian", "Italian"], hypotheses, GRAPH)
        == answer
    )


def test_one_topic_needs_no_meeting() -> None:
    hypotheses = decoded(GRAPH, "?", ["NATO"])
    answer = voted(hypotheses)
    assert TopicIntersection().prefer(answer, ["NATO"], hypotheses, GRAPH) == answer
    assert TopicIntersection().prefer(Answer("?"), ["NATO", "Italian"], [], GRAPH) == Answer("?")


def test_two_readings_of_a_name_are_one_topic() -> None:
    hypotheses = decoded(GRAPH, "?", ["k1", "k2"])
    answer = voted(hypotheses)
    assert TopicIntersection(nats=1000).prefer(answer, ["k1", "k2"], hypotheses, GRAPH) == answer


def test_unlikely_chains_are_not_heard() -> None:
    hypotheses = decoded(GRAPH, "?", ["NATO", "Italian"])
    answer = voted(hypotheses)
    assert TopicIntersection(nats=0).prefer(answer, ["NATO", "Italian"], hypotheses, GRAPH) == answer
