"""The store: an index is whole or not there, damage shows, a killed build loses nothing."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from kgqa.errors import IndexFolderError
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Triple,
    is_index_folder,
    open_index,
    save_index,
    verify_index,
)

OLD = GraphBuilder.of([Triple("a", "r", "b"), Name("a", "Anna"), Name("a", "Annie", alias=True)])
NEW = GraphBuilder.of([Triple("c", "r", "d"), Triple("d", "s", "c")])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_index(OLD, tmp_path / "index")
    return tmp_path / "index"


def data_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


def entries(folder: Path) -> list[str]:
    """What is in the folder, but for the lock that stays."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_an_empty_graph_can_be_stored(tmp_path: Path) -> None:
    save_index(GraphBuilder.of([]), tmp_path / "index")
    assert list(open_index(tmp_path / "index")) == []


def test_what_the_build_recorded_comes_back(tmp_path: Path) -> None:
    graph = GraphBuilder().add_all([Triple("a", "r", "b")] * 3).build({"sources": ["kb.tsv"]})
    save_index(graph, tmp_path / "index")
    assert open_index(tmp_path / "index").facts_about == {"sources": ["kb.tsv"], "duplicates": 2}


def test_a_new_index_replaces_the_old_one_and_leaves_nothing_of_it(folder: Path) -> None:
    save_index(NEW, folder)
    assert open_index(folder).checksum == NEW.checksum
    assert len(entries(folder)) == 2


@pytest.mark.skipif(os.name != "posix", reason="only there folders have such modes")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o755), (0o077, 0o700)])
def test_who_may_read_the_folder_may_read_all_in_it(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        save_index(NEW, tmp_path / "index")
    finally:
        os.umask(before)
    folders = [path for path in (tmp_path / "index").rglob("*") if path.is_dir()]
    assert folders
    assert all(path.stat().st_mode & 0o777 == mode for path in folders)
    assert all(path.stat().st_mode & 0o044 == mode & 0o044 for path in data_files(tmp_path))


def test_a_graph_that_is_open_survives_its_replacement(folder: Path) -> None:
    graph = open_index(folder)
    save_index(NEW, folder)
    assert list(graph) == [Triple("a", "r", "b")]
    assert graph.find("annie") == ("a",)


def test_nothing_in_an_index_is_pickled(folder: Path) -> None:
    arrays = [path for path in data_files(folder) if path.suffix == ".npy"]
    assert len(arrays) == 14
    for path in arrays:
        assert np.load(path, allow_pickle=False).dtype != object
    assert {path.suffix for path in data_files(folder)} == {".npy", ".marisa", ".json"}


def test_an_array_that_is_a_pickle_is_not_opened(folder: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (os.mkdir, (str(folder / "sprung"),))

    kinds = next(path for path in data_files(folder) if path.name == "kinds.npy")
    np.save(kinds, np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(IndexFolderError):
        open_index(folder)
    with pytest.raises(IndexFolderError):
        open_index(folder, verify=False)
    assert not (folder / "sprung").exists()


def test_a_flipped_bit_shows_wherever_it_is(folder: Path) -> None:
    for path in data_files(folder):
        content = path.read_bytes()
        for position in sorted({0, len(content) // 3, len(content) // 2, len(content) - 1}):
            broken = bytearray(content)
            broken[position] ^= 1
            path.write_bytes(broken)
            if path.suffix == ".json" and _same_json(content, bytes(broken)):
                continue
            with pytest.raises(IndexFolderError):
                open_index(folder)
        path.write_bytes(content)
    assert open_index(folder).checksum == OLD.checksum


def _same_json(one: bytes, other: bytes) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def test_a_file_cut_short_or_missing_shows(folder: Path) -> None:
    for path in data_files(folder):
        content = path.read_bytes()
        for size in (0, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:size])
            with pytest.raises(IndexFolderError):
                open_index(folder, verify=False)
        path.unlink()
        with pytest.raises(IndexFolderError):
            open_index(folder)
        path.write_bytes(content)
    verify_index(folder)


@pytest.mark.parametrize(
    "manifest",
    ["", "[]", "{}", '{"format": "kgqa-graph"}', '{"format": "kgqa-graph", "version": 1}', "\x00", '"x"'],
)
def test_a_manifest_of_something_else_is_refused(folder: Path, manifest: str) -> None:
    (folder / "manifest.json").write_text(manifest, "utf-8")
    with pytest.raises(IndexFolderError):
        open_index(folder)


def test_a_manifest_that_points_elsewhere_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    shutil.copytree(folder / manifest["data"], folder.parent / "elsewhere")
    manifest["data"] = "../elsewhere"
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(IndexFolderError, match="damaged"):
        open_index(folder)


def test_another_version_is_named_and_refused(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "version": 99}), "utf-8")
    with pytest.raises(IndexFolderError, match=r"version 99.*build it again"):
        open_index(folder)
    assert is_index_folder(folder)
    save_index(NEW, folder)
    assert open_index(folder).checksum == NEW.checksum


def test_a_missing_folder_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(IndexFolderError, match="kgqa build"):
        open_index(tmp_path / "nowhere")


def test_a_folder_of_something_else_is_neither_opened_nor_written(tmp_path: Path) -> None:
    (tmp_path / "data-2024").mkdir()
    (tmp_path / "data-2024" / "thesis.txt").write_text("years of work")
    with pytest.raises(IndexFolderError, match="no kgqa index"):
        open_index(tmp_path)
    with pytest.raises(IndexFolderError, match="data-2024"):
        save_index(OLD, tmp_path)
    assert (tmp_path / "data-2024" / "thesis.txt").read_text() == "years of work"
    assert len(list(tmp_path.iterdir())) == 1


def test_files_of_the_user_in_an_index_folder_stay(folder: Path) -> None:
    (folder / "data-notes").mkdir()
    (folder / "README").write_text("mine")
    save_index(NEW, folder)
    assert (folder / "data-notes").is_dir()
    assert (folder / "README").read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("mine")
    with pytest.raises(IndexFolderError, match="is a file"):
        save_index(OLD, tmp_path / "index")
    assert (tmp_path / "index").read_text() == "mine"


class Killed(BaseException):
    """As if the process ended here: nothing may catch it and tidy up on purpose."""


@pytest.mark.parametrize("step", ["open", "fsync", "replace", "mkdtemp", "rename"])
@pytest.mark.parametrize("graph", [OLD, NEW], ids=["same", "other"])
def test_a_build_that_ends_at_any_step_leaves_the_old_index(
    folder: Path, step: str, graph: IndexedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: object, **kept: object) -> None:
        raise Killed

    target = {
        "mkdtemp": "tempfile.mkdtemp",
        "rename": "pathlib.Path.rename",
        "open": "kgqa.graph.index_writer.save_array",
    }
    monkeypatch.setattr(target.get(step, f"os.{step}"), die)
    try:
        save_index(graph, folder)
    except Killed:
        killed = True
    else:
        killed = False
    monkeypatch.undo()
    assert killed or (step == "rename" and graph is OLD)
    assert open_index(folder).checksum == OLD.checksum
    save_index(NEW, folder)
    assert open_index(folder).checksum == NEW.checksum
    assert len(entries(folder)) == 2


def test_the_first_build_can_be_repeated_wherever_it_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    (folder / ".building-x1").mkdir(parents=True)
    (folder / ".manifest.json.4711").write_text("{")
    (folder / "data-0123456789abcdef").mkdir()
    with pytest.raises(IndexFolderError):
        open_index(folder)
    save_index(OLD, folder)
    assert len(entries(folder)) == 2
    assert open_index(folder).checksum == OLD.checksum


@pytest.mark.parametrize("room", [0, 1, 5, 13, 16])
def test_a_full_disk_is_an_error_and_leaves_the_old_index(
    folder: Path, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0
    fsync = os.fsync

    def full(descriptor: int) -> None:
        nonlocal written
        if written == room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written += 1
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(IndexFolderError, match="No space left"):
        save_index(NEW, folder)
    monkeypatch.undo()
    assert open_index(folder).checksum == OLD.checksum
    assert not [path for path in folder.iterdir() if path.name.startswith(".building-")]


def test_a_disk_that_is_really_full_is_an_error(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small file system here")
    try:
        save_index(OLD, disk / "index")
        (disk / "filler").write_bytes(b"x" * (100 * 1024))
        big = GraphBuilder.of(Triple(f"entity {i}", "r", f"entity {i * 7}") for i in range(20_000))
        with pytest.raises(IndexFolderError, match=r"(No space left|disk full).*nothing was changed"):
            save_index(big, disk / "index")
        assert open_index(disk / "index", verify=True).checksum == OLD.checksum
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
