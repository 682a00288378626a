"""Options that say how graph files are read."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from kgqa.cli.options import with_parameters
from kgqa.graph.building.read_settings import ReadSettings
from kgqa.graph.readers import FORMATS, NAME_RELATIONS, Columns

__all__ = ["with_reading"]


def with_reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options in place of its parameter `reading`, a `ReadSettings`."""
    options = list(inspect.signature(_reading, eval_str=True).parameters.values())
    own = inspect.signature(command, eval_str=True).parameters.values()
    parameters = [part for one in own for part in (options if one.name == "reading" else (one,))]
    names = [one.name for one in options]

    def run(**values: Any) -> Any:
        reading = _reading(**{name: values.pop(name) for name in names})
        return command(**values, reading=reading)

    return with_parameters(run, command, parameters)


def _reading(
    format: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=f"One of {', '.join(FORMATS)} [default: by name and content]."),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", metavar="TAG,...", help="Of labels, best first [default: en]."),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(metavar="IRI", help="RDF: a relation whose texts are names, beside the usual ones."),
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option(metavar="IRI", help="RDF: a relation whose texts are other names; both repeatable."),
    ] = None,
    head: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Tables: the column of heads, by name or number.")
    ] = None,
    relation: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of relations.")] = None,
    tail: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of tails.")] = None,
    table: Annotated[
        bool,
        typer.Option(
            "--table", help="The first column (or --head) is an entity, the others are its relations."
        ),
    ] = False,
    entity_type: Annotated[
        str | None,
        typer.Option(
            "--type",
            metavar="NAME",
            help="With --table: what its entities are, so that questions can ask for all of them "
            '[default: what their column or the file is called; "": nothing].',
        ),
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option(help="Whether the first row names the columns [default: found out]."),
    ] = None,
    split: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What separates several values in one cell.")
    ] = None,
    separator: Annotated[
        str | None,
        typer.Option(metavar="CHARACTER", help="What separates the columns [default: found out]."),
    ] = None,
    decimal_comma: Annotated[
        bool, typer.Option("--decimal-comma", help='Cells of text files such as "1.234,5" are numbers.')
    ] = False,
) -> ReadSettings:
    return ReadSettings(
        format,
        _languages(language),
        Columns(
            *(head, relation, tail, table, header, split, _character(separator), entity_type, decimal_comma)
        ),
        NAME_RELATIONS.with_more(label or (), alias or ()),
    )


def _languages(given: list[str] | None) -> tuple[str, ...]:
    """Languages, given one by one or with commas between them."""
    found = [tag.strip() for tags in given or () for tag in tags.split(",")]
    return tuple(filter(None, found)) or ("en",)


def _character(separator: str | None) -> str | None:
    """A separator as it is typed: most shells make `\\t` hard to give as a tab."""
    return "\t" if separator in ("\\t", "tab") else separator
