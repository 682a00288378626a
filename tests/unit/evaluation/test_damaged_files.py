"""Whatever a file holds, reading it works or is one line that names the file."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from mutations import assert_reads_or_refuses, mutants, with_anything
from unit.report.made_runs import MANIFEST, record, wrong

from kgqa.answer import LlmReport
from kgqa.chat import Usage
from kgqa.datasets import load_questions
from kgqa.errors import KgqaError
from kgqa.evaluation import RecordFile, read_predictions
from kgqa.evaluation.record_file import read_records
from kgqa.graph import GraphBuilder, Triple
from kgqa.report import read_run, write_report
from kgqa.validation import check_chains

Read = Callable[[Path], object]
GRAPH = GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle"), Triple("Kismet", "in", "1944")])


def lines(*rows: object) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def parquet() -> bytes:
    table, writer = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {name: [row[name] for row in ROG] for name in ROG[0]}
    stream = table.BufferOutputStream()
    writer.write_table(table.table(columns), stream)
    return bytes(stream.getvalue())


GOOD = {
    "id": "q1",
    "question": "who directed it?",
    "topic_entities": ["Kismet"],
    "answers": ["William Dieterle"],
}
QUESTIONS = [
    GOOD,
    {**GOOD, "id": "é", "hops": 2, "gold_relation_path": ["r"], "gold_paths": [[["a", "r", "b"]]]},
]
ROG = [
    {"id": f"q{n}", "question": "who?", "answer": ["b"], "q_entity": ["a"], "a_entity": ["b"],
     "graph": [["a", "r", "b"], ["b", "s", "c"]]} for n in range(3)
]  # fmt: skip
PREDICTIONS = [
    {"id": "q1", "question": "who?", "prediction": ["b", "c"], "ground_truth": ["b"]},
    {"id": "q2", "prediction": "ans: b\nans: c", "ground_truth": ["b"], "ground_truth_paths": ["p"]},
    {"question": "wo?", "results": "{Oslo}", "answer": ["Oslo"]},
]
RECORDS = "".join(each.to_json() + "\n" for each in (record("q1"), wrong("q2"))).encode()
CHAINS = lines(
    {"id": "q1", "chain": [["Kismet", "directed_by", "William Dieterle"]], "topic_entities": ["Kismet"]},
    {"gold_paths": [[["Kismet", "in", "1944"]]], "answers": ["1944"]},
)
PATHS = b"Kismet -> directed_by -> William Dieterle\n1944 <- in <- Kismet -> in -> 1944\n"


def _append(path: Path) -> None:
    with RecordFile(path):
        pass


def _run(path: Path) -> object:
    return read_run(path.parent)


READERS: dict[str, tuple[str, Callable[[], bytes], Read]] = {
    "questions": ("q.jsonl", lambda: lines(*QUESTIONS), lambda path: list(load_questions(path))),
    "questions, packed": (
        "q.gz",
        lambda: gzip.compress(lines(*QUESTIONS)),
        lambda p: list(load_questions(p)),
    ),
    "questions in RoG's form": ("q.jsonl", lambda: lines(*ROG), lambda path: list(load_questions(path))),
    "questions in parquet": ("q.parquet", parquet, lambda path: list(load_questions(path))),
    "predictions": ("p.jsonl", lambda: lines(*PREDICTIONS), read_predictions),
    "predictions in an array": (
        "p.json",
        lambda: json.dumps(PREDICTIONS, indent=1).encode(),
        read_predictions,
    ),
    "records": ("records.jsonl", lambda: RECORDS, read_records),
    "records to go on with": ("records.jsonl", lambda: RECORDS, _append),
    "records as predictions": ("records.jsonl", lambda: RECORDS, read_predictions),
    "a manifest": ("run.json", lambda: json.dumps(MANIFEST).encode(), _run),
    "chains": ("chains.jsonl", lambda: CHAINS, lambda path: list(check_chains(path, GRAPH))),
    "paths": ("paths.txt", lambda: PATHS, lambda path: list(check_chains(path, GRAPH))),
}


def read_mutants(name: str, folder: Path, count: int) -> tuple[int, int]:
    """How many mutations were read, and how many refused in one line that names the file."""
    file, content, read = READERS[name]
    path = folder / file
    whole = content()
    path.write_bytes(whole)
    read(path)
    refused = 0
    for mutant in mutants(whole, count, seed=1):
        path.write_bytes(mutant)
        message = refusal(read, path)
        refused += bool(message)
        if message is not None and (str(path) not in message or "\n" in message or len(message) > 1500):
            pytest.fail(f"{message!r} for {mutant!r}")
    return count - refused, refused


def refusal(read: Read, path: Path) -> str | None:
    try:
        read(path)
    except KgqaError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_read_or_named_in_one_line(name: str, tmp_path: Path) -> None:
    good, refused = read_mutants(name, tmp_path, 150)
    assert good
    assert refused or name == "paths"


SAID = LlmReport("m", ("Bo",), ("Bo",), "agrees", Usage(1, 0, 20, 5, 0.5), conflict=0.1, reply="It is {Bo}.")


def _reported(path: Path) -> None:
    read_predictions(path)
    write_report(path.parent)


def _checked(path: Path) -> Iterable[object]:
    return check_chains(path, GRAPH)


@pytest.mark.parametrize(
    ("file", "form", "read"),
    [
        ("q.jsonl", QUESTIONS[1], load_questions),
        ("q.jsonl", ROG[0], load_questions),
        *(("p.jsonl", form, read_predictions) for form in PREDICTIONS),
        ("records.jsonl", json.loads(record("q1", llm_report=SAID).to_json()), _reported),
        *(("c.jsonl", json.loads(line), _checked) for line in CHAINS.splitlines()),
    ],
)
def test_anything_in_any_field_is_read_or_refused(
    file: str, form: dict[str, Any], read: Callable[[Path], Iterable[object] | None], tmp_path: Path
) -> None:
    (tmp_path / "run.json").write_text(json.dumps({**MANIFEST, "n": 1}))
    for other in with_anything(form, limit=150):
        (tmp_path / file).write_text(json.dumps(other) + "\n", "utf-8")
        assert_reads_or_refuses(lambda: list(read(tmp_path / file) or ()), tmp_path / file)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_twenty_thousand_damaged_files_are_read_or_named_in_one_line(name: str, tmp_path: Path) -> None:
    good, refused = read_mutants(name, tmp_path, 20_000)
    assert good + refused == 20_000
