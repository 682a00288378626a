"""Proofs pass the independent checker; proofs with a fault do not."""

from __future__ import annotations

from random import Random

import pytest
from random_programs import RandomPrograms, random_graph

from kgqa.program import program_text, prove
from kgqa.validation import Facts, check_proof


def check_seed(seed: int, programs: int) -> None:
    """Proofs of random programs over one graph, with few and with many facts listed."""
    random = Random(seed)
    graph = random_graph(random).graph
    facts, drawn = Facts.of_graph(graph), RandomPrograms(graph, random)
    for _ in range(programs):
        program = drawn.program()
        proof = prove(program, graph, most_facts=random.choice((1, 2, 5, 20)))
        found = check_proof(proof, facts)
        assert not found, f"seed {seed}: {program_text(program, graph)}\n{program}\n{found}"


@pytest.mark.parametrize("seed", range(60))
def test_every_proof_passes_the_independent_checker(seed: int) -> None:
    check_seed(seed, programs=8)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_ten_thousand_proofs_pass_the_independent_checker(part: int) -> None:
    for seed in range(1000 + 50 * part, 1050 + 50 * part):
        check_seed(seed, programs=10)
