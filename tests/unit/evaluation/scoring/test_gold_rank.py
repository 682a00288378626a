"""The place of the gold chain among the hypotheses."""

from __future__ import annotations

import pytest

from kgqa.constraint import GrammarName, Walk
from kgqa.datasets import Question
from kgqa.decode import BeamSearch, Hypothesis, decode
from kgqa.evaluation.scoring.gold_rank import gold_rank
from kgqa.graph import GraphBuilder, Name, RelationName, Triple
from kgqa.lm import MockLanguageModel, Prompt

GRAPH = GraphBuilder.of(
    [
        Triple("k", "by", "w"),
        Triple("k", "in", "e"),
        Triple("x", "by", "w"),
        Triple("y", "in", "e"),
        Name("k", "Kismet"),
        Name("w", "William"),
        RelationName("by", "directed by"),
    ]
)


def hypotheses(grammar: GrammarName) -> list[Hypothesis]:
    model = MockLanguageModel()
    walk = Walk.of(GRAPH, ["k"], model.tokenizer, grammar=grammar)
    return decode(BeamSearch(beams=50), model, Prompt("?", ("Kismet",)), walk)


def place(found: list[Hypothesis], steps: list[tuple[str, bool]]) -> int:
    walked = [[(hop.relation, hop.inverse) for hop in h.chain.hops] for h in found]
    return walked.index(steps) + 1


@pytest.mark.parametrize("grammar", ["relations", "path"])
def test_a_gold_relation_path_is_found_by_identifiers_and_labels(grammar: GrammarName) -> None:
    found = hypotheses(grammar)
    expected = place(found, [("by", False), ("by", True)])
    for steps in (("by", "~by"), ("directed by", "~by"), ("directed by", "~directed by")):
        assert gold_rank(Question("1", "?", gold_relation_path=steps), found, GRAPH) == expected
    others: list[tuple[str, ...]] = [("by", "by"), ("~by", "~by"), ("nothing",), ("by", "~by", "by")]
    for other in others:
        assert gold_rank(Question("1", "?", gold_relation_path=other), found, GRAPH) == 0


@pytest.mark.parametrize("grammar", ["relations", "path", "chain"])
def test_a_gold_chain_is_found_and_one_beside_it_is_not(grammar: GrammarName) -> None:
    found = hypotheses(grammar)
    gold = (Triple("Kismet", "directed by", "William"), Triple("x", "by", "w"))
    chains = [[chain.triples for chain in h.chains()] for h in found]
    wanted = (Triple("k", "by", "w"), Triple("x", "by", "w"))
    expected = next(at for at, triples in enumerate(chains, 1) if wanted in triples)
    assert (
        gold_rank(Question("1", "?", gold_paths=((Triple("a", "b", "c"),), gold)), found, GRAPH) == expected
    )
    for other in (
        gold[::-1],
        gold[:1] * 2,
        (gold[0], Triple("y", "by", "w")),
        (gold[0], Triple("a\0", "by", "w")),
    ):
        assert gold_rank(Question("1", "?", gold_paths=(other,)), found, GRAPH) == 0


def test_without_gold_there_is_no_place() -> None:
    assert (
        gold_rank(Question("1", "?", gold_paths=((),), gold_relation_path=()), hypotheses("path"), GRAPH)
        is None
    )
    assert gold_rank(Question("1", "?", gold_relation_path=("by",)), [], GRAPH) == 0
