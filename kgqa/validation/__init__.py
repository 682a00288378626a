"""Check whether chains are in the graph, and find the nearest facts for those that are not."""

from kgqa.evaluation.proof_check.facts import Facts
from kgqa.evaluation.proof_check.program_check import check_proof
from kgqa.validation.chain_file import claims_of, read_claims
from kgqa.validation.check import check_chains, check_claim, check_claims, other_graph, validate_chain
from kgqa.validation.ci_case import CiCase, Finding
from kgqa.validation.ci_report import FORMS, CiReport
from kgqa.validation.claim import Claim
from kgqa.validation.endpoint_check import check_chains_at
from kgqa.validation.nearest import Nearest, NearTriple
from kgqa.validation.path_text import PathReading, read_path
from kgqa.validation.result import ChainResult, Problem

__all__ = [
    "FORMS",
    "ChainResult",
    "CiCase",
    "CiReport",
    "Claim",
    "Facts",
    "Finding",
    "NearTriple",
    "Nearest",
    "PathReading",
    "Problem",
    "check_chains",
    "check_chains_at",
    "check_claim",
    "check_claims",
    "check_proof",
    "claims_of",
    "other_graph",
    "read_claims",
    "read_path",
    "validate_chain",
]
