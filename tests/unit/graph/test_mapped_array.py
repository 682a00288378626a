"""Arrays in files: the bytes of numpy, and how much of them is in memory when little is read."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import DTypeLike

from kgqa.graph import GraphBuilder, Triple, open_index, save_index
from kgqa.graph.arrays.array_folder import open_arrays, write_arrays
from kgqa.graph.arrays.mapped_array import PIECE, map_array, save_array
from kgqa.graph.building import IndexBuilder

SMAPS = Path("/proc/self/smaps")
READS = 12


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8, np.bool_, np.float64])
@pytest.mark.parametrize("shape", [0, 1, (3, 5), (0, 2), PIECE // 2, PIECE + 1])
def test_files_are_those_of_numpy(tmp_path: Path, shape: int | tuple[int, int], dtype: DTypeLike) -> None:
    values = np.resize(np.arange(250), shape).astype(dtype)
    for some in (values, values.T):
        expected = io.BytesIO()
        np.save(expected, np.ascontiguousarray(some), allow_pickle=False)
        save_array(tmp_path / "a.npy", some)
        assert (tmp_path / "a.npy").read_bytes() == expected.getvalue()
        assert np.array_equal(map_array(tmp_path / "a.npy"), some)


def resident(path: Path) -> int:
    """The bytes of a mapped file that count as memory of this process."""
    found, inside = 0, False
    for line in SMAPS.read_text().splitlines():
        first = line.split()[0]
        if not first.endswith(":"):
            inside = line.endswith(str(path))
        elif inside and first == "Rss:":
            found += 1024 * int(line.split()[1])
    return found


Read = tuple[Path, object]
"""A file that was read in some places, and what keeps it mapped."""


def of_arrays(folder: Path) -> Read:
    write_arrays(folder / "arrays", {}, {"values": np.ones(40_000_000, dtype=np.uint8)})
    found = open_arrays(folder / "arrays")
    assert found is not None
    values = found[1]["values"]
    assert values[:: len(values) // READS].all()
    return folder / "arrays" / "values.npy", values


def triples() -> list[Triple]:
    return [Triple(f"{n} {'long ' * 30}", "knows", f"{n + 1} {'long ' * 30}") for n in range(250_000)]


def read_labels(folder: Path) -> Read:
    graph = open_index(folder)
    assert all(graph.labels[n] for n in range(0, graph.entity_count, graph.entity_count // READS))
    (path,) = folder.glob("data-*/labels_data.npy")
    return path, graph


def of_build(folder: Path) -> Read:
    with IndexBuilder(folder / "index") as builder:
        for triple in triples():
            builder.add(triple)
        builder.save()
    return read_labels(folder / "index")


def of_saved_graph(folder: Path) -> Read:
    save_index(GraphBuilder().add_all(triples()).build(), folder / "index")
    return read_labels(folder / "index")


@pytest.mark.skipif(not SMAPS.exists(), reason="only Linux says what of a file is in memory")
@pytest.mark.parametrize(
    "read_some_of",
    [
        of_arrays,
        pytest.param(of_build, marks=pytest.mark.slow),
        pytest.param(of_saved_graph, marks=pytest.mark.slow),
    ],
)
def test_reads_in_a_few_places_map_a_few_pieces(tmp_path: Path, read_some_of: Callable[[Path], Read]) -> None:
    path, _kept = read_some_of(tmp_path)
    assert path.stat().st_size > 30_000_000
    assert 0 < resident(path) < 10_000_000
