"""Drawings of chains: nothing lies on anything else, whatever the chains are."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples
from unit.report.made_runs import hostile_records, record, wrong

from kgqa.drawing import ChainGraph, DisplayNames, Drawing, lay_out
from kgqa.drawing.curves import LABEL_HEIGHT, LABEL_LETTER, text_width
from kgqa.evaluation import Record
from kgqa.graph import GraphBuilder, Name, Triple
from kgqa.report.case_graph import MOST_TRIPLES, case_graph, recorded_names

NAMES = st.sampled_from(
    ["a", "b", "c", "d", "e", "m.0x", "m.0y", "A very long name of some thing that goes on"]
)
CHAINS = st.lists(
    st.lists(
        st.tuples(NAMES, st.sampled_from(["r", "directed_by", "s" * 60]), NAMES), min_size=1, max_size=6
    ),
    min_size=1,
    max_size=5,
)


def drawn(graph: ChainGraph | None) -> Drawing:
    assert graph is not None
    return lay_out(graph)


def graph_of(chains: list[list[tuple[str, str, str]]], **changes: object) -> ChainGraph | None:
    made = wrong(
        "q", topic_entities=("a",), chains=tuple(map(tuple, chains)), proves=(0,) * len(chains), **changes
    )
    return case_graph(made, recorded_names([made]))


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    (x, y, width, height), (u, v, wide, high) = one, other
    return abs(x - u) < (width + wide) / 2 - 0.1 and abs(y - v) < (height + high) / 2 - 0.1


@examples(400)
@given(CHAINS)
def test_no_node_lies_on_another_and_no_label_on_another(chains: list[list[tuple[str, str, str]]]) -> None:
    drawing = drawn(graph_of(chains))
    nodes = [(place.x, place.y, place.width, place.height) for place in drawing.places]
    labels = [(c.x, c.y, text_width(c.text, LABEL_LETTER), LABEL_HEIGHT - 0.2) for c in drawing.curves]
    assert not any(overlap(*pair) for pair in combinations(nodes, 2))
    assert not any(overlap(*pair) for pair in combinations(labels, 2))
    assert not any(overlap(*pair) for pair in product(nodes, labels))


@given(CHAINS)
def test_all_of_a_drawing_is_within_its_bounds(chains: list[list[tuple[str, str, str]]]) -> None:
    drawing = drawn(graph_of(chains))
    for place in drawing.places:
        assert 0 <= place.x - place.width / 2 <= place.x + place.width / 2 <= drawing.width
        assert 0 <= place.y - place.height / 2 <= place.y + place.height / 2 <= drawing.height
    for curve in drawing.curves:
        half = text_width(curve.text, LABEL_LETTER) / 2
        assert half <= curve.x <= drawing.width - half
        assert LABEL_HEIGHT / 2 <= curve.y <= drawing.height - LABEL_HEIGHT / 2
        # A cubic lies within its four points.
        points = [float(number) for number in re.findall(r"-?\d+\.\d", re.sub(r"H[-\d.]+", "", curve.path))]
        assert 0 <= min(points[::2]) <= max(points[::2]) <= drawing.width
        assert -12 <= min(points[1::2]) <= max(points[1::2]) <= drawing.height + 12


@examples(60)
@given(hostile_records())
def test_a_drawing_has_triples_of_the_record_alone_and_not_too_many(made: Record) -> None:
    graph = case_graph(made, recorded_names([made]))
    triples = {triple for chain in made.chains for triple in chain}
    if graph is None:
        assert not triples
        return
    arrows = {(graph.nodes[a.head].entity, a.relation, graph.nodes[a.tail].entity) for a in graph.arrows}
    assert arrows <= triples
    assert len(arrows) == len(graph.arrows) <= MOST_TRIPLES
    assert graph.left_out == len(triples) - len(arrows)
    assert any(node.topic for node in graph.nodes) or made.faithful < 1
    lay_out(graph)


def test_answers_are_marked_by_whether_they_are_gold_and_mediators_have_no_name() -> None:
    chains = ((("Kismet", "direction", "m.0x1"), ("m.0x1", "by", "William Dieterle")),)
    graph = case_graph(record(chains=chains), DisplayNames())
    assert graph is not None
    assert [(node.name, node.topic, node.answer, node.gold) for node in graph.nodes] == [
        ("Kismet", True, False, False),
        (None, False, False, False),
        ("William Dieterle", False, True, True),
    ]
    assert [place.text for place in lay_out(graph).places] == ["Kismet", "", "✓ William Dieterle"]
    assert str(graph) == "Kismet → direction → ·; · → by → William Dieterle"


def test_the_first_right_answer_is_drawn_however_far_down_it_is() -> None:
    answers = (*(f"wrong {n}" for n in range(20)), "William Dieterle")
    chains = tuple((("Kismet", "r", answer),) for answer in answers)
    made = record(
        answers=answers, entities=answers, vote_shares=(0.1,) * 21, chains=chains, proves=tuple(range(21))
    )
    graph = case_graph(made, DisplayNames())
    assert graph is not None
    assert "William Dieterle" in [node.name for node in graph.nodes]
    assert graph.nodes[1].name == "wrong 0"


def test_columns_follow_the_distance_from_the_topic_against_arrows_too() -> None:
    graph = graph_of([[("b", "r", "a"), ("b", "s", "c"), ("d", "t", "c")]])
    xs = {
        node.entity: place.x
        for node, place in zip(drawn(graph).graph.nodes, drawn(graph).places, strict=True)
    }
    assert xs["a"] < xs["b"] < xs["c"] < xs["d"]


def test_a_topic_by_another_name_is_found_in_the_graph_or_told_by_a_faithful_chain() -> None:
    graph = GraphBuilder.of(
        [Name("Q1", "Kismet"), Name("Q1", "Kismet (1944)", True), Triple("Q1", "by", "Q2")]
    )
    made = record(topic_entities=("Kismet (1944)",), chains=((("Q1", "by", "Q2"),),), entities=("Q2",))
    unproven = replace(made, faithful=0.0)

    def topics(made: Record, names: DisplayNames) -> list[bool]:
        found = case_graph(made, names)
        assert found is not None
        return [node.topic for node in found.nodes]

    assert topics(unproven, DisplayNames(graph=graph)) == [True, False]
    assert topics(made, DisplayNames()) == [True, False]
    assert topics(unproven, DisplayNames()) == [False, False]
