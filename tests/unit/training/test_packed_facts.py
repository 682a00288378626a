"""Packed facts are the facts that were packed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kgqa.graph import Triple
from kgqa.training.examples.packed_facts import FactPacker

NAMES = st.text(max_size=3)
GRAPHS = st.lists(st.lists(st.builds(Triple, NAMES, NAMES, NAMES), max_size=6), max_size=4)


@given(GRAPHS)
def test_packed_facts_are_a_sequence_of_the_same_triples(graphs: list[list[Triple]]) -> None:
    packer = FactPacker()
    packed = [packer.pack(facts) for facts in graphs]
    for facts, few in zip(graphs, packed, strict=True):
        assert list(few) == facts
        assert len(few) == len(facts)
        assert [few[index] for index in range(-len(facts), len(facts))] == facts * 2
        assert list(few[1:]) == facts[1:]
