"""What training texts say, and that the constraint lets a model say it."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from tiny_models import tiny_model
from unit.training.film_graph import EXAMPLES, GRAPH, asked

from kgqa.constraint import GrammarName, Walk
from kgqa.constraint.grammars.listing import list_relation_paths
from kgqa.finders import LinkedQuestion, ModelFinder
from kgqa.graph import RelationPath
from kgqa.lm import MockTokenizer
from kgqa.lm.load import as_language_model
from kgqa.lm.request import Prompt
from kgqa.pipeline import Answerer
from kgqa.training.examples.example import Example, Target
from kgqa.training.fine_tuning.completion import completions
from kgqa.training.fine_tuning.training_text import training_texts

GRAMMARS: tuple[GrammarName, ...] = ("path", "chain", "relations")


def said(*arguments: object, **options: object) -> list[str]:
    return sorted("".join(text.segments) for text in training_texts(GRAPH, *arguments, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["llama", "gpt2", "t5", "bart"])
@pytest.mark.parametrize("grammar", GRAMMARS)
def test_every_text_is_one_that_the_constraint_accepts_behind_the_prompt_that_is_asked(
    name: str, grammar: GrammarName
) -> None:
    model = as_language_model(*tiny_model(name))
    answerer, finder = Answerer(GRAPH, model, grammar), ModelFinder(model)
    for example in EXAMPLES:
        texts = training_texts(GRAPH, example, grammar, per_example=20)
        assert texts, example
        topics = tuple(answerer.resolve(example.topics))
        task = finder.task(LinkedQuestion(example.question, topics), answerer.space)
        assert isinstance(task.constraint, Walk)
        for text, completion in zip(texts, completions(model, texts), strict=True):
            assert text.prompt == task.prompt
            state = task.constraint.start
            *written, end = (token for token in completion.wanted if token >= 0)
            for token in written:
                state = task.constraint.advance(state, token)
            assert task.constraint.accepts(state), "".join(text.segments)
            assert end == model.tokenizer.end_id


@given(named_graphs(), st.sampled_from(ENTITIES), st.sampled_from(GRAMMARS))
def test_every_relation_path_of_any_graph_becomes_texts_that_the_constraint_accepts(
    named: NamedGraph, topic: str, grammar: GrammarName
) -> None:
    graph = named.graph
    known = topic in {end for triple in named.triples for end in (triple.head, triple.tail)}
    listed = list(islice(list_relation_paths(graph, [topic], 2), 12)) if known else []
    for segments, chain in listed:
        target = Target(RelationPath.of(chain).steps)
        texts = training_texts(graph, Example("", "?", (topic,), (target,)), grammar)
        assert texts or grammar == "chain"
        if grammar == "relations":
            assert [text.segments for text in texts] == [segments]
        constraint = Walk.of(graph, [topic], MockTokenizer(), grammar=grammar)
        for text in texts:
            state = constraint.start
            for ids in MockTokenizer().encode_batch(text.segments):
                for token in ids:
                    state = constraint.advance(state, token)
            assert constraint.accepts(state)


def test_relation_paths_leave_entities_open() -> None:
    assert said(EXAMPLES[1], "relations") == [" <- directed_by -> in_language"]
    assert said(EXAMPLES[5], "relations") == [" -> in_language", " -> role -> cast member"]


def test_paths_name_what_lies_on_the_way_but_not_mediators() -> None:
    assert said(EXAMPLES[1], "path") == [
        " David Fincher <- directed_by <- Seven -> in_language -> English",
        " David Fincher <- directed_by <- Zodiac -> in_language -> German",
    ]
    assert said(EXAMPLES[3], "path") == [" Zodiac -> role -> cast member -> Mark Ruffalo"]


def test_chains_are_verbalized_link_by_link() -> None:
    assert said(EXAMPLES[1], "chain")[0] == (
        " 1. < David Fincher <- directed_by <- Seven > 2. < Seven -> in_language -> English >"
    )
    assert said(EXAMPLES[3], "chain") == [" 1. < Zodiac -> role -> cast member -> Mark Ruffalo >"]


def test_no_text_comes_back_to_its_topic() -> None:
    assert said(EXAMPLES[2], "path") == [" Seven -> directed_by -> David Fincher <- directed_by <- Zodiac"]
    back = asked("what is remade as Kismet?", "Kismet", "remake_of|remake_of")
    assert [said(back, grammar) for grammar in GRAMMARS] == [[], [], []]


def test_a_chain_that_says_a_link_twice_is_a_path_only() -> None:
    twice = asked("?", "Seven", "directed_by|~directed_by|directed_by")
    assert len(said(twice, "path")) == 1
    assert said(twice, "chain") == []


def test_only_chains_that_end_at_an_answer_are_kept() -> None:
    question = asked("which languages?", "David Fincher", "~directed_by|in_language", answers=("GERMAN",))
    assert said(question, "path") == [" David Fincher <- directed_by <- Zodiac -> in_language -> German"]
    assert said(question, "relations") == [" <- directed_by -> in_language"]
    nobody = asked("which languages?", "David Fincher", "~directed_by|in_language", answers=("Atlantis",))
    assert said(nobody, "path") == []


def test_texts_that_read_the_same_are_one() -> None:
    same = asked("who plays in Seven?", "Seven", "role|P161")
    assert said(same, "path") == [" Seven -> role -> cast member -> Zoë Bell"]


def test_a_path_may_start_from_a_later_topic() -> None:
    other = asked("?", "English|Zodiac", "directed_by")
    assert said(other, "path") == [" Zodiac -> directed_by -> David Fincher"]


def test_what_the_graph_does_not_know_gives_no_texts() -> None:
    assert said(asked("?", "Atlantis", "directed_by"), "path") == []
    assert said(asked("?", "Kismet", "sung_by"), "relations") == []
    assert said(asked("?", "Kismet", "role"), "relations") == []  # it leads to no name


def test_the_weights_of_an_example_are_its_targets_and_sum_to_one() -> None:
    texts = training_texts(GRAPH, EXAMPLES[5], "path", per_example=9)
    weights = {text.segments[2]: text.weight for text in texts}
    assert weights == pytest.approx({" in_language": 0.5, " role": 0.5})
    one = training_texts(GRAPH, EXAMPLES[5], "path", per_example=1)
    assert [text.weight for text in one] == [1.0]


def test_a_seed_draws_the_same_texts_again_and_each_text_sometimes() -> None:
    question = asked("?", "English", "~in_language")
    drawn = [said(question, "path", seed=seed, per_example=2) for seed in range(20)]
    assert drawn == [said(question, "path", seed=seed, per_example=2) for seed in range(20)]
    assert {len(texts) for texts in drawn} == {2}
    assert len({text for texts in drawn for text in texts}) == 3


def test_a_prompt_names_the_topics_as_the_graph_does() -> None:
    (text,) = training_texts(GRAPH, asked("in?", "kismet|nothing|SEVEN", "in_language"), "relations")
    assert text.prompt == Prompt("in?", ("Kismet", "Seven"), "relations")
