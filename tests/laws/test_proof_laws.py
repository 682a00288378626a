"""Proofs pass the independent checker; proofs with a fault do not."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from mutations import with_anything
from random_programs import HOSTILE_NAMES, RandomPrograms, random_graph

import kgqa.evaluation.proof_check
from kgqa.graph import IndexedGraph, Triple
from kgqa.program import Program, program_text, prove
from kgqa.validation import Facts, check_proof

Json = Any


def drawn_proofs(seed: int, programs: int) -> Iterator[tuple[IndexedGraph, Facts, Program, Json]]:
    """Proofs of random programs over one graph, in JSON, with few and with many facts listed."""
    random = Random(seed)
    graph = random_graph(random).graph
    facts, drawn = Facts.of_graph(graph), RandomPrograms(graph, random)
    for _ in range(programs):
        program = drawn.program()
        proof = prove(program, graph, most_facts=random.choice((1, 2, 5, 20)))
        yield graph, facts, program, json.loads(json.dumps(proof.to_dict()))


def check_seed(seed: int, programs: int) -> None:
    for graph, facts, program, proof in drawn_proofs(seed, programs):
        found = check_proof(proof, facts, program)
        assert not found, f"seed {seed}: {program_text(program, graph)}\n{program}\n{found}"


@pytest.mark.parametrize("seed", range(60))
def test_every_proof_passes_the_independent_checker(seed: int) -> None:
    check_seed(seed, programs=8)


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(20))
def test_ten_thousand_proofs_pass_the_independent_checker(part: int) -> None:
    for seed in range(1000 + 50 * part, 1050 + 50 * part):
        check_seed(seed, programs=10)


def test_every_member_of_a_result_has_a_witness() -> None:
    for seed in range(40):
        random = Random(seed)
        graph = random_graph(random).graph
        program = RandomPrograms(graph, random).program()
        proof = prove(program, graph)
        for entity in proof.result.entities:
            chain = proof.witness(entity)
            assert chain is not None
            assert chain.end == entity
            assert all(triple in graph for triple in chain.triples)


@pytest.mark.parametrize("seed", range(20))
def test_a_proof_is_shown_in_eight_lines_and_in_full_on_request(seed: int) -> None:
    random = Random(seed)
    graph = random_graph(random, HOSTILE_NAMES).graph
    drawn = RandomPrograms(graph, random)
    for _ in range(20):
        proof = prove(drawn.program(), graph)
        short, full = proof.to_text(), proof.to_text(verbose=True)
        assert len(short.splitlines()) <= 8
        assert all(line.isprintable() for line in full.split("\n"))
        for member in (proof.evidence[-1].members if proof.program.final else ())[:1]:
            assert all(chain.to_text(graph) in full for chain in member.chains if chain.hops)


# Faults ------------------------------------------------------------------------------------------

Mutation = Callable[[], None]


def mutations(form: Json, pool: list[str], random: Random) -> Iterator[tuple[str, Mutation]]:
    """Changes of one number, text, truth value, or item of a list or object; each has its name.

    Left out are the texts for people, the bounds of lists, and where another true fact takes a fact's place.
    """
    for field in ("result", "evidence", "coverage"):
        yield from _within(form, field, pool, random, field)


def _within(
    owner: Json, key: Json, pool: list[str], random: Random, path: str
) -> Iterator[tuple[str, Mutation]]:
    def put(value: Json) -> Mutation:
        return lambda: owner.__setitem__(key, value)

    here = owner[key]
    match here:
        case bool():
            yield f"{path} is {not here}", put(not here)
        case int():
            yield f"{path} is one more", put(here + 1)
            yield f"{path} is one less", put(here - 1)
        case float():
            yield f"{path} is a little more", put(here * 1.001 + 0.001)
            yield f"{path} is a text", put(str(here))
        case str():
            other = random.choice([text for text in pool if text != here])
            yield f"{path} is {other!r}", put(other)
        case None:
            yield f"{path} is 1", put(1)
        case list():
            for at, _ in enumerate(here):
                yield f"{path} without item {at}", put(here[:at] + here[at + 1 :])
                yield f"{path} with item {at} twice", put([*here, copy.deepcopy(here[at])])
                yield from _within(here, at, pool, random, f"{path}[{at}]")
        case dict():
            for name in here:
                if name != "text":  # that may be left out
                    yield f"{path} without {name}", put({k: v for k, v in here.items() if k != name})
                yield from _within(here, name, pool, random, f"{path}.{name}")


def _is_true_fact(form: Json, name: str, facts: Facts) -> bool:
    """Whether the change was of a fact of a chain to another fact that is true."""
    if ".chains[" not in name:
        return False
    path = name.split(" ")[0].removeprefix("evidence")
    here, last = form["evidence"], None
    for part in path.replace("]", "").replace(".", "[").split("[")[1:]:
        last, here = here, here[int(part) if part.isdigit() else part]
    fact = last if isinstance(last, list) and all(isinstance(part, str) for part in last) else []
    return len(fact) == 3 and facts.holds(Triple(*fact))


@pytest.mark.parametrize("seed", range(40))
def test_a_proof_with_a_fault_is_refused(seed: int) -> None:
    random = Random(seed)
    tried = 0
    for graph, facts, program, proof in drawn_proofs(seed, programs=4):
        pool = [graph.entity(number) for number in range(graph.entity_count)]
        pool += [graph.relation(number) for number in range(graph.relation_count)]
        names = [name for name, _ in mutations(proof, pool, Random(seed))]
        for name in random.sample(names, min(60, len(names))):
            mutant = copy.deepcopy(proof)
            dict(mutations(mutant, pool, Random(seed)))[name]()
            cut = proof["most_facts"] < 20 and ".entity is" in name  # another member, listed instead
            if cut or _is_true_fact(mutant, name, facts):
                continue
            tried += 1
            assert check_proof(mutant, facts, program), (
                f"seed {seed}: {name}\n{program_text(program, graph)}\n{json.dumps(mutant, indent=1)}"
            )
    assert tried


@pytest.mark.parametrize("seed", range(20))
def test_a_proof_with_anything_anywhere_is_checked_without_an_error(seed: int) -> None:
    for _, facts, _, proof in drawn_proofs(seed, programs=6):
        for mutant in with_anything(proof, limit=30, seed=seed):
            if isinstance(mutant, dict):
                assert all(sentence and "\n" not in sentence for sentence in check_proof(mutant, facts))


# Independence ------------------------------------------------------------------------------------


def test_the_checker_shares_no_code_with_the_executor() -> None:
    folder = Path(kgqa.evaluation.proof_check.__file__).parent
    allowed = {"condition", "measure", "program", "json_form", "proof"}  # of kgqa.program
    for path in folder.glob("*.py"):
        name, reads_arrays = path.stem, path.stem == "graph_store"
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                numpy = any(alias.name.startswith("numpy") for alias in node.names)
                assert not numpy or reads_arrays, name
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.startswith(("numpy", "kgqa.decode", "kgqa.constraint")), name
                if node.module.startswith("kgqa.program"):
                    assert node.module.removeprefix("kgqa.program.") in allowed, (name, node.module)
