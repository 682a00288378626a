"""Why a question has not the answer that was expected, and what a graph lacks."""

from kgqa.diagnosis.cause import Cause
from kgqa.diagnosis.diagnosis import Diagnosis, FoundChain, Judgement, LinkedMention
from kgqa.diagnosis.explainer import Explainer
from kgqa.diagnosis.graph_gaps import Gap, GraphGaps
from kgqa.diagnosis.run_causes import RunCauses

__all__ = [
    "Cause",
    "Diagnosis",
    "Explainer",
    "FoundChain",
    "Gap",
    "GraphGaps",
    "Judgement",
    "LinkedMention",
    "RunCauses",
]
