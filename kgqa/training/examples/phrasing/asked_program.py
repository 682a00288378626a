"""One program that is asked about: its words and its sets, which every kind of question has."""

from __future__ import annotations

import random

from kgqa.graph import IndexedGraph
from kgqa.graph.adjacency import Ids
from kgqa.program import Program
from kgqa.training.examples.phrasing.graph_words import GraphWords
from kgqa.training.examples.phrasing.set_phrases import SetPhrases

__all__ = ["AskedProgram"]


class AskedProgram:
    """What questions about a program are made of; all words are drawn from `chance`."""

    def __init__(self, program: Program, graph: IndexedGraph, chance: random.Random) -> None:
        self.program = program
        self.words = GraphWords.of(graph)
        self.chance = chance
        self.sets = SetPhrases(self.words, program.start, program.clauses, chance)

    @property
    def members(self) -> Ids:
        """The last set."""
        return self.sets.sets[-1]
