"""How chains, triples and graphs look, and how they go to JSON and to networkx."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import graphs

from kgqa import Chain, GraphBuilder, Hop, IndexedGraph, Triple, read_networkx, save_index
from kgqa.errors import StatementError
from kgqa.graph import Name, RelationName, chains_to_networkx, open_index, shortest_chains

PATH = Chain("William Dieterle", (Hop("directed_by", "Kismet", True), Hop("release_year", "1944")))
BRANCHING = Chain(
    "Kismet", (Hop("directed_by", "William Dieterle"), Hop("release_year", "1944")), ("Kismet", "Kismet")
)
NAMED = GraphBuilder.of(
    [
        ("q1", "p57", "q2"),
        Name("q1", "Kismet"),
        Name("q2", "William Dieterle"),
        RelationName("p57", "director"),
    ]
)
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x>',
    "a\x1b[31m\nb",
    "&amp;",
    "\u202e\u200b",
    "a -[r]-> b",
]


def is_one_line(text: str) -> bool:
    """Whether a terminal shows it as it is; joiners, which some scripts are written with, are fine."""
    return text.replace("\u200c", "").replace("\u200d", "").isprintable()


def test_a_chain_reads_in_the_direction_of_its_triples() -> None:
    assert str(PATH) == "William Dieterle <-[directed_by]- Kismet -[release_year]-> 1944"
    assert str(Chain("Kismet", ())) == "Kismet"
    assert str(PATH.triples[0]) == "Kismet -[directed_by]-> William Dieterle"


def test_a_branching_chain_names_the_entity_that_it_goes_back_to() -> None:
    assert str(BRANCHING) == "Kismet -[directed_by]-> William Dieterle ; Kismet -[release_year]-> 1944"


def test_a_graph_gives_the_names_of_a_chain() -> None:
    chain = Chain("q2", (Hop("p57", "q1", inverse=True),))
    assert chain.to_text(NAMED) == "William Dieterle <-[director]- Kismet"
    assert ">William Dieterle<" in chain.to_html(NAMED)
    assert chain.to_networkx(NAMED).nodes["q1"]["label"] == "Kismet"


def test_a_node_without_a_name_is_shown_as_a_dot() -> None:
    graph = GraphBuilder.of([("a", "r", "m.0abc"), ("m.0abc", "r", "b")])
    chain = Chain("a", (Hop("r", "m.0abc"), Hop("r", "b")))
    assert chain.to_text(graph) == "a -[r]-> · -[r]-> b"


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("with_graph", [False, True])
def test_hostile_names_are_text_in_one_line(label: str, with_graph: bool) -> None:
    graph = GraphBuilder.of([("a", "r", "b"), Name("a", label), RelationName("r", label)])
    chain = Chain("a", (Hop("r", "b"),)) if with_graph else Chain(label, (Hop(label, label),))
    by_names = graph if with_graph else None
    for text in (chain.to_text(by_names), chain.to_html(by_names), str(Triple(label, label, label))):
        assert is_one_line(text)
    tags = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.append(tag)

    Tags().feed(chain.to_html(by_names))
    assert tags == ["div", "b", "span", "b"]


@given(graphs())
def test_chains_of_any_graph_are_shown_and_go_to_json_and_back_from_networkx(graph: IndexedGraph) -> None:
    entities = sorted({entity for triple in graph for entity in (triple.head, triple.tail)})
    for chain in (c for entity in entities[1:3] for c in shortest_chains(graph, entities[0], entity)):
        for text in (str(chain), chain.to_text(graph), chain.to_html(graph)):
            assert is_one_line(text)
        fields = json.loads(json.dumps(chain.to_dict()))
        assert fields["end"] == chain.end
        hops = tuple(Hop(hop["relation"], hop["entity"], hop["inverse"]) for hop in fields["hops"])
        assert Chain(fields["start"], hops) == chain
        assert set(read_networkx(chain.to_networkx())) == set(chain.triples)


def test_chains_of_an_answer_make_one_networkx_graph() -> None:
    found = chains_to_networkx([PATH, BRANCHING])
    assert sorted(found.edges(keys=True)) == [
        ("Kismet", "1944", "release_year"),
        ("Kismet", "William Dieterle", "directed_by"),
    ]
    assert [node for node, start in found.nodes(data="start") if start] == ["William Dieterle", "Kismet"]
    assert [node for node, end in found.nodes(data="end") if end] == ["1944"]


def test_a_branching_chain_says_in_json_which_entity_each_hop_leaves() -> None:
    assert [hop["source"] for hop in BRANCHING.to_dict()["hops"]] == ["Kismet", "Kismet"]


def test_a_graph_is_one_readable_line(tmp_path: Path) -> None:
    assert repr(NAMED) == "<IndexedGraph: 1 triple, 2 entities, 1 relation>"
    save_index(NAMED, tmp_path / "index")
    assert repr(open_index(tmp_path / "index")).endswith("index'>")


def test_plain_tuples_are_hops_and_anything_else_is_refused() -> None:
    assert Chain("a", (("r", "b"), ("s", "c", True))) == Chain("a", (Hop("r", "b"), Hop("s", "c", True)))  # type: ignore[arg-type]
    for wrong in ("rb", ("r",), ("r", 1), ("r", "b", "c"), None, Triple("a", "r", "b")):
        with pytest.raises(StatementError, match="a hop is"):
            Chain("a", (wrong,))  # type: ignore[arg-type]


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_a_triple_reads_well_whatever_is_in_it(head: str, relation: str, tail: str) -> None:
    assert is_one_line(str(Triple(head, relation, tail)))
