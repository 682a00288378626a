"""Arrays that are written to files piece by piece."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import DTypeLike, NDArray

from kgqa.graph.arrays.mapped_array import map_array, write_values

__all__ = ["ArrayFile", "TextFile", "mapped_texts"]


class ArrayFile:
    """An array of one dimension in a `.npy` file, byte for byte as `numpy.save` writes it."""

    def __init__(self, path: Path, dtype: DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._stream = path.open("wb")
        self._length = 0
        self._write_header()

    def append(self, values: NDArray[Any]) -> None:
        """Write more values."""
        self._length += len(values)
        write_values(self._stream, np.asarray(values, dtype=self._dtype))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.seek(0)
        self._write_header()
        self._stream.close()

    def _write_header(self) -> None:
        facts = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self._length,),
        }
        np.lib.format.write_array_header_1_0(self._stream, facts)


class TextFile:
    """Texts in two files, `NAME_offsets.npy` and `NAME_data.npy`: a `TextColumn` on disk."""

    def __init__(self, folder: Path, name: str) -> None:
        self._offsets = ArrayFile(folder / f"{name}_offsets.npy", np.int64)
        self._data = ArrayFile(folder / f"{name}_data.npy", np.uint8)
        self._end = 0
        self._offsets.append(np.zeros(1, dtype=np.int64))

    def append(self, texts: Any) -> None:
        """Write more texts, a `pyarrow.LargeStringArray` without nulls."""
        if not len(texts):
            return
        _, offsets, data = texts.buffers()
        own = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
        self._offsets.append(own[1:] - own[0] + self._end)
        if data is not None:
            self._data.append(np.frombuffer(data, dtype=np.uint8)[own[0] : own[-1]])
        self._end += int(own[-1] - own[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._offsets.__exit__()
        self._data.__exit__()


def mapped_texts(folder: Path, name: str) -> Any:
    """The texts of a `TextFile`, mapped."""
    offsets, data = (map_array(folder / f"{name}_{part}.npy") for part in ("offsets", "data"))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, buffers)
