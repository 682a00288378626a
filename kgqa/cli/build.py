"""kgqa build: from graph files to an index folder."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from kgqa.cli.console import errors, output, print_json, status
from kgqa.cli.console import reading as reading_files
from kgqa.cli.options import Json, Source, source_of_each
from kgqa.cli.reading_options import with_reading
from kgqa.counted import counted
from kgqa.errors import UsageError
from kgqa.graph import IndexedGraph, clean_name, unread_columns
from kgqa.graph.building.fetched_graph import FetchedDatabase, FetchedEndpoint, fetched_graph, host_name
from kgqa.graph.building.graph_files import GraphFiles
from kgqa.graph.building.index_build import IndexBuild, default_folder
from kgqa.graph.building.read_settings import ReadSettings
from kgqa.graph.naming import MEDIATORS
from kgqa.graph.readers import SkipReport
from kgqa.program import prepare

__all__ = ["build"]

SHOWN_SKIPS = 10


class Unlabelled(StrEnum):
    """What entities without a label are."""

    auto = "auto"
    identifier = "identifier"
    mediator = "mediator"


@with_reading
def build(
    *,
    sources: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SOURCE...", help="Graph files, plain or packed (gz, bz2, xz, zst, zip)."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="The index folder [default: FOLDER-NAME.kgqa here]."),
    ] = None,
    reading: ReadSettings,
    skip_bad: Annotated[
        int, typer.Option(metavar="N", min=0, help="Skip up to N bad lines, and list them.")
    ] = 0,
    source: Source = None,
    mediators: Annotated[
        str, typer.Option(metavar="REGEX", help="Identifiers of mediators, nodes without a name.")
    ] = MEDIATORS,
    unlabelled: Annotated[
        Unlabelled,
        typer.Option(help="How to treat entities without a label (auto: as mediators in labelled RDF)."),
    ] = Unlabelled.auto,
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
    The same command goes on with a long build that was stopped.

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
    wanted: GraphFiles | FetchedEndpoint | FetchedDatabase
    if from_ is None:
        wanted = GraphFiles(sources, said_by, reading)
        folder = out or default_folder(sources[0], wanted.names)
    else:
        folder = out or default_folder(host_name(from_), [from_])
        wanted = fetched_graph(
            *(from_, folder, said_by[0], reading),
            named_graphs=named_graph or (),
            around=around or (),
            hops=hops,
        )
    skipped = SkipReport(skip_bad)
    with IndexBuild(
        *(folder, wanted, skipped),
        memory=_bytes(memory),
        mediators=mediators,
        unlabelled=unlabelled.value,
    ) as made:
        if made.kept:
            kept = counted(made.kept, "triple")
            errors.print(f"kgqa: note: a build that was stopped goes on after {kept}", markup=False)
        with _told_when_stopped(made):
            with reading_files(made.bytes_left) as progress:
                made.read(progress)
            with status("indexing"):
                if replaced := made.replaces():
                    errors.print(f"kgqa: note: {folder}: this replaces {replaced}", markup=False)
                graph = made.save()
    with status("values and classes"):
        prepare(graph)
    _report(graph, folder, skipped, time.monotonic() - start, as_json)


@contextmanager
def _told_when_stopped(made: IndexBuild) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        if kept := made.kept_after(error):
            errors.print(
                f"kgqa: note: the same command goes on after {counted(kept, 'triple')}", markup=False
            )
        raise


def _bytes(memory: str) -> int:
    """A size as it is typed, in bytes. Raises `UsageError` for what is none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MG])i?B?", memory.strip(), re.IGNORECASE)
    if not found:
        raise UsageError(f"--memory takes a size such as 500M or 4G, not {memory!r:.40}")
    return int(float(found[1]) * 2 ** (20 if found[2].upper() == "M" else 30))


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
