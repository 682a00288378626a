"""Proofs of programs over a small graph of countries."""

from __future__ import annotations

import pytest

from kgqa.errors import UnknownRelationError, UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Node, NodeKind, Statement, Triple
from kgqa.program import (
    Aggregate,
    Combine,
    Comparator,
    Compare,
    Count,
    CoverageRule,
    Each,
    Extreme,
    Follow,
    Has,
    Instances,
    Is,
    Join,
    Keep,
    Measure,
    Named,
    OwnValue,
    Program,
    Step,
    Summary,
    Test,
    prove,
)

INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
POPULATION, CONTINENT, BORDERS, CAPITAL = (
    Step("population"),
    Step("continent"),
    Step("borders"),
    Step("capital"),
)
PEOPLE = Measure((POPULATION,))
FRANCE = Named((("France",),))
AFRICA = Program(Named((("Africa",),)), (Follow(Step("continent", True)),))


@pytest.fixture(scope="module")
def countries() -> IndexedGraph:
    found: list[Statement] = []
    for name, continent, population in (
        ("France", "Europe", 67),
        ("Germany", "Europe", 83),
        ("Spain", "Europe", 48),
        ("Nigeria", "Africa", 223),
        ("Chad", "Africa", 18),
        ("Egypt", "Africa", None),
    ):
        found += [Triple(name, "type", "Country"), Triple(name, "continent", continent)]
        if population is not None:
            literal = f'"{population}"^^<{INTEGER}>'
            found += [Triple(name, "population", literal), Name(literal, str(population))]
            found.append(Node(literal, NodeKind.LITERAL))
    for one, other in (("France", "Germany"), ("France", "Spain"), ("Germany", "Austria")):
        found += [Triple(one, "borders", other), Triple(other, "borders", one)]
    found.append(Triple("France", "capital", "Paris"))
    return GraphBuilder.of(found)


def test_a_superlative_has_its_winner_the_runner_up_and_how_many_have_no_value(
    countries: IndexedGraph,
) -> None:
    proof = prove(Program(AFRICA.start, (*AFRICA.clauses, Extreme(PEOPLE))), countries)
    found = proof.evidence[-1]
    assert proof.result.entities == ("Nigeria",)
    assert found.runner_up is not None
    assert found.runner_up.entity == "Chad"
    assert (found.compared, found.missing, proof.coverage) == (2, 1, 2 / 3)
    assert found.members[0].chains[0].triples == (Triple("Nigeria", "population", f'"223"^^<{INTEGER}>'),)
    assert any(note.startswith("2 of 3 have a value") for note in proof.notes)


def test_a_count_has_its_members_up_to_the_bound_and_how_many_there_are(countries: IndexedGraph) -> None:
    proof = prove(Program(AFRICA.start, AFRICA.clauses, Count()), countries, most_facts=2)
    found = proof.evidence[-1]
    assert (len(found.members), found.total) == (2, 3)
    assert "... and 1 more" in proof.to_text()
    for member in found.members:
        assert member.chains[0] == proof.witness(member.entity)


def test_every_member_of_a_set_has_a_witness_and_no_other_node_has_one(countries: IndexedGraph) -> None:
    program = Program(AFRICA.start, (*AFRICA.clauses, Combine(Join.OR, Program(FRANCE, (Follow(BORDERS),)))))
    proof = prove(program, countries)
    for node in range(countries.entity_count):
        entity = countries.entity(node)
        chain = proof.witness(entity)
        assert (chain is not None) == (entity in proof.result.entities)
        if chain is not None:
            assert chain.end == entity
            assert all(triple in countries for triple in chain.triples)
    assert proof.witness("no such entity") is None


def test_a_no_has_the_facts_that_there_are_and_says_that_it_rests_on_absence(
    countries: IndexedGraph,
) -> None:
    proof = prove(Program(FRANCE, (), Test(Is((CAPITAL,), ("Spain",)))), countries)
    found = proof.evidence[-1]
    assert proof.result.truth is False
    assert found.absence
    assert found.there[0].chains[0].triples == (Triple("France", "capital", "Paris"),)
    assert "closed world" in proof.to_text()


def test_a_yes_has_its_fact(countries: IndexedGraph) -> None:
    proof = prove(Program(FRANCE, (), Test(Is((CAPITAL,), ("Paris",)))), countries)
    found = proof.evidence[-1]
    assert proof.result.truth is True
    assert not found.absence
    assert not proof.notes
    assert found.members[0].chains[0].triples == (Triple("France", "capital", "Paris"),)


def test_but_not_has_those_left_out_with_the_facts_of_the_other_set(countries: IndexedGraph) -> None:
    other = Program(Named((("Germany",),)), (Follow(BORDERS), Follow(BORDERS)))
    proof = prove(Program(FRANCE, (Follow(BORDERS), Combine(Join.BUT_NOT, other))), countries)
    assert set(proof.result.entities) == set()
    found = proof.evidence[-1]
    assert {member.entity for member in found.members} == {"Germany", "Spain"}
    assert found.absence
    assert len(found.inner) == 3


def test_a_filter_says_how_many_were_kept_of_how_many_and_what_it_compared_with(
    countries: IndexedGraph,
) -> None:
    above = Keep(Compare(PEOPLE, Comparator.ABOVE, OwnValue(("France",))))
    proof = prove(Program(Instances(("Country",)), (above,)), countries)
    found = proof.evidence[-1]
    assert (found.before, found.after, found.compared, found.missing) == (6, 2, 5, 1)
    assert found.operands[0].value is not None
    assert found.operands[0].value.low == 67


def test_a_group_that_wins_has_the_facts_of_its_members(countries: IndexedGraph) -> None:
    biggest = Extreme(Measure((POPULATION,), Aggregate.TOTAL, (CONTINENT,)))
    proof = prove(Program(Instances(("Country",)), (biggest,)), countries)
    found = proof.evidence[-1]
    assert proof.result.entities == ("Africa",)
    assert found.groups == 2
    assert found.members[0].terms == 2
    assert {chain.hops[0].entity for chain in found.members[0].chains} == {"Nigeria", "Chad"}
    witness = proof.witness("Africa")
    assert witness is not None
    assert witness.start == "Country"
    assert len(witness.hops) == 2


def test_ties_are_all_given_and_said_so(countries: IndexedGraph) -> None:
    most = Extreme(Measure((), Aggregate.COUNT, (CONTINENT,)))
    proof = prove(Program(Instances(("Country",)), (most,)), countries)
    assert proof.result.size == 2
    assert proof.notes[0].startswith("2 tie")


def test_a_summary_has_its_terms_and_a_table_its_rows(countries: IndexedGraph) -> None:
    all_countries = Instances(("Country",))
    highest = prove(Program(all_countries, (), Summary(Aggregate.HIGHEST, (POPULATION,))), countries)
    assert highest.evidence[-1].members[0].entity == "Nigeria"
    assert highest.coverage == 5 / 6
    table = prove(Program(all_countries, (), Each(PEOPLE)), countries)
    assert [row.entity for row in table.result.rows[:2]] == ["Nigeria", "Germany"]


def test_a_negated_filter_rests_on_absent_facts(countries: IndexedGraph) -> None:
    proof = prove(Program(Instances(("Country",)), (Keep(Has((POPULATION,)), negated=True),)), countries)
    assert proof.result.entities == ("Egypt",)
    assert proof.evidence[-1].absence


def test_what_the_graph_has_not_is_refused(countries: IndexedGraph) -> None:
    with pytest.raises(UnknownRelationError):
        prove(Program(FRANCE, (Follow(Step("no such relation")),)), countries)
    with pytest.raises(UsageError, match="most_facts"):
        prove(AFRICA, countries, most_facts=0)


def test_a_rule_acts_below_its_coverage_only() -> None:
    rule = CoverageRule(0.8, "abstain")
    assert rule.action_for(0.79) == "abstain"
    assert rule.action_for(0.8) is None
    with pytest.raises(UsageError, match="least_coverage"):
        CoverageRule(1.5)
    with pytest.raises(UsageError, match="action"):
        CoverageRule(0.5, "ignore")  # type: ignore[arg-type]
