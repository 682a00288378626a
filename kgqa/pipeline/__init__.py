"""The pipeline from a question to its answer."""

from kgqa.pipeline.answerer import Answerer, Answers
from kgqa.pipeline.description import described
from kgqa.pipeline.endpoint_answerer import EndpointAnswerer
from kgqa.pipeline.outcome import Outcome, Query, Timings

__all__ = [
    "Answerer",
    "Answers",
    "EndpointAnswerer",
    "Outcome",
    "Query",
    "Timings",
    "described",
]
