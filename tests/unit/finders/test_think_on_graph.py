"""Think-on-Graph's walk: scores of relations and entities, the width, and when it ends."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import graphs

from kgqa.chat import MockChatModel, Reply, Usage
from kgqa.errors import KgqaError, UsageError
from kgqa.evaluation import find_flaws
from kgqa.finders import ChainSpace, Found, LinkedQuestion, ThinkOnGraph
from kgqa.finders.scored_choice import entity_scores, relation_scores, says_yes
from kgqa.graph import GraphBuilder, IndexedGraph

GRAPH = GraphBuilder.of(
    [
        ("Emma", "author", "Jane Austen"),
        ("Emma", "set in", "Surrey"),
        ("Emma", "genre", "Novel"),
        ("Jane Austen", "born in", "Steventon"),
        ("Jane Austen", "wrote", "Persuasion"),
        ("Jane Austen", "wrote", "Sanditon"),
    ]
)


def asked(chat: MockChatModel) -> list[str]:
    return [messages[-1].content for messages in chat.asked]


def walked(
    finder: ThinkOnGraph, *topics: str, graph: IndexedGraph = GRAPH, hops: int = 3, inverse: bool = False
) -> Found:
    space = ChainSpace(graph, "path", hops, inverse)
    (found,) = finder.find([LinkedQuestion("Where was its author born?", topics or ("Emma",))], space)
    if isinstance(found, KgqaError):
        raise found
    return found


def ends(found: Found) -> list[tuple[str, float]]:
    return [(one.chain.end, round(math.exp(one.score), 6)) for one in found.hypotheses]


def test_hops_are_worth_the_product_and_the_walk_ends_where_the_facts_are_enough() -> None:
    chat = MockChatModel(
        [
            "1. {author (Score: 0.6)}: yes.\n2. {set in (Score: 0.4)}: no.",
            "{No}. The author is known, but not where they were born.",
            "1. {born in (Score: 1.0)}: yes.",
            "{Yes}. Enough.",
        ]
    )
    found = walked(ThinkOnGraph(chat, width=2))
    assert ends(found) == [("Jane Austen", 0.6), ("Steventon", 0.6), ("Surrey", 0.4)]
    assert "Emma, author, Jane Austen\nEmma, set in, Surrey" in asked(chat)[1]
    assert "Topic Entity: Jane Austen\nRelations: born in; wrote\n" in asked(chat)[2]
    assert found.llm_report is not None
    assert found.llm_report.usage.requests == 3  # behind Steventon nothing follows, so nothing is asked


def test_the_walk_ends_where_the_llm_says_that_it_knows_enough() -> None:
    chat = MockChatModel(["{author (Score: 1.0)}", "{Yes}. The triplets say so."])
    assert ends(walked(ThinkOnGraph(chat))) == [("Jane Austen", 1.0)]
    assert len(chat.asked) == 2


def test_entities_are_scored_and_those_worth_nothing_are_left() -> None:
    chat = MockChatModel(["1. {wrote (Score: 0.5)}: yes.", "Score: 0.0, 1.0"])
    found = walked(ThinkOnGraph(chat, width=3), "Jane Austen")
    assert "Relation: wrote\nEntites: Persuasion; Sanditon\n" in asked(chat)[1]
    assert ends(found) == [("Sanditon", 0.5)]


def test_the_width_bounds_relations_and_paths() -> None:
    one = ThinkOnGraph(MockChatModel(["{genre (Score: 0.5)} {author (Score: 0.5)}", "Yes"]), width=1)
    assert ends(walked(one)) == [("Novel", 0.5)]
    chat = MockChatModel(["{wrote (Score: 0.9)} {born in (Score: 0.2)}", "0.5, 0.5", "Yes"])
    assert ends(walked(ThinkOnGraph(chat, width=2), "Jane Austen")) == [
        ("Persuasion", 0.45),
        ("Sanditon", 0.45),
    ]


def test_of_many_entities_some_are_drawn_the_same_for_the_same_seed() -> None:
    graph = GraphBuilder.of([("hub", "to", f"n{number}") for number in range(30)])
    drawn = [
        ends(walked(ThinkOnGraph(MockChatModel(["equal"]), width=9, seed=seed), "hub", graph=graph))
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert [score for _, score in drawn[0]] == [0.2] * 5


def test_a_node_without_a_name_is_passed() -> None:
    graph = GraphBuilder.of([("Ann", "marriage", "m.0b64vhp"), ("m.0b64vhp", "spouse", "Bo")])
    chat = MockChatModel(["No"])
    found = walked(ThinkOnGraph(chat), "Ann", graph=graph)
    assert [one.chain.end for one in found.hypotheses] == ["Bo"]
    assert "Ann, marriage, UnName_Entity" in asked(chat)[0]


def test_a_reply_that_names_nothing_ends_the_walk() -> None:
    found = walked(ThinkOnGraph(MockChatModel(["I do not know."])))
    assert found.hypotheses == []
    assert found.llm_report is not None
    assert found.llm_report.usage == Usage(1, 0, found.llm_report.usage.prompt_tokens, 4)


@given(graphs(), st.randoms())
def test_whatever_the_llm_says_every_path_is_in_the_graph(graph: IndexedGraph, draw: Any) -> None:
    class Babbling(MockChatModel):
        def reply(self, *_: object, **__: object) -> Reply:
            relations = [graph.relation_label(graph.relation(n)) for n in range(graph.relation_count)]
            words = [f"{{{name} (Score: {draw.random():.2f})}}" for name in relations]
            return Reply(draw.choice([*words, " ".join(words), "No", "0.5, 0.5", ""]), Usage(1))

    topic = next(iter(graph.entities), None)
    assume(topic is not None)
    assert topic is not None
    try:
        found = walked(ThinkOnGraph(Babbling([""])), topic, graph=graph, inverse=True)
    except KgqaError:
        return
    for one in found.hypotheses:
        chain = one.chain
        triples = [(t.head, t.relation, t.tail) for t in chain.triples]
        assert not find_flaws(triples, graph, {topic}, {chain.end})


def test_replies_are_read_as_they_come() -> None:
    names = ["country", "twin town", "river"]
    published = "1. {country (Score: 0.4))}: This relation is relevant.\n2. {Twin Town (Score: 0.3)}: less."
    assert relation_scores(published, names, 3) == {"country": 0.4, "twin town": 0.3}
    assert relation_scores(published, names, 1) == {"country": 0.4}
    assert relation_scores("river, then country", names, 3) == {"river": 0.5, "country": 0.5}
    assert relation_scores("lake (Score: 1)", names, 3) == {}
    assert entity_scores("Score: 0.0, 1.0, 0.0\nSo 1.0 is best.", 3) == [0.0, 1.0, 0.0]
    assert entity_scores("1.0", 2) == [0.5, 0.5]
    assert not says_yes("Not yet. The triples do not say so.")


@pytest.mark.parametrize("field", ["width", "reply_tokens", "many", "sampled"])
def test_settings_out_of_range_are_refused(field: str) -> None:
    with pytest.raises(UsageError, match=field):
        ThinkOnGraph(MockChatModel([""]), **{field: 0})


def test_chains_without_entities_cannot_be_scored() -> None:
    space = ChainSpace(GRAPH, "relations")
    (found,) = ThinkOnGraph(MockChatModel([""])).find([LinkedQuestion("?", ("Emma",))], space)
    assert isinstance(found, UsageError)
    assert "choose path" in str(found)
