"""Proofs of programs: what was executed, the facts that it used, and how sure it is."""

from kgqa.program.proof.coverage import CoverageAction, CoverageRule
from kgqa.program.proof.evidence import Evidence, EvidenceKind, Member
from kgqa.program.proof.notes import value_words
from kgqa.program.proof.proof import Proof
from kgqa.program.proof.prover import prove
from kgqa.program.proof.result import Result

__all__ = [
    "CoverageAction",
    "CoverageRule",
    "Evidence",
    "EvidenceKind",
    "Member",
    "Proof",
    "Result",
    "prove",
    "value_words",
]
