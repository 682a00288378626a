"""How an answer is shown: by names, as text, in notebooks and as JSON."""

from __future__ import annotations

import json

from unit.report.page_reader import PageReader

from kgqa.answer import Answer, RankedEntity
from kgqa.graph import Chain, GraphBuilder, Hop, Name
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer

IRI = "https://kgqa.example/atlas/"
CHAIN = Chain(f"{IRI}Q1", (Hop(f"{IRI}by", "m.09"), Hop(f"{IRI}who", f"{IRI}Q2")))
GRAPH = GraphBuilder.of([*CHAIN.triples, Name(f"{IRI}Q1", "Kismet"), Name(f"{IRI}Q2", "William <b>Dieterle")])


def answer(confidence: float | None = None) -> Answer:
    return Answer("who directed Kismet?", (RankedEntity(f"{IRI}Q2", 0.75, (CHAIN,)),), confidence)


def test_an_answer_reads_by_names_once_it_has_a_graph() -> None:
    assert str(answer().over(GRAPH)) == (
        "who directed Kismet?\n"
        "William <b>Dieterle  (vote share 0.75)\n"
        "    Kismet -[by]-> · -[who]-> William <b>Dieterle"
    )
    assert answer().names == (f"{IRI}Q2",)
    assert IRI in str(answer())


def test_a_notebook_shows_names_as_text() -> None:
    page = answer(0.5).over(GRAPH)._repr_html_()
    read = PageReader(page)
    assert not read.problems
    assert IRI not in page
    assert "William <b>Dieterle" in read.texts
    assert "confidence 0.50" in read.texts


def test_the_answers_of_an_answerer_have_the_names_of_its_graph() -> None:
    found = Answerer(GRAPH, MockLanguageModel()).answer("who directed Kismet?", ["Kismet"])
    assert "William <b>Dieterle" in found.names
    assert found.graph is GRAPH
    (first, *_) = json.loads(json.dumps(found.to_dict()))["entities"]
    assert first["name"] == found.names[0]
    assert first["entity"] == found.entities[0].entity


def test_the_graph_plays_no_part_in_comparisons_and_texts_of_an_answer() -> None:
    plain = Answer("?", (RankedEntity("a", 1.0, (Chain("b", (Hop("r", "a"),)),)),))
    assert plain.over(GraphBuilder.of([("b", "r", "a")])) == plain
    assert plain.over(GRAPH).names == ("a",)  # an entity that the graph does not have
    assert "IndexedGraph" not in repr(answer().over(GRAPH))


def test_long_answers_are_cut_and_empty_ones_say_so() -> None:
    many = Answer(
        "?", tuple(RankedEntity(f"e{n}", 0.1, (Chain("a", (Hop("r", f"e{n}"),)),)) for n in range(12))
    )
    assert str(many).endswith("\n... and 2 more")
    assert "... and 2 more" in many._repr_html_()
    assert str(Answer("why?")) == "why?\nThe graph does not say."
    assert "The graph does not say." in Answer("why?")._repr_html_()
