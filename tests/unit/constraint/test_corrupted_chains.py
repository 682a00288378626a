"""A corrupted chain can be written exactly where it exists all the same."""

from __future__ import annotations

import random

from coverage import Found, writes
from gold_chains import CORRUPTIONS, Facts, corrupted, gold_chains, said
from hypothesis import assume, given
from hypothesis import strategies as st

from kgqa.constraint import GrammarName, Walk
from kgqa.constraint.grammars.listing import list_paths
from kgqa.datasets import Question
from kgqa.graph import Chain, GraphBuilder, Hop, Name, Triple
from kgqa.lm import MockTokenizer

ENDS = st.sampled_from(["Kismet", "Juarez", "Dieterle", "English", "m1"])
FACTS = st.lists(st.builds(Triple, ENDS, st.sampled_from(["by", "in", "of"]), ENDS), min_size=1, max_size=10)
TOKENIZER = MockTokenizer()


@given(
    FACTS,
    st.sampled_from(["path", "relations"]),
    st.sampled_from(CORRUPTIONS),
    st.randoms(use_true_random=False),
)
def test_what_can_be_written_is_what_the_bare_triples_hold(
    triples: list[Triple], grammar: GrammarName, kind: str, draw: random.Random
) -> None:
    graph = GraphBuilder(mediators="m1").add_all(triples).build()
    facts = Facts(graph)
    assume(len(facts.relations) > 1)
    chains = [chain for start in sorted(graph.entities) for _, chain in list_paths(graph, [start], 3)]
    assume(chains and len({name for name in facts.names.values() if name}) > 2)
    chain = draw.choice(chains)
    assume(graph.label(chain.start))
    constraint = Walk.of(graph, [chain.start], TOKENIZER, grammar=grammar, hops=3)
    path = said(chain, facts)
    assert facts.hold(path, grammar)
    assert writes(constraint, path.segments(grammar), TOKENIZER, Found("", grammar), chain)
    changed = corrupted(path, kind, facts, draw)
    found = writes(constraint, changed.segments(grammar), TOKENIZER, Found("", grammar))
    assert found == facts.hold(changed, grammar)
    assert not (found and kind == "made-up relation")


def test_gold_paths_are_walked_from_a_topic_by_names_or_identifiers() -> None:
    graph = GraphBuilder.of([Triple("x:1", "by", "x:2"), Name("x:1", "Kismet"), Name("x:2", "Dieterle")])
    named = Triple("Kismet", "by", "Dieterle")
    question = Question("q", "?", ("Dieterle",), gold_paths=((named,), (Triple("Kismet", "in", "Dieterle"),)))
    assert list(gold_chains(question, graph)) == [Chain("x:2", (Hop("by", "x:1", inverse=True),)), None]
    by_path = Question("q", "?", ("Kismet",), ("Dieterle",), gold_relation_path=("by",))
    assert list(gold_chains(by_path, graph)) == [Chain("x:1", (Hop("by", "x:2"),))]
