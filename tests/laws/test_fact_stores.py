"""The facts that proofs are checked on: read from the arrays of a graph, they are its triples."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from random_programs import random_graph

from kgqa.evaluation.proof_check.graph_store import GraphStore
from kgqa.evaluation.proof_check.triple_store import TripleStore
from kgqa.graph import GraphBuilder, IndexedGraph, NodeKind, Triple
from kgqa.graph.adjacency import Adjacency
from kgqa.program import parse_program, prove
from kgqa.validation import Facts, check_proof


def given(graph: IndexedGraph) -> TripleStore:
    """The facts of a graph as triples."""
    entities = [graph.entity(number) for number in range(graph.entity_count)]
    kinds = dict(zip(entities, graph.kinds.tolist(), strict=True))
    return TripleStore(
        graph,
        {entity: graph.label(entity) or "" for entity in entities},
        {graph.relation(number): graph.relation_labels[number] for number in range(graph.relation_count)},
        {entity for entity, kind in kinds.items() if kind == NodeKind.LITERAL},
        {entity for entity, kind in kinds.items() if kind == NodeKind.BLANK},
    )


@pytest.mark.parametrize("seed", range(20))
def test_what_is_read_from_the_arrays_is_what_the_triples_say(seed: int) -> None:
    graph = random_graph(Random(seed)).graph
    read, told = GraphStore(graph), given(graph)
    nodes = [*(graph.entity(number) for number in range(graph.entity_count)), "nowhere", "a\0b", "\ud800"]
    relations = [*(graph.relation(number) for number in range(graph.relation_count)), "unheard of"]
    assert set(read.relations) == set(told.relations)
    for node in nodes:
        assert read.knows(node) == told.knows(node)
        assert read.label(node) == told.label(node)
        assert (read.is_literal(node), read.is_blank(node)) == (told.is_literal(node), told.is_blank(node))
        for relation in relations:
            assert sorted(read.ends(node, relation)) == sorted(told.ends(node, relation))
            assert sorted(read.starts(node, relation)) == sorted(told.starts(node, relation))
            assert not read.holds(Triple(node, relation, "nowhere"))
    for relation in relations:
        assert sorted(read.tails(relation)) == sorted(told.tails(relation))
        assert sorted(read.literal_tails(relation)) == sorted(told.literal_tails(relation))
    assert all(map(read.holds, graph))
    assert all(read.relation_label(relation) == told.relation_label(relation) for relation in read.relations)


def test_only_the_facts_by_their_heads_are_read() -> None:
    graph = GraphBuilder.of([("Kismet", "directed_by", "Dieterle"), ("Gaslight", "directed_by", "Cukor")])
    there = graph.inward
    swapped = Adjacency(there.offsets, there.relations, np.ascontiguousarray(there.targets[::-1]))
    wrong = replace(graph, inward=swapped)
    program = parse_program("Dieterle <- directed_by", graph)
    assert list(wrong.match(tail="Dieterle")) != list(graph.match(tail="Dieterle"))
    assert check_proof(prove(program, graph), wrong) == []


def test_the_facts_of_a_graph_are_made_once() -> None:
    graph = GraphBuilder.of([("Kismet", "directed_by", "Dieterle")])
    assert Facts.of_graph(graph) is Facts.of_graph(graph)
