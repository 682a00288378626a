"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kgqa.constraint import GrammarName
from kgqa.lm import NumberFormat

__all__ = [
    "AllowReturn",
    "AnswerType",
    "Beams",
    "Device",
    "Dtype",
    "Grammar",
    "Graph",
    "Hops",
    "Inverse",
    "Json",
    "Model",
    "MustUse",
    "OnlyRelation",
    "Without",
]

Graph = Annotated[
    Path | None, typer.Option(metavar="DIR", help="An index folder, a graph file, or atlas [default: atlas].")
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
AllowReturn = Annotated[
    bool, typer.Option("--allow-return/--no-return", help="Whether a chain may come back to its own start.")
]
Without = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="A relation or entity that no chain may use; repeatable."),
]
OnlyRelation = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="A relation that chains may use, and no other; repeatable."),
]
MustUse = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="A relation or entity that every chain must use; repeatable."),
]
AnswerType = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="What answers must be instances of (one of them); repeatable."),
]
Device = Annotated[
    str, typer.Option(help="Where the model computes: auto (a GPU if there is one), cpu, cuda, mps.")
]
Dtype = Annotated[
    NumberFormat, typer.Option(help="Number format of the model; half precision is faster on a GPU.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
