"""How published systems score themselves, each definition under its own name; none of them is strict."""

from kgqa.evaluation.published.gcr import Gcr
from kgqa.evaluation.published.gnn_rag import GnnRag
from kgqa.evaluation.published.matching import contains, fold
from kgqa.evaluation.published.rog import Rog
from kgqa.evaluation.published.subgraphrag import SubgraphRag
from kgqa.evaluation.published.tog import Tog

__all__ = ["Gcr", "GnnRag", "Rog", "SubgraphRag", "Tog", "contains", "fold"]
