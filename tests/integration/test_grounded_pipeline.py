"""The whole line with a chat model at its end: any grammar, any graph, any reply, and the record of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples
from strategies import graphs

from kgqa import Answerer, GraphBuilder, MockLanguageModel, Triple
from kgqa.answer import LlmAggregator
from kgqa.chat import Message, MockChatModel
from kgqa.datasets import Question
from kgqa.errors import ModelError, NoChainError
from kgqa.evaluation import Record, evaluate
from kgqa.evaluation.scoring.chain_check import faithful_share
from kgqa.graph import IndexedGraph, clean_name


@examples(80)
@given(
    graphs(),
    st.sampled_from(["path", "chain", "relations"]),
    st.lists(st.integers(0, 20), min_size=1, max_size=2),
    st.lists(st.tuples(st.integers(0, 20), st.lists(st.integers(1, 9), max_size=3)), max_size=4),
    st.booleans(),
)
def test_answers_are_faithful_in_every_grammar_whichever_entities_and_lines_a_model_cites(
    graph: IndexedGraph,
    grammar: Literal["path", "chain", "relations"],
    starts: list[int],
    claims: list[tuple[int, list[int]]],
    everything: bool,
) -> None:
    if not graph.entity_count:
        return
    entities = [graph.entity(number) for number in range(graph.entity_count)]
    topics = list(dict.fromkeys(entities[at % len(entities)] for at in starts))
    names = [clean_name(graph.label(entities[at % len(entities)]) or "?") for at, _ in claims]
    rows = [{"entity": name, "chains": ids} for name, (_, ids) in zip(names, claims, strict=True)]
    rows += [{"entity": "*", "chains": [1, 2]}] if everything else []
    chat = MockChatModel(lambda _: json.dumps({"answerable": True, "answers": rows}))
    answerer = Answerer(graph, MockLanguageModel(), grammar, 2, aggregator=LlmAggregator(chat))
    try:
        answer = answerer.answer("q?", topics)
    except NoChainError:
        return
    found = [ranked.entity for ranked in answer.entities]
    shown = [(at, chain.triples) for at, ranked in enumerate(answer.entities) for chain in ranked.chains]
    share = faithful_share(found, [triples for _, triples in shown], [at for at, _ in shown], topics, graph)
    assert share == 1.0
    assert bool(found) or not everything


def reply(messages: Sequence[Message]) -> str | ModelError:
    if "which fails" in messages[1].content:
        return ModelError("no reply")
    if "Reasoning paths" not in messages[1].content:
        return '["Woolf"]'
    return '{"answers": [{"entity": "*", "chains": [1]}, {"entity": "Woo\\ud800lf", "chains": []}]}'


def test_a_run_keeps_what_the_model_said_and_goes_on_after_a_reply_that_failed(tmp_path: Path) -> None:
    graph = GraphBuilder.of([Triple("Emma", "author", "Jane Austen")])
    aggregator = LlmAggregator(MockChatModel(reply, price=1.0), closed_book=True)
    questions = [
        Question("1", "who wrote it?", ("Emma",), ("Jane Austen",)),
        Question("2", "which fails?", ("Emma",), ("Jane Austen",)),
        Question("3", "who wrote it?", ("Roma",), ("Rome",), graph=(Triple("Roma", "capital of", "Rome"),)),
    ]
    answerer = Answerer(graph, MockLanguageModel(), aggregator=aggregator)
    report = evaluate(questions, answerer, tmp_path, batch_size=2)
    assert (report.by_status["answered"], report.by_status["error"]) == (2, 1)
    assert report.totals.faithful == 1.0
    lines = (tmp_path / "records.jsonl").read_text("utf-8").splitlines()
    first, second, third = (Record.from_json(json.loads(line)) for line in lines)
    assert first.llm_report is not None
    assert first.llm_report.outside == ("Woolf",)
    assert (first.llm_report.agreement, first.llm_report.usage.requests) == ("conflicts", 2)
    assert first.llm_report.usage.cost == pytest.approx(first.llm_report.usage.prompt_tokens + 9, abs=9)
    assert second.error == "no reply"
    assert third.answers == ("Rome",)
