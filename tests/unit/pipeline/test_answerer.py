"""The line from a question to its answer: one question and many."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Sequence
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa import Answerer, GraphBuilder, MockLanguageModel, Triple
from kgqa.answer import Answer, Calibration, GraphVote, LlmReport, Vote
from kgqa.chat import Usage
from kgqa.constraint import Constraint, Explained, Without
from kgqa.datasets import Question
from kgqa.decode import BeamSearch, BestFirst, Decoder, Greedy, Hypothesis
from kgqa.errors import KgqaError, NoTopicError, UnknownEntityError, UsageError
from kgqa.finders import ChainSpace, Finder, Found, LinkedQuestion, ModelFinder
from kgqa.graph import IndexedGraph
from kgqa.graph.endpoint import EndpointGraph
from kgqa.lm import MockTokenizer
from kgqa.pipeline import EndpointAnswerer, Query
from kgqa.pipeline.router import GrammarChoice
from kgqa.pipeline.settings import ASK_DEFAULTS, AnswererSettings

GRAPH = GraphBuilder.of(
    [Triple(f"film {n}", "directed by", f"director {n % 3}") for n in range(9)]
    + [Triple(f"film {n}", "in", "English") for n in range(9)]
)
MODEL = MockLanguageModel()
ASKED = [
    Query("who directed film 1?"),
    Query("who directed nothing?"),
    Query("who directed it?", ("film 2",)),
    Query("who directed it?", ("film 99",)),
    Query("who directed it?", ("film 3",)),
    Query("who?"),
]


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_questions_of_a_batch_are_answered_as_alone_and_errors_stand_in_their_places(batch_size: int) -> None:
    answerer = Answerer(GRAPH, MODEL, hops=2)
    outcomes = list(answerer.run(ASKED, batch_size))
    assert [type(outcome.answer) for outcome in outcomes] == [
        Answer,
        NoTopicError,
        Answer,
        UnknownEntityError,
        Answer,
        NoTopicError,
    ]
    for query, outcome in zip(ASKED, outcomes, strict=True):
        assert outcome.question == query.question
        if outcome.error is not None:
            with pytest.raises(type(outcome.error)):
                answerer.answer(*query)
            with pytest.raises(type(outcome.error)):
                outcome.unwrap()
        else:
            assert outcome.unwrap() == answerer.answer(*query)
            assert outcome.hypotheses
            assert outcome.passes > 0
            assert outcome.timings.total > 0


def test_no_questions_have_no_outcomes() -> None:
    assert list(Answerer(GRAPH, MODEL).run([])) == []


def test_questions_are_read_a_batch_at_a_time() -> None:
    read: list[int] = []

    def questions() -> object:
        for number in range(9):
            read.append(number)
            yield f"who directed film {number}?"

    outcomes = Answerer(GRAPH, MODEL, hops=1).run(questions(), batch_size=3)  # type: ignore[arg-type]
    next(outcomes)
    assert read == [0, 1, 2]


@given(st.text())
def test_a_text_where_names_are_expected_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="topics"):
        Answerer(GRAPH, MODEL).answer("who directed it?", name)
    with pytest.raises(UsageError, match="topics"):
        list(Answerer(GRAPH, MODEL).run([Query("who?", name)]))


def test_an_endpoint_is_not_asked_with_a_text_where_names_are_expected() -> None:
    asked = EndpointAnswerer(Answerer(GRAPH, MODEL), EndpointGraph.at("http://localhost:9/sparql"))
    with pytest.raises(UsageError, match="topics must be a sequence of names, not the text 'film 1'"):
        list(asked.run([Query("who?", "film 1")]))
    with pytest.raises(UsageError, match="not one text"):
        list(asked.run("who directed film 1?"))


@pytest.mark.parametrize(
    "asked", [float("nan"), None, b"who?", 3, {"question": "who?"}, Question("1", "who?"), (None, ["a"])]
)
def test_what_is_no_question_is_refused(asked: Any) -> None:
    with pytest.raises(UsageError, match=r"a question is a text|question must be a text"):
        list(Answerer(GRAPH, MODEL).run([asked]))


def test_topics_may_be_an_array_as_data_frames_have_them() -> None:
    names = numpy.array(["film 1", "film 2"])
    (found,) = Answerer(GRAPH, MODEL, hops=1).run([("who directed them?", names)])  # type: ignore[list-item]
    assert len(found.topics) == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hops": 0}, "hops must be"),
        ({"grammar": "paths"}, "grammar must be one of"),
        ({"filters": Without(relations={"x"})}, "filters is a tuple"),
        ({"filters": [lambda chain: True]}, "filters is a tuple"),
        ({"aggregator": "vote"}, "aggregator is an Aggregator"),
    ],
)
def test_a_bad_setting_is_refused_before_a_question_is_asked(settings: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Answerer(GRAPH, MODEL, **settings)


@pytest.mark.parametrize("batch_size", [0, -3, 2.5, True, "8", None])
def test_batches_have_at_least_one_question(batch_size: Any) -> None:
    with pytest.raises(UsageError, match="batch_size"):
        list(Answerer(GRAPH, MODEL).run(["who?"], batch_size))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((GRAPH, "a model"), "finder"),
        ((GRAPH, None), "finder"),
        (("graph", MODEL), "graph"),
        ((None, MODEL), "graph"),
    ],
)
def test_something_else_than_a_graph_or_a_finder_is_refused_by_name(arguments: Any, named: str) -> None:
    with pytest.raises(UsageError, match=f"^{named} is"):
        Answerer(*arguments)


def test_one_text_is_no_sequence_of_questions() -> None:
    with pytest.raises(UsageError, match="not one text"):
        list(Answerer(GRAPH, MODEL).run("who directed film 1?"))


@pytest.mark.parametrize("decoder", [BeamSearch(3), BestFirst(3), Greedy()])
@pytest.mark.parametrize("grammar", ["path", "chain", "relations"])
def test_every_answer_has_its_chains_whatever_searches(decoder: Decoder, grammar: str) -> None:
    answerer = Answerer(GRAPH, ModelFinder(MODEL, decoder), grammar, 2)  # type: ignore[arg-type]
    answer = answerer.answer("who?", ["film 4"])
    assert answer.entities
    for ranked in answer.entities:
        assert all(triple in GRAPH for chain in ranked.chains for triple in chain.triples)
        assert all(chain.end == ranked.entity for chain in ranked.chains)


def test_a_wrapped_constraint_is_what_is_decoded() -> None:
    def explained(chain: Constraint) -> Constraint:
        return Explained(chain, MODEL.tokenizer, explanation_tokens=3)  # type: ignore[arg-type]

    answerer = Answerer(GRAPH, ModelFinder(MODEL, wrap=explained), "chain", 2)
    (outcome,) = answerer.run([Query("who?", ["film 4"])])
    assert all("This tells us" in MODEL.tokenizer.decode(h.tokens) for h in outcome.hypotheses)
    assert all(triple in GRAPH for h in outcome.hypotheses for triple in h.chain.triples)


class _Fixed(Finder):
    """A finder that finds what a `ModelFinder` does and says what that cost."""

    def find(self, questions: Sequence[LinkedQuestion], space: ChainSpace) -> list[Found | KgqaError]:
        found = ModelFinder(MODEL).find(questions, space)
        report = LlmReport("walker", usage=Usage(requests=3))
        return [one._replace(llm_report=report) if isinstance(one, Found) else one for one in found]

    def constraint(self, question: LinkedQuestion, space: ChainSpace) -> Constraint:
        return ModelFinder(MODEL).constraint(question, space)


class _Recording:
    """An aggregator that votes and notes what it is handed."""

    concurrency = 4

    def __init__(self) -> None:
        self.graphs: list[IndexedGraph] = []
        self.threads: set[str] = set()

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis], graph: IndexedGraph) -> Answer:
        self.graphs.append(graph)
        self.threads.add(threading.current_thread().name)
        return Vote().aggregate(question, hypotheses, graph)


def test_ones_own_finder_and_aggregator_are_used_and_handed_the_graph() -> None:
    aggregator = _Recording()
    answerer = Answerer(GRAPH, _Fixed(), aggregator=aggregator)
    outcomes = list(answerer.run([f"who directed film {n}?" for n in range(4)]))
    assert aggregator.graphs == [GRAPH] * 4
    assert threading.current_thread().name not in aggregator.threads
    for outcome in outcomes:
        assert outcome.unwrap().llm_report == LlmReport("walker", usage=Usage(requests=3))


def test_a_vote_of_ones_own_stays_what_it_is() -> None:
    vote = Vote(share=0.0)
    assert Answerer(GRAPH, MODEL, aggregator=vote).answer_aggregator is vote
    assert isinstance(Answerer(GRAPH, MODEL).answer_aggregator, GraphVote)


def test_answers_below_the_least_confidence_are_empty_and_say_how_sure_they_were() -> None:
    unsure = Calibration(bias=-2.0, score=0.0, lead=0.0)
    answer = Answerer(GRAPH, MODEL, calibration=unsure).answer("who directed film 1?")
    assert answer.entities
    assert answer.confidence == pytest.approx(0.1192, abs=1e-4)
    assert answer.confidence_of(answer.entities[0]) == answer.confidence
    strict = Answerer(GRAPH, MODEL, calibration=unsure, min_confidence=0.5).answer("who directed film 1?")
    assert not strict
    assert strict.confidence == answer.confidence
    with pytest.raises(UsageError, match="min_confidence"):
        Answerer(GRAPH, MODEL, min_confidence=1.5)


def test_another_graph_is_asked_with_the_same_settings() -> None:
    other = GraphBuilder.of([Triple("film 1", "directed by", "somebody else")])
    answer = Answerer(GRAPH, MODEL, hops=1).over(other).answer("who directed film 1?")
    assert [ranked.entity for ranked in answer.entities] == ["somebody else"]


def test_what_decides_the_outcomes_is_described() -> None:
    base = Answerer(GRAPH, MODEL)
    assert base.describe() == Answerer(GRAPH, MockLanguageModel()).describe()
    others = [
        Answerer(GRAPH, MockLanguageModel(seed=1)),
        Answerer(GRAPH, MockLanguageModel(preferences={" in": 3.0})),
        Answerer(GRAPH, MODEL, hops=2),
        Answerer(GRAPH, MODEL, "path"),
        Answerer(GRAPH, MODEL, allow_return=True),
        Answerer(GRAPH, MODEL, aggregator=Vote()),
        Answerer(GRAPH, MODEL, aggregator=Vote(share=0.1)),
        Answerer(GRAPH, ModelFinder(MODEL, BeamSearch(3))),
        Answerer(GRAPH, ModelFinder(MODEL, Greedy())),
        Answerer(GRAPH, ModelFinder(MODEL, wrap=lambda constraint: constraint)),
        Answerer(GRAPH, MODEL, calibration=Calibration(0.0, 1.0, 1.0)),
        Answerer(GRAPH, MODEL, min_confidence=0.2),
    ]
    descriptions = [base.describe(), *(other.describe() for other in others)]
    assert all(one != other for at, one in enumerate(descriptions) for other in descriptions[at + 1 :])


@pytest.mark.parametrize("grammar", ["relations", "auto"])
def test_what_is_known_of_texts_is_shared_by_the_graphs_of_questions(
    grammar: GrammarChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[str] = []
    encode_batch = MockTokenizer.encode_batch

    def counted(tokenizer: MockTokenizer, segments: Sequence[str]) -> list[tuple[int, ...]]:
        encoded.extend(segments)
        return encode_batch(tokenizer, segments)

    monkeypatch.setattr(MockTokenizer, "encode_batch", counted)
    answerer = Answerer(GRAPH, MODEL, grammar, hops=1)
    for name in ("Kismet", "Hunger"):
        graph = GraphBuilder.of([Triple(name, "directed by", f"director of {name}")])
        assert answerer.over(graph).answer(f"who directed {name}?").names == (f"director of {name}",)
    assert sum("directed by" in text for text in encoded) == 1


def test_an_answerer_says_in_one_line_that_it_is_not_pickled() -> None:
    with pytest.raises(UsageError, match="make one in each process"):
        pickle.dumps(Answerer(GRAPH, MODEL))
    settings = AnswererSettings.of(ASK_DEFAULTS)
    assert pickle.loads(pickle.dumps(settings)) == settings
