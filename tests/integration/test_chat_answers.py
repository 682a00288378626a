"""Models that can only be talked to, on the real atlas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from lexical_chat import lexical_chat

from kgqa.answer import Answer, LlmAggregator
from kgqa.chat import ChatModel, Message, MockChatModel
from kgqa.constraint import StepGrammar, Without
from kgqa.datasets import Question, load_questions
from kgqa.errors import ModelError, NoTopicError, UnknownEntityError, UnknownRelationError
from kgqa.evaluation import Report, evaluate
from kgqa.finders import ChatFinder
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.graph.readers import read
from kgqa.pipeline import Answerer, Query

ROOT = Path(__file__).parents[2]
QUESTIONS = 50


@pytest.fixture(scope="module")
def atlas() -> IndexedGraph:
    return GraphBuilder.of(read(ROOT / "graphs" / "atlas" / "atlas.ttl"))


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    """Every fifth test question."""
    return list(load_questions(ROOT / "data" / "atlas" / "test.jsonl"))[::5][:QUESTIONS]


def run(answerer: Answerer, questions: list[Question], out: Path, batch_size: int = 1) -> Report:
    report = evaluate(questions, answerer, out, batch_size=batch_size)
    assert report.totals.n == QUESTIONS
    assert report.by_status["error"] == 0
    assert report.totals.faithful == 1.0
    return report


@pytest.mark.parametrize("grammar", ["relations", "path"])
def test_a_model_that_knows_words_only_reads_the_options_and_answers_three_in_ten(
    grammar: StepGrammar, atlas: IndexedGraph, questions: list[Question], tmp_path: Path
) -> None:
    chat = lexical_chat()
    report = run(Answerer(atlas, ChatFinder(chat), grammar), questions, tmp_path)
    assert report.totals.hits_at_1 >= 0.3
    aggregated = Answerer(atlas, ChatFinder(chat), grammar, aggregator=LlmAggregator(chat))
    assert run(aggregated, questions, tmp_path / "llm").totals.hits_at_1 >= 0.3


def knowing(questions: list[Question]) -> Callable[[Sequence[Message]], str]:
    """A model that knows the gold path of every question, and finds its steps among the options."""
    golden = {" ".join(question.question.split()): question for question in questions}

    def reply(messages: Sequence[Message]) -> str:
        asked = messages[1].content
        question = golden[re.search(r"Question: (.*)", asked)[1]]  # type: ignore[index]
        walked = len(re.findall(r'-"', re.search(r"Path so far: (.*)", asked)[1]))  # type: ignore[index]
        path = question.gold_relation_path or ()
        if walked == len(path):
            return '{"choices": [0]}'
        step = path[walked]
        relation = f'"{step.removeprefix("~")}"'
        arrow = f"<-{relation}-" if step.startswith("~") else f"-{relation}->"
        options = re.findall(r"^\[(\d+)\] (.*)$", asked, re.MULTILINE)
        return json.dumps({"choices": [int(n) for n, text in options if text.endswith(arrow)], "more": True})

    return reply


def test_a_model_that_knows_the_way_finds_it_among_the_options_and_gets_every_answer(
    atlas: IndexedGraph, questions: list[Question], tmp_path: Path
) -> None:
    asked = [question for question in questions if len(question.topic_entities) == 1]
    assert len(asked) > QUESTIONS / 2
    chat = MockChatModel(knowing(asked))
    report = evaluate(asked, Answerer(atlas, ChatFinder(chat, pages=9)), tmp_path)
    assert report.totals.f1 == 1.0


def test_questions_answered_at_once_are_answered_as_one_by_one(
    atlas: IndexedGraph, questions: list[Question], tmp_path: Path
) -> None:
    answerer = Answerer(atlas, ChatFinder(lexical_chat()))
    alone = run(answerer, questions, tmp_path / "1")
    at_once = run(answerer, questions, tmp_path / "8", batch_size=8)
    assert (alone.totals.hits_at_1, alone.totals.f1) == (at_once.totals.hits_at_1, at_once.totals.f1)


def broken(_: Sequence[Message]) -> ModelError:
    return ModelError("down")


def answerer(graph: IndexedGraph, chat: ChatModel) -> Answerer:
    return Answerer(graph, ChatFinder(chat))


def test_what_a_question_raises_stands_in_its_place(atlas: IndexedGraph) -> None:
    asked = [Query("capital?", ("Kenya",)), Query("?", ("Zog",)), Query("?"), Query("", ("Kenya",))]
    good, unknown, none, empty = answerer(atlas, lexical_chat()).run(asked, batch_size=2)
    assert isinstance(empty.answer, Answer)
    assert atlas.label(good.unwrap().entities[0].entity) == "Nairobi"
    assert isinstance(unknown.answer, UnknownEntityError)
    assert isinstance(none.answer, NoTopicError)
    (failed,) = answerer(atlas, MockChatModel(broken)).run(asked[:1])
    assert isinstance(failed.answer, ModelError)


def test_whoever_stops_listening_pays_for_no_more_replies(atlas: IndexedGraph) -> None:
    chat = lexical_chat()
    outcomes = answerer(atlas, chat).run([Query("What is the capital of Kenya?", ("Kenya",))] * 50, 2)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert len(chat.asked) < 20


def test_usage_of_reasoning_and_aggregating_is_added_up(atlas: IndexedGraph) -> None:
    chat = lexical_chat()
    asking = Answerer(atlas, ChatFinder(chat), aggregator=LlmAggregator(chat))
    answer = asking.answer("What is the capital of Kenya?")
    assert answer.llm_report is not None
    assert answer.llm_report.model == "lexical"
    assert answer.llm_report.usage.requests == len(chat.asked) > 1


def test_filters_narrow_what_is_offered(atlas: IndexedGraph) -> None:
    (capital,) = {t.relation for t in atlas if atlas.relation_label(t.relation) == "capital"}
    chat = lexical_chat()
    asking = Answerer(atlas, ChatFinder(chat), filters=(Without(relations={capital}),))
    asking.answer("What is the capital of Kenya?")
    assert '"capital"' not in str(chat.asked)
    with pytest.raises(UnknownRelationError):
        Answerer(atlas, ChatFinder(chat), filters=(Without(relations={"zog"}),))
