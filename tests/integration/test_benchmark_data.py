"""The benchmark data itself: its files are read whole, its gold paths hold, its topics are found."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from small_talk import SMALL_TALK

from kgqa.datasets import load_questions
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.linking import NameLinker
from kgqa.validation import check_chains

DATA = Path(os.environ.get("KGQA_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not (DATA / "metaqa").is_dir(), reason="the benchmark data is not here"),
]


def graph_of(path: Path) -> IndexedGraph:
    def facts() -> Iterator[Triple]:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
            for line in stream:
                yield Triple(*line.rstrip("\n").split("\t"))

    return GraphBuilder.of(facts())


@pytest.fixture(scope="module")
def films() -> IndexedGraph:
    return graph_of(DATA / "metaqa" / "kb.tsv.gz")


@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("metaqa/questions_1hop.jsonl.gz", 9_992),
        ("metaqa/questions_2hop.jsonl.gz", 14_872),
        ("metaqa/questions_3hop.jsonl.gz", 14_274),
        ("freebase/webqsp_train.jsonl.gz", 2_826),
        ("freebase/webqsp_dev.jsonl.gz", 246),
        ("freebase/webqsp_rog_format_18.jsonl.gz", 18),
    ],
)
def test_every_question_is_read(file: str, count: int) -> None:
    assert sum(1 for _ in load_questions(DATA / file)) == count


def test_questions_of_the_rog_form_bring_graphs_that_hold_their_topics() -> None:
    for question in load_questions(DATA / "freebase" / "webqsp_rog_format_18.jsonl.gz"):
        assert question.graph
        known = {entity for triple in question.graph for entity in (triple.head, triple.tail)}
        assert known.intersection(question.topic_entities)


@pytest.mark.parametrize("hops", [2, 3])
def test_the_gold_paths_of_path_questions_hold(hops: int) -> None:
    folder = DATA / "pathquestion" / f"pq{hops}h"
    results = list(check_chains(folder / "questions_dev.jsonl.gz", graph_of(folder / "kb.tsv.gz")))
    assert len(results) >= 100
    assert [result.describe() for result in results if not result.holds] == []


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_the_topics_of_film_questions_are_found(films: IndexedGraph, hops: int) -> None:
    linker = NameLinker()
    asked = list(islice(load_questions(DATA / "metaqa" / f"questions_{hops}hop.jsonl.gz"), 1000))
    found = [[mention.best.entity for mention in linker.link(question.question, films)] for question in asked]
    right = sum(
        names[:1] == list(question.topic_entities) for names, question in zip(found, asked, strict=True)
    )
    assert right / len(asked) >= 0.99


@pytest.mark.parametrize("graph", ["metaqa", "freebase"])
def test_small_talk_names_nothing(graph: str) -> None:
    names = graph_of(DATA / graph / "kb.tsv.gz")
    assert [question for question in SMALL_TALK if NameLinker().link(question, names)] == []
