"""Reasoning over a graph with models whose probabilities nobody gets to see."""

from kgqa.reason.chat_answerer import ChatAnswerer
from kgqa.reason.chat_reasoner import ChatReasoner, Reasoning

__all__ = ["ChatAnswerer", "ChatReasoner", "Reasoning"]
