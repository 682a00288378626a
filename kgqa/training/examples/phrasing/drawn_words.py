"""Names and nouns for what programs speak of; other words for them are drawn at random."""

from __future__ import annotations

import random

from kgqa.graph import ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.program import Nodes, Path, Step, node_text
from kgqa.training.examples.phrasing.graph_words import GraphWords
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.reading import View

__all__ = ["DrawnWords", "Unworded"]

_THINGS = ("thing", "one", "entity", "item")


class Unworded(Exception):
    """A program that there are no words for."""


class DrawnWords:
    """Draws words for the nodes, steps and values of a graph."""

    def __init__(self, of_graph: GraphWords, chance: random.Random) -> None:
        self.of_graph = of_graph
        self.executor = of_graph.executor
        self.chance = chance

    def name(self, nodes: Nodes) -> str:
        """The name of some nodes."""
        return node_text(nodes, self.of_graph.graph)[1:]

    def noun(self, members: Ids, vary: float = 0.25) -> str:
        """The class of some nodes in the singular, perhaps in other words, or empty."""
        return varied(self.of_graph.class_noun(members), self.chance, vary)

    def end_noun(self, path: Path, ends: Ids) -> str:
        """What is at the end of a path, in the singular."""
        if self.of_graph.kind(path) is ValueKind.NONE:
            noun = self.noun(ends)
            view = self.of_graph.view(path[-1])
            if noun and (not view.asked_nouns or self.chance.random() < 0.6):
                return noun
            if view.asked_nouns:
                return varied(self.chance.choice(view.asked_nouns), self.chance)
            return noun or (view.kind if view.inverse and view.kind else self.chance.choice(_THINGS))
        return varied(self.relation_noun(path[-1]), self.chance)

    def relation_noun(self, step: Step) -> str:
        """What the values of a relation are called, in its own words."""
        view: View = self.of_graph.view(step)
        words = view.words
        for prefix in ("has ", "have ", "is "):
            words = words.removeprefix(prefix)
        return words

    def between(self, step: Step, members: Ids) -> str:
        """What the things between two steps are called."""
        view = self.of_graph.view(step)
        noun = self.noun(members)
        if noun and (not view.asked_nouns or self.chance.random() < 0.6):
            return noun
        return varied(self.chance.choice(view.asked_nouns), self.chance) if view.asked_nouns else "one"

    def silent(self, members: Ids) -> bool:
        """Whether nodes between two steps are not spoken of: mediators, and mostly rows that link others."""
        if not self.of_graph.graph.named[members].any():
            return True
        return self.of_graph.is_link(members) and self.chance.random() < 0.75
