"""The graph that `--graph` names."""

from __future__ import annotations

from pathlib import Path

from kgqa.cli.console import status
from kgqa.graph import ATLAS, IndexedGraph, open_graph

__all__ = ["opened_graph"]


def opened_graph(source: str | Path | None) -> IndexedGraph:
    """The graph of the option, the atlas where it is not given; shows that it may take a while."""
    with status(f"opening {source or 'the atlas'} (a graph file is indexed the first time)"):
        return open_graph(source or ATLAS)
