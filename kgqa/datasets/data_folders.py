"""Where benchmark data is looked for."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Self

from kgqa.cache_folder import cache_folder
from kgqa.errors import DataError

__all__ = ["CHECKSUMS", "DataFolders", "SourceFile", "check_file", "sha256_of"]

CHECKSUMS = "checksums.json"
"""What a download leaves beside its files: size and SHA-256 of each."""

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class SourceFile:
    """A file below a data folder, known to the byte."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DataFolders:
    """Folders with benchmark data, the first that has a file counts."""

    places: tuple[Path, ...]

    @classmethod
    def of(cls, data: Path | None = None) -> Self:
        """`data` alone, else those that are usual.

        They are `$KGQA_DATA`, else `../shared/data` as seen from here or from kgqa's checkout; then what
        was pointed at by `kgqa data NAME --from`, and what ships. Raises `DataError` for a `data` that is
        not there.
        """
        own = (cache_folder() / "data", REPOSITORY / "data")
        if data is not None:
            if not data.is_dir():
                raise DataError(f"{data}: no such folder")
            return cls((data, *own))
        named = os.environ.get("KGQA_DATA")
        usual = (Path("../shared/data"), REPOSITORY.parent / "shared" / "data")
        places = (*([Path(named)] if named else usual), *own)
        return cls(tuple(dict.fromkeys(place.resolve() for place in places)))

    def path(self, path: str) -> Path | None:
        """Where a file is, whatever it holds; `None` where no folder has it."""
        return next((place / path for place in self.places if (place / path).is_file()), None)

    def find(self, source: SourceFile) -> Path:
        """Where a file is. Raises `DataError` where it is not, or is another."""
        found = self.path(source.path)
        if found is None:
            raise self._missing(source.path)
        check_file(found, source.size, source.sha256)
        return found

    def hub_files(self, folder: str, pattern: str) -> list[Path]:
        """The files of a download, whatever they hold, in the order of their names; none."""
        for place in self.places:
            inside = place / folder
            if files := sorted(file for file in inside.rglob("*") if _matches(file, inside, pattern)):
                return files
        return []

    def find_hub(self, folder: str, pattern: str, name: str) -> list[Path]:
        """The files of a download, in the order of their names. Raises `DataError`."""
        if files := self.hub_files(folder, pattern):
            _check_download(next(p for p in files[0].parents if p.as_posix().endswith(folder)), files)
            return files
        raise self._missing(f"{folder}/{pattern}", f"`kgqa data {name} --download DIR` fetches it")

    def _missing(self, path: str, hint: str = "set KGQA_DATA or say --data DIR") -> DataError:
        places = ", ".join(str(place) for place in self.places)
        return DataError(f"{path} is in none of {places}; {hint} (`kgqa data` lists what there is)")


def check_file(path: Path, size: int | None, sha256: str) -> None:
    """Raise `DataError` for a file that is not the one of this size and SHA-256."""
    found = path.stat().st_size
    if size not in (None, found):
        raise DataError(f"{path}: is another file ({found} bytes, not {size}); get it again")
    if (actual := sha256_of(path)) != sha256:
        raise DataError(f"{path}: is another file (SHA-256 {actual[:12]}…, not {sha256[:12]}…); get it again")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _matches(file: Path, folder: Path, pattern: str) -> bool:
    return file.is_file() and fnmatch(file.relative_to(folder).as_posix(), pattern)


def _check_download(folder: Path, files: list[Path]) -> None:
    """Compare files with what their download said they are, where there was one."""
    try:
        known = json.loads((folder / CHECKSUMS).read_text("utf-8"))
    except FileNotFoundError:
        return
    except ValueError as error:
        raise DataError(f"{folder / CHECKSUMS}: is damaged; fetch the set again") from error
    for file in files:
        if entry := known.get(file.relative_to(folder).as_posix()):
            check_file(file, entry["bytes"], entry["sha256"])
