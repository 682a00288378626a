"""Readers of the question sets that the shipped model is trained on, one function for each."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kgqa.datasets.known_set import Part, part
from kgqa.errors import UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, RelationStep, Triple, fold_name
from kgqa.graph.readers.rdf import read_rdf
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.training.examples.example import Example, Target, parsed_steps
from kgqa.training.examples.weak_supervision import answering_paths, reweighed_by_popularity

__all__ = [
    "atlas_examples",
    "find_topic",
    "metaqa_examples",
    "metaqa_rows",
    "pathquestion_examples",
    "read_atlas",
    "read_rows",
    "read_triples",
    "webqsp_examples",
]

Row = dict[str, Any]


def read_rows(path: Path) -> list[Row]:
    """The JSON lines of a file, gzipped or not. Raises `UsageError` when there is no such file."""
    if not path.is_file():
        raise UsageError(f"no training data at {path}; see data/README.md for where it comes from")
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_triples(path: Path) -> IndexedGraph:
    """The graph of a gzipped tab-separated file. Raises `UsageError` when there is none."""
    if not path.is_file():
        raise UsageError(f"no graph at {path}; see data/README.md for where it comes from")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return GraphBuilder.of(Triple(*line.rstrip("\n").split("\t")) for line in lines)


def read_atlas(path: Path) -> IndexedGraph:
    """The graph of a Turtle file. Raises `UsageError` when there is none."""
    if not path.is_file():
        raise UsageError(f"no graph at {path}; make it with scripts/build_atlas.py")
    return GraphBuilder.of(read_rdf(path, "turtle", SkipReport()))


def metaqa_rows(folder: Path, hops: int, wanted: Part) -> list[Row]:
    """The MetaQA questions of one part."""
    rows = read_rows(folder / "metaqa" / f"questions_{hops}hop.jsonl.gz")
    return [row for row in rows if part(row["id"]) == wanted]


def metaqa_examples(folder: Path, per_hop: int, seed: int) -> Iterator[Example]:
    """Random training questions of each number of hops; the paraphrases count as questions too."""
    chance = random.Random(seed)
    for hops in (1, 2, 3):
        rows = metaqa_rows(folder, hops, "train")
        for row in chance.sample(rows, min(per_hop, len(rows))):
            targets = (Target(parsed_steps(row["gold_relation_path"])),)
            topics = tuple(row["topic_entities"])
            yield Example(f"metaqa-{hops}hop", row["question"], topics, targets)
            if "paraphrase_ntm" in row:
                question = row["paraphrase_ntm"].replace("[", "").replace("]", "")
                yield Example("metaqa-paraphrases", question, topics, targets)


def pathquestion_examples(folder: Path, wanted: Part) -> Iterator[Example]:
    """All questions of one part, with their gold path."""
    for name in ("pq2h", "pq3h"):
        for row in read_rows(folder / "pathquestion" / name / f"questions_{wanted}.jsonl.gz"):
            targets = tuple(Target(_directed(path, row["topic_entities"][0])) for path in row["gold_paths"])
            yield Example(name, row["question"], tuple(row["topic_entities"]), targets)


def webqsp_examples(folder: Path, graph: IndexedGraph) -> list[Example]:
    """The training questions whose answers the graph reaches, with the paths that reach them."""
    examples = []
    for row in read_rows(folder / "freebase" / "webqsp_train.jsonl.gz"):
        topic = find_topic(graph, row["topic_entities"])
        if topic is None:
            continue
        likely = {
            _as_written(path[0]) for path in row["webquestions_relation_paths"]
        } | {parsed_steps(path) for path in row["rog_relation_paths"]}  # fmt: skip
        answers = tuple(row["answers"])
        targets = answering_paths(graph, topic, answers, likely)
        if targets:
            topics = tuple(row["topic_entities"])
            examples.append(Example("webqsp", row["question"], topics, targets, answers))
    return reweighed_by_popularity(examples)


def atlas_examples(path: Path) -> Iterator[Example]:
    """The training questions of Atlas; one with two topics has a path from each."""
    for row in read_rows(path):
        paths = row.get("gold_relation_paths") or [row["gold_relation_path"]]
        targets = tuple(Target(parsed_steps(steps), 1 / len(paths)) for steps in paths)
        yield Example("atlas", row["question"], tuple(row["topic_entities"]), targets)


def find_topic(graph: IndexedGraph, names: Sequence[str]) -> str | None:
    """The entity of the first name that the graph knows, the one with the most facts."""
    for name in names:
        found = graph.find(name)
        if found:
            return max(found, key=lambda entity: (_degree(graph, entity), entity))
    return None


def _degree(graph: IndexedGraph, entity: str) -> int:
    number = graph.entity_id(entity)
    return graph.outward.degree(number) + graph.inward.degree(number)


def _directed(path: Sequence[Sequence[str]], topic: str) -> tuple[RelationStep, ...]:
    """The steps of a list of triples walked from the topic."""
    steps = []
    at = fold_name(topic)
    for head, relation, tail in path:
        inverse = fold_name(head) != at
        at = fold_name(head if inverse else tail)
        steps.append(RelationStep(relation, inverse))
    return tuple(steps)


def _as_written(path: Sequence[str]) -> tuple[RelationStep, ...]:
    """The steps of a path that is written in slashes (WebQuestions)."""
    return tuple(RelationStep(relation.strip("/").replace("/", ".")) for relation in path)
