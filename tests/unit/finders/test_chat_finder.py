"""Walks by multiple choice."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import graphs

from kgqa.chat import Message, MockChatModel, Reply, Usage
from kgqa.constraint import Filter, Reach, StepGrammar, StepWalk, Using
from kgqa.errors import KgqaError, ModelError, NoChainError, UsageError
from kgqa.finders import ChainSpace, ChatFinder, Found, LinkedQuestion
from kgqa.finders.menu import Menu
from kgqa.graph import GraphBuilder, IndexedGraph, Triple

GRAPH = GraphBuilder.of(
    [
        Triple("Emma", "author", "Jane Austen"),
        Triple("Jane Austen", "born in", "Steventon"),
        Triple("Emma", "set in", "Surrey"),
        Triple("Steventon", "county", "Hampshire"),
    ]
)
OPTION = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)


def choose(*numbers: int, more: bool = False) -> str:
    return json.dumps({"choices": numbers, "more": more})


def walk(
    graph: IndexedGraph = GRAPH, *topics: str, grammar: StepGrammar = "relations", hops: int = 3
) -> StepWalk:
    return StepWalk.over(Reach(graph), topics or ("Emma",), grammar, hops)


def walked(
    finder: ChatFinder,
    question: str,
    graph: IndexedGraph = GRAPH,
    *topics: str,
    grammar: StepGrammar = "relations",
    hops: int = 3,
    filters: tuple[Filter, ...] = (),
) -> Found:
    space = ChainSpace(graph, grammar, hops, filters=filters)
    (found,) = finder.find([LinkedQuestion(question, topics or ("Emma",))], space)
    if isinstance(found, KgqaError):
        raise found
    return found


def usage(found: Found) -> Usage:
    assert found.llm_report is not None
    return found.llm_report.usage


def following(*relations: str) -> MockChatModel:
    """Chooses the options with these relations, one a request, then stops."""
    wanted = iter(relations)

    def reply(messages: Sequence[Message]) -> str:
        word = next(wanted, "stop here")
        return choose(*(int(n) for n, text in OPTION.findall(messages[-1].content) if word in text))

    return MockChatModel(reply)


def test_a_model_walks_where_it_chooses_to_and_stops_where_it_says() -> None:
    chat = following("author", "born in")
    (found,) = walked(ChatFinder(chat), "Where was the author of Emma born?").hypotheses
    assert dict(found.ends) == {"Steventon": 1}
    assert found.score == 0.0
    assert len(chat.asked) == 3


def test_paths_choose_entities_too() -> None:
    graph = GraphBuilder.of([*GRAPH, Triple("Emma", "set in", "Highbury")])
    chat = following("set in", "Highbury")
    (found,) = walked(ChatFinder(chat), "q?", graph, grammar="path").hypotheses
    assert dict(found.ends) == {"Highbury": 1}


def test_ranked_choices_are_weighed_by_the_square_of_their_place() -> None:
    script = [choose(2, 1), *[choose(0)] * 2]
    reasoning = walked(ChatFinder(MockChatModel(script)), "set where by which author?")
    assert [h.score for h in reasoning.hypotheses] == pytest.approx([math.log(0.8), math.log(0.2)])
    assert usage(reasoning).requests == 2  # nothing leads on from Surrey


def test_only_the_best_ways_are_gone_on_with() -> None:
    chat = MockChatModel([choose(1, 2), choose(0)])
    reasoning = walked(ChatFinder(chat, beams=1), "q?")
    assert len(reasoning.hypotheses) == 1
    assert len(chat.asked) == 2


def test_a_step_without_an_alternative_is_not_asked_about() -> None:
    graph = GraphBuilder.of([Triple("a", "r", "b"), Triple("b", "s", "c")])
    chat = MockChatModel([choose(0)])
    (found,) = walked(ChatFinder(chat), "q?", graph, "a").hypotheses
    assert dict(found.ends) == {"b": 1}
    assert 'Path so far: "a" -"r"->\nEntities reached: "b"' in chat.asked[0][1].content


@pytest.mark.parametrize("nonsense", ["the second", choose(7), choose(-1), "[]", choose(0)])
def test_a_reply_that_chooses_nothing_on_offer_is_asked_for_again_once(nonsense: str) -> None:
    chat = MockChatModel([nonsense, choose(1), choose(0)])
    assert walked(ChatFinder(chat), "q?").hypotheses
    assert [len(asked) for asked in chat.asked] == [2, 4, 2]
    assert "from 1 to 2" in chat.asked[1][-1].content
    chat = MockChatModel([nonsense, nonsense])
    reasoning = walked(ChatFinder(chat), "q?")
    assert reasoning.hypotheses == []
    assert usage(reasoning).requests == 2


def hub(neighbours: int = 50) -> IndexedGraph:
    return GraphBuilder.of([Triple("hub", f"relation {n:02}", f"entity {n}") for n in range(neighbours)])


def test_many_options_come_in_pages_the_likest_first() -> None:
    script = [choose(more=True), choose(more=True), choose(1)]
    chat = MockChatModel(script)
    (found,) = walked(
        ChatFinder(chat, shown=4), "which entity by relation 33?", hub(), "hub", hops=1
    ).hypotheses
    pages = [OPTION.findall(asked[1].content) for asked in chat.asked]
    assert [len(page) for page in pages] == [4, 4, 4]
    assert pages[0][0][1] == '-"relation 33"->'
    assert len({text for page in pages for _, text in page}) == 12
    assert "(46 more not shown)" in chat.asked[0][1].content
    assert found.ends


def test_there_is_an_end_to_turning_pages() -> None:
    chat = MockChatModel([choose(more=True)] * 9)
    reasoning = walked(ChatFinder(chat, shown=4, pages=2), "q?", hub(), "hub", hops=1)
    assert reasoning.hypotheses == []
    assert len(chat.asked) == 3  # the second page is the last: a wish for more is no choice there


def test_options_may_be_ranked_by_meaning() -> None:
    def embed(texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        birth = ("born in", "Where did her life begin?")
        return np.array([[1, 0] if text in birth else [0, 1] for text in texts], dtype=np.float32)

    steps = walk(GRAPH, "Jane Austen")
    (first, *_), count = Menu(steps, steps, embed).options("Where did her life begin?", steps.start, 9)
    assert first.words == "born in"
    assert count == 2


def test_the_first_step_says_which_topic_it_leaves() -> None:
    chat = MockChatModel([choose(1), choose(0)])
    walked(ChatFinder(chat), "q?", GRAPH, "Emma", "Steventon")
    texts = [text for _, text in OPTION.findall(chat.asked[0][1].content)]
    assert '"Emma" -"author"->' in texts
    assert '"Steventon" -"county"->' in texts


def test_what_narrows_the_walk_narrows_the_options() -> None:
    chat = following("born in")
    reasoning = walked(ChatFinder(chat), "q?", filters=(Using(relations={"born in"}),))
    assert all("set in" not in str(asked) for asked in chat.asked)
    assert reasoning.hypotheses
    assert all("born in" in {hop.relation for hop in h.chain.hops} for h in reasoning.hypotheses)


def test_a_model_that_fails_is_an_error() -> None:
    with pytest.raises(ModelError, match="down"):
        walked(ChatFinder(MockChatModel([ModelError("down")])), "q?")


@pytest.mark.parametrize("name", ["beams", "shown", "pages", "reply_tokens"])
def test_settings_out_of_range_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=name):
        ChatFinder(MockChatModel([]), **{name: 0})  # type: ignore[arg-type]


@given(graphs(), st.randoms(use_true_random=False), st.sampled_from(["relations", "path"]))
def test_whatever_a_model_chooses_its_chains_are_in_the_graph(
    graph: IndexedGraph, chance: object, grammar: StepGrammar
) -> None:
    draw = chance.randint  # type: ignore[attr-defined]
    if not graph.entity_count:
        return
    topic = graph.entity(draw(0, graph.entity_count - 1))
    chat = MockChatModel(lambda _: choose(*(draw(-1, 5) for _ in range(3)), more=draw(0, 1) == 1))
    try:
        reasoning = walked(ChatFinder(chat, shown=3), "q?", graph, topic, grammar=grammar, hops=2)
    except NoChainError:
        return
    for found in reasoning.hypotheses:
        assert found.score <= 0
        for chain in found.chains():
            assert chain.start == topic
            assert all(triple in graph for triple in chain.triples)
    for asked in chat.asked:
        numbers = [int(n) for n, _ in OPTION.findall(asked[1].content)]
        assert numbers in (list(range(len(numbers))), list(range(1, len(numbers) + 1)))


class KeepsSchemas(MockChatModel):
    """A chat model that keeps the schema of each request."""

    schemas: list[Mapping[str, Any] | None]

    def reply(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None, max_tokens: int = 512
    ) -> Reply:
        self.schemas.append(schema)
        return super().reply(messages, schema=schema, max_tokens=max_tokens)


def test_an_endpoint_that_holds_schemas_can_choose_only_what_is_offered() -> None:
    chat = KeepsSchemas([choose(1), choose(0), choose(0)])
    chat.schemas = []
    walked(ChatFinder(chat, beams=1), "where was the author born?")
    offered = [[int(number) for number, _ in OPTION.findall(asked[-1].content)] for asked in chat.asked]
    assert len(offered) > 1
    for numbers, schema in zip(offered, chat.schemas, strict=True):
        assert schema is not None
        assert schema["properties"]["choices"]["items"]["enum"] == numbers
        assert schema["properties"]["choices"]["maxItems"] == 1
