"""Data frames and parquet files whose rows are entities."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from unit.graph.test_tables import PEOPLE, TABLE, WORKS, triples

from kgqa import Columns, read_dataframe
from kgqa.errors import ParseError, UsageError
from kgqa.graph import Triple


def test_a_data_frame_of_entities_is_a_table() -> None:
    frame = pd.DataFrame({"who": ["Ann", "Bob"], "born": [1944, None], "likes": ["tea;jam", ""]})
    assert set(read_dataframe(frame, table=True, split=";")) == {
        Triple("Ann", "type", "who"),
        Triple("Bob", "type", "who"),
        Triple("Ann", "born", "1944"),
        Triple("Ann", "likes", "tea"),
        Triple("Ann", "likes", "jam"),
    }
    assert Triple("Bob", "type", "person") in read_dataframe(frame, table=True, entity_type="person")
    with pytest.raises(UsageError, match="name the head only"):
        read_dataframe(frame, table=True, tail="born")


def test_a_data_frame_that_is_no_triples_is_refused() -> None:
    rows = [line.split(",") for line in PEOPLE.splitlines()]
    frame = pd.DataFrame(rows[1:3], columns=rows[0])
    with pytest.raises(ParseError, match=r"data frame: no head, relation and tail.* table=True .*head="):
        read_dataframe(frame)
    with pytest.raises(UsageError, match="name all of head, relation and tail"):
        read_dataframe(frame.assign(born=1944), head="person")
    with pytest.raises(ParseError, match="4 columns"):
        read_dataframe(frame.assign(born=1944))
    assert len(read_dataframe(frame, "person", "employer", "city")) == 2


def test_a_parquet_file_of_entities_is_a_table(tmp_path: Path) -> None:
    rows = [line.split(",") for line in PEOPLE.splitlines()]
    path = tmp_path / "kb.parquet"
    pd.DataFrame(rows[1:], columns=rows[0]).to_parquet(path)
    assert triples(path, TABLE) == WORKS
    assert len(triples(path, Columns("person", "employer", "city"))) == 3
    with pytest.raises(UsageError, match="no column 'who'"):
        triples(path, Columns(head="who", table=True))
