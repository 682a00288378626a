"""Builds outside of memory: the same index, byte for byte, from runs of any size."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.errors import IndexFolderError, KgqaError, StatementError
from kgqa.graph import (
    GraphBuilder,
    Name,
    Node,
    NodeKind,
    Quad,
    RelationName,
    Statement,
    Triple,
    open_index,
    save_index,
)
from kgqa.graph.building import FactBlock, IndexBuilder, block_reader, read_blocks
from kgqa.graph.building.block_reader import BLOCK_BYTES
from kgqa.graph.naming import Unlabelled
from kgqa.graph.readers import Columns, SkipReport, read

IDENTIFIERS = st.sampled_from(
    [
        "a",
        "b",
        "Zoë",
        "m.1",
        "http://x/Big_City",
        "http://x/R%C3%A9",
        "urn:x:y",
        '"1"^^<t>',
        "_:b",
        "r",
        "\u200b",
    ]
)
TEXTS = st.sampled_from(["Anna", "anna", "Bo", " ", "http://x/Big_City", "Zoë"])
RELATIONS = st.sampled_from(["r", "s", "http://x/knows"])
STATEMENTS = st.one_of(
    st.builds(Triple, IDENTIFIERS, RELATIONS, IDENTIFIERS),
    st.builds(Quad, IDENTIFIERS, RELATIONS, IDENTIFIERS, st.sampled_from(["g", "h", "a"])),
    st.builds(Name, IDENTIFIERS, TEXTS, st.booleans()),
    st.builds(RelationName, st.sampled_from(["r", "t", "http://x/knows"]), TEXTS),
    st.builds(Node, IDENTIFIERS, st.sampled_from(NodeKind)),
)


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


@examples(90)
@given(
    st.lists(STATEMENTS, max_size=30),
    st.integers(1, 40),
    st.sampled_from(["auto", "identifier", "verbatim", "mediator"]),
)
def test_runs_of_any_size_give_the_index_of_a_build_in_memory(
    tmp_path_factory: pytest.TempPathFactory, said: list[Statement], size: int, unlabelled: Unlabelled
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    save_index(GraphBuilder(unlabelled=unlabelled).add_all(said).build({"sources": ["x"]}), folder / "whole")
    with IndexBuilder(folder / "runs", unlabelled=unlabelled, run_facts=size) as builder:
        builder.add_all(said[: size // 2]).add_all(said[size // 2 :])
        builder.save({"sources": ["x"]})
    assert manifest(folder / "runs") == manifest(folder / "whole")
    assert sorted(path.name for path in (folder / "runs").iterdir()) == sorted(
        path.name for path in (folder / "whole").iterdir()
    )


def test_blocks_of_facts_are_as_good_as_single_ones(tmp_path: Path) -> None:
    facts = [Triple(f"e{number % 7}", f"r{number % 3}", f"e{number % 5}") for number in range(40)]
    save_index(GraphBuilder.of(facts), tmp_path / "whole")
    with IndexBuilder(tmp_path / "blocks", run_facts=9) as builder:
        builder.add_all(facts[:3])
        builder.add(FactBlock.of(*map(list, zip(*facts[3:30], strict=True))))
        builder.add_all(facts[30:])
        builder.save()
    assert manifest(tmp_path / "blocks") == manifest(tmp_path / "whole")


def test_long_names_fill_a_run_as_facts_do(tmp_path: Path) -> None:
    said = [Name(f"e{number}", f"{number}" * 1000) for number in range(10)]
    save_index(GraphBuilder.of(said), tmp_path / "whole")
    with IndexBuilder(tmp_path / "runs", run_facts=50) as builder:
        builder.add_all(said)
        assert [path.name for path in builder.workspace().iterdir()] == ["run-0"]
        builder.save()
    assert manifest(tmp_path / "runs") == manifest(tmp_path / "whole")


@pytest.mark.skipif(os.name != "posix", reason="needs a limit of open files")
def test_a_build_may_have_more_runs_than_files_may_be_open(tmp_path: Path) -> None:
    import resource

    said = [Triple(f"e{number % 97}", "r", f"e{number}") for number in range(200)]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/dev/fd"))) + 40, hard))
    try:
        with IndexBuilder(tmp_path, run_facts=1) as builder:
            for triple in said:
                builder.add(FactBlock.of(*([text] for text in triple)))
            builder.save()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert set(open_index(tmp_path)) == set(said)


@pytest.mark.parametrize(
    "wrong",
    [
        *(Triple("", "r", "x"), Triple("x", "", "y"), Triple("a\0", "r", "x"), Triple("\ud800", "r", "x")),
        *(Name("", "x"), Node("\0", NodeKind.BLANK), RelationName("r", "x\ud800"), "a"),
    ],
)
def test_what_cannot_be_stored_leaves_the_old_index(tmp_path: Path, wrong: Any) -> None:
    save_index(GraphBuilder.of([("a", "r", "b")]), tmp_path)
    with pytest.raises(StatementError):
        build(tmp_path, [*(Triple("x", "r", str(number)) for number in range(9)), wrong])
    assert list(open_index(tmp_path)) == [Triple("a", "r", "b")]
    assert len(list(tmp_path.iterdir())) == 3


def build(folder: Path, statements: list[Statement]) -> None:
    with IndexBuilder(folder, run_facts=2) as builder:
        builder.add_all(statements).save()


def test_a_folder_of_something_else_is_not_built_in(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(IndexFolderError, match=r"thesis\.txt"):
        build(tmp_path, [])
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


PLAIN = "".join(f"Ann {number}\tknows\tBo {number % 50}\n" for number in range(300))
FILES = {
    "plain": PLAIN.encode(),
    "without an end": PLAIN.encode()[:-1],
    "other line ends": PLAIN.replace("\n", "\r\n").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "a header": b"head\trelation\ttail\n" + PLAIN.encode(),
    "a header in another order": b"\ntail\trelation\thead\n" + PLAIN.encode(),
    "empty lines": PLAIN.replace("Bo 7\n", "Bo 7\n\n\n").encode(),
    "other scripts": PLAIN.replace("Ann", "Änn").replace("Bo", "\u3000보").encode(),
    "a bad line": PLAIN.replace("Ann 71\tknows", "Ann 71 knows").encode(),
    "white space": PLAIN.replace("Bo 13\n", "\u2003 \n", 1).encode(),
    "an empty cell": PLAIN.replace("Ann 150\t", "\t").encode(),
    "a relation without a name": PLAIN.replace("Ann 3\tknows", "Ann 3\t\u200b").encode(),
    "a NUL": PLAIN.replace("Ann 99", "Ann\x0099").encode(),
    "no UTF-8": PLAIN.encode().replace(b"Ann 200", b"Ann \xff200"),
    "a carriage return": PLAIN.replace("Ann 5\t", "Ann\r5\t").encode(),
    "more columns": PLAIN.replace("\n", "\tmore\n").encode(),
    "nothing": b"",
    "packed": gzip.compress(PLAIN.encode()),
    "packed and cut": gzip.compress(PLAIN.encode())[:-20],
}


def read_all(path: Path, skip: int, columns: Columns, blocks: bool) -> tuple[list[Any], list[str], str]:
    """What a file says, what was skipped and noted, and the error."""
    report, error = SkipReport(skip), ""
    found: list[Any] = []
    try:
        if blocks:
            for one in read_blocks(path, "tsv", report=report, columns=columns):
                found += (
                    zip(*(column.to_pylist() for column in one[:3]), strict=True)
                    if isinstance(one, FactBlock)
                    else [one]
                )
        else:
            found += read(path, "tsv", report=report, columns=columns)
    except KgqaError as wrong:
        error = str(wrong)
    return [tuple(one) for one in found], [*map(str, report), *report.notes], error


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [64, 1000, BLOCK_BYTES])
def test_a_file_in_blocks_says_what_it_says_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, size: int
) -> None:
    path = tmp_path / "facts"
    path.write_bytes(FILES[name])
    monkeypatch.setattr(block_reader, "BLOCK_BYTES", size)
    for skip in (0, 5):
        for columns in (Columns(), Columns(head="3", relation="2", tail="1"), Columns(split=" ")):
            slow = read_all(path, skip, columns, blocks=False)
            fast = read_all(path, skip, columns, blocks=True)
            assert fast[1:] == slow[1:]
            assert fast[0] == slow[0] or slow[2]  # the facts before an error do not matter
