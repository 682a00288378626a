"""For maintainers: whether chains are in the graph, and if not, what is near them."""

from kgqa.validation.chain_file import Claim, read_claims
from kgqa.validation.check import check_chains, check_claim
from kgqa.validation.nearest import Nearest, NearTriple
from kgqa.validation.path_text import PathReading, read_path
from kgqa.validation.result import ChainResult, Problem

__all__ = [
    "ChainResult",
    "Claim",
    "NearTriple",
    "Nearest",
    "PathReading",
    "Problem",
    "check_chains",
    "check_claim",
    "read_claims",
    "read_path",
]
