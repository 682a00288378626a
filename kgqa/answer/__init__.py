"""From chains to answers."""

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.answer.protocol import Aggregator

__all__ = ["Aggregator", "Answer", "RankedEntity"]
