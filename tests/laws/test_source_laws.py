"""The laws of `only_sources`: a view of some sources is the graph that was built from their facts alone."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.constraint import GrammarName, Walk
from kgqa.constraint.testing import language
from kgqa.errors import KgqaError, NoChainError
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    NodeKind,
    Quad,
    Statement,
    Triple,
    add_facts,
    only_sources,
    open_index,
    save_index,
)
from kgqa.graph.testing import check_graph
from kgqa.graph.values import ValueTable
from kgqa.lm import MockTokenizer
from kgqa.program import parse_program, prove, to_quads

ENTITIES = ["e0", "e1", "e2", "m.3", "_:4", "12", "1999"]
SOURCES = ["http://x/g", "http://x/h", "e1"]
FACTS = st.builds(
    Quad,
    st.sampled_from(ENTITIES),
    st.sampled_from(["r", "s"]),
    st.sampled_from(ENTITIES),
    st.sampled_from(SOURCES),
)
UNSOURCED = st.builds(
    Triple, st.sampled_from(ENTITIES), st.sampled_from(["r", "s"]), st.sampled_from(ENTITIES)
)
SAID = st.lists(
    st.one_of(
        st.builds(Name, st.sampled_from(ENTITIES), st.sampled_from(["Anna", "anna", "Bo"]), st.booleans()),
        st.builds(Node, st.sampled_from(ENTITIES), st.just(NodeKind.BLANK)),
    ),
    max_size=4,
)
WANTED = st.lists(st.sampled_from(SOURCES), min_size=1, max_size=2, unique=True)
TOKENIZER = MockTokenizer()


def view_and_build(
    facts: list[Triple | Quad], said: list[Statement], wanted: list[str]
) -> tuple[IndexedGraph, IndexedGraph]:
    """The view of some sources, and the graph of their facts with the names of its entities."""
    graph = GraphBuilder.of([*said, *facts])
    kept = [fact for fact in facts if isinstance(fact, Quad) and fact.source in wanted]
    ends = {end for fact in kept for end in (fact.head, fact.tail)}
    named = [one for one in said if one[0] in ends]
    assume({*wanted} <= graph.source_counts().keys())
    return only_sources(graph, wanted), GraphBuilder.of([*named, *kept])


def found(graph: IndexedGraph) -> dict[str, object]:
    entities = set(graph.entities)
    assert len(entities) == len(graph.entities)
    return {
        "facts": {fact: set(graph.sources(fact)) for fact in graph},
        "names": {entity: (graph.label(entity), graph.alias_texts(entity)) for entity in entities},
        "kinds": {entity: graph.kind(entity) for entity in entities},
        "hops": {entity: list(graph.hops(entity)) for entity in entities},
        "found": {name: graph.find_ranked(name) for name in set(graph.names.iterkeys())},
        "prefixes": sorted(set(graph.names.prefixes("anna e0 e1"))),
        "labels": {graph.labels[number] for number in range(graph.entity_count)} - {""},
    }


@examples(80)
@example([Triple("e0", "r", "e0"), Quad("e0", "r", "e0", "e1")], [Name("e1", "Anna")], ["e1"])
@given(st.lists(st.one_of(FACTS, FACTS, UNSOURCED), max_size=14), SAID, WANTED)
def test_a_view_of_sources_is_the_graph_of_their_facts(
    facts: list[Triple | Quad], said: list[Statement], wanted: list[str]
) -> None:
    view, built = view_and_build(facts, said, wanted)
    check_graph(view)
    theirs = found(built)
    sources = theirs["facts"]
    assert isinstance(sources, dict)
    mine = found(view)
    assert isinstance(mine["facts"], dict)
    assert {fact: some & set(wanted) for fact, some in mine["facts"].items()} == sources
    if {(fact.head, fact.relation, fact.tail) for fact in facts} == {tuple(fact) for fact in sources}:
        return  # no fact is left out: the graph itself, with entities that have names only
    assert {**mine, "facts": ()} == {**theirs, "facts": ()}


@examples(40)
@given(
    st.lists(st.one_of(FACTS, FACTS, UNSOURCED), min_size=2, max_size=9),
    WANTED,
    st.sampled_from(["relations", "path", "chain"]),
    st.data(),
)
def test_no_chain_and_no_program_uses_a_fact_of_another_source(
    facts: list[Triple | Quad], wanted: list[str], grammar: GrammarName, data: st.DataObject
) -> None:
    view, built = view_and_build(facts, [], wanted)
    topic = data.draw(st.sampled_from(sorted(built.entities)))

    def spoken(graph: IndexedGraph) -> object:
        try:
            walk = Walk.of(graph, [topic], TOKENIZER, grammar=grammar, hops=2)
        except (KgqaError, NoChainError) as error:
            return type(error)
        return language(walk)

    def denoted(graph: IndexedGraph, program: str) -> object:
        try:
            proof = prove(parse_program(program, graph), graph)
        except KgqaError as error:
            return type(error)
        assert all(fact in graph for fact in proof.facts)
        return proof.result

    assert spoken(view) == spoken(built)
    for program in ("{} -> r | count", "{} <- r -> s", "{} <- s | most count r", "{} <- r | highest s"):
        text = program.format(topic)
        if topic in built.entities and "r" in built.relation_names and "s" in built.relation_names:
            assert denoted(view, text) == denoted(built, text), text
    assert set(to_quads(view)) == set(to_quads(built))
    for relation in set(built.relation_names):
        kinds = [ValueTable.of(one).relation_kind(one.relation_id(relation)) for one in (view, built)]
        assert kinds[0] == kinds[1]


@examples(25)
@given(st.lists(FACTS, min_size=1, max_size=8), st.lists(st.one_of(FACTS, UNSOURCED), max_size=6), WANTED)
def test_a_view_of_a_changed_index_is_that_of_its_facts(
    tmp_path_factory: pytest.TempPathFactory,
    facts: list[Quad],
    added: list[Triple | Quad],
    wanted: list[str],
) -> None:
    folder = tmp_path_factory.mktemp("changed")
    save_index(GraphBuilder.of(facts), folder)
    add_facts(folder, added)
    graph, fresh = open_index(folder), GraphBuilder.of([*facts, *added])
    assume({*wanted} <= fresh.source_counts().keys())
    view, expected = only_sources(graph, wanted), only_sources(fresh, wanted)
    check_graph(view)
    assert found(view) == found(expected)
