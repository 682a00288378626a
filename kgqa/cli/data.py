"""kgqa data: the known question sets and where their files are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kgqa.cli.console import errors, output, print_json
from kgqa.cli.options import Data, Json
from kgqa.datasets import DataFolders, Part, SetStatus, inventory, known_set, set_status
from kgqa.datasets.hub import fetch_part
from kgqa.datasets.local_files import adopt
from kgqa.errors import UsageError

__all__ = ["data"]


def data(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Show and check this set.")] = None,
    folder: Data = None,
    part: Annotated[Part | None, typer.Option("--part", help="Download or register this part only.")] = None,
    download: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Download the set from the hub to DIR; resumes a broken download.",
        ),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FILE", help="Use this local file of the set; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the known question sets, which of their files are here, and where to get the others.

    Files are looked for in --data DIR, else in $KGQA_DATA, else in ../shared/data. `kgqa data NAME`
    reads every file of the set and checks that it is the right one.

    Examples:

      kgqa data

      kgqa data metaqa-2hop --json

      kgqa data webqsp-rog --part test --download ~/data && KGQA_DATA=~/data kgqa data webqsp-rog

      kgqa data webqsp-rog --from test-00000-of-00002.parquet --from test-00001-of-00002.parquet
    """
    if name is None:
        if download or files or part:
            raise UsageError("name a data set: kgqa data NAME")
        _show(inventory(DataFolders.of(folder)), as_json)
        return
    known = known_set(name)
    if download:
        fetch_part(known, part, download, lambda what: errors.print(f"fetching {what}", markup=False))
        folder = download
    for file in files or []:
        errors.print(f"{file} is {adopt(known, part, file)}", markup=False)
    _show((set_status(known, DataFolders.of(folder), check=True),), as_json)


def _show(sets: Sequence[SetStatus], as_json: bool) -> None:
    if as_json:
        print_json([one.to_json() for one in sets] if len(sets) > 1 else sets[0].to_json())
        return
    table = Table("set", "questions", "MB", "here", "hub", box=None, pad_edge=False)
    for one in sets:
        here = [status.here for status in one.files.values()]
        megabytes = sum(status.size or 0 for status in one.files.values()) / 1e6
        table.add_row(
            one.known.name,
            ", ".join(f"{part or 'all'} {one.known.portion(part).count or '?'}" for part in one.parts),
            f"{megabytes:.1f}" if megabytes else "-",
            "yes" if all(here) else "in part" if any(here) else "no",
            one.hub or "-",
        )
    output.print(table)
    if len(sets) == 1:
        _details(sets[0])


def _details(one: SetStatus) -> None:
    """Title, licence and origin of a set, and the path and status of each of its files."""
    lines = [one.known.title, f"licence: {one.known.licence}", f"from: {one.known.origin}"]
    for name, status in one.files.items():
        lines.append(f"{name}: {status.file} {status.error or ('is here' if status.here else 'is missing')}")
    output.print("\n".join(lines), markup=False)
