"""kgqa data: the question sets that are known by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from kgqa.cli.console import errors, output, print_json
from kgqa.cli.options import Json
from kgqa.datasets import CATALOGUE, DataFolders, HubFiles, KnownSet, Part, SourceFile, known_set
from kgqa.datasets.local_files import adopt
from kgqa.errors import DataError, UsageError

__all__ = ["data"]


def data(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A set, to see all of it.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Where data sets are [KGQA_DATA].")
    ] = None,
    part: Annotated[Part | None, typer.Option("--part", help="Fetch or name this part only.")] = None,
    download: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Fetch the set from the hub to DIR; goes on if it broke off."),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FILE", help="Use this file of the set, where it is; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the question sets that are known by name, what of them is here, and where the rest is from.

    Sets are looked for in --data DIR, else in $KGQA_DATA, else in ../shared/data. Every file is checked
    to be the one it is said to be.

    Examples:

      kgqa data

      kgqa data metaqa-2hop --json

      kgqa data webqsp-rog --part test --download ~/data && KGQA_DATA=~/data kgqa data webqsp-rog

      kgqa data webqsp-rog --from test-00000-of-00002.parquet --from test-00001-of-00002.parquet
    """
    if name is None:
        if download or files or part:
            raise UsageError("name the set that is meant: kgqa data NAME")
        _list([_described(one, DataFolders.of(folder), False) for one in CATALOGUE.values()], as_json)
        return
    known = known_set(name)
    if download:
        _download(known, part, download)
        folder = download
    for file in files or []:
        errors.print(f"{file} is {adopt(known, part, file)}", markup=False)
    _list([_described(known, DataFolders.of(folder), True)], as_json)


def _download(known: KnownSet, part: Part | None, folder: Path) -> None:
    from kgqa.datasets.hub import fetch

    source = known.portion(part).source
    if not isinstance(source, HubFiles):
        raise UsageError(
            f"{known.name} is not on the hub; it is from {known.origin}; name its files with --from"
        )
    fetch(source, folder, lambda what: errors.print(f"fetching {what}", markup=False))


def _described(known: KnownSet, folders: DataFolders, checked: bool) -> dict[str, Any]:
    """A set as JSON; `checked`: every question is read."""
    hubs = {p.source.repository for p in known.portions.values() if isinstance(p.source, HubFiles)}
    return {
        "name": known.name,
        "title": known.title,
        "parts": dict(_parts(known, folders, checked)),
        "graph": None if known.graph is None else _file(known.graph, folders),
        "own_graphs": known.own_graphs,
        "licence": known.licence,
        "hub": next(iter(hubs), None),
        "origin": known.origin,
    }


def _parts(known: KnownSet, folders: DataFolders, checked: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    for part, portion in known.portions.items():
        if isinstance(portion.source, SourceFile):
            found = _file(portion.source, folders)
        else:
            there = folders.hub_files(portion.source.folder, portion.source.pattern)
            found = {
                "file": str(there[0].parent)
                if there
                else f"{portion.source.folder}/{portion.source.pattern}",
                "bytes": sum(file.stat().st_size for file in there) or None,
                "here": bool(there),
            }
        if checked and found["here"]:
            found |= _checked(known, part, folders)
        yield part or "all", {"questions": portion.count, **found}


def _checked(known: KnownSet, part: Part | None, folders: DataFolders) -> dict[str, Any]:
    try:
        return {"read": sum(1 for _ in known.questions(folders, part))}
    except DataError as error:
        return {"here": False, "error": str(error)}


def _file(source: SourceFile, folders: DataFolders) -> dict[str, Any]:
    path = folders.path(source.path)
    return {"file": str(path or source.path), "bytes": source.size, "here": path is not None}


def _list(sets: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(sets if len(sets) > 1 else sets[0])
        return
    table = Table("set", "questions", "MB", "here", "hub", box=None, pad_edge=False)
    for one in sets:
        files = [*one["parts"].values(), *([one["graph"]] if one["graph"] else [])]
        here = [file["here"] for file in files]
        megabytes = sum(file["bytes"] or 0 for file in files) / 1e6
        table.add_row(
            one["name"],
            ", ".join(f"{name} {part['questions'] or '?'}" for name, part in one["parts"].items()),
            f"{megabytes:.1f}" if megabytes else "-",
            "yes" if all(here) else "in part" if any(here) else "no",
            one["hub"] or "-",
        )
    output.print(table)
    if len(sets) == 1:
        _details(sets[0])


def _details(one: dict[str, Any]) -> None:
    """Where a set is from, and each of its files."""
    lines = [one["title"], f"licence: {one['licence']}", f"from: {one['origin']}"]
    files = {**one["parts"], **({"graph": one["graph"]} if one["graph"] else {})}
    for name, file in files.items():
        said = file.get("error") or ("is here" if file["here"] else "is missing")
        lines.append(f"{name}: {file['file']} {said}")
    output.print("\n".join(lines), markup=False)
