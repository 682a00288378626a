"""The text of an answer: readable, and harmless whatever the names of the graph hold."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.answer import Answer, RankedEntity
from kgqa.graph import Chain, GraphBuilder, Hop, IndexedGraph, Name, Triple
from kgqa.service import AnswerText, Reply

HOSTILE = (
    "![x](http://evil.example/pixel.png)",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "```\n# heading",
    "`````",
    "**bold** _it_ ~~gone~~ | table |",
    "\x1b[31mred\u202eevil",
    "http://evil.example/?q=1",
    "www.evil.example",
    "&lt;b&gt; $x$ :smile: @all",
    "1. one",
    "",
)


def answered(names: list[str], **fields: object) -> tuple[Reply, IndexedGraph]:
    builder = GraphBuilder()
    builder.add(Name("q", "Kismet"))
    for number, name in enumerate(names):
        builder.add(Triple("q", "directed_by", f"e{number}"))
        builder.add(Name(f"e{number}", name))
    graph = builder.build()
    entities = tuple(
        RankedEntity(f"e{number}", 1.0, (Chain("q", (Hop("directed_by", f"e{number}"),)),))
        for number in range(len(names))
    )
    answer = Answer("Who?", entities, graph=graph, **fields)  # type: ignore[arg-type]
    return Reply(answer), graph


def test_one_answer_stands_above_its_proof() -> None:
    text = AnswerText.of(*answered(["William Dieterle"], confidence=0.4, warnings=("old data",)))
    assert text.plain() == (
        "William Dieterle\n    Kismet -[directed_by]-> William Dieterle\n"
        "note: not sure: confidence 0.40\nnote: old data"
    )
    assert text.markdown() == (
        "**William Dieterle**\n\n```text\nKismet -[directed_by]-> William Dieterle\n```\n\n"
        "*not sure: confidence 0.40*\n\n*old data*"
    )


def test_many_answers_are_a_list_that_is_cut() -> None:
    text = AnswerText.of(*answered([f"name {number}" for number in range(12)]))
    assert (len(text.answers), len(text.proof), text.notes) == (10, 10, ("and 2 more",))
    assert text.markdown().startswith("- **name 0**\n- **name 1**\n")


def test_no_answer_says_why() -> None:
    _, graph = answered(["x"])
    text = AnswerText.of(Reply(Answer("Who?"), "no chain is probable enough"), graph)
    assert text.plain() == "The graph does not say.\nnote: no chain is probable enough"


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_neither_links_nor_images_nor_markup(name: str) -> None:
    check(name)


@examples(150)
@given(st.text(alphabet=st.sampled_from("`*_[]()<>#!|~\\ \n\t&:/.aé\x1b\u202e"), max_size=30))
def test_no_text_breaks_out(name: str) -> None:
    check(name)


def check(name: str) -> None:
    text = AnswerText.of(*answered([name, "other"]))
    markdown = text.markdown()
    assert all(line.isprintable() for line in markdown.split("\n"))
    head, fence, rest = re.split(r"\n\n(`{3,})text\n", markdown)
    inside, outside = rest.split(f"\n{fence}", 1)
    assert fence not in inside
    assert (len(inside.split("\n")), outside) == (2, "")
    unmarked = re.sub(r"\\[!-/:-@\[-`{-~]", "x", head)
    assert re.fullmatch(r"- \*\*[^*]+\*\*\n- \*\*other\*\*", unmarked)
    assert not re.search(r"[\[\]<>`_~$]|&\w+;|://|www\.", unmarked)
