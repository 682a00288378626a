"""Builds of files that are stopped at any step and gone on with: the same index, and the same report."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from killed_work import killed_at

from kgqa.errors import ParseError
from kgqa.graph.building import index_build, index_builder
from kgqa.graph.building.graph_files import GraphFiles
from kgqa.graph.building.index_build import IndexBuild
from kgqa.graph.readers import SkipReport
from kgqa.graph.readers.lines import BytesRead, counting_bytes

TURTLE = "@prefix : <http://x/> .\n" + "".join(
    f':e{number} a :Thing ; rdfs:label "Thing {number}" ; :part [ :of :e{number % 7} ; :at {number} ] .\n'
    for number in range(30)
).replace("rdfs:label", "<http://www.w3.org/2000/01/rdf-schema#label>")
QUADS = "".join(f"<urn:s{n}> <urn:p{n % 5}> <urn:o{n % 3}> <urn:g{n % 4}> .\n" for n in range(60))
TABLE = "".join(f"a{n}\tknows {n % 9}\tb{n % 4}\n" + ("bad\n" if n % 20 == 7 else "") for n in range(80))
FILES = {"first.tsv": TABLE, "second.ttl": TURTLE, "third.nq": QUADS, "fourth.tsv": TABLE.upper()}


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(index_build, "LEAST_RUN", 25)
    monkeypatch.setattr(index_builder, "BLOCK", 10)
    paths = [tmp_path / name for name in FILES]
    for path in paths:
        path.write_text(FILES[path.name], "utf-8")
    return paths


def build(paths: Sequence[Path], folder: Path, skip_bad: int = 50) -> tuple[SkipReport, int]:
    """Build an index; the report, and how many facts were kept of a build that was stopped."""
    report = SkipReport(skip_bad)
    with IndexBuild(folder, GraphFiles(paths, [None] * len(paths)), report, memory=0) as made:
        kept = made.kept
        made.read()
        made.save()
    return report, kept


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def left(folder: Path) -> list[str]:
    """The runs that a build left."""
    return sorted(path.name for path in folder.glob(".building-*/run-*"))


@pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")
@pytest.mark.parametrize("stride", [pytest.param(5, marks=pytest.mark.slow), 61])
def test_a_build_killed_at_any_step_gives_the_same_index_and_report(
    tmp_path: Path, paths: list[Path], stride: int
) -> None:
    whole, _ = build(paths, tmp_path / "whole")
    assert len(whole) == 8
    step, kept = 1, set()
    folder = tmp_path / "0"
    while killed_at(step, lambda: build(paths, folder)):  # noqa: B023
        report, before = build(paths, folder)
        kept.add(before)
        assert manifest(folder) == manifest(tmp_path / "whole")
        assert (report.skips, report.notes) == (whole.skips, whole.notes)
        assert [path.name for path in folder.glob(".*")] == [".lock"]
        step += stride
        folder = tmp_path / str(step)
    assert len(kept) > 3


@pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")
def test_a_build_killed_again_and_again_comes_to_its_end(tmp_path: Path, paths: list[Path]) -> None:
    build(paths, tmp_path / "whole")
    kills, step = 0, 100
    while killed_at(step, lambda: build(paths, tmp_path / "index")):
        kills, step = kills + 1, step + 40
    assert kills > 3
    assert manifest(tmp_path / "index") == manifest(tmp_path / "whole")


def test_bad_data_keeps_what_was_read_and_other_files_do_not(tmp_path: Path, paths: list[Path]) -> None:
    whole, _ = build(paths, tmp_path / "whole")
    folder = tmp_path / "index"
    with pytest.raises(ParseError, match=r"fourth\.tsv, line 9: .* bad line number 5"):
        build(paths, folder, skip_bad=4)
    assert len(left(folder)) > 3
    report, kept = build(paths, folder, skip_bad=8)
    assert kept >= 150
    assert report.skips == whole.skips
    assert manifest(folder) == manifest(tmp_path / "whole")
    assert not left(folder)

    with pytest.raises(ParseError, match="bad line number 5"):
        build(paths, folder, skip_bad=4)
    paths[0].write_text(TABLE + "one\tmore\tfact\n", "utf-8")
    _, kept = build(paths, folder)
    assert kept == 0
    build(paths, tmp_path / "anew")
    assert manifest(folder) == manifest(tmp_path / "anew") != manifest(tmp_path / "whole")
    assert not left(folder)


def test_fewer_bad_lines_than_were_skipped_before_are_an_error(tmp_path: Path, paths: list[Path]) -> None:
    with pytest.raises(ParseError):
        build(paths, tmp_path / "index", skip_bad=6)
    with pytest.raises(ParseError, match=r"first\.tsv, line 30: .* bad line number 2, at most 1"):
        build(paths, tmp_path / "index", skip_bad=1)


def test_an_interruption_keeps_runs_and_a_full_disk_none(
    tmp_path: Path, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(error: BaseException) -> None:
        def parts(self: GraphFiles, report: SkipReport, first: int) -> Iterator[Any]:
            yield from list(read(self, report, first))[: 3 - first]
            raise error

        read = GraphFiles.parts
        with monkeypatch.context() as patched:
            patched.setattr(GraphFiles, "parts", parts)
            build(paths, tmp_path / "index")

    with pytest.raises(KeyboardInterrupt):
        interrupted(KeyboardInterrupt())
    assert left(tmp_path / "index")
    with pytest.raises(OSError, match="No space"):
        interrupted(OSError(28, "No space left on device"))
    assert not list((tmp_path / "index").glob(".building-*"))


@pytest.mark.parametrize("damage", ["", "{}", '{"read": {"file": 0, "skips": [], "notes": []}, "items": 1'])
def test_a_damaged_checkpoint_is_not_used(tmp_path: Path, paths: list[Path], damage: str) -> None:
    build(paths, tmp_path / "whole")
    folder = tmp_path / "index"
    with pytest.raises(ParseError):
        build(paths, folder, skip_bad=4)
    (checkpoint,) = folder.glob(".building-*/run-1/checkpoint.json")
    checkpoint.write_text(damage, "utf-8")
    _, kept = build(paths, folder)
    assert 25 <= kept < 60
    assert manifest(folder) == manifest(tmp_path / "whole")


@pytest.mark.skipif(os.name != "posix", reason="needs a named pipe")
def test_what_is_no_plain_file_is_read_from_its_beginning(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, tmp_path / "none"):
        assert GraphFiles([path], [None]).fingerprint is None


def test_the_bytes_that_are_left_are_those_of_files_that_are_not_kept(
    tmp_path: Path, paths: list[Path]
) -> None:
    files = GraphFiles(paths, [None] * len(paths))
    with IndexBuild(tmp_path / "index", files, SkipReport(), memory=0) as made:
        assert made.bytes_left == sum(path.stat().st_size for path in paths)
    with pytest.raises(ParseError):
        build(paths, tmp_path / "index", skip_bad=4)
    with IndexBuild(tmp_path / "index", files, SkipReport(8), memory=0) as made:
        left, count = made.bytes_left, BytesRead()
        assert left == sum(path.stat().st_size for path in paths[2:])
        with counting_bytes(count):
            made.read()
        assert count.count == left
