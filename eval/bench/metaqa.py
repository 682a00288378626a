"""The MetaQA graph and its questions, as benchmarks use them."""

from __future__ import annotations

import gzip
import json
import os
import random
import tempfile
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from kgqa.graph import GraphBuilder, IndexedGraph, open_index, save_index
from kgqa.graph.readers import read

__all__ = ["CACHE", "Asked", "graph", "questions", "sample", "texts"]

CACHE = Path(__file__).resolve().parents[2] / "runs" / "bench"
"""Where indexes and tokenizers are kept between runs; git ignores it."""
FACTS_APART = 10


class Asked(NamedTuple):
    """A question and the one entity that it starts at."""

    question: str
    topic: str


def graph(data: Path) -> IndexedGraph:
    """The graph, opened from an index that is made when it is first asked for."""
    facts = data / "metaqa" / "kb.tsv.gz"
    folder = CACHE / f"metaqa-{facts.stat().st_size}"
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=CACHE)) / "index"
        save_index(GraphBuilder().add_all(read(facts)).build(), made)
        try:
            os.replace(made, folder)
        except OSError:  # another run was faster
            assert folder.is_dir()
    return open_index(folder)


def questions(data: Path, hops: int, facts: IndexedGraph) -> list[Asked]:
    """The questions of one file that start at one entity of the graph.

    Those of two hops start mostly at persons, those of three at films.
    """
    found = []
    with gzip.open(data / "metaqa" / f"questions_{hops}hop.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            (topic,) = row["topic_entities"]
            matches = facts.find_ranked(topic)
            if matches:
                found.append(Asked(row["question"], matches[0].entity))
    return found


def sample(asked: list[Asked], count: int, seed: int) -> list[Asked]:
    """Some of the questions, each about another entity, in an order that the seed decides."""
    order = random.Random(seed).sample(asked, len(asked))
    return list({one.topic: one for one in reversed(order)}.values())[::-1][:count]


def texts(data: Path, facts: IndexedGraph) -> list[str]:
    """What a tokenizer is trained on: the names of the graph, the questions, and some facts.

    The facts are verbalized as paths of one hop, so that arrows are tokens as in tokenizers in use.
    """
    names = [name for name in (facts.labels[n] for n in range(facts.entity_count)) if name]
    names += [facts.relation_labels[n] for n in range(facts.relation_count)]
    for triple in islice(facts, 0, None, FACTS_APART):
        names.append(f"{triple.head} -> {triple.relation} -> {triple.tail}")
        names.append(f"{triple.tail} <- {triple.relation} <- {triple.head}")
    return names + [one.question for hops in (2, 3) for one in questions(data, hops, facts)]
