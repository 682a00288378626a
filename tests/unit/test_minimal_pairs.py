"""The minimal pairs: how they are built, and that they are what they claim to be."""

from __future__ import annotations

import json
import runpy
from collections import Counter
from pathlib import Path

import pytest

from kgqa.datasets import load_questions
from scripts.pairs.source_text import PairsError, read_source

REPOSITORY = Path(__file__).parents[2]
PAIRS = REPOSITORY / "data" / "minimal-pairs" / "pairs.jsonl"
main = runpy.run_path(str(REPOSITORY / "scripts" / "build_minimal_pairs.py"))["main"]


def test_the_shipped_file_is_what_its_source_gives(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_a_changed_file_fails_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "data" / "minimal-pairs" / "source"
    source.mkdir(parents=True)
    for kind in ("direction", "class", "names", "absent"):
        (source / f"{kind}.txt").write_text("== g\na | likes | b\n? Who does [a] like? = b\n", "utf-8")
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    (source / "class.txt").write_text("== g\na | likes | b\n? Who likes [b]? = a\n", "utf-8")
    assert main(["--check"], tmp_path) == 1
    assert "build_minimal_pairs.py" in capsys.readouterr().err


def test_there_are_at_least_300_pairs_and_direction_comes_first() -> None:
    kinds = Counter(question.kind for question in load_questions(PAIRS))
    assert kinds.total() >= 300
    assert kinds["direction"] >= 180
    assert kinds["absent"] >= 60
    assert kinds["class"] >= 40
    assert kinds["names"] >= 20


def test_every_topic_has_a_neighbour_that_is_no_right_answer() -> None:
    for question in load_questions(PAIRS):
        (topic,) = question.topic_entities
        facts = question.graph or ()
        neighbours = {tail for head, _, tail in facts if head == topic}
        neighbours |= {head for head, _, tail in facts if tail == topic}
        assert set(question.answers) < neighbours, question.id


def test_questions_ask_along_facts_as_often_as_against_them() -> None:
    sides = Counter(q.extras["side"] for q in load_questions(PAIRS) if q.kind == "direction")
    assert sides["along"] == sides["against"]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("a | likes | b", "s.txt:1: a graph begins with =="),
        ("== g\na | likes", "s.txt:2: a fact is head"),
        ("== g\na | likes | b\n? Who likes b? = a", "s.txt:3: a question has one topic"),
        ("== g\na | likes | b\n? Who likes [b]? = c", "s.txt:3: the graph does not hold c"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, lines: str, complaint: str) -> None:
    file = tmp_path / "s.txt"
    file.write_text(lines, "utf-8")
    with pytest.raises(PairsError, match=complaint):
        read_source(file)


def test_a_dash_means_no_answer_and_semicolons_part_several(tmp_path: Path) -> None:
    file = tmp_path / "s.txt"
    file.write_text("== g\na | r | b\na | r | c\n? r of [a] = b; c\n? s of [a] = -\n", "utf-8")
    (graph,) = read_source(file)
    assert [asked.answers for asked in graph.asked] == [("b", "c"), ()]
    assert graph.asked[0].question == "r of a"


def test_rows_are_json_with_a_graph_each() -> None:
    rows = [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]
    assert all(row["graph"] and len(row["q_entity"]) == 1 for row in rows)
