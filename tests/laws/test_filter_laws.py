"""The laws of filters: a restricted, filtered or joined constraint speaks what brute force keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, RELATIONS, NamedGraph, named_graphs
from property_examples import examples

from kgqa.constraint import (
    GRAMMARS,
    Both,
    Constraint,
    EndsIn,
    Filter,
    Filtered,
    GrammarName,
    KGTrie,
    Live,
    Only,
    Range,
    Using,
    Walk,
    Without,
    restrict,
)
from kgqa.constraint.testing import Language, check_constraint, language
from kgqa.errors import BudgetError, NoChainError
from kgqa.graph import Chain, Hop, Triple
from kgqa.graph.testing import check_graph
from kgqa.lm import MockTokenizer

pytestmark = pytest.mark.slow  # minutes

TOKENIZER = MockTokenizer()
GRAMMAR = st.sampled_from(sorted(GRAMMARS))
KIND = st.sampled_from([Walk, KGTrie])
TOPICS = st.lists(st.sampled_from(ENTITIES), min_size=1, max_size=2)
SOME_ENTITIES = st.sets(st.sampled_from(ENTITIES), max_size=4)

Predicate = Callable[[Chain], bool]
Given = tuple[Filter, Predicate]
"""A filter and what it should mean, written as plainly as can be."""


def visited(chain: Chain) -> set[str]:
    return {chain.start, *chain.sources, *(hop.entity for hop in chain.hops)}


def without(relations: set[str], entities: set[str], triples: set[Triple]) -> Given:
    def means(chain: Chain) -> bool:
        return not (
            any(hop.relation in relations for hop in chain.hops)
            or visited(chain) & entities
            or set(chain.triples) & triples
        )

    return Without(relations, entities, triples), means


def only(relations: set[str] | None, entities: set[str] | None, triples: set[Triple] | None) -> Given:
    def means(chain: Chain) -> bool:
        if relations is not None and any(hop.relation not in relations for hop in chain.hops):
            return False
        if entities is not None and visited(chain) - entities:
            return False
        return triples is None or not set(chain.triples) - triples

    return Only(relations, entities, triples), means


def ranged(relation: str, entities: set[str]) -> Given:
    def means(chain: Chain) -> bool:
        return {t.tail for t in chain.triples if t.relation == relation} <= entities

    return Range(relation, entities), means


def using(relations: set[str], entities: set[str], triples: set[Triple]) -> Given:
    def means(chain: Chain) -> bool:
        return (
            relations <= {hop.relation for hop in chain.hops}
            and entities <= visited(chain)
            and triples <= set(chain.triples)
        )

    return Using(relations, entities, triples), means


def ends_in(entities: set[str]) -> Given:
    return EndsIn(entities), lambda chain: chain.hops[-1].entity in entities


def live(odd: bool) -> Given:
    def means(chain: Chain) -> bool:
        return sum(map(ord, chain.end)) % 2 == odd or len(chain.hops) > 1

    return Live(means), means


def joined(parts: list[Given]) -> Given:
    filters, meanings = zip(*parts, strict=True)
    whole = filters[0]
    for part in filters[1:]:
        whole = whole & part
    return whole, lambda chain: all(means(chain) for means in meanings)


def one_of(first: Given, second: Given) -> Given:
    return first[0] | second[0], lambda chain: first[1](chain) or second[1](chain)


def some_triples(named: NamedGraph) -> st.SearchStrategy[set[Triple]]:
    """Triples of the graph, and now and then one that it does not hold."""
    missing = Triple(ENTITIES[0], RELATIONS[0], ENTITIES[0])
    return st.sets(st.sampled_from([*sorted(named.triples), missing]), max_size=4)


def edge_filters(named: NamedGraph) -> st.SearchStrategy[Given]:
    few = st.sets(st.sampled_from(RELATIONS), max_size=1), st.sets(st.sampled_from(ENTITIES), max_size=1)
    most = st.sets(st.sampled_from(ENTITIES), min_size=4)
    return st.one_of(
        st.builds(without, *few, some_triples(named)),
        st.builds(only, st.sets(st.sampled_from(RELATIONS), min_size=1), st.none() | most, st.none()),
        st.builds(only, st.none(), st.none() | most, st.none() | some_triples(named)),
        st.builds(ranged, st.sampled_from(RELATIONS), SOME_ENTITIES),
    )


def filters(named: NamedGraph) -> st.SearchStrategy[Given]:
    triples = some_triples(named)
    others = st.one_of(
        st.builds(using, st.sets(st.sampled_from(RELATIONS), max_size=1), st.just(set()), st.just(set())),
        st.builds(using, st.just(set()), st.sets(st.sampled_from(ENTITIES), max_size=2), st.just(set())),
        st.builds(using, st.just(set()), st.just(set()), triples),
        st.builds(ends_in, SOME_ENTITIES),
        st.builds(live, st.booleans()),
    )
    edges = edge_filters(named)
    return st.one_of(edges, others, st.builds(one_of, edges, others))


def kept(language: Language, means: Predicate) -> Language:
    """What is left of a language when chains are crossed out, and then texts without chains."""
    left = {
        text: Counter({chain: n for chain, n in chains.items() if means(chain)})
        for text, chains in language.items()
    }
    return {text: chains for text, chains in left.items() if chains}


def shared(first: Language, second: Language) -> Language:
    both = {text: chains & second.get(text, Counter()) for text, chains in first.items()}
    return {text: chains for text, chains in both.items() if chains}


def brute_force(
    named: NamedGraph, grammar: str, topics: list[str], hops: int, allow_return: bool = False
) -> Language:
    oracle = named.oracle(inverse=True, allow_return=allow_return)
    return oracle.language(grammar, topics, hops, lambda text: TOKENIZER.encode_batch([text])[0])


def check(build: Callable[[], Constraint], named: NamedGraph, expected: Language) -> None:
    """Hold a constraint to all laws, or to being refused where there is nothing to say."""
    if not expected:
        with pytest.raises(NoChainError):
            build()
    else:
        check_constraint(build(), named.graph, vocabulary=[0, 32, 45, 256], expected=expected)


@examples(150)
@given(named_graphs(), KIND, GRAMMAR, st.integers(1, 3), st.booleans(), TOPICS, st.data())
def test_a_filtered_constraint_obeys_all_laws_and_speaks_what_the_filter_keeps(
    named: NamedGraph,
    kind: type[Walk] | type[KGTrie],
    grammar: GrammarName,
    hops: int,
    allow_return: bool,
    topics: list[str],
    data: st.DataObject,
) -> None:
    everything = brute_force(named, grammar, topics, hops, allow_return)
    if not everything:
        return
    chosen, means = data.draw(filters(named))
    whole = kind.of(named.graph, topics, TOKENIZER, grammar=grammar, hops=hops, allow_return=allow_return)
    check(lambda: Filtered(whole, chosen), named, kept(everything, means))


@examples(120)
@given(named_graphs(), KIND, GRAMMAR, st.integers(1, 3), TOPICS, st.data())
def test_a_restricted_graph_has_the_chains_that_the_filters_keep_and_is_a_graph(
    named: NamedGraph,
    kind: type[Walk] | type[KGTrie],
    grammar: GrammarName,
    hops: int,
    topics: list[str],
    data: st.DataObject,
) -> None:
    chosen, means = joined(data.draw(st.lists(edge_filters(named), min_size=1, max_size=3)))
    graph = restrict(named.graph, chosen)
    expected = kept(brute_force(named, grammar, topics, hops), means)
    check(lambda: kind.of(graph, topics, TOKENIZER, grammar=grammar, hops=hops), named, expected)
    assert set(graph) == {t for t in named.triples if means(Chain(t.head, (Hop(t.relation, t.tail),)))}
    check_graph(graph)


@examples(50)
@given(named_graphs(), GRAMMAR, st.integers(1, 3), TOPICS, st.data())
def test_filters_can_be_joined_in_any_order_before_or_after(
    named: NamedGraph, grammar: GrammarName, hops: int, topics: list[str], data: st.DataObject
) -> None:
    everything = brute_force(named, grammar, topics, hops)
    if not everything:
        return
    parts = data.draw(st.lists(filters(named), min_size=2, max_size=3))
    walk = Walk.of(named.graph, topics, TOKENIZER, grammar=grammar, hops=hops)
    expected = kept(everything, joined(parts)[1])

    def one_by_one(filters: list[Filter]) -> Constraint:
        constraint: Constraint = walk
        for part in filters:
            constraint = Filtered(constraint, part)
        return constraint

    orders: list[Callable[[], Constraint]] = [
        lambda: Filtered(walk, joined(parts)[0]),
        lambda: Filtered(walk, joined(parts[::-1])[0]),
        lambda: one_by_one([part for part, _ in parts]),
        lambda: one_by_one([part for part, _ in reversed(parts)]),
    ]
    for build in orders:
        check(build, named, expected)


@examples(80)
@given(named_graphs(), GRAMMAR, st.integers(1, 2), TOPICS, TOPICS, KIND, st.data())
def test_what_two_constraints_share_is_what_their_languages_share(
    named: NamedGraph,
    grammar: GrammarName,
    hops: int,
    topics: list[str],
    others: list[str],
    kind: type[Walk] | type[KGTrie],
    data: st.DataObject,
) -> None:
    left, right, further = (data.draw(kind(named)) for kind in (edge_filters, edge_filters, filters))
    others = [*topics[:1], *others]
    first = kept(brute_force(named, grammar, topics, hops), left[1])
    second = kept(brute_force(named, grammar, others, hops + 1), right[1])
    if not first or not second:
        return
    graphs = restrict(named.graph, left[0]), restrict(named.graph, right[0])
    one = Walk.of(graphs[0], topics, TOKENIZER, grammar=grammar, hops=hops)
    two = kind.of(graphs[1], others, TOKENIZER, grammar=grammar, hops=hops + 1)
    check(lambda: Both(one, two), named, shared(first, second))
    check(lambda: Both(two, one), named, shared(first, second))
    check(lambda: Filtered(Both(one, two), further[0]), named, kept(shared(first, second), further[1]))


@examples(80)
@given(named_graphs(), GRAMMAR, TOPICS, st.integers(1, 60), st.data())
def test_a_small_budget_gives_the_same_answers_or_says_that_it_was_too_small(
    named: NamedGraph, grammar: GrammarName, topics: list[str], budget: int, data: st.DataObject
) -> None:
    everything = brute_force(named, grammar, topics, 2)
    if not everything:
        return
    chosen, means = data.draw(filters(named))
    walk = Walk.of(named.graph, topics, TOKENIZER, grammar=grammar, hops=2)
    try:
        assert language(Filtered(walk, chosen, budget)) == kept(everything, means)
    except NoChainError:
        assert not kept(everything, means)
    except BudgetError:
        states = {text[:length] for text in everything for length in range(len(text) + 1)}
        assert budget < len(states) + sum(chains.total() for chains in everything.values())
