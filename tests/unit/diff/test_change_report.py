"""Changes of answers in the forms of CI systems."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kgqa.diff import GraphDiff, change_report, lines_of
from kgqa.graph import GraphBuilder, Triple

FIELDS = '"question": "?", "topic_entities": [], "answers": []'
QUESTIONS = f'{{"id": "a", {FIELDS}}}\n\n{{"id": "b", {FIELDS}}}\n'


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        ("questions.jsonl", QUESTIONS, {"a": 1, "b": 3}),
        ("questions.jsonl.gz", QUESTIONS, {"a": 1, "b": 3}),
        (
            "questions.json",
            f'[\n {{"id": "a",\n  {FIELDS}}},\n {{"id": "b", {FIELDS}}}\n]\n',
            {"a": 2, "b": 4},
        ),
        ("qa_test.txt", "who directed [Kismet]\tWilliam Dieterle\n", {"qa_test-1": 1}),
    ],
)
def test_questions_have_the_lines_of_their_file_in_each_form(
    tmp_path: Path, name: str, content: str, lines: dict[str, int]
) -> None:
    encoded = content.encode()
    (tmp_path / name).write_bytes(gzip.compress(encoded) if name.endswith(".gz") else encoded)
    assert lines_of(tmp_path / name) == lines


def test_what_is_no_file_of_lines_has_none(tmp_path: Path) -> None:
    (tmp_path / "questions.parquet").write_bytes(b"PAR1")
    assert lines_of(tmp_path / "questions.parquet") == lines_of(Path("metaqa-2hop")) == {}


def test_a_report_without_questions_is_the_summary_of_the_graphs() -> None:
    graphs = GraphDiff.of(
        GraphBuilder.of([]), GraphBuilder.of([Triple("Emma", "by", "Austen")]), ("old", "a`b")
    )
    report = change_report(graphs, None, "new")
    assert report.markdown() == f"From `old` to `a'b`, {graphs.summary}.\n"
    assert graphs.summary == "facts: 1 added, 0 removed; entities: 2 added, 0 removed; 0 relabelled"
