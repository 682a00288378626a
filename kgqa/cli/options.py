"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kgqa.constraint import GrammarName

__all__ = ["Beams", "Grammar", "Graph", "Hops", "Inverse", "Json", "Model", "Returns"]

Graph = Annotated[
    Path | None, typer.Option(metavar="DIR", help="An index folder or a graph file [default: the atlas].")
]
Model = Annotated[
    str | None, typer.Option(metavar="NAME_OR_DIR", help="A language model [default: the shipped one].")
]
Grammar = Annotated[
    GrammarName, typer.Option(help="What the model writes: paths, branching chains or relation paths.")
]
Beams = Annotated[int, typer.Option(min=1, help="Chains that are kept in view at a time.")]
Hops = Annotated[int, typer.Option(help="The most hops of a chain.")]
Inverse = Annotated[
    bool, typer.Option("--inverse/--no-inverse", help="Whether chains take steps against their triples.")
]
Returns = Annotated[
    bool, typer.Option("--returns/--no-returns", help="Whether chains may come back to their own start.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
