"""Records as a data frame: what `Record` says, one row a question, in columns with types."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, fields
from pathlib import Path

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.report.made_runs import hostile_records, record, write_run, wrong

from kgqa.errors import DataError
from kgqa.evaluation import STATUSES, Record
from kgqa.report import load_run


@given(st.lists(hostile_records(), max_size=4, unique_by=lambda each: each.id))
def test_every_value_of_every_record_is_in_its_row(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record]
) -> None:
    readable = [each for each in records if each.hops is None or each.hops >= 0]
    folder = tmp_path_factory.mktemp("run")
    frame = load_run(write_run(folder, readable))
    from_file = [Record.from_json(_parsed(each)) for each in readable]
    assert len(frame) == len(readable)
    for row, expected in zip(frame.to_dict("records"), from_file, strict=True):
        for name in (field.name for field in fields(Record) if field.name != "timings"):
            value = getattr(expected, name)
            if value is None or value != value:
                assert pandas.isna(row[name])
            else:
                assert row[name] == value
        assert {name: row[f"seconds_{name}"] for name in asdict(expected.timings)} == asdict(expected.timings)


def test_columns_have_the_same_types_with_and_without_records(tmp_path: Path) -> None:
    whole = load_run(write_run(tmp_path / "a", [record("q1"), wrong("q2", hops=None, confidence=None)]))
    empty = load_run(str(write_run(tmp_path / "b", [])))
    assert whole.dtypes.to_dict() == empty.dtypes.to_dict()
    assert list(whole["status"].cat.categories) == list(STATUSES)
    assert whole["confidence"].mean() == pytest.approx(0.8)
    assert whole.groupby("hops")["hits_at_1"].mean().to_dict() == {2: 1.0}
    assert whole.attrs["manifest"]["n"] == 2


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=str(tmp_path)):
        load_run(tmp_path)


def test_kgqa_and_its_reports_are_imported_without_pandas() -> None:
    code = "import sys, kgqa, kgqa.evaluation, kgqa.report; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def _parsed(each: Record) -> dict[str, object]:
    import json

    values: dict[str, object] = json.loads(each.to_json())
    return values
