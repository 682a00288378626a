"""Options that several commands have, besides those of settings."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from kgqa.cli.console import status
from kgqa.counted import counted
from kgqa.errors import UsageError
from kgqa.graph import ATLAS, IndexedGraph, open_graph

__all__ = [
    "AllowedHosts",
    "Assignments",
    "Data",
    "Deadline",
    "Graph",
    "Graphs",
    "Json",
    "Junit",
    "Markdown",
    "NoKey",
    "Sarif",
    "Source",
    "opened_graph",
    "source_of_each",
    "with_parameters",
]

Graph = Annotated[
    str | None,
    typer.Option(
        metavar="DIR", help="An index folder, a graph file, a SPARQL endpoint, or atlas [default: atlas]."
    ),
]
Graphs = Annotated[
    list[str] | None,
    typer.Option(
        "--graph",
        metavar="[NAME=]DIR",
        help="An index folder, a graph file, a SPARQL endpoint, or atlas; repeatable [default: atlas].",
    ),
]
NoKey = Annotated[
    bool, typer.Option("--no-key", help="Listen at another address than loopback without a key.")
]
AllowedHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host", metavar="NAME", help="A name by which clients may call the server; repeatable."
    ),
]
Deadline = Annotated[float, typer.Option(help="The longest wait for an answer, in seconds.")]
Source = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="The source of facts that are in no named graph; once, or once for each file in their order.",
    ),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set any key that run files have, such as search.groups=5; repeatable.",
    ),
]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Where data sets are [KGQA_DATA].")]
Junit = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Also write a report as JUnit XML.")
]
Sarif = Annotated[
    Path | None,
    typer.Option("--sarif", metavar="FILE", help="Also write what was found as SARIF, with its lines."),
]
Markdown = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Also write a summary as Markdown.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]


def with_parameters(
    run: Callable[..., Any], command: Callable[..., Any], parameters: Sequence[inspect.Parameter]
) -> Callable[..., Any]:
    """`run` with the name and the help of a command, and with these parameters, each by its name."""
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
    )
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__doc__, run.__name__ = command.__doc__, command.__name__
    return run


def opened_graph(source: str | Path | None) -> IndexedGraph:
    """The graph of the option, the atlas where it is not given; shows that it may take a while."""
    with status(f"opening {source or 'the atlas'} (a graph file is indexed the first time)"):
        return open_graph(source or ATLAS)


def source_of_each(files: int, given: Sequence[str] | None) -> list[str | None]:
    """The source of each of so many files. Raises `UsageError` where it is not clear whose a source is."""
    names = given or ()
    if not all(map(str.strip, names)):
        raise UsageError("--source needs a name, this one is empty")
    if len(names) == files:
        return list(names)
    if len(names) > 1:
        raise UsageError(
            f"--source is given {len(names)} times for {counted(files, 'file')}; "
            "give it once, or once for each"
        )
    return [names[0] if names else None] * files
