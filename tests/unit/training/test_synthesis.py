"""Made-up questions: their texts are of the grammar and their paths walk the graph."""

from __future__ import annotations

import random

import pytest

from kgqa.graph import GraphBuilder, IndexedGraph, RelationStep, Triple
from kgqa.training.examples.example import Example, Target
from kgqa.training.examples.frontier import Frontier
from kgqa.training.examples.synthesis import (
    composed_examples,
    mentions,
    replaced,
    synthetic_examples,
)
from scripts.shipped.derived_examples import joined_examples, noun_phrase, restyled_examples

TRIPLES = [
    Triple("Peru", "location.country.capital", "Lima"),
    Triple("Lima", "mayor", "Rafael"),
    Triple("Rafael", "birthPlace", "Cusco"),
    Triple("Cusco", "location.city.country", "Peru"),
    Triple("Peru", "language", "Quechua"),
    Triple("Bolivia", "language", "Quechua"),
    Triple("Bolivia", "location.country.capital", "La Paz"),
    Triple("Loop", "same", "Loop"),
]
CAPITAL, MAYOR = RelationStep("location.country.capital"), RelationStep("mayor")
QUESTIONS = [
    Example("atlas", "Which city is the capital of Peru?", ("Peru",), (Target((CAPITAL,)),)),
    Example("atlas", "Who is the mayor of Lima?", ("Lima",), (Target((MAYOR,)),)),
]


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    return GraphBuilder.of(TRIPLES)


def reached(entity: str, steps: tuple[RelationStep, ...]) -> set[str]:
    """The entities at the end of a path, by looking through all triples at every step."""
    found = {entity}
    for relation, inverse in steps:
        pairs = [(t.tail, t.head) if inverse else (t.head, t.tail) for t in TRIPLES if t.relation == relation]
        found = {end for start, end in pairs if start in found}
    return found


def test_random_walks_are_walks_of_the_graph(graph: IndexedGraph) -> None:
    examples = list(synthetic_examples("made-up", graph, 300, seed=3))
    assert len(examples) == 300
    for example in examples:
        (topic,), ((steps, weight),) = example.topics, example.targets
        assert reached(topic, steps), example
        assert 1 <= len(steps) <= 3
        assert (example.source, weight) == ("made-up", 1.0)
        assert topic in example.question
        assert "{" not in example.question
    assert {step.relation for e in examples for step in e.targets[0].steps} == {
        triple.relation for triple in TRIPLES if triple.relation != "same"
    }
    assert {len(example.targets[0].steps) for example in examples} == {1, 2, 3}


def test_made_up_questions_seldom_walk_through_hubs_and_are_of_all_lengths() -> None:
    people = range(400)
    graph = GraphBuilder.of(
        [Triple(f"person {n}", "gender", "female") for n in people]
        + [Triple(f"person {n}", "child", f"person {(n + 1) % len(people)}") for n in people]
    )
    paths = [e.targets[0].steps for e in synthetic_examples("made-up", graph, 300, seed=3)]
    through = [path for path in paths if RelationStep("gender", inverse=True) in path[1:]]
    assert 0 < len(through) < 0.1 * len(paths)
    assert all(60 < sum(len(path) == length for path in paths) < 140 for length in (1, 2, 3))


def test_made_up_questions_name_their_relations_where_no_notion_has_other_words() -> None:
    graph = GraphBuilder.of([Triple("Peru", "zorkAxis", "Lima"), Triple("Lima", "has_blick", "Cusco")])
    for example in synthetic_examples("made-up", graph, 100, seed=3):
        for step in example.targets[0].steps:
            assert {"zorkAxis": "zork axis", "has_blick": "blick"}[step.relation] in example.question


def test_made_up_questions_are_the_same_with_the_same_seed(graph: IndexedGraph) -> None:
    first = list(synthetic_examples("s", graph, 20, seed=3))
    assert first == list(synthetic_examples("s", graph, 20, seed=3))
    assert first != list(synthetic_examples("s", graph, 20, seed=4))


def test_a_graph_without_walks_gives_no_questions() -> None:
    for graph in (GraphBuilder.of([]), GraphBuilder.of([Triple("a", "r", "a")])):
        assert list(synthetic_examples("s", graph, 3, seed=0)) == []


def test_nothing_to_start_from_gives_no_questions(graph: IndexedGraph) -> None:
    unmentioned = [Example("atlas", "who rules?", ("Peru",), (Target((MAYOR,)),))]
    for examples in ([], unmentioned):
        assert list(composed_examples("c", graph, examples, 3, seed=0)) == []
        assert list(joined_examples("j", graph, examples, 3, seed=0)) == []


def test_a_composed_question_describes_its_topic_by_a_neighbour(graph: IndexedGraph) -> None:
    examples = list(composed_examples("c", graph, QUESTIONS, 100, seed=0))
    assert len(examples) == 100
    for example in examples:
        (topic,), ((steps, weight),) = example.topics, example.targets
        asked = QUESTIONS[0] if steps[1:] == (CAPITAL,) else QUESTIONS[1]
        assert asked.topics[0] in reached(topic, steps[:1])
        assert steps[1:] == asked.targets[0].steps
        assert weight == 1
        assert topic in example.question
        assert asked.topics[0] not in example.question


def test_a_composed_path_has_at_most_three_steps_and_its_weights_sum_to_one(graph: IndexedGraph) -> None:
    targets = (Target((CAPITAL,), 0.5), Target((CAPITAL, MAYOR, MAYOR), 0.5))
    example = Example("atlas", "what about Peru?", ("Peru",), targets)
    for composed in composed_examples("c", graph, [example], 10, seed=0):
        assert [(len(target.steps), target.weight) for target in composed.targets] == [(2, 1.0)]


def test_a_joined_question_asks_about_the_answer_of_another(graph: IndexedGraph) -> None:
    examples = list(joined_examples("j", graph, QUESTIONS, 20, seed=0))
    assert len(examples) == 20
    for example in examples:
        assert example.topics == ("Peru",)
        assert example.targets == (Target((CAPITAL, MAYOR)),)
        assert reached("Peru", example.targets[0].steps) == {"Rafael"}
    assert {example.question for example in examples} == {
        "Who is the mayor of the city that is the capital of Peru?"
    }


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("Who is the mayor of Lima?", "the mayor of Lima"),
        ("What was Peru's capital", "Peru's capital"),
        ("Which river flows through Lima?", "the river that flows through Lima"),
        ("Name the rivers of Peru.", "the rivers of Peru"),
        ("How old is Rafael?", ""),
        ("Did Rafael win?", ""),
    ],
)
def test_a_noun_phrase_says_what_is_asked_for(question: str, phrase: str) -> None:
    phrases = {noun_phrase(question, random.Random(seed)) for seed in range(20)}
    assert phrase in phrases
    assert phrase or phrases == {""}


def test_restyled_relations_keep_their_words_directions_and_weights() -> None:
    steps = (RelationStep("people.person.place_of_birth"), RelationStep("birthPlace", True))
    twin = (RelationStep("x.place_of_birth"), RelationStep("birth_place", True))
    example = Example("webqsp", "q", ("a",), (Target(steps, 0.75), Target(twin, 0.25)))
    styles = set()
    for seed in range(30):
        (restyled,) = restyled_examples("r", [example], seed)
        ((renamed, weight),) = restyled.targets
        assert weight == 1
        assert [step.inverse for step in renamed] == [False, True]
        assert (restyled.source, restyled.question, restyled.topics) == ("r", "q", ("a",))
        styles.add(tuple(step.relation for step in renamed))
    assert styles == {
        ("place of birth", "birth place"),
        ("place_of_birth", "birth_place"),
        ("placeOfBirth", "birthPlace"),
    }


def test_a_topic_is_mentioned_as_words_of_its_own() -> None:
    assert mentions("where is UR?", "Ur")
    assert not mentions("who ruled during the war", "Ur")
    assert mentions("who is in R.E.M.?", "R.E.M.")
    assert not mentions("who is in RxExMx?", "R.E.M.")
    assert replaced("during ur's fall", "Ur", r"the \1 city") == r"during the \1 city's fall"


def test_a_frontier_holds_what_the_steps_reach_and_never_the_topic_again(graph: IndexedGraph) -> None:
    language = RelationStep("language")
    there = Frontier.at(graph, "Peru").onward()
    assert list(there) == sorted(there)
    back = there[language].onward()[RelationStep("language", True)]
    assert back.answers() == ["Bolivia"]
    assert back.ends_named()
    assert Frontier.at(graph, "Loop").onward() == {}


def test_answers_with_more_walks_come_first() -> None:
    triples = [Triple("t", "r", "a"), Triple("t", "r", "b"), Triple("a", "s", "y"), Triple("a", "s", "z")]
    graph = GraphBuilder.of([*triples, Triple("b", "s", "z"), Triple("b", "s", "x")])
    frontier = Frontier.at(graph, "t").onward()[RelationStep("r")].onward()[RelationStep("s")]
    assert frontier.answers() == ["z", "x", "y"]
    assert sorted(frontier.walks.tolist()) == [1, 1, 2]
