"""Reads files of changes, whose form is told by their names."""

from __future__ import annotations

from pathlib import Path

from kgqa.errors import ParseError
from kgqa.graph.feed.patch import Patch
from kgqa.graph.feed.rdf_patch import read_rdf_patch
from kgqa.graph.feed.sparql_log import read_sparql_log
from kgqa.graph.readers.compression import PACKED_SUFFIXES

__all__ = ["PATCH_SUFFIXES", "is_patch", "read_patch"]

_READERS = {
    ".rdfp": read_rdf_patch,
    ".patch": read_rdf_patch,
    ".ru": read_sparql_log,
    ".sparql": read_sparql_log,
}
PATCH_SUFFIXES = tuple(_READERS)
"""The ends of the names of patches; files may be packed (`.rdfp.gz`)."""


def is_patch(path: Path) -> bool:
    """Whether a file has the name of a patch.

    >>> is_patch(Path("0001.rdfp.gz")), is_patch(Path("README.md"))
    (True, False)
    """
    return _suffix(path) in _READERS


def read_patch(path: str | Path) -> Patch:
    """The changes of a file of RDF Patch (`.rdfp`, `.patch`) or of SPARQL Update (`.ru`, `.sparql`).

    Raises `ParseError` for what cannot be read or is something else.
    """
    path = Path(path)
    if not is_patch(path):
        raise ParseError(path, 0, f"no patch: its name must end with {', '.join(PATCH_SUFFIXES)}")
    return _READERS[_suffix(path)](path)


def _suffix(path: Path) -> str:
    return next((s.lower() for s in reversed(path.suffixes) if s.lower() not in PACKED_SUFFIXES), "")
