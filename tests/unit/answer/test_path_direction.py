"""The direction that a question asks in, by its grammar and the words of the relation."""

from __future__ import annotations

import math

import pytest
from given_programs import text_of, written
from hypothesis import given
from hypothesis import strategies as st

from kgqa.answer import PathDirection
from kgqa.answer.direction import asked_side, relation_sides
from kgqa.decode import Hypothesis
from kgqa.finders import ModelFinder
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer

NAMES = st.text("bdfgklmnprstvwz", min_size=3, max_size=9).map(str.capitalize)
QUESTIONS = {
    # relation: (asked along the facts, asked against them)
    "guards": ("Who does {x} guard?", "Who guards {x}?"),
    "guarded by": ("Who is {x} guarded by?", "Who is guarded by {x}?"),
    "betrayed": ("Who did {x} betray?", "Who betrayed {x}?"),
    "approved by": ("Who approved {x}?", "What did {x} approve?"),
    "preys on": ("What does {x} prey on?", "What preys on {x}?"),
    "imported from": ("Where was {x} imported from?", "What was imported from {x}?"),
    "deputy of": ("Whose deputy was {x}?", "Who was the deputy of {x}?"),
    "isDeputyOf": ("Of whom was {x} the deputy?", "deputies of {x}"),
    "hasGuardian": ("Who is the guardian of {x}?", "Whose guardian is {x}?"),
    "sponsor": ("{x}'s sponsor", "Who has {x} as a sponsor?"),
    "apprentice": ("apprentice of {x}", "Who taught {x}?"),
    "successor": ("What came after {x}?", "What came before {x}?"),
}


@pytest.mark.parametrize("relation", QUESTIONS)
@given(name=NAMES)
def test_a_question_and_its_converse_ask_for_different_sides(relation: str, name: str) -> None:
    sides = relation_sides(relation)
    assert sides is not None
    along, against = (pattern.format(x=name) for pattern in QUESTIONS[relation])
    assert asked_side(along, name, sides) is True
    assert asked_side(against, name, sides) is False


@pytest.mark.parametrize("relation", QUESTIONS)
def test_swapping_heads_and_tails_swaps_the_answers_and_so_does_the_converse_question(relation: str) -> None:
    facts = [Triple("Ansel", relation, "Berta"), Triple("Berta", relation, "Corin")]
    swapped = [Triple(fact.tail, relation, fact.head) for fact in facts]
    along, against = (pattern.format(x="Berta") for pattern in QUESTIONS[relation])
    assert answers(facts, along) == answers(swapped, against) == ["Corin"]
    assert answers(facts, against) == answers(swapped, along) == ["Ansel"]


def answers(facts: list[Triple], question: str) -> list[str]:
    finder = ModelFinder(MockLanguageModel(), rankers=(PathDirection(nats=30.0),))
    answerer = Answerer(GraphBuilder.of(facts), finder, hops=1)
    return [ranked.entity for ranked in answerer.answer(question, ["Berta"]).entities]


@pytest.mark.parametrize(
    ("question", "relation"),
    [
        ("What is the flavor of Berta?", "guards"),  # another relation
        ("Who guards her?", "guards"),  # the topic is not named
        ("Does Berta guard Berta?", "guards"),  # named twice
        ("", "guards"),
    ],
)
def test_nothing_is_said_where_the_question_says_nothing(question: str, relation: str) -> None:
    sides = relation_sides(relation)
    assert sides is not None
    assert asked_side(question, "Berta", sides) is None


@pytest.mark.parametrize("relation", ["sibling of", "married to", "", "date published", "and"])
def test_relations_that_are_the_same_both_ways_or_unclear_have_no_sides(relation: str) -> None:
    assert relation_sides(relation) is None


@given(st.text(max_size=30), st.text(max_size=60), st.text(min_size=1, max_size=10))
def test_any_relation_and_any_question_can_be_read(relation: str, question: str, topic: str) -> None:
    sides = relation_sides(relation)
    if sides is not None:
        assert asked_side(question, topic, sides) in {True, False, None}


def hypotheses(question: str) -> tuple[list[Hypothesis], list[Hypothesis]]:
    """Those of a model about Berta, before and after the ranking."""
    facts = [("Ansel", "guards", "Berta"), ("Berta", "guards", "Corin"), ("Berta", "likes", "Dora")]
    graph = GraphBuilder.of([Triple(*fact) for fact in facts])
    answerer = Answerer(graph, ModelFinder(MockLanguageModel(), rankers=()), hops=1)
    (outcome,) = answerer.run([question])
    found = list(outcome.hypotheses)
    return found, PathDirection().rank(question, ["Berta"], found, graph)


def mass(found: list[Hypothesis], relation: str) -> float:
    return math.fsum(math.exp(h.score) for h in found if h.chain.hops[0].relation == relation)


@given(st.sampled_from(["Who guards Berta?", "Who does Berta guard?"]))
def test_both_ways_together_keep_their_weight_and_all_others_their_scores(question: str) -> None:
    before, after = hypotheses(question)
    assert {h.tokens for h in before} == {h.tokens for h in after}
    assert mass(before, "guards") == pytest.approx(mass(after, "guards"))
    assert mass(before, "likes") == mass(after, "likes")
    assert after == sorted(after, key=lambda hypothesis: hypothesis.rank)


def test_without_a_direction_in_the_question_nothing_changes() -> None:
    before, after = hypotheses("Berta?")
    assert {h.tokens: h.score for h in before} == {h.tokens: h.score for h in after}


@pytest.mark.parametrize(
    ("question", "right"),
    [("How many people does Berta manage?", "<-"), ("How many people manage Berta?", "->")],
)
def test_programs_that_differ_in_the_direction_of_the_first_step_are_told_apart(
    question: str, right: str
) -> None:
    facts = [("Ansel", "manager", "Berta"), ("Berta", "manager", "Corin"), ("Dora", "manager", "Berta")]
    graph = GraphBuilder.of(facts)
    along, against, other = "Berta -> manager | count", "Berta <- manager | count", "Berta -> manager"
    found = PathDirection().rank(question, ["Berta"], written(graph, question, along, against, other), graph)
    texts = [text_of(one, graph) for one in found]
    assert (texts.index(along) < texts.index(against)) == (right == "->")
    scores = {text: one.score for text, one in zip(texts, found, strict=True)}
    assert scores[other] == -1.0
    assert sum(math.exp(score) for score in scores.values()) == pytest.approx(3 * math.exp(-1))


def test_programs_from_several_names_or_without_a_step_keep_their_scores() -> None:
    graph = GraphBuilder.of([("Ansel", "manager", "Berta"), ("Berta", "manager", "Ansel")])
    question = "How many people do Ansel and Berta manage?"
    texts = ("Ansel or Berta -> manager | count", "Ansel or Berta <- manager | count", "Ansel | count")
    found = written(graph, question, *texts)
    assert PathDirection().rank(question, ["Ansel", "Berta"], found, graph) == found
