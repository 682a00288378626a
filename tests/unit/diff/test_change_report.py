"""Changes of answers in the forms of CI systems."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kgqa.diff import GraphDiff, change_report, lines_of
from kgqa.graph import GraphBuilder, Triple

QUESTIONS = '{"id": "a", "question": "?"}\n\n{"id": "b", "question": "?"}\n'


@pytest.mark.parametrize("name", ["questions.jsonl", "questions.txt", "questions.jsonl.gz"])
def test_questions_have_the_lines_of_their_file_whatever_its_name(tmp_path: Path, name: str) -> None:
    content = QUESTIONS.encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert lines_of(tmp_path / name) == {"a": 1, "b": 3}


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
