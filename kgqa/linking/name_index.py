"""Indexes over the names of a graph: by word, by spelling, by meaning."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from inspect import ismethod
from itertools import islice
from typing import cast

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kgqa.errors import ModelError, check_names
from kgqa.graph import IndexedGraph, fold_name
from kgqa.lm import Embed

__all__ = ["EmbeddingIndex", "SpellingIndex", "WordIndex", "normalize_name"]


MOST_INDEXED = 2_000_000
"""Of graphs with more entities, names are looked up by their beginnings: an index would fill the memory."""
SAME_LETTERS = 3
MOST_COMPARED = 100_000


def normalize_name(text: str) -> str:
    """A text without case, accents and punctuation.

    >>> normalize_name("James K. Polk"), normalize_name("Kaká"), normalize_name("M*A*S*H")
    ('james k polk', 'kaka', 'm a s h')
    """
    folded = fold_name(text)
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFKD", folded) if unicodedata.category(c) != "Mn")
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


NamesFrom = Callable[[str], Iterable[str]]
"""Gives the names that begin with a text."""


def _beginning(graph: IndexedGraph) -> NamesFrom | None:
    """The names of a large graph by their beginnings."""
    if graph.entity_count <= MOST_INDEXED:
        return None
    found: NamesFrom = graph.names.iterkeys
    return found


@dataclass(frozen=True, eq=False)
class WordIndex:
    """An inverted index over the words of normalized names, built by the first search.

    With `beginning`, which gives the names that begin with a text, there is no index: only names that begin
    with the first of the words are found, of at most 100,000.

    >>> names = WordIndex(("james k. polk", "polk county"))
    >>> names.search("james k polk"), names.search("Polk")
    (['james k. polk'], ['james k. polk', 'polk county'])
    """

    names: Iterable[str]
    beginning: NamesFrom | None = None

    def __post_init__(self) -> None:
        check_names(self.names, "names")

    @classmethod
    def of(cls, graph: IndexedGraph) -> WordIndex:
        """The index over all labels and aliases of a graph, built once per graph; none of a large one."""
        kept = graph.derived.get(cls) or graph.derived.setdefault(cls, cls(graph.names, _beginning(graph)))
        return cast("WordIndex", kept)

    def search(self, text: str) -> list[str]:
        """The names that contain the words of the text in a row, sorted; empty if it has no words."""
        normalized = normalize_name(text)
        if self.beginning is not None:
            first = fold_name(text).split()[:1]
            some = {name for word in first for name in islice(self.beginning(word), MOST_COMPARED)}
            return sorted(name for name in some if f" {normalized} " in f" {normalize_name(name)} ")
        rows = [self._postings.get(word, []) for word in normalized.split()]
        if not rows:
            return []
        rarest = min(rows, key=len)
        return sorted(name for name in rarest if f" {normalized} " in f" {normalize_name(name)} ")

    @cached_property
    def _postings(self) -> dict[str, list[str]]:
        postings: dict[str, list[str]] = {}
        for name in dict.fromkeys(self.names):
            for word in set(normalize_name(name).split()):
                postings.setdefault(word, []).append(name)
        return postings


@dataclass(frozen=True, eq=False)
class SpellingIndex:
    """Searches folded names for similar spellings; the index is built by the first search.

    Similarity is rapidfuzz's `ratio`: 1 minus the number of inserted and deleted letters, divided by
    both lengths. Only names that share the first or the last letter and have about the same length
    are compared, so that a hundred thousand names take milliseconds. With `beginning`, which gives the names
    that begin with a text, there is no index: compared are names that begin with the same three letters, of
    at most 100,000.

    >>> SpellingIndex(("william dieterle", "kismet")).search("wiliam dieterle", 0.8)
    [('william dieterle', 0.967741935483871)]
    """

    names: Iterable[str]
    beginning: NamesFrom | None = None

    def __post_init__(self) -> None:
        check_names(self.names, "names")

    @classmethod
    def of(cls, graph: IndexedGraph) -> SpellingIndex:
        """The index over all labels and aliases of a graph, built once per graph; none of a large one."""
        kept = graph.derived.get(cls) or graph.derived.setdefault(cls, cls(graph.names, _beginning(graph)))
        return cast("SpellingIndex", kept)

    def search(self, text: str, min_similarity: float, limit: int = 5) -> list[tuple[str, float]]:
        """The most similar names with their similarity (0 to 1), the best first."""
        folded = fold_name(text)
        if not folded or min_similarity <= 0:
            return []
        slack = int(len(folded) * (2 / min_similarity - 2)) if min_similarity < 1 else 0
        lengths = range(max(1, len(folded) - slack), len(folded) + slack + 1)
        if self.beginning is not None:
            some = islice(self.beginning(folded[:SAME_LETTERS]), MOST_COMPARED)
            pool = {name for name in some if len(name) in lengths}
        else:
            edges = ((0, folded[0]), (-1, folded[-1]))
            blocks = (self._blocks.get((*edge, length), ()) for length in lengths for edge in edges)
            pool = {name for block in blocks for name in block}
        hits = process.extract(folded, pool, scorer=fuzz.ratio, limit=None, score_cutoff=100 * min_similarity)
        ranked = sorted(((name, score / 100) for name, score, _ in hits), key=lambda hit: (-hit[1], hit[0]))
        return ranked[:limit]

    @cached_property
    def _blocks(self) -> dict[tuple[int, str, int], list[str]]:
        blocks: dict[tuple[int, str, int], list[str]] = {}
        for name in dict.fromkeys(self.names):
            blocks.setdefault((0, name[0], len(name)), []).append(name)
            blocks.setdefault((-1, name[-1], len(name)), []).append(name)
        return blocks


@dataclass(frozen=True, eq=False)
class EmbeddingIndex:
    """Searches the labels of entities by the cosine similarity of sentence embeddings of any width.

    The first search embeds all labels, which takes a sentence encoder minutes for a hundred thousand;
    a caller that has their vectors passes an `embed` that looks them up. Raises `ModelError` if `embed`
    does not return one vector per text, all of one width.
    """

    labels: Iterable[tuple[str, str]]
    """Entity identifiers with their labels."""
    embed: Embed

    @classmethod
    def of(cls, graph: IndexedGraph, embed: Embed) -> EmbeddingIndex:
        """The index over the labels of a graph, built once per graph and `embed`."""
        kept = cast("list[EmbeddingIndex]", graph.derived.setdefault(cls, []))
        for index in kept:
            if index.embed is embed or (ismethod(embed) and index.embed == embed):
                return index
        numbers = np.flatnonzero(graph.named).tolist()
        kept.append(cls([(graph.entity(number), graph.labels[number]) for number in numbers], embed))
        return kept[-1]

    def search(self, text: str, min_similarity: float, limit: int = 5) -> list[tuple[str, float]]:
        """Entities whose label's cosine with the text is at least `min_similarity`, the best first."""
        entities, vectors = self._vectors
        if not entities:
            return []
        (vector,) = self._embedded([text])
        if len(vector) != vectors.shape[1]:
            raise ModelError(
                f"embed returned vectors of width {vectors.shape[1]} first and {len(vector)} later"
            )
        cosines = vectors @ vector
        order = sorted(np.flatnonzero(cosines >= min_similarity), key=lambda at: (-cosines[at], entities[at]))
        return [(entities[at], min(float(cosines[at]), 1.0)) for at in order[:limit]]

    @cached_property
    def _vectors(self) -> tuple[list[str], NDArray[np.float32]]:
        labels = dict(self.labels)
        if not labels:
            return [], np.empty((0, 0), dtype=np.float32)
        return list(labels), self._embedded(list(labels.values()))

    def _embedded(self, texts: list[str]) -> NDArray[np.float32]:
        """Unit vectors of the texts, one a row."""
        vectors = np.asarray(self.embed(texts), dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ModelError(f"embed returned an array of shape {vectors.shape} for {len(texts)} texts")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)
