"""Finding hypotheses: a decoder with a language model, or an LLM that walks the graph."""

from kgqa.finders.chain_space import ChainSpace
from kgqa.finders.chat_finder import ChatFinder
from kgqa.finders.model_finder import ModelFinder
from kgqa.finders.protocol import Finder, Found, LinkedQuestion
from kgqa.finders.served_finder import ServedFinder
from kgqa.finders.think_on_graph import ThinkOnGraph

__all__ = [
    "ChainSpace",
    "ChatFinder",
    "Finder",
    "Found",
    "LinkedQuestion",
    "ModelFinder",
    "ServedFinder",
    "ThinkOnGraph",
]
