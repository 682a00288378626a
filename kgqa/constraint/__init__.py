"""What may be said: languages of chains of one graph, token by token."""

from kgqa.constraint.protocol import Constraint, State
from kgqa.constraint.tokenizer import SegmentTokenizer

__all__ = ["Constraint", "SegmentTokenizer", "State"]
