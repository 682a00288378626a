"""Builds that are killed for good at every step, and builds into one folder at once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from killed_work import killed_at

from kgqa.errors import IndexFolderError
from kgqa.graph import GraphBuilder, IndexedGraph, open_index, save_index

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")


def line(name: str, length: int) -> IndexedGraph:
    """A graph of one long line."""
    return GraphBuilder.of((f"{name}{i}", "r", f"{name}{i + 1}") for i in range(length))


OLD, NEW = line("old", 50), line("new", 60)


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name not in (".lock", "manifest.json")]


EVERY = [pytest.param(1, marks=pytest.mark.slow), 5]
"""Every step takes long in the normal run; there every fifth one is taken."""


@pytest.mark.parametrize("stride", EVERY)
def test_a_build_killed_at_any_step_leaves_the_old_index_or_the_new_one(tmp_path: Path, stride: int) -> None:
    folder = tmp_path / "index"
    save_index(OLD, folder)
    seen = []
    step = 1
    while killed_at(step, lambda: save_index(NEW, folder)):
        seen.append(open_index(folder, verify=True).checksum)
        if seen[-1] == NEW.checksum:  # killed while it tidied up
            save_index(OLD, folder)
            assert len(leftovers(folder)) == 1
        step += stride
    assert step > 50
    assert set(seen) == {OLD.checksum, NEW.checksum}
    assert seen == sorted(seen, key=[OLD.checksum, NEW.checksum].index)  # first the old one, then the new one
    assert open_index(folder, verify=True).checksum == NEW.checksum
    assert len(leftovers(folder)) == 1


@pytest.mark.parametrize("stride", EVERY)
def test_a_first_build_killed_at_any_step_leaves_nothing_or_the_whole_index(
    tmp_path: Path, stride: int
) -> None:
    step = 1
    folder = tmp_path / "1"
    while killed_at(step, partial(save_index, NEW, folder)):
        try:
            assert open_index(folder, verify=True).checksum == NEW.checksum
        except IndexFolderError:
            save_index(OLD, folder)
            assert open_index(folder, verify=True).checksum == OLD.checksum
            assert len(leftovers(folder)) == 1
        step += stride
        folder = tmp_path / str(step)
    assert step > 50


BUILD = """
import sys
from kgqa.graph import open_index, save_index

graph = open_index(sys.argv[1])
print("ready", flush=True)
for _ in range(int(sys.argv[3])):
    save_index(graph, sys.argv[2])
"""


def start(source: Path, folder: Path, rounds: int) -> subprocess.Popen[str]:
    """A process that writes the graph of an index into a folder again and again; it is ready to write."""
    command = [sys.executable, "-c", BUILD, str(source), str(folder), str(rounds)]
    build = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert build.stdout is not None
    assert build.stdout.readline() == "ready\n"
    return build


def end(build: subprocess.Popen[str]) -> None:
    build.kill()
    build.wait()
    assert build.stdout is not None
    build.stdout.close()


def sources(folder: Path, length: int) -> dict[Path, str]:
    """Indexes of two graphs, with their checksums."""
    graphs = {folder / name: line(name, length) for name in ("old", "new")}
    for source, graph in graphs.items():
        save_index(graph, source)
    return {source: graph.checksum for source, graph in graphs.items()}


def builds_at_once(tmp_path: Path, length: int, rounds: int) -> None:
    """Two builds into one folder while the folder is read: every graph read is one of the two."""
    folder, graphs = tmp_path / "index", sources(tmp_path, length)
    whole = set(graphs.values())
    save_index(open_index(tmp_path / "old"), folder)
    builds = [start(source, folder, rounds) for source in graphs]
    try:
        seen = set()
        while any(build.poll() is None for build in builds):
            graph = open_index(folder, verify=True)
            seen.add(graph.checksum)
            assert len(graph) == length
        assert [build.returncode for build in builds] == [0, 0]
    finally:
        for build in builds:
            end(build)
    assert seen == whole
    assert open_index(folder, verify=True).checksum in whole
    assert len(leftovers(folder)) == 1


def test_two_builds_at_once_leave_one_of_the_two_graphs_whole_for_every_reader(tmp_path: Path) -> None:
    builds_at_once(tmp_path, length=500, rounds=25)


@pytest.mark.slow
def test_two_large_builds_at_once_leave_one_of_the_two_graphs_whole(tmp_path: Path) -> None:
    builds_at_once(tmp_path, length=100_000, rounds=25)


@pytest.mark.slow
def test_large_builds_killed_at_random_times_leave_one_of_the_two_graphs_whole(tmp_path: Path) -> None:
    folder, graphs = tmp_path / "index", sources(tmp_path, 200_000)
    whole = set(graphs.values())
    save_index(open_index(tmp_path / "old"), folder)
    began = time.monotonic()
    save_index(open_index(tmp_path / "new"), folder)
    seconds = time.monotonic() - began
    chance, seen = random.Random(0), set()
    for attempt in range(60):
        builds = [start(source, folder, 1000) for source in list(graphs)[attempt % 2 :]]
        time.sleep(chance.random() * 2 * seconds)
        for build in builds:
            end(build)
        seen.add(open_index(folder, verify=True).checksum)
    assert seen == whole
    save_index(OLD, folder)
    assert len(leftovers(folder)) == 1
