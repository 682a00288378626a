"""Files of known sets outside the data folders."""

from __future__ import annotations

import shutil
from pathlib import Path

from kgqa.cache_folder import cache_folder
from kgqa.datasets.data_folders import SourceFile, sha256_of
from kgqa.datasets.known_set import HubFiles, KnownSet, Part
from kgqa.datasets.question_file import load_questions
from kgqa.errors import DataError, UsageError

__all__ = ["adopt"]

SHOWN = 6


def adopt(known: KnownSet, part: Part | None, file: str | Path) -> str:
    """Register a local file as a file of a known set; returns what it is, as a path below a data folder.

    A file of fixed content is recognised by its SHA-256, one of the hub by its name, and its first
    question is read. Leaves a link below the cache folder, or a copy where links cannot be made.
    Raises `DataError` for a file that belongs to no part of the set.
    """
    file = Path(file)
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    source = known.portion(part).source
    path = _of_the_hub(source, file) if isinstance(source, HubFiles) else _by_checksum(known, file)
    link = cache_folder() / "data" / path
    try:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        try:
            link.symlink_to(file.absolute())
        except (OSError, NotImplementedError):  # Windows asks for a privilege, some file systems have none
            shutil.copyfile(file, link)
    except OSError as error:
        raise DataError(f"{link}: cannot be written ({error.strerror})") from error
    return path


def _by_checksum(known: KnownSet, file: Path) -> str:
    sources = [portion.source for portion in known.portions.values()]
    files = [one for one in (*sources, known.graph, *known.graphs.values()) if isinstance(one, SourceFile)]
    actual = sha256_of(file)
    for one in files:
        if one.sha256 == actual:
            return one.path
    raise DataError(
        f"{file}: is not a file of {known.name}: its SHA-256 {actual[:12]}… is that of none of "
        f"{', '.join(one.path for one in files[:SHOWN])}{', ...' if len(files) > SHOWN else ''}"
    )


def _of_the_hub(source: HubFiles, file: Path) -> str:
    folder, _, pattern = source.pattern.rpartition("/")
    prefix = pattern.removesuffix("*")
    first = next(load_questions(file), None)
    if first is None or first.graph is None:
        raise DataError(f"{file}: holds no questions with graphs, so it is not of {source.repository}")
    name = file.name if file.name.startswith(prefix) else prefix + file.name
    return f"{source.folder}/{folder}/{name}"
