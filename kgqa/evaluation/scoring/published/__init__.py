"""How published systems score themselves, each definition under its own name; none of them is strict."""

from kgqa.evaluation.scoring.published.gcr import Gcr
from kgqa.evaluation.scoring.published.gnn_rag import GnnRag
from kgqa.evaluation.scoring.published.matching import contains, fold
from kgqa.evaluation.scoring.published.rog import Rog
from kgqa.evaluation.scoring.published.subgraphrag import SubgraphRag
from kgqa.evaluation.scoring.published.tog import Tog

__all__ = ["Gcr", "GnnRag", "Rog", "SubgraphRag", "Tog", "contains", "fold"]
