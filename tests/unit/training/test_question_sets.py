"""Examples from small files in the forms of the question sets."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from kgqa.datasets.known_set import part
from kgqa.errors import UsageError
from kgqa.graph import GraphBuilder, RelationStep, Triple
from kgqa.training.examples.example import Example, Target, parsed_steps, step_text
from scripts.shipped.question_sets import (
    atlas_examples,
    find_topic,
    metaqa_examples,
    metaqa_rows,
    pathquestion_examples,
    read_atlas,
    read_rows,
    read_triples,
    webqsp_examples,
)


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def write_metaqa(folder: Path) -> None:
    for hops in (1, 2, 3):
        rows = [
            {
                "id": f"metaqa-{hops}hop-dev-{number}",
                "question": f"what movies did actor {number} act in",
                "topic_entities": [f"Actor {number}"],
                "answers": ["A film"],
                "gold_relation_path": ["~starred_actors", "directed_by", "~written_by"][:hops],
                **({"paraphrase_ntm": f"films with [Actor {number}]"} if number % 2 else {}),
            }
            for number in range(80)
        ]
        write_rows(folder / "metaqa" / f"questions_{hops}hop.jsonl.gz", rows)


def test_metaqa_gives_training_questions_and_their_paraphrases(tmp_path: Path) -> None:
    write_metaqa(tmp_path)
    examples = list(metaqa_examples(tmp_path, 10, seed=1))
    ids = {f"Actor {n}" for n in range(80) if part(f"metaqa-2hop-dev-{n}") == "train"}
    two = [example for example in examples if example.source == "metaqa-2hop"]
    assert len(two) == 10
    assert {example.topics[0] for example in two} <= ids
    assert two[0].targets == (Target((RelationStep("starred_actors", True), RelationStep("directed_by"))),)
    paraphrases = [example for example in examples if example.source == "metaqa-paraphrases"]
    assert paraphrases
    assert all(e.question == f"films with {e.topics[0]}" for e in paraphrases)
    assert examples == list(metaqa_examples(tmp_path, 10, seed=1))
    assert examples != list(metaqa_examples(tmp_path, 10, seed=2))


def test_every_metaqa_question_is_in_one_part(tmp_path: Path) -> None:
    write_metaqa(tmp_path)
    parts = [metaqa_rows(tmp_path, 1, "train"), metaqa_rows(tmp_path, 1, "dev")]
    parts.append(metaqa_rows(tmp_path, 1, "test"))
    assert all(parts)
    assert len({row["id"] for rows in parts for row in rows}) == sum(map(len, parts)) == 80


def test_pathquestion_triples_become_steps_from_the_topic(tmp_path: Path) -> None:
    row = {
        "question": "which nationality is anna 's couple ?",
        "topic_entities": ["anna"],
        "gold_paths": [[["Anna", "spouse", "bob"], ["peru", "citizen", "bob"]], [["bob", "spouse", "anna"]]],
    }
    for name in ("pq2h", "pq3h"):
        write_rows(tmp_path / "pathquestion" / name / "questions_train.jsonl.gz", [row])
    two, three = pathquestion_examples(tmp_path, "train")
    assert (two.source, three.source) == ("pq2h", "pq3h")
    assert [target.steps for target in two.targets] == [
        (RelationStep("spouse"), RelationStep("citizen", True)),
        (RelationStep("spouse", True),),
    ]


def test_webqsp_gives_weighed_paths_and_leaves_out_what_the_graph_does_not_reach(tmp_path: Path) -> None:
    graph = GraphBuilder.of(
        [
            Triple("Peru", "location.country.capital", "Lima"),
            Triple("Peru", "location.location.largest_city", "Lima"),
            Triple("Chile", "location.country.capital", "Santiago"),
        ]
    )
    rows = [
        {"question": question, "topic_entities": topics, "answers": answers}
        | {"webquestions_relation_paths": paths, "rog_relation_paths": []}
        for question, topics, answers, paths in (
            ("what is the capital of peru", ["Peru"], ["Lima"], [[["/location/country/capital"], 1]]),
            ("what is the capital of chile", ["Chile"], ["Santiago"], []),
            ("what is the capital of mars", ["Mars"], ["Lima"], []),
            ("who rules peru", ["Peru"], ["A king"], []),
        )
    ]
    write_rows(tmp_path / "freebase" / "webqsp_train.jsonl.gz", rows)
    peru, chile = webqsp_examples(tmp_path, graph)
    capital = (RelationStep("location.country.capital"),)
    asked = "what is the capital of chile"
    assert chile == Example("webqsp", asked, ("Chile",), (Target(capital, 1.0),), ("Santiago",))
    weights = dict(peru.targets)
    assert weights[capital] == max(weights.values()) > 0.66
    assert sum(weights.values()) == pytest.approx(1)


def test_an_atlas_question_with_two_topics_has_a_path_from_each(tmp_path: Path) -> None:
    shared = {"question": "q", "topic_entities": ["a", "b"]}
    write_rows(
        tmp_path / "train.jsonl",
        [
            {**shared, "gold_relation_paths": [["~author"], ["~main character"]]},
            {**shared, "gold_relation_path": ["author", "~r"]},
        ],
    )
    both, one = atlas_examples(tmp_path / "train.jsonl")
    halves = (
        Target((RelationStep("author", True),), 0.5),
        Target((RelationStep("main character", True),), 0.5),
    )
    assert both.targets == halves
    assert one.targets == (Target((RelationStep("author"), RelationStep("r", True)), 1.0),)


def test_graphs_are_read_from_tables_and_turtle(tmp_path: Path) -> None:
    (tmp_path / "kb.tsv.gz").write_bytes(gzip.compress(b"Peru\tcapital\tLima\nChile\tcapital\tSantiago\n"))
    (tmp_path / "atlas.ttl").write_text('@prefix : <http://e.org/> . :p :capital "Lima" .', encoding="utf-8")
    assert read_triples(tmp_path / "kb.tsv.gz").find("lima") == ("Lima",)
    assert read_atlas(tmp_path / "atlas.ttl").relation_count == 1


def test_missing_files_are_named(tmp_path: Path) -> None:
    for read in (read_rows, read_triples, read_atlas):
        with pytest.raises(UsageError, match=r"^no .*nothing\.here"):
            read(tmp_path / "nothing.here")


def test_the_topic_is_the_first_known_name() -> None:
    graph = GraphBuilder.of([Triple("a", "r", "b"), Triple("b", "r", "c")])
    assert find_topic(graph, ["unknown", "B", "a"]) == "b"
    assert find_topic(graph, ["unknown"]) is None


def test_a_step_is_written_on_one_line() -> None:
    assert step_text(RelationStep("of \n which ", True)) == " <- of which"
    assert parsed_steps(["~r", "s"]) == (RelationStep("r", True), RelationStep("s"))
