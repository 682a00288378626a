"""Each filter on a graph small enough to be read."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kgqa.constraint import (
    Both,
    Constraint,
    EdgeFilter,
    EndsIn,
    Filter,
    Filtered,
    KGTrie,
    Live,
    Only,
    Range,
    Using,
    Walk,
    Without,
    entities_of_type,
    restrict,
)
from kgqa.constraint.testing import check_constraint, language
from kgqa.errors import (
    BudgetError,
    ConstraintError,
    DataError,
    NoChainError,
    UnknownEntityError,
    UnknownRelationError,
    UsageError,
)
from kgqa.graph import Chain, GraphBuilder, Hop, IndexedGraph, Name, Triple
from kgqa.lm import MockTokenizer

TOKENIZER = MockTokenizer()
FACTS = [
    Triple("Emma", "author", "Jane Austen"),
    Triple("Emma", "author", "Penguin"),  # an error of the kind that a range finds
    Triple("Emma", "year", "1815"),
    Triple("Jane Austen", "born in", "Steventon"),
    Triple("Jane Austen", "instance of", "person"),
    Triple("Persuasion", "author", "Jane Austen"),
    Triple("Persuasion", "year", "1817"),
    Triple("Steventon", "instance of", "village"),
]


@pytest.fixture
def graph() -> IndexedGraph:
    return GraphBuilder.of(FACTS)


def walk(graph: IndexedGraph, hops: int = 2, topic: str = "Emma") -> Walk:
    return Walk.of(graph, [topic], TOKENIZER, hops=hops, inverse=False)


def texts(constraint: Constraint) -> list[str]:
    return sorted(TOKENIZER.decode(tokens).strip() for tokens in language(constraint))


AUTHOR = "Emma -> author -> Jane Austen"
PENGUIN = "Emma -> author -> Penguin"
YEAR = "Emma -> year -> 1815"
BORN = f"{AUTHOR} -> born in -> Steventon"
PERSON = f"{AUTHOR} -> instance of -> person"

CASES: list[tuple[Filter, list[str]]] = [
    (Without(relations={"year", "instance of"}), [AUTHOR, BORN, PENGUIN]),
    (Without(entities={"Jane Austen"}), [PENGUIN, YEAR]),
    (Without(triples={Triple("Emma", "author", "Penguin")}), [AUTHOR, BORN, PERSON, YEAR]),
    (Without(), [AUTHOR, BORN, PERSON, PENGUIN, YEAR]),
    (Only(relations={"author", "born in"}), [AUTHOR, BORN, PENGUIN]),
    (Only(entities={"Emma", "Jane Austen", "person"}), [AUTHOR, PERSON]),
    (Only(triples={FACTS[0], FACTS[3]}), [AUTHOR, BORN]),
    (Only(), [AUTHOR, BORN, PERSON, PENGUIN, YEAR]),
    (Range("author", {"Jane Austen"}), [AUTHOR, BORN, PERSON, YEAR]),
    (Using(relations={"author", "born in"}), [BORN]),
    (Using(entities={"Jane Austen"}), [AUTHOR, BORN, PERSON]),
    (Using(entities={"Emma"}, triples={FACTS[0]}), [AUTHOR, BORN, PERSON]),
    (EndsIn({"Steventon", "1815"}), [BORN, YEAR]),
    (Live(lambda chain: chain.end.startswith("P") or len(chain.hops) == 2), [BORN, PERSON, PENGUIN]),
    (Using(relations={"year"}) | EndsIn({"person"}), [PERSON, YEAR]),
    (Without(relations={"year"}) & EndsIn({"Steventon", "1815"}), [BORN]),
]


@pytest.mark.parametrize(("chosen", "expected"), CASES, ids=lambda case: str(case)[:40])
def test_a_filter_keeps_the_chains_that_it_says(
    graph: IndexedGraph, chosen: Filter, expected: list[str]
) -> None:
    assert texts(Filtered(walk(graph), chosen)) == expected
    trie = KGTrie.of(graph, ["Emma"], TOKENIZER, inverse=False)
    assert texts(Filtered(trie, chosen)) == expected
    if isinstance(chosen, EdgeFilter):
        assert texts(walk(restrict(graph, chosen))) == expected


def test_a_type_is_found_by_the_usual_relations_or_the_one_that_is_named(graph: IndexedGraph) -> None:
    assert entities_of_type(graph, "person") == {"Jane Austen"}
    assert entities_of_type(graph, "1817", by="year") == {"Persuasion"}
    assert entities_of_type(graph, "1817") == frozenset()
    with pytest.raises(UnknownEntityError, match="planet"):
        entities_of_type(graph, "planet")
    with pytest.raises(UnknownRelationError, match="kind"):
        entities_of_type(graph, "person", by="kind")
    of_types = Range("author", entities_of_type(graph, "person")) & EndsIn(
        entities_of_type(graph, "village") | entities_of_type(graph, "person")
    )
    assert texts(Filtered(walk(graph), of_types)) == [AUTHOR, BORN]


def test_a_restricted_graph_is_a_graph_of_its_own_and_leaves_the_other_alone(graph: IndexedGraph) -> None:
    restricted = restrict(graph, Without(relations={"year"}), Without(entities={"Penguin"}))
    assert sorted(restricted) == sorted(t for t in FACTS if t.relation != "year" and t.tail != "Penguin")
    assert sorted(graph) == sorted(FACTS)
    assert restricted.label("1815") == "1815"
    assert list(restricted.hops("1815")) == []
    assert [hop.entity for hop in restricted.hops("Jane Austen") if hop.inverse] == ["Emma", "Persuasion"]
    same = restrict(graph, Without(entities={"Penguin", "1815", "1817"}))
    assert restricted.checksum == same.checksum != graph.checksum
    assert restrict(graph, Without()).checksum != restricted.checksum


@pytest.mark.parametrize(
    "chosen",
    [
        Without(relations={"directed by"}),
        Without(triples={Triple("Emma", "directed by", "1815")}),
        Only(relations={"directed by"}),
        Range("directed by", {"Emma"}),
    ],
)
def test_a_relation_that_the_graph_does_not_hold_is_an_error(graph: IndexedGraph, chosen: EdgeFilter) -> None:
    with pytest.raises(UnknownRelationError, match="directed by"):
        restrict(graph, chosen)


@pytest.mark.parametrize(
    "chosen",
    [
        Without(entities={"Sanditon"}),
        Only(entities={"Sanditon"}),
        Range("author", {"Sanditon"}),
        Only(triples={Triple("Sanditon", "author", "Jane Austen")}),
    ],
)
def test_an_entity_that_the_graph_does_not_hold_is_an_error(graph: IndexedGraph, chosen: EdgeFilter) -> None:
    with pytest.raises(UnknownEntityError, match="Sanditon"):
        restrict(graph, chosen)


def test_a_graph_cannot_be_restricted_by_what_looks_at_chains(graph: IndexedGraph) -> None:
    with pytest.raises(UsageError, match=r"ending at 'Emma'; use Filtered\(constraint, filter\)"):
        restrict(graph, Without() & EndsIn({"Emma"}))


def test_a_name_in_place_of_a_set_of_names_is_refused() -> None:
    for make in (lambda: Without(relations="year"), lambda: EndsIn("Emma"), lambda: Using(entities="Emma")):
        with pytest.raises(UsageError, match="must be a sequence of names"):
            make()


def test_filters_are_values() -> None:
    assert Without(relations=["a", "b"]) == Without(relations={"b", "a"})
    assert len({EndsIn({"a"}), EndsIn(["a", "a"]), EndsIn({"b"})}) == 2


def test_nothing_left_is_said_when_the_constraint_is_made(graph: IndexedGraph) -> None:
    with pytest.raises(NoChainError, match="no chain from 'Emma' using relation 'born in' and ending"):
        Filtered(walk(graph), Using(relations={"born in"}) & EndsIn({"person"}))
    with pytest.raises(NoChainError, match="no chain from 'Emma' ending at none"):
        Filtered(walk(graph), EndsIn(()))
    with pytest.raises(NoChainError, match="at most 2 hops"):
        walk(restrict(graph, Without(entities={"Emma"})))
    with pytest.raises(NoChainError, match="no topic at all"):
        Both(walk(graph), walk(graph, topic="Persuasion"))


def test_a_long_list_is_not_read_out_in_a_message(graph: IndexedGraph) -> None:
    with pytest.raises(NoChainError, match=r"ending at 'a', 'b', 'c' and 2 more$"):
        Filtered(walk(graph), EndsIn(list("decba")))


def test_what_is_filtered_out_is_neither_taken_nor_told(graph: IndexedGraph) -> None:
    constraint = Filtered(walk(graph), EndsIn({"Steventon"}))
    state = constraint.start
    for token in TOKENIZER.encode_batch([" " + AUTHOR])[0]:
        assert constraint.allowed(state).tolist() == [token]
        state = constraint.advance(state, token)
    assert not constraint.accepts(state)
    with pytest.raises(ConstraintError, match="no complete chain yet"):
        constraint.chains(state)
    state = constraint.start
    for token in TOKENIZER.encode_batch([" Emma -> "])[0]:
        state = constraint.advance(state, token)
    with pytest.raises(ConstraintError, match="not allowed"):
        constraint.advance(state, ord("y"))


def test_two_graphs_share_the_chains_that_both_hold(graph: IndexedGraph) -> None:
    other = GraphBuilder.of([*FACTS[:1], *FACTS[3:], Triple("Emma", "year", "1816")])
    both = Both(walk(graph), walk(other))
    assert texts(both) == [AUTHOR, BORN, PERSON]
    assert texts(Filtered(both, EndsIn({"person"}))) == [PERSON]
    assert texts(Both(KGTrie.of(other, ["Emma"], TOKENIZER, inverse=False), walk(graph))) == texts(both)


def test_a_text_that_means_something_else_in_each_graph_is_not_shared() -> None:
    first = GraphBuilder.of([Triple("Emma", "year", "1"), Name("1", "1815")])
    second = GraphBuilder.of([Triple("Emma", "year", "2"), Name("2", "1815")])
    assert texts(walk(first)) == texts(walk(second)) == [YEAR]
    with pytest.raises(NoChainError, match="that both constraints allow"):
        Both(walk(first), walk(second))
    third = GraphBuilder.of([*first, *second, Name("1", "1815"), Name("2", "1815")])
    both = Both(walk(third), walk(second))
    assert list(language(both).values()) == [{Chain("Emma", (Hop("year", "2"),)): 1}]


def test_chains_with_one_text_and_one_end_are_told_apart() -> None:
    ways = [
        [Triple("Emma", "cites", way), Triple(way, "cites", "Bible")] for way in ("Milton", "Pope", "Gray")
    ]
    first, second = GraphBuilder.of([*ways[0], *ways[1]]), GraphBuilder.of([*ways[1], *ways[2]])
    over = [Walk.of(g, ["Emma"], TOKENIZER, grammar="relations", inverse=False) for g in (first, second)]
    pope = {Chain("Emma", (Hop("cites", "Pope"), Hop("cites", "Bible"))): 1}
    for both in (Both(over[0], over[1]), Both(over[1], over[0]), Filtered(over[0], Using(entities={"Pope"}))):
        assert language(both)[TOKENIZER.encode_batch([" -> cites -> cites"])[0]] == pope
        check_constraint(both, first)


@dataclass
class Calls:
    """A check that counts what it is asked, and breaks down on a chain to `breaks`."""

    breaks: str = ""

    def __post_init__(self) -> None:
        self.asked: list[Chain] = []

    def __call__(self, chain: Chain) -> bool:
        self.asked.append(chain)
        if chain.end == self.breaks:
            raise TimeoutError("no answer\nfrom the server")
        return chain.end != "person"


def test_a_live_check_is_asked_once_about_each_chain(graph: IndexedGraph) -> None:
    check = Calls()
    live = Live(check)
    expected = [AUTHOR, BORN, PENGUIN, YEAR]
    assert texts(Filtered(walk(graph), live)) == expected
    assert texts(Filtered(walk(graph), live)) == expected
    assert len(check.asked) == len(set(check.asked)) == 5


def test_what_a_live_check_raises_names_the_chain_and_is_asked_again(graph: IndexedGraph) -> None:
    check = Calls(breaks="Penguin")
    constraint = Filtered(walk(graph), Live(check))
    with pytest.raises(
        DataError, match=r"chain \(Emma author Penguin\) failed: TimeoutError: no answer from the server$"
    ) as caught:
        language(constraint)
    assert isinstance(caught.value.__cause__, TimeoutError)
    check.breaks = ""
    assert texts(constraint) == [AUTHOR, BORN, PENGUIN, YEAR]


def test_a_budget_bounds_each_question_and_more_of_it_helps(graph: IndexedGraph) -> None:
    last = EndsIn({"person"})
    with pytest.raises(BudgetError, match="visited 20 states and chains"):
        Filtered(walk(graph), last, budget=20)
    assert texts(Filtered(walk(graph), last, budget=200)) == [PERSON]
    with pytest.raises(UsageError, match="budget must be a whole number of at least 1"):
        Filtered(walk(graph), last, budget=0)
    assert Filtered(Filtered(walk(graph), last, budget=10**6), Without()).budget == 10**6


def test_a_text_longer_than_any_stack_is_looked_through() -> None:
    facts = [Triple("a" * 200, "r" * 200, "b" * 200), Triple("b" * 200, "r" * 200, "c" * 200)]
    long = GraphBuilder.of([*facts, Triple("c" * 200, "r" * 200, "d" * 200)])
    constraint = Filtered(Walk.of(long, ["a" * 200], TOKENIZER, hops=3), EndsIn({"d" * 200}))
    ((tokens, chains),) = language(constraint).items()
    assert len(tokens) > 1200
    assert next(iter(chains)) == Chain("a" * 200, tuple(Hop("r" * 200, letter * 200) for letter in "bcd"))
