"""A diff finds exactly the questions whose answers asking everything of both graphs would find."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging_model import JudgingModel
from property_examples import examples
from strategies import RELATIONS, names, statements

from kgqa.chat import MockChatModel
from kgqa.datasets import Question
from kgqa.diff import AnswerDiff, GivenAnswer, GraphDiff, ModelMemory
from kgqa.errors import UsageError
from kgqa.finders import ChatFinder, ModelFinder
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Statement, Triple, clean_name
from kgqa.lm import CascadeLanguageModel, Distributions, Request
from kgqa.pipeline import Answerer, Query
from kgqa.pipeline.router import GrammarChoice

FILMS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "in_language", "English"),
    Triple("Juarez", "directed_by", "William Dieterle"),
    Triple("Juarez", "in_language", "Spanish"),
    Triple("Emma", "written_by", "Jane Austen"),
]
GRAMMARS: tuple[GrammarChoice, ...] = ("relations", "path", "programs", "auto")


def answerer(graph: IndexedGraph, model: JudgingModel, grammar: GrammarChoice = "relations") -> Answerer:
    return Answerer(graph, model, grammar, hops=2)


def asked(question: str, id_: str = "1", *answers: str) -> Question:
    return Question(id_, question, answers=answers)


def full_run(of: Answerer, questions: Sequence[Question]) -> list[tuple[tuple[str, ...], ...]]:
    """What everything being asked gives."""
    outcomes = of.run([Query(one.question, one.topic_entities) for one in questions], 4)
    return [GivenAnswer.of(outcome, of.graph).said for outcome in outcomes]


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[Statement], list[Statement]]:
    """The statements of a graph, and the same after a few edits."""
    old = draw(statements())
    facts = [one for one in old if isinstance(one, Triple)]
    ends = sorted({end for fact in facts for end in (fact.head, fact.tail)}) or ["a"]
    new = list(old)
    for _ in range(draw(st.integers(0, 3))):
        match draw(st.sampled_from(("add", "remove", "rename", "name", "new"))):
            case "add":
                place = st.sampled_from(ends)
                new.append(Triple(draw(place), draw(st.sampled_from(RELATIONS)), draw(place)))
            case "remove" if facts:
                gone = draw(st.sampled_from(facts))
                new = [one for one in new if one != gone]
            case "rename":
                relation, name = draw(st.sampled_from(RELATIONS)), draw(st.sampled_from(RELATIONS))
                new = [
                    one._replace(relation=name)
                    if isinstance(one, Triple) and one.relation == relation
                    else one
                    for one in new
                ]
            case "name":
                new.insert(0, Name(draw(st.sampled_from(ends)), draw(names())))
            case "new":
                namesake = draw(st.sampled_from(ends))
                new += [Name("new:1", namesake), Triple("new:1", "r", draw(st.sampled_from(ends)))]
    return old, new


@given(edits(), st.sampled_from(GRAMMARS), st.integers(0, 5))
@examples(30)
def test_what_is_found_is_what_asking_everything_finds(
    edited: tuple[list[Statement], list[Statement]], grammar: GrammarChoice, seed: int
) -> None:
    old, new = map(GraphBuilder.of, edited)
    chance, model = random.Random(seed), JudgingModel(seed)
    entities = sorted({*old.entities, *new.entities})
    texts = ("what is {}", "how many are of {}", "which r of {} is the first", "{} directed by")
    questions = [
        Question(str(at), chance.choice(texts).format(clean_name(entity)), (entity,) * chance.randrange(2))
        for at, entity in enumerate(entities[:6])
    ]
    sides = answerer(old, model, grammar), answerer(new, model, grammar)
    found = AnswerDiff.of(*sides, questions, check=len(questions))
    before, now = (full_run(one, questions) for one in sides)
    different = {str(at) for at in range(len(questions)) if before[at] != now[at]}
    assert {one.question.id for one in found.changes if one.is_changed} == different
    assert found.unequal == ()
    assert found.checked + found.asked_new == len(questions)
    for change in found.changes:
        assert change.old.said == before[int(change.question.id)]
        assert change.new.said == now[int(change.question.id)]
        assert all(fact in old and fact not in new for fact in change.lost_facts)
        assert all(fact in new and fact not in old for fact in change.new_facts)
    assert json.loads(json.dumps(found.to_dict()))["changed"] == len(different)
    assert all(line.isprintable() for line in found.describe().split("\n"))


@given(statements(), st.sampled_from(GRAMMARS))
@examples(12)
def test_of_a_graph_that_did_not_change_nothing_is_asked(
    said: list[Statement], grammar: GrammarChoice
) -> None:
    graph, model = GraphBuilder.of(said), JudgingModel()
    questions = [
        Question(str(at), f"how many r of {at}", (one,)) for at, one in enumerate(sorted(graph.entities)[:3])
    ]
    memory = ModelMemory()
    AnswerDiff.of(answerer(graph, model, grammar), answerer(graph, model, grammar), questions, memory)
    before = model.asked
    again = GraphBuilder.of(said)
    found = AnswerDiff.of(answerer(graph, model, grammar), answerer(again, model, grammar), questions, memory)
    assert (model.asked, found.asked_old, found.asked_new, found.changes) == (before, 0, 0, ())


def test_of_a_new_fact_only_the_question_whose_search_meets_it_is_asked() -> None:
    model = JudgingModel()
    old = GraphBuilder.of(FILMS)
    new = GraphBuilder.of([*FILMS, Triple("Emma", "in_language", "French")])
    questions = [asked("who directed Kismet", "1"), asked("who wrote Emma", "2")]
    found = AnswerDiff.of(answerer(old, model), answerer(new, model), questions)
    assert (found.asked_old, found.asked_new) == (2, 1)


def test_a_fact_that_is_gone_is_named() -> None:
    model = JudgingModel()
    old, new = GraphBuilder.of(FILMS), GraphBuilder.of(FILMS[1:])
    question = Question("1", "what is it", ("William Dieterle",), ("Kismet",))
    sides = replace(answerer(old, model), hops=1), replace(answerer(new, model), hops=1)
    found = AnswerDiff.of(*sides, [question], explain=True)
    (change,) = found.changes
    assert change.kind == "fewer"
    assert change.lost_facts == (FILMS[0],)
    assert change.is_setback
    assert change.old_f1 == pytest.approx(2 / 3)
    assert change.new_f1 == 0
    assert change.diagnosis is None
    lines = found.describe().split("\n")
    assert lines[0] == "what is it: has fewer answers (F1 0.67 before, 0.00 now)"
    assert "  - Kismet -> directed_by -> William Dieterle" in lines
    assert lines[-1].startswith("1 of 1 question is answered otherwise (1 may be worse)")


def test_the_stage_that_lost_an_answer_is_named_where_all_facts_are_there() -> None:
    model = JudgingModel()
    facts = [Triple("f1", "in_language", "English"), Triple("f2", "in_language", "Spanish")]
    old = GraphBuilder.of([*facts, Name("f1", "Kismet"), Name("f2", "Juarez")])
    new = GraphBuilder.of([*facts, Name("f1", "Destiny"), Name("f2", "Kismet")])
    question = Question("1", "what is Kismet", answers=("English",))
    sides = replace(answerer(old, model), hops=1), replace(answerer(new, model), hops=1)
    found = AnswerDiff.of(*sides, [question], explain=True)
    (change,) = found.changes
    assert change.diagnosis is not None
    assert change.to_dict()["cause"] == change.diagnosis.cause.value
    lines = change.describe().split("\n")
    assert "  topics: f1 before, f2 now" in lines
    assert "  ~ entity 'Kismet' (f1) is called 'Destiny' now" in lines
    assert lines[-1].startswith(f"  lost:   {change.diagnosis.cause.value}: ")


def test_what_makes_a_question_right_is_no_setback() -> None:
    model = JudgingModel()
    old, new = GraphBuilder.of(FILMS), GraphBuilder.of(FILMS[1:])
    sides = replace(answerer(old, model), hops=1), replace(answerer(new, model), hops=1)
    right = Question("1", "what is it", ("William Dieterle",), ("Juarez",))
    unknown = Question("2", "what is it", ("William Dieterle",))
    found = AnswerDiff.of(*sides, [right, unknown])
    assert [change.is_setback for change in found.changes] == [False, True]
    assert [change.question.id for change in found.setbacks] == ["2"]


def test_what_a_model_said_is_known_to_a_later_diff(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("memory") / "said.sqlite"
    old, new = GraphBuilder.of(FILMS), GraphBuilder.of(FILMS[1:])
    questions = [asked("who directed Kismet"), asked("how many did William Dieterle direct", "2")]
    model = JudgingModel()
    sides = answerer(old, model, "auto"), answerer(new, model, "auto")
    first = AnswerDiff.of(*sides, questions, ModelMemory(file, "a model"))
    before = model.asked
    later = AnswerDiff.of(*sides, questions, ModelMemory(file, "a model"))
    assert (model.asked, later.asked_old, later.asked_new) == (before, 0, 0)
    assert [one.to_dict() for one in later.changes] == [one.to_dict() for one in first.changes]
    other = AnswerDiff.of(*sides, questions, ModelMemory(file, "another model"))
    assert other.asked_old == 2


def test_a_damaged_memory_is_an_empty_one(
    tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path_factory.mktemp("memory") / "said.sqlite"
    file.write_bytes(b"no database" * 100)
    graph, model = GraphBuilder.of(FILMS), JudgingModel()
    side = answerer(graph, model)
    found = AnswerDiff.of(side, side, [asked("who directed Kismet")], ModelMemory(file))
    assert (found.asked_old, found.asked_new, found.changes) == (1, 0, ())
    assert "moved to said.sqlite.damaged" in caplog.text


def test_an_llm_cannot_be_compared() -> None:
    side = replace(answerer(GraphBuilder.of(FILMS), JudgingModel()), finder=ChatFinder(MockChatModel([])))
    with pytest.raises(UsageError, match="an LLM takes part"):
        AnswerDiff.of(side, side, [asked("who directed Kismet")])


def test_a_cascade_cannot_be_compared() -> None:
    cascade = CascadeLanguageModel(JudgingModel(), JudgingModel(1))
    side = Answerer(GraphBuilder.of(FILMS), cascade)
    with pytest.raises(UsageError, match="a cascade of models"):
        AnswerDiff.of(side, side, [asked("who directed Kismet")])


def test_questions_are_put_as_the_settings_say() -> None:
    class Told(JudgingModel):
        def score(self, requests: Sequence[Request]) -> list[Distributions]:
            forms.update(request.prompt.form for request in requests)
            return super().score(requests)

    forms: set[str] = set()
    side = Answerer(GraphBuilder.of(FILMS), ModelFinder(Told(), prompt="gcr"), "path", hops=2)
    AnswerDiff.of(side, side, [asked("who directed Kismet")])
    assert forms == {"gcr"}


@pytest.mark.parametrize("more", [{"answer": "held"}, {"explain": True}])
def test_what_is_written_beside_chains_cannot_be_compared(more: dict[str, Any]) -> None:
    model = JudgingModel()
    side = Answerer(GraphBuilder.of(FILMS), ModelFinder(model, **more), "chain", hops=2)
    with pytest.raises(UsageError, match="only chains are compared"):
        AnswerDiff.of(side, side, [asked("who directed Kismet")])


def test_an_answerer_with_caches_is_compared_without_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    side = answerer(GraphBuilder.of(FILMS), JudgingModel()).cached(tmp_path_factory.mktemp("stages"))
    found = AnswerDiff.of(side, side, [asked("who directed Kismet")])
    assert (found.asked_old, found.asked_new) == (1, 0)


def test_a_graph_diff_may_be_given() -> None:
    graph, model = GraphBuilder.of(FILMS), JudgingModel()
    side = answerer(graph, model)
    graphs = GraphDiff.of(graph, graph, ("a", "b"))
    assert AnswerDiff.of(side, side, [], graphs=graphs).graphs is graphs
