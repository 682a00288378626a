"""Faults of proofs that are consistent in themselves, each refused with a sentence that names it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kgqa.errors import ProgramError, UsageError
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.program import Combine, Join, Program, parse_program, prove
from kgqa.validation import Facts, check_proof

FACTS = [
    *((country, "type", "Country") for country in ("France", "Germany", "Spain", "Nigeria", "Chad", "Egypt")),
    *((country, "continent", "Europe") for country in ("France", "Germany", "Spain")),
    *((country, "continent", "Africa") for country in ("Nigeria", "Chad", "Egypt")),
    *(("France", "population", "67"), ("Germany", "population", "83"), ("Spain", "population", "48")),
    *(("Nigeria", "population", "223"), ("Chad", "population", "18")),
    *(("France", "borders", "Germany"), ("Germany", "borders", "France")),
    *(("France", "capital", "Paris"), ("Germany", "capital", "Berlin")),
]

Json = dict[str, Any]


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    return GraphBuilder.of(FACTS)


def proof_of(text: str, graph: IndexedGraph) -> Json:
    return prove(parse_program(text, graph), graph).to_dict()


def violation(proof: Json) -> str:
    """The violations as one text; there are some."""
    found = check_proof(proof, FACTS)
    assert found
    return "\n".join(found)


def test_a_proof_holds_on_plain_triples_on_the_graph_and_as_json(graph: IndexedGraph) -> None:
    proof = prove(parse_program("Africa <- continent | most -> population", graph), graph)
    assert (
        check_proof(proof, FACTS)
        == check_proof(proof, graph)
        == check_proof(proof, Facts.of_triples(FACTS))
        == []
    )
    assert check_proof(proof.to_dict(), FACTS, proof.program) == []


def test_the_winner_swapped_with_the_runner_up(graph: IndexedGraph) -> None:
    proof = proof_of("Africa <- continent | most -> population", graph)
    evidence = proof["evidence"][-1]
    evidence["members"], evidence["runner_up"] = [evidence["runner_up"]], evidence["members"][0]
    proof["result"]["entities"] = ["Chad"]
    found = violation(proof)
    assert "'Chad' is not one of the members" in found
    assert "'Nigeria' is not the runner-up" in found
    assert "'Chad' is not in the result" in found


def test_a_fact_that_is_true_but_of_another_member(graph: IndexedGraph) -> None:
    proof = proof_of("Africa <- continent | most -> population", graph)
    proof["evidence"][-1]["members"][0]["chains"] = [[["Germany", "population", "83"]]]
    assert "begins at 'Germany', not at 'Nigeria'" in violation(proof)


def test_a_fact_that_the_graph_does_not_hold(graph: IndexedGraph) -> None:
    proof = proof_of("France | test -> capital is Paris", graph)
    proof["evidence"][-1]["members"][0]["chains"] = [[["France", "capital", "Lyon"]]]
    assert "not in the graph: France -[capital]-> Lyon" in violation(proof)


def test_a_member_left_out_of_everything(graph: IndexedGraph) -> None:
    proof = proof_of("Africa <- continent | count", graph)
    for evidence in proof["evidence"][1:]:
        evidence["members"] = evidence["members"][:-1]
        evidence["total"] = 2
    proof["evidence"][1]["after"] = proof["evidence"][2]["before"] = proof["evidence"][2]["after"] = 2
    proof["result"]["value"] = {"kind": "number", "low": 2.0, "high": 2.0, "text": "2"}
    found = violation(proof)
    assert "'total' is 3, not 2" in found
    assert "result: the result has the value 3, not 2" in found


def test_a_coverage_that_is_too_good(graph: IndexedGraph) -> None:
    proof = proof_of("Africa <- continent | most -> population", graph)
    proof["evidence"][-1] |= {"compared": 3, "missing": 0}
    proof["coverage"] = 1.0
    found = violation(proof)
    assert "'compared' is 2, not 3" in found
    assert "the coverage is 0.666667, not 1" in found


def test_a_yes_turned_no(graph: IndexedGraph) -> None:
    proof = proof_of("France | test -> capital is Paris", graph)
    no = proof_of("France | test -> capital is Berlin", graph)
    proof["result"], proof["evidence"] = no["result"], no["evidence"]
    assert "'truth' is True, not False" in violation(proof)


def test_a_sum_without_one_of_its_terms(graph: IndexedGraph) -> None:
    proof = proof_of("Africa <- continent | total -> population", graph)
    proof["evidence"][-1] |= {"members": proof["evidence"][-1]["members"][:1], "total": 1}
    proof["result"]["value"] |= {"low": 223.0, "high": 223.0, "text": "223"}
    assert "the result has the value 241, not 223" in violation(proof)


def test_a_proof_of_another_program(graph: IndexedGraph) -> None:
    proof = proof_of("Africa <- continent | count", graph)
    other = parse_program("Europe <- continent | count", graph)
    assert check_proof(proof, FACTS, other) == [
        "the proof cannot be checked: it is the proof of another program"
    ]


def test_another_graph(graph: IndexedGraph) -> None:
    proof = proof_of("Africa <- continent | most -> population", graph)
    richer = [*FACTS, ("Egypt", "population", "300")]
    assert any("'Egypt'" in sentence or "not one of" in sentence for sentence in check_proof(proof, richer))
    without = [fact for fact in FACTS if fact[1] != "continent"]
    assert "no entity 'Africa'" in check_proof(proof, without)[0]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ({"evidence": None}, "'evidence' must be a list of objects, not None"),
        ({"evidence": []}, "there must be evidence of 3 parts, not 0"),
        ({"form": {"start": 1}}, "no JSON form of a program"),
        ({"most_facts": "20"}, "'most_facts' must be a whole number, not '20'"),
        (
            {"result": {"kind": "value", "value": {"kind": "number", "low": "3", "high": "3"}}},
            "'low' must be a number, not '3'",
        ),
        ({"coverage": 10**400}, "'coverage' must be a number that a float can hold"),
        ({"result": {"kind": "value", "value": {"kind": "number", "low": 10**400, "high": 3}}}, "float can"),
        ({"most_facts": 0}, "'most_facts' must be at least 1, not 0"),
        ({"most_results": -1}, "'most_results' must be at least 1, not -1"),
        ({"other": 1}, "unknown field 'other'"),
    ],
)
def test_damaged_json_has_one_clear_sentence(graph: IndexedGraph, damage: Json, sentence: str) -> None:
    proof = proof_of("Africa <- continent | count", graph) | damage
    (found,) = check_proof(proof, FACTS)
    assert sentence in found


def test_what_is_no_proof_is_refused(graph: IndexedGraph) -> None:
    with pytest.raises(UsageError, match="proof must be a Proof or its JSON form, not str"):
        check_proof("Africa <- continent | count", graph)  # type: ignore[arg-type]
    nested: Json = proof_of("Africa <- continent | count", graph)
    form = copy.deepcopy(nested["form"])
    nested["form"]["clauses"].append({"combine": "and", "program": form})  # it has a final operator
    assert "has no final operator" in check_proof(nested, FACTS)[0]


def test_programs_without_end_are_refused(graph: IndexedGraph) -> None:
    proof = proof_of("Africa <- continent", graph)
    proof["form"]["clauses"].append({"combine": "and", "program": proof["form"]})
    assert "nested too deep" in check_proof(proof, FACTS)[0]
    program = parse_program("Africa <- continent", graph)
    for _ in range(2000):
        program = Program(program.start, (Combine(Join.AND, program),))
    with pytest.raises(ProgramError, match="nested too deep"):
        prove(program, graph)


def test_parsed_programs_are_proven_as_written(graph: IndexedGraph) -> None:
    program: Program = parse_program("all Country | where -> population above 50 | count", graph)
    assert check_proof(prove(program, graph), FACTS, program) == []
