"""GCR's recipe: what is trained on is its published template, of the paths that it learns."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest
from tiny_models import tiny_model
from unit.lm.test_gcr_prompt import TRIMMED, published

from kgqa.constraint import Answered, Constraint, StatedText
from kgqa.datasets import Question
from kgqa.errors import KgqaError
from kgqa.finders import LinkedQuestion, ModelFinder
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm.load import as_language_model, load_language_model
from kgqa.pipeline import Answerer, Query
from kgqa.pipeline.settings_table import SettingError
from kgqa.training import TrainingSettings, train
from kgqa.training.examples.question_examples import QuestionExamples
from kgqa.training.fine_tuning.completion import completions
from kgqa.training.fine_tuning.gcr_texts import gcr_texts

FACTS = [
    Triple("Jamaica", "athletes", "m.0b64vhp"),
    Triple("m.0b64vhp", "athlete", "Usain Bolt"),
    Triple("Jamaica", "athletes", "m.0c"),
    Triple("m.0c", "athlete", "Usain Bolt"),
    Triple("Jamaica", "contains", "Kingston"),
    Triple("Kingston", "born here", "Usain Bolt"),
    Triple("Jamaica", "contains", "Port Royal"),
    Triple("Port Royal", "near", "Kingston"),
    Triple("Usain Bolt", "lives in", "Kingston"),
    Triple("Cuba", "near", "Jamaica"),
]
GRAPH = GraphBuilder.of(FACTS)


def texts(
    *answers: str, hops: int = 3, inverse: bool = False, gold_relation_path: tuple[str, ...] | None = None
) -> list[str]:
    question = Question("q", "who runs there", ("Jamaica",), answers, gold_relation_path=gold_relation_path)
    return [
        "".join(text.segments).removeprefix(" ")
        for example in QuestionExamples(GRAPH, "gcr", hops, inverse).of([question])
        for text in gcr_texts(GRAPH, example)
    ]


@pytest.mark.parametrize("answer", ["Usain Bolt", "Kingston", "m.0c"])
def test_without_gold_paths_all_shortest_ones_are_learnt_each_once(answer: str) -> None:
    graph = nx.DiGraph()
    for head, relation, tail in FACTS:
        graph.add_edge(head, tail, relation=relation)
    wanted = {
        nodes[0] + "".join(f" -> {graph[a][b]['relation']} -> {b}" for a, b in nx.utils.pairwise(nodes))
        for nodes in nx.all_shortest_paths(graph, "Jamaica", answer)
    }
    found = texts(answer)
    assert set(found) == wanted
    assert len(found) == len(wanted)


def test_shortest_is_meant_for_each_answer() -> None:
    found = texts("Usain Bolt", "Kingston")
    assert "Jamaica -> contains -> Kingston" in found
    assert len(found) == 4  # not the way over Port Royal, which has three steps to Usain Bolt


def test_steps_against_triples_are_learnt_only_where_they_are_asked_for() -> None:
    assert texts("Cuba") == []
    assert texts("Cuba", inverse=True) == ["Jamaica <- near <- Cuba"]
    assert texts("Cuba", gold_relation_path=("~near",)) == []
    assert texts("Cuba", inverse=True, gold_relation_path=("~near",)) == ["Jamaica <- near <- Cuba"]


def test_gold_paths_are_learnt_as_they_are_where_a_question_has_them() -> None:
    found = texts("Kingston", gold_relation_path=("contains", "near"))
    assert found == ["Jamaica -> contains -> Port Royal -> near -> Kingston"]


def test_a_completion_has_the_ids_of_the_published_template() -> None:
    raw, tokenizer = tiny_model("llama")
    tokenizer.chat_template = TRIMMED
    model = as_language_model(raw, tokenizer)
    question = Question("q", "who runs there", ("Jamaica",), ("Usain Bolt", "Kingston"))
    (example,) = QuestionExamples(GRAPH, "gcr", 3, False).of([question])
    found = gcr_texts(GRAPH, example)
    assert {text.weight for text in found} == {1.0}
    for text, row in zip(found, completions(model, found), strict=True):
        path = "".join(text.segments).removeprefix(" ")
        end = path.rpartition(" -> ")[2]
        assert list(row.given) == published(tokenizer, question.question, ["Jamaica"], path, end)
        assert row.wanted[-1] == tokenizer.eos_token_id != tokenizer.convert_tokens_to_ids("</PATH>")


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_a_text_is_one_that_the_constraint_accepts_behind_the_prompt_that_is_asked(name: str) -> None:
    model = as_language_model(*tiny_model(name))
    finder = ModelFinder(model, prompt="gcr", answer="held")
    answerer = Answerer(GRAPH, finder, "path", inverse=False, speak_identifiers=True)
    question = Question("q", "who runs there", ("Jamaica",), ("Usain Bolt",))
    (example,) = QuestionExamples(GRAPH, "gcr", 3, False).of([question])
    task = finder.task(LinkedQuestion(question.question, ("Jamaica",)), answerer.space)
    found = gcr_texts(GRAPH, example)
    assert found
    for text, row in zip(found, completions(model, found), strict=True):
        constraint: Constraint = task.constraint
        assert isinstance(constraint, Answered)
        assert text.prompt == task.prompt
        state = constraint.start
        *written, _ = (token for token in row.wanted if token >= 0)
        for token in written:
            state = constraint.advance(state, token)
        assert constraint.answer(state) == ("Usain Bolt",)


def test_settings_that_do_not_fit_the_recipe_are_refused_by_name() -> None:
    with pytest.raises(SettingError, match=r"^grammar: the recipe gcr is of paths"):
        TrainingSettings(recipe="gcr", grammar="chain")
    with pytest.raises(SettingError, match=r"^inverse: is about the recipe gcr"):
        TrainingSettings(inverse=True)
    with pytest.raises(KgqaError, match="recipe"):
        train("nowhere", GRAPH, settings=TrainingSettings(recipe="gcr"))


@pytest.mark.slow
def test_a_model_trained_in_the_recipe_answers_with_what_it_learnt(tmp_path: Path) -> None:
    raw, tokenizer = tiny_model("qwen2")
    raw.save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    questions = [
        Question("a", "who runs there", ("Jamaica",), ("Usain Bolt",)),
        Question("b", "what is inside", ("Jamaica",), ("Kingston", "Port Royal")),
    ]
    settings = TrainingSettings(
        recipe="gcr", made_up=0, steps=150, batch_size=8, learning_rate=1e-2, dev_limit=0
    )
    result = train(
        tmp_path / "out", GRAPH, questions, dev=questions, model=tmp_path / "base", settings=settings
    )
    assert result.after is None
    finder = ModelFinder(load_language_model(tmp_path / "out"), prompt="gcr", answer="free")
    answerer = Answerer(GRAPH, finder, "path", inverse=False, speak_identifiers=True)
    for question in questions:
        (outcome,) = answerer.run([Query(question.question, question.topic_entities)])
        first = outcome.hypotheses[0]
        assert first.stated == StatedText(first.chain.end, from_graph=False)
        assert first.chain.end in question.answers
