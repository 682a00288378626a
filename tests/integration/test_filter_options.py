"""Filters as an answerer's setting and as options of the commands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kgqa.cli import main
from kgqa.constraint import EndsIn, Live, Only, Using, Without, named_filters
from kgqa.decode import BeamSearch
from kgqa.errors import NoChainError, UnknownRelationError, UsageError
from kgqa.finders import ModelFinder
from kgqa.graph import Chain, GraphBuilder, IndexedGraph, Name, RelationName, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, Query

FILMS = [
    ("Kismet", "directed_by", "William Dieterle"),
    ("Kismet", "in_language", "English"),
    ("Juarez", "directed_by", "William Dieterle"),
    ("Juarez", "in_language", "Spanish"),
    ("Juarez", "release_year", "1939"),
    ("William Dieterle", "instance of", "person"),
    ("English", "instance of", "language"),
    ("Spanish", "instance of", "language"),
]
ASKED = "what of Kismet"


@pytest.fixture
def graph() -> IndexedGraph:
    return GraphBuilder.of(Triple(*fact) for fact in FILMS)


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "films.tsv"
    path.write_text("".join("\t".join(fact) + "\n" for fact in FILMS), "utf-8")
    return path


def answers(facts: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, object]]:
    """Every answer of the shipped model, whatever it thinks of it."""
    arguments = [
        "ask",
        ASKED,
        "--graph",
        str(facts),
        "--topic",
        "Kismet",
        "--min-confidence",
        "0",
        "--beams",
        "50",
    ]
    assert main([*arguments, "--json", *options]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)["answers"]
    return found


def used(found: list[dict[str, object]]) -> set[str]:
    """The relations and entities in the chains of some answers."""
    return {
        part
        for answer in found
        for chain in answer["chains"]  # type: ignore[attr-defined]
        for triple in chain
        for part in triple
    }


def test_what_is_ruled_out_is_in_no_chain(facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ruled_out = answers(facts, capsys, "--without", "in_language", "--without", "person")
    assert ruled_out
    assert used(ruled_out).isdisjoint({"in_language", "person", "English"})
    only = answers(facts, capsys, "--only-relation", "in_language", "--only-relation", "release_year")
    assert used(only) & {fact[1] for fact in FILMS} == {"in_language"}


def test_answers_are_of_a_type_and_every_chain_uses_what_it_must(
    facts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    languages = answers(facts, capsys, "--answer-type", "Language")
    assert languages
    assert {answer["entity"] for answer in languages} <= {"English", "Spanish"}
    found = answers(facts, capsys, "--answer-type", "language", "--must-use", "William Dieterle")
    assert found
    for answer in found:
        for chain in answer["chains"]:  # type: ignore[attr-defined]
            assert any("William Dieterle" in triple for triple in chain)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--without", "in_langage"), "no entity 'in_langage'; nor a relation of that name (in without)"),
        (("--must-use", "Bill"), "no entity 'Bill'; nor a relation of that name (in must_use)"),
        (("--only-relation", "English"), "no relation 'English'; in only_relation"),
        (("--answer-type", "planet"), "no entity 'planet'; in answer_type"),
        (("--answer-type", "1939"), "nothing in the graph is an instance of '1939'"),
    ],
)
def test_a_name_that_cannot_be_meant_is_one_clear_error(
    facts: Path, options: tuple[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", ASKED, "--graph", str(facts), *options]) == 1
    streams = capsys.readouterr()
    assert streams.out == ""
    assert message in " ".join(streams.err.split())
    questions = facts.parent / "q.jsonl"
    row = {"id": "1", "question": ASKED, "topic_entities": ["Kismet"], "answers": ["English"]}
    questions.write_text(json.dumps(row) + "\n")
    out = facts.parent / "run"
    arguments = ["eval", "--graph", str(facts), "--questions", str(questions), "--out", str(out)]
    assert main([*arguments, *options]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert not out.exists()


def test_nothing_left_to_say_is_no_answer(facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", ASKED, "--graph", str(facts), "--without", "Kismet", "--topic", "Kismet"]) == 0
    assert capsys.readouterr().out == "The graph does not say.\n"


def test_a_filtered_run_is_another_run(facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions, out = facts.parent / "q.jsonl", facts.parent / "run"
    row = {"id": "1", "question": ASKED, "topic_entities": ["Kismet"], "answers": ["English"]}
    questions.write_text(json.dumps(row) + "\n")
    arguments = ["eval", "--graph", str(facts), "--questions", str(questions), "--out", str(out), "--json"]
    assert main([*arguments, "--answer-type", "person"]) == 0
    record = json.loads((out / "records.jsonl").read_text("utf-8"))
    assert record["answers"] == ["William Dieterle"]
    assert main([*arguments, "--answer-type", "language"]) == 2
    fact = ["Kismet", "in_language", "English"]
    own = {"id": "1", "question": ASKED, "q_entity": ["Kismet"], "answer": ["English"], "graph": [fact]}
    questions.write_text(json.dumps(own) + "\n")
    capsys.readouterr()
    assert main([*arguments[:-2], str(out) + "2", "--without", "in_language"]) == 2
    assert "bring a graph each" in " ".join(capsys.readouterr().err.split())


def test_a_name_that_several_bear_means_all_of_them() -> None:
    graph = GraphBuilder.of(
        [
            Triple("m1", "film.director", "m2"),
            Triple("m1", "theatre.director", "m3"),
            Triple("m1", "film.about", "m4"),
            Name("m1", "Kismet"),
            Name("m2", "Smith"),
            Name("m3", "Smith"),
            Name("m4", "director"),
            RelationName("film.director", "director"),
            RelationName("theatre.director", "director"),
        ]
    )
    assert named_filters(graph, without=["Director"]) == (
        Without(relations={"film.director", "theatre.director"}, entities={"m4"}),
    )
    assert named_filters(graph, only_relation=["film.director"]) == (Only(relations={"film.director"}),)
    (either,) = named_filters(graph, must_use=["smith"])
    assert either == Using(entities={"m2"}) | Using(entities={"m3"})
    assert named_filters(graph, must_use=["film.about"]) == (Using(relations={"film.about"}),)
    assert named_filters(graph, without=[], answer_type=None) == ()
    with pytest.raises(UsageError, match="must_use must be a sequence of names, not the text 'smith'"):
        named_filters(graph, must_use="smith")


@pytest.mark.parametrize("grammar", ["relations", "path", "chain"])
def test_an_answerer_with_filters_of_every_kind_says_only_what_they_keep(
    graph: IndexedGraph, grammar: str
) -> None:
    model, search = MockLanguageModel(), BeamSearch(beams=100)
    every = Without(relations={"release_year"}) & EndsIn({"English", "Spanish"})
    few = Live(lambda chain: len(chain.hops) < 3)
    finder = ModelFinder(model, search)
    filtered = Answerer(graph, finder, grammar, filters=(every, few))  # type: ignore[arg-type]
    whole = Answerer(graph, finder, grammar)  # type: ignore[arg-type]

    def said(answerer: Answerer) -> set[Chain]:
        (outcome,) = answerer.run([Query("which language", ["Juarez"])])
        return {chain for found in outcome.hypotheses for chain in found.chains()}

    assert said(filtered) == {c for c in said(whole) if every.keeps(c) and few.keeps(c)}
    assert [ranked.entity for ranked in filtered.answer("which language", ["Juarez"]).entities] == ["Spanish"]


def test_a_filter_that_names_what_is_not_there_is_an_error_before_any_question(graph: IndexedGraph) -> None:
    with pytest.raises(UnknownRelationError, match="author"):
        Answerer(graph, MockLanguageModel(), filters=(Without(relations={"author"}),))
    with pytest.raises(NoChainError, match="ending at 'Hamlet'"):
        Answerer(graph, MockLanguageModel(), filters=(EndsIn({"Hamlet"}),)).answer("what", ["Kismet"])


def test_the_examples_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "restrict-chains.md").read_text("utf-8")
    names: dict[str, object] = {}
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(example, "restrict-chains.md", "exec"), names)
    first, second = capsys.readouterr().out.splitlines()
    assert f"This prints `{first}`" in page
    assert second == "(Triple(head='Emma', relation='author', tail='Jane Austen'),)"
