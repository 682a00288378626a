"""The relations of a graph by their words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kgqa.answer.programs.asked_measure import measures_asked
from kgqa.answer.words import STOP_WORDS, words
from kgqa.graph import IndexedGraph, separate_words
from kgqa.program import StepIndex

__all__ = ["WordedRelations"]


class WordedRelations(NamedTuple):
    """The texts of a graph's relations by their words."""

    asking: Mapping[str, Sequence[tuple[str, frozenset[str]]]]
    """The relations, with all words that tell something, by the first of these."""
    about: Mapping[str, Sequence[str]]
    """The relations by every word."""

    @classmethod
    def of(cls, graph: IndexedGraph) -> WordedRelations:
        """Those of a graph, made once for each."""
        return graph.derive(_worded)

    def measured(self, question: str) -> set[str]:
        """The relations that the question's adjective is about: a length for "longer"."""
        return {text for word in measures_asked(question) for text in self.about.get(word, ())}

    def named(self, question: str) -> tuple[str, ...]:
        """The relations that the question has all the words of, or whose word its adjective is about."""
        found, asked = self.measured(question), set(words(question))
        for word in asked:
            found.update(text for text, own in self.asking.get(word, ()) if own <= asked)
        return tuple(sorted(found))


def _worded(graph: IndexedGraph) -> WordedRelations:
    asking, about = defaultdict(list), defaultdict(list)
    for text in StepIndex.of(graph).by_text:
        own = [word for word in words(text) if word not in STOP_WORDS]
        if own:
            asking[own[0]].append((text, frozenset(own)))
        for word in set(separate_words(text)):
            about[word].append(text)
    return WordedRelations(asking, about)
