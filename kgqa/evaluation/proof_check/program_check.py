"""Checks proofs of programs with code of its own: facts in sets, programs executed the plain way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from kgqa.errors import DataError, UsageError
from kgqa.evaluation.proof_check import proof_reading as reading
from kgqa.evaluation.proof_check.evidence_check import EvidenceCheck
from kgqa.evaluation.proof_check.facts import Facts
from kgqa.evaluation.proof_check.naive_program import NaiveProgram
from kgqa.evaluation.proof_check.proof_reading import BadProofError
from kgqa.evaluation.proof_check.result_check import ResultCheck
from kgqa.evaluation.proof_check.violations import Violations
from kgqa.graph import IndexedGraph
from kgqa.program.json_form import program_from_dict
from kgqa.program.program import Program
from kgqa.program.proof import Proof

__all__ = ["check_proof"]

_FIELDS = {"program", "form", "result", "coverage", "most_facts", "most_results", "evidence", "notes"}


def check_proof(
    proof: Proof | Mapping[str, Any],
    triples: Facts | IndexedGraph | Iterable[tuple[str, str, str]],
    program: Program | None = None,
) -> list[str]:
    """What is wrong with a proof, or with its JSON form (`Proof.to_dict`): a sentence each, none if it holds.

    The program is executed again on the facts alone, by code that shares nothing with the executor. Every
    fact that the proof lists must be among the facts and prove what it is listed for; members, winners,
    runners-up, counts, missing values, coverage and the result must be exactly right. The texts in `program`
    and `notes` are for people and are not checked. With a `program`, the proof must be of that one.

    Raises `UsageError` for what is neither a proof nor a JSON object.
    """
    if isinstance(proof, Proof):
        proof = proof.to_dict()
    if not isinstance(proof, Mapping):
        raise UsageError(f"proof must be a Proof or its JSON form, not {type(proof).__name__}")
    if isinstance(triples, IndexedGraph):
        triples = Facts.of_graph(triples)
    elif not isinstance(triples, Facts):
        triples = Facts.of_triples(triples)
    try:
        return list(dict.fromkeys(_violations(proof, NaiveProgram(triples), program)))
    except (BadProofError, DataError) as error:
        return [f"the proof cannot be checked: {error}"]
    except RecursionError:
        return ["the proof cannot be checked: its programs are nested too deep"]


def _violations(proof: Mapping[str, Any], naive: NaiveProgram, wanted: Program | None) -> list[str]:
    if unknown := sorted(map(str, proof.keys() - _FIELDS)):
        raise BadProofError(f"unknown field {unknown[0]!r}")
    program = program_from_dict(reading.form(proof, "form"))
    if wanted is not None and wanted != program:
        raise BadProofError("it is the proof of another program")
    found = Violations()
    stage = naive.stage(program)
    check = EvidenceCheck(naive, found, _bound(proof, "most_facts"))
    coverage = check.program(stage, reading.pieces(proof, "evidence"))
    ResultCheck(naive, found, _bound(proof, "most_results")).result(stage, reading.form(proof, "result"))
    stated = reading.number(proof, "coverage")
    if not math.isclose(stated, coverage, rel_tol=1e-9, abs_tol=1e-12):
        found.sentences.append(f"the coverage is {coverage:.6g}, not {stated:.6g}")
    return found.sentences


def _bound(proof: Mapping[str, Any], field: str) -> int:
    """How many are listed: at least one, or a proof would show nothing."""
    found = reading.integer(proof, field)
    if found < 1:
        raise BadProofError(f"{field!r} must be at least 1, not {found}")
    return found
