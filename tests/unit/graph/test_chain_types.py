"""Hop, Chain, RelationPath: what a proof consists of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from strategies import RELATIONS, names

from kgqa.errors import UsageError
from kgqa.graph import Chain, GraphBuilder, Hop, RelationPath, RelationStep, Triple, subgraph
from kgqa.graph.readers import read, read_rdflib

HOPS = st.lists(st.builds(Hop, st.sampled_from(RELATIONS), names(), st.booleans()), max_size=4)


@given(st.builds(Hop, st.sampled_from(RELATIONS), names(), st.booleans()), names())
def test_a_hop_walks_its_triple_from_the_source_to_its_entity(hop: Hop, source: str) -> None:
    triple = hop.triple(source)
    ends = (triple.tail, triple.head) if hop.inverse else (triple.head, triple.tail)
    assert ends == (source, hop.entity)
    assert triple.relation == hop.relation


@given(names(), HOPS)
def test_a_path_is_grounded_in_the_graph_of_its_triples(start: str, hops: list[Hop]) -> None:
    chain = Chain(start, tuple(hops))
    graph = GraphBuilder.of(chain.triples)
    assert all(triple in graph for triple in chain.triples)
    assert chain.is_path
    assert chain.is_connected()
    assert chain.end == (hops[-1].entity if hops else start)
    assert len(chain.triples) == len(hops)


def test_a_chain_that_branches_keeps_where_each_hop_starts() -> None:
    chain = Chain("a", (Hop("r", "b"), Hop("s", "c", inverse=True)), ("a", "a"))
    assert not chain.is_path
    assert chain.triples == (Triple("a", "r", "b"), Triple("c", "s", "a"))


def test_sources_that_say_nothing_new_are_the_same_chain() -> None:
    hops = (Hop("r", "b"), Hop("s", "c"))
    assert Chain("a", hops, ("a", "b")) == Chain("a", hops)
    assert Chain("a", hops, ("a", "b")).is_path
    assert hash(Chain("a", hops, ("a", "b"))) == hash(Chain("a", hops))


def test_sources_must_be_as_many_as_hops() -> None:
    with pytest.raises(ValueError, match="2 hops"):
        Chain("a", (Hop("r", "b"), Hop("r", "c")), ("a",))


def test_a_chain_may_go_on_from_another_topic_but_from_nowhere_else() -> None:
    chain = Chain("a", (Hop("r", "b"), Hop("s", "c")), ("a", "x"))
    assert chain.is_connected(topics=["x"])
    assert not chain.is_connected()
    assert not chain.is_connected(topics=["c"])


def test_a_chain_without_hops_ends_where_it_starts() -> None:
    assert Chain("a", ()).end == "a"
    assert Chain("a", ()).triples == ()


@given(names(), HOPS)
def test_a_path_leaves_its_relations_as_relation_path(start: str, hops: list[Hop]) -> None:
    path = RelationPath.of(Chain(start, tuple(hops)))
    assert path.start == start
    assert path.steps == tuple(RelationStep(hop.relation, hop.inverse) for hop in hops)


def test_a_branching_chain_has_no_relation_path() -> None:
    with pytest.raises(ValueError, match="branching"):
        RelationPath.of(Chain("a", (Hop("r", "b"), Hop("s", "c")), ("a", "a")))


def test_a_tilde_in_a_question_file_walks_backwards() -> None:
    path = RelationPath.parse("a", ["~r", "s", "~~t"])
    assert path.steps == (RelationStep("r", True), RelationStep("s"), RelationStep("~t", True))


@pytest.mark.parametrize(
    "call",
    [
        lambda: subgraph(GraphBuilder.of([("a", "r", "b")]), "ab", 1),
        lambda: Chain("a", (Hop("r", "b"),)).is_connected("ab"),
        lambda: Chain("a", (Hop("r", "b"),), sources="a"),  # type: ignore[arg-type]
        lambda: RelationPath.parse("a", "rs"),  # type: ignore[arg-type]
        lambda: read("facts.ttl", languages="en"),
        lambda: read_rdflib(rdflib.Graph(), languages="en"),
    ],
)
def test_a_text_where_several_are_expected_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(UsageError, match=r"'(ab|a|rs|en)'"):
        call()
