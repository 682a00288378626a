"""The checker: true proofs pass, and every way to spoil one is noticed."""

from __future__ import annotations

import ast
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kgqa.evaluation import faithful_share, find_flaws
from kgqa.evaluation.scoring import chain_check
from kgqa.graph import Chain, GraphBuilder, Triple

entities = st.sampled_from("abcdef")
triples = st.builds(Triple, entities, st.sampled_from("rs"), entities)


@st.composite
def true_chains(draw: st.DrawFn) -> tuple[list[Triple], Chain]:
    facts = draw(st.lists(triples, min_size=1, max_size=12, unique=True))
    graph = GraphBuilder.of(facts)
    start = draw(st.sampled_from([fact.head for fact in facts]))
    hops, sources, visited = [], [], [start]
    for _ in range(draw(st.integers(1, 3))):
        source = draw(st.sampled_from(visited))
        hops.append(draw(st.sampled_from(list(graph.hops(source)))))
        sources.append(source)
        visited.append(hops[-1].entity)
    return facts, Chain(start, tuple(hops), tuple(sources))


@given(true_chains())
def test_a_chain_walked_in_the_graph_holds(drawn: tuple[list[Triple], Chain]) -> None:
    facts, chain = drawn
    assert find_flaws(chain.triples, GraphBuilder.of(facts), {chain.start}, {chain.end}) == ()


@given(true_chains(), st.data())
def test_a_triple_that_is_not_in_the_graph_is_named(
    drawn: tuple[list[Triple], Chain], data: st.DataObject
) -> None:
    facts, chain = drawn
    at = data.draw(st.integers(0, len(chain.triples) - 1))
    spoiled = list(chain.triples)
    spoiled[at] = spoiled[at]._replace(relation="never")
    flaws = find_flaws(spoiled, set(facts), {chain.start}, {chain.end})
    assert [(flaw.kind, flaw.triple) for flaw in flaws] == [("not in the graph", at)]


@given(true_chains())
def test_another_topic_or_answer_is_a_flaw(drawn: tuple[list[Triple], Chain]) -> None:
    facts, chain = drawn
    assert find_flaws(chain.triples, set(facts), {"elsewhere"}, {chain.end})[0].kind == "no topic entity"
    assert find_flaws(chain.triples, set(facts), {chain.start}, {"elsewhere"})[-1].kind == "no answer"


def test_a_chain_in_pieces_an_empty_one_and_a_turned_triple_are_flaws() -> None:
    facts = {Triple("a", "r", "b"), Triple("c", "r", "d")}
    assert [f.kind for f in find_flaws([*sorted(facts)], facts, {"a"}, {"d"})] == [
        "not connected",
        "no answer",
    ]
    assert [f.kind for f in find_flaws([], facts, {"a"}, {"a"})] == ["empty"]
    assert [f.kind for f in find_flaws([Triple("b", "r", "a")], facts, {"a"}, {"b"})] == ["not in the graph"]


def test_an_answer_that_the_last_step_only_leaves_is_not_reached() -> None:
    facts = [Triple("t", "r", "a"), Triple("a", "r", "b")]
    assert find_flaws(facts, set(facts), {"t"}, {"b"}) == ()
    assert [f.kind for f in find_flaws(facts, set(facts), {"t"}, {"a"})] == ["no answer"]


def test_an_answer_counts_as_faithful_only_with_chains_that_all_hold() -> None:
    facts = {("t", "r", "a"), ("t", "r", "b")}
    good_a, good_b, bad_a = [("t", "r", "a")], [("t", "r", "b")], [("t", "s", "a")]
    assert faithful_share(["a", "b"], [good_a, good_b], [0, 1], ["t"], facts) == 1
    assert faithful_share(["a", "b"], [good_a], [0], ["t"], facts) == 0.5, "an answer without a chain"
    assert faithful_share(["a", "b"], [good_a, bad_a, good_b], [0, 0, 1], ["t"], facts) == 0.5
    assert faithful_share(["a"], [good_b], [0], ["t"], facts) == 0, "a chain of another answer"
    assert faithful_share([], [], [], ["t"], facts) == 1


few = st.builds(Triple, st.sampled_from("ab"), st.just("r"), st.sampled_from("ab"))


@given(st.lists(few, max_size=2), st.sets(few), st.sampled_from("ab"), st.sampled_from("ab"))
def test_what_passes_really_is_a_walk(chain: list[Triple], facts: set[Triple], topic: str, end: str) -> None:
    """All chains of up to two facts over two entities, against a walk by hand."""
    places = [{topic}]
    for triple in chain:
        visited = set.union(*places)
        places.append(
            {b for a, b in ((triple.head, triple.tail), (triple.tail, triple.head)) if a in visited}
        )
    walks = bool(chain) and all(places) and set(chain) <= facts and end in places[-1]
    assert bool(find_flaws(chain, facts, {topic}, {end})) is not walks


def test_the_checker_shares_no_code_with_what_makes_chains() -> None:
    source = Path(chain_check.__file__).read_text("utf-8")
    imported = {
        name
        for node in ast.walk(ast.parse(source))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert {name for name in imported if name.startswith("kgqa")} <= {"kgqa.errors"}
