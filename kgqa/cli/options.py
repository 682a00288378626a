"""Options that several commands have, besides those of settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Graph", "Json"]

Graph = Annotated[
    Path | None, typer.Option(metavar="DIR", help="An index folder, a graph file, or atlas [default: atlas].")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
