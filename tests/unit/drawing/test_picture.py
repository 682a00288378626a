"""Pictures of chains: self-contained SVG in which every name is text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.answer import Answer, RankedEntity
from kgqa.drawing import Picture, draw
from kgqa.errors import DataError, UsageError
from kgqa.graph import Chain, GraphBuilder, Hop, Name, Triple

SVG = "{http://www.w3.org/2000/svg}"
KISMET = Chain("m.01", (Hop("film.film.directed_by", "m.09"), Hop("film.who", "m.02")))
GRAPH = GraphBuilder.of([*KISMET.triples, Name("m.01", "Kismet"), Name("m.02", "William Dieterle")])

hostile = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "]]>",
        "&amp;",
        "\"onload='x'",
        "-->",
        "\x00\x1b[31m",
        "http://x/<b>",
        "{{x}}",
    ]
)


def texts(picture: Picture) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture.svg).iter(f"{SVG}text")]


@given(st.lists(st.tuples(hostile, hostile), min_size=1, max_size=4), hostile)
def test_whatever_the_names_are_the_picture_is_xml_without_other_elements(
    hops: list[tuple[str, str]], start: str
) -> None:
    picture = draw(Chain(start, tuple(Hop(relation, entity) for relation, entity in hops)))
    elements = list(ET.fromstring(picture.svg).iter())
    known = {"svg", "style", "defs", "marker", "path", "g", "title", "rect", "text"}
    assert {element.tag.removeprefix(SVG) for element in elements} <= known
    assert not any(name.startswith("on") or "href" in name for element in elements for name in element.attrib)


def test_a_chain_is_drawn_by_identifiers_and_with_a_graph_by_names() -> None:
    assert texts(draw(KISMET)) == ["m.01", "m.09", "m.02", "directed by", "who"]
    assert texts(draw(KISMET, GRAPH)) == ["Kismet", "William Dieterle", "directed by", "who"]
    assert draw(KISMET, GRAPH).text == "Kismet → directed by → ·; · → who → William Dieterle"


def test_an_answer_is_drawn_by_the_names_of_its_own_graph() -> None:
    answer = Answer("who?", (RankedEntity("m.02", 1.0, (KISMET,)),)).over(GRAPH)
    assert texts(draw(answer)) == ["Kismet", "William Dieterle", "directed by", "who"]
    assert draw(answer).svg == draw([KISMET], GRAPH).svg
    assert 'class="node answer"' in draw(answer).svg
    assert 'class="node topic"' in draw(answer).svg


def test_each_entity_has_a_chain_before_one_has_two_and_the_rest_is_counted() -> None:
    def chain(end: str) -> Chain:
        return Chain("a", (Hop("r", end),))

    answer = Answer(
        "?", (RankedEntity("b", 1, (chain("b"), chain("x"))), RankedEntity("c", 1, (chain("c"),)))
    )
    picture = draw(answer, max_triples=2)
    assert picture.text == "a → r → b; a → r → c"
    assert picture.left_out == 1
    assert "1 more triple is" in picture._repr_html_()


def test_a_chain_without_hops_and_a_branching_one_can_be_drawn() -> None:
    assert texts(draw(Chain("Kismet", ()))) == ["Kismet"]
    branching = Chain("a", (Hop("r", "b"), Hop("s", "c"), Hop("t", "d", True)), ("a", "a", "b"))
    assert texts(draw(branching)) == ["a", "b", "c", "d", "r", "s", "t"]


@pytest.mark.parametrize("as_text", [True, False])
def test_a_picture_is_saved_as_it_is(tmp_path: Path, as_text: bool) -> None:
    file = tmp_path / "chain.svg"
    picture = draw(KISMET, file=str(file) if as_text else file)
    assert file.read_text("utf-8") == f"{picture}\n"
    assert picture._repr_svg_() == str(picture)
    assert ET.parse(file).getroot().tag == f"{SVG}svg"


def test_a_file_that_cannot_be_written_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        draw(KISMET, file=tmp_path / "none" / "chain.svg")


@pytest.mark.parametrize("nothing", [[], "Kismet", 3, None, [Triple("a", "b", "c")], Answer("?")])
def test_what_has_no_chains_is_refused(nothing: object) -> None:
    with pytest.raises(UsageError):
        draw(nothing)  # type: ignore[arg-type]
