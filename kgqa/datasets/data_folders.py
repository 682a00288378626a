"""The folders in which benchmark data is looked for."""

from __future__ import annotations

import hashlib
import os
import site
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Self

from kgqa.cache_folder import cache_folder
from kgqa.config_file import read_json_object
from kgqa.errors import DataError, ParseError

__all__ = ["CHECKSUMS", "DataFolders", "SourceFile", "check_file", "sha256_of"]

CHECKSUMS = "checksums.json"
"""The file beside downloaded files that has the size and SHA-256 of each."""

ROOT = Path(__file__).parents[2]
"""The checkout; of an installed kgqa, the folder that the package is in."""


@dataclass(frozen=True)
class SourceFile:
    """A file of fixed content, by its path below a data folder."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DataFolders:
    """Folders with benchmark data; a file is taken from the first folder that has it."""

    places: tuple[Path, ...]

    @classmethod
    def of(cls, data: str | Path | None = None) -> Self:
        """The folder `data`, or `$KGQA_DATA` if it is not given; then the folders of kgqa itself.

        Those of kgqa itself hold files registered with `kgqa data` and the atlas' questions. Raises
        `DataError` if there is no folder `data`.
        """
        own = (cache_folder() / "data", ROOT / "data", *_installed())
        if data is not None:
            if not Path(data).is_dir():
                raise DataError(f"{data}: no such folder")
            return cls((Path(data), *own))
        named = os.environ.get("KGQA_DATA")
        places = (*([Path(named)] if named else []), *own)
        return cls(tuple(dict.fromkeys(place.resolve() for place in places)))

    def path(self, path: str) -> Path | None:
        """The path of a file, unchecked; `None` if no folder has it."""
        return next((place / path for place in self.places if (place / path).is_file()), None)

    def find(self, source: SourceFile) -> Path:
        """The path of a file. Raises `DataError` if it is missing or has another content."""
        found = self.path(source.path)
        if found is None:
            raise self._missing(source.path)
        check_file(found, source.size, source.sha256)
        return found

    def hub_files(self, folder: str, pattern: str) -> list[Path]:
        """The files of a download, unchecked, in the order of their names; may be empty."""
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
        raise self._missing(f"{folder}/{pattern}", f"`kgqa data {name}` says how to download it")

    def _missing(self, path: str, hint: str = "set KGQA_DATA to the folder with the data") -> DataError:
        places = ", ".join(str(place) for place in self.places)
        return DataError(f"{path} is in none of {places}; {hint} (`kgqa data` lists what there is)")


def _installed() -> tuple[Path, ...]:
    """Where pip installs data files: into the environment, the user's own, or beside the package."""
    roots = (Path(sys.prefix), Path(site.getuserbase()), ROOT)
    return tuple(root / "share" / "kgqa" / "data" for root in roots)


def check_file(path: Path, size: int | None, sha256: str) -> None:
    """Raise `DataError` for a file that is not the one of this size and SHA-256."""
    found = path.stat().st_size
    if size not in (None, found):
        raise DataError(f"{path}: is another file ({found} bytes, not {size}); download it again")
    if (actual := sha256_of(path)) != sha256:
        raise DataError(
            f"{path}: is another file (SHA-256 {actual[:12]}…, not {sha256[:12]}…); download it again"
        )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _matches(file: Path, folder: Path, pattern: str) -> bool:
    return file.is_file() and fnmatch(file.relative_to(folder).as_posix(), pattern)


def _check_download(folder: Path, files: list[Path]) -> None:
    """Compare files with the checksums of their download, if there are any."""
    try:
        known = read_json_object(folder / CHECKSUMS) if (folder / CHECKSUMS).exists() else {}
        entries = {file: known.get(file.relative_to(folder).as_posix()) for file in files}
        sums = {file: (int(e["bytes"]), str(e["sha256"])) for file, e in entries.items() if e}
    except (ParseError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{folder / CHECKSUMS}: is damaged; download the set again") from error
    for file, (size, sha256) in sums.items():
        check_file(file, size, sha256)
