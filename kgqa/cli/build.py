"""kgqa build: from graph files to an index folder."""

from __future__ import annotations

import re
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from kgqa.cli.build_from import fetch_from, from_name
from kgqa.cli.console import counted, counting, errors, output, print_json, status
from kgqa.cli.options import Json, Source, source_of_each
from kgqa.errors import IndexFolderError, UsageError
from kgqa.graph import IndexedGraph, clean_name, is_index_folder, open_index, unread_columns
from kgqa.graph.building import IndexBuilder, read_blocks, with_source
from kgqa.graph.naming import MEDIATORS
from kgqa.graph.readers import FORMATS, NAME_RELATIONS, Columns, SkipReport
from kgqa.program import prepare

__all__ = ["build"]

SHOWN_SKIPS = 10
FACT_MEMORY = 1024
"""Bytes of memory for each fact that is sorted."""
LEAST_RUN = 10_000


class Unlabelled(StrEnum):
    """What entities without a label are."""

    auto = "auto"
    identifier = "identifier"
    mediator = "mediator"


def build(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SOURCE...", help="Graph files, plain or packed (gz, bz2, xz, zst, zip)."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="The index folder [default: FOLDER-NAME.kgqa here]."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=f"One of {', '.join(FORMATS)} [default: by name and content]."),
    ] = None,
    skip_bad: Annotated[
        int, typer.Option(metavar="N", min=0, help="Skip up to N bad lines, and list them.")
    ] = 0,
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
    source: Source = None,
    mediators: Annotated[
        str, typer.Option(metavar="REGEX", help="Identifiers of mediators, nodes without a name.")
    ] = MEDIATORS,
    unlabelled: Annotated[
        Unlabelled,
        typer.Option(help="How to treat entities without a label (auto: as mediators in labelled RDF)."),
    ] = Unlabelled.auto,
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
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="URL",
            help="Instead of files: a SPARQL endpoint, or a database (bolt://...).",
        ),
    ] = None,
    named_graph: Annotated[
        list[str] | None,
        typer.Option(metavar="IRI", help="Of the endpoint only the graph with this name; repeatable."),
    ] = None,
    around: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Of the endpoint only what is around this entity; repeatable."),
    ] = None,
    hops: Annotated[int, typer.Option(min=1, metavar="N", help="With --around: how far.")] = 2,
    memory: Annotated[
        str,
        typer.Option(metavar="SIZE", help="What sorting facts may take; the names need 130 bytes each more."),
    ] = "2G",
    as_json: Json = False,
) -> None:
    """Build an index folder from graph files; it opens in an instant, whatever its size.

    Formats: TSV, CSV, MetaQA's a|r|b, N-Triples, Turtle, RDF/XML, N-Quads, TriG, JSON-LD, JSON triples,
    OBO, GraphML, GEXF, node-link JSON, parquet, Wikidata's dumps, Neo4j's CSV, databases of Ladybug, and the
    per-question graphs of RoG (merged). An index that exists is replaced only when the new one is complete.

    Tables: three columns are a head, a relation and a tail; what else there is needs --head, --relation
    and --tail, or --table. What is guessed is said.

    Examples:

      kgqa build kb.tsv.gz -o films

      kgqa build data.ttl more.nt -o mine --language de,en

      kgqa build dump.txt --format metaqa --skip-bad 100 -o films

      kgqa build people.csv --table --split ";" --type person -o people

      kgqa build register.csv press.csv --source register --source press -o mine

      kgqa build --from http://localhost:8890/sparql --around Kenya --hops 3 -o kenya
    """
    start = time.monotonic()
    sources = sources or []
    if (from_ is None) == (not sources):
        raise UsageError("name graph files, or a SPARQL endpoint or a database with --from")
    if from_ is None and (around or named_graph):
        raise UsageError("--around and --named-graph are about a SPARQL endpoint; name it with --from")
    own_graph = named_graph if named_graph and len(named_graph) == 1 else None
    said_by = source_of_each(1 if from_ else len(sources), source or own_graph)
    folder = out or _default_folder([from_name(from_)] if from_ else sources)
    skipped = SkipReport(skip_bad)
    columns = Columns(
        *(head, relation, tail, table, header, split, _character(separator), entity_type, decimal_comma)
    )
    names = NAME_RELATIONS.with_more(label or (), alias or ())
    named = [from_] if from_ else [str(source) for source in sources]
    with IndexBuilder(folder, mediators, unlabelled.value, run_facts=_run_facts(memory)) as builder:
        with counting("triples read") as progress:
            for path, own in zip(sources, said_by, strict=not from_):
                statements = read_blocks(
                    path,
                    format,
                    report=skipped,
                    languages=_languages(language),
                    columns=columns,
                    names=names,
                )
                builder.add_all(with_source(statements, own), progress)
            fetched = None
            if from_ is not None:
                fetched = fetch_from(from_, named_graph or (), _languages(language), folder, skipped)
                statements = fetched.statements(around or (), hops, names)
                builder.add_all(with_source(statements, said_by[0]), progress)
        with status("indexing"):
            facts_about: dict[str, object] = {"sources": named, "skipped": len(skipped)}
            if fetched is not None:
                facts_about |= fetched.facts_about
                skipped.notes.extend(fetched.warnings)
            if skipped.notes:
                facts_about["notes"] = skipped.notes
            _say_what_is_replaced(folder, named)
            builder.save(facts_about)
            if fetched is not None:
                fetched.finish()
    graph = open_index(folder, verify=False)
    with status("values and classes"):
        prepare(graph)
    _report(graph, folder, skipped, time.monotonic() - start, as_json)


def _run_facts(memory: str) -> int:
    """How many facts are sorted at a time. Raises `UsageError` for what is no size."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MG])i?B?", memory.strip(), re.IGNORECASE)
    if not found:
        raise UsageError(f"--memory takes a size such as 500M or 4G, not {memory!r:.40}")
    size = float(found[1]) * 2 ** (20 if found[2].upper() == "M" else 30)
    return max(LEAST_RUN, int(size) // FACT_MEMORY)


def _languages(given: list[str] | None) -> tuple[str, ...]:
    """Languages, given one by one or with commas between them."""
    found = [tag.strip() for tags in given or () for tag in tags.split(",")]
    return tuple(filter(None, found)) or ("en",)


def _character(separator: str | None) -> str | None:
    """A separator as it is typed: most shells make `\\t` hard to give as a tab."""
    return "\t" if separator in ("\\t", "tab") else separator


def _default_folder(sources: list[Path]) -> Path:
    """`FOLDER-NAME.kgqa` in the working folder, after the first source and where that is.

    Raises `UsageError` where that holds the index of other sources: it is not replaced unasked.
    """
    name = sources[0].name.split(".")[0]
    folder = Path("-".join(filter(None, (sources[0].parent.name, name))) + ".kgqa")
    if is_index_folder(folder):
        before = open_index(folder, verify=False).facts_about.get("sources")
        if before != [str(source) for source in sources]:
            raise UsageError(f"{folder} holds the index of {before}; name a folder with -o")
    return folder


def _say_what_is_replaced(folder: Path, sources: list[str]) -> None:
    """Say it on stderr where the folder holds an index of something else."""
    if not is_index_folder(folder):
        return
    try:
        before = open_index(folder, verify=False)
    except IndexFolderError:
        what = "a damaged index, or one of another version"
    else:
        others = before.facts_about.get("sources")
        if others == sources:
            return
        named = f" of {', '.join(map(str, others))}" if isinstance(others, list) else ""
        what = f"the index{named:.200} with {counted(len(before), 'triple')}"
    errors.print(f"kgqa: note: {folder}: this replaces {clean_name(what)}", markup=False)


def _report(graph: IndexedGraph, folder: Path, skipped: SkipReport, seconds: float, as_json: bool) -> None:
    unread = (f"{graph.relation_label(name)}: {why}" for name, why in unread_columns(graph).items())
    notes = [*skipped.notes, *unread]
    duplicates = cast(int, graph.facts_about["duplicates"])
    facts = {
        "folder": str(folder),
        "triples": len(graph),
        "entities": graph.entity_count,
        "relations": graph.relation_count,
        "duplicates": duplicates,
        "skipped": [str(skip) for skip in skipped],
        "notes": notes,
        "seconds": round(seconds, 3),
    }
    for note in notes:
        errors.print(f"kgqa: note: {clean_name(note)}", markup=False)
    for skip in list(skipped)[:SHOWN_SKIPS]:
        errors.print(f"skipped: {skip}", markup=False)
    if len(skipped) > SHOWN_SKIPS:
        errors.print(f"... and {len(skipped) - SHOWN_SKIPS} more (--json lists all)", markup=False)
    if as_json:
        print_json(facts)
        return
    output.print(
        f"{folder}: {counted(len(graph), 'triple')}, {counted(graph.entity_count, 'entity')}, "
        f"{counted(graph.relation_count, 'relation')} in {seconds:.1f} s"
        + (f"; {counted(duplicates, 'duplicate')} left out" if duplicates else "")
        + (f"; {counted(len(skipped), 'bad line')} skipped" if len(skipped) else ""),
        markup=False,
    )
    if not len(graph):
        errors.print("kgqa: note: there is no triple in what was read", markup=False)
