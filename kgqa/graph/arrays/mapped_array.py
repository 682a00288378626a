"""Arrays in `.npy` files: written so that little of them is in memory when little is read, and mapped."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["map_array", "save_array", "write_array", "write_values"]

PIECE = 64 * 2**10
"""Bytes written by one call. Linux keeps what one call wrote to a file in pieces of up to 2 MB, and the whole
piece counts as memory of a process that reads one byte of it in a mapped file: 1 GB for a question that reads
2,000 scattered rows and names. It maps as much as this around a byte of a file that it read from the disk."""


def map_array(path: Path) -> NDArray[Any]:
    """The array of a file, memory-mapped: a plain view, without the cost of `numpy.memmap` on every slice."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def save_array(path: Path, values: NDArray[Any]) -> None:
    """Write an array to a file, byte for byte as `numpy.save` does. Raises `OSError`."""
    with path.open("wb") as stream:
        write_array(stream, values)


def write_array(stream: BinaryIO, values: NDArray[Any]) -> None:
    """Write an array to a stream, byte for byte as `numpy.save` does. Raises `OSError`."""
    values = np.ascontiguousarray(values)
    np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(values))
    write_values(stream, values)


def write_values(stream: BinaryIO, values: NDArray[Any]) -> None:
    """Write the bytes of an array alone, piece by piece. Raises `OSError`."""
    data = np.ascontiguousarray(values).reshape(-1).view(np.uint8)
    for start in range(0, len(data), PIECE):
        stream.write(data[start : start + PIECE].data)
