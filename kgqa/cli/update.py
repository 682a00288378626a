"""kgqa add, remove, follow and compact: changes of an index folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from kgqa.cli.console import counting, errors, output, print_json, status
from kgqa.cli.options import Json, Source, source_of_each
from kgqa.cli.reading_options import with_reading
from kgqa.counted import counted
from kgqa.graph import Quad, Statement, Triple, Update, add_facts, compact_index, open_index, remove_facts
from kgqa.graph.building.read_settings import ReadSettings
from kgqa.graph.feed import PATCH_SUFFIXES, AppliedPatch, Feed
from kgqa.graph.index_folder import read_manifest
from kgqa.graph.readers import SkipReport
from kgqa.program import prepare

__all__ = ["add", "compact", "follow", "remove"]

PATCHES = f"patch ({', '.join(PATCH_SUFFIXES)})"

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="An index folder.")]
Sources = Annotated[list[Path], typer.Argument(metavar="SOURCE...", help="Graph files, as for kgqa build.")]
SkipBad = Annotated[int, typer.Option(metavar="N", min=0, help="Skip up to N bad lines, and list them.")]


@with_reading
def add(
    *,
    folder: Folder,
    sources: Sources,
    reading: ReadSettings,
    source: Source = None,
    skip_bad: SkipBad = 0,
    as_json: Json = False,
) -> None:
    """Add facts and names to an index, at once and without a build.

    Whoever opens the index from now on has them; what is open goes on with the old facts. The index stays as
    it is, with a file of changes beside it. Many changes make it slower to open: kgqa compact builds it anew.
    A fact that is there already gets the named graph that it is added in as one more source.

    Tables are read as by kgqa build, with the same options.

    Examples:

      kgqa add films new-facts.tsv

      kgqa add people more-people.csv --table --split ";" --type person
    """
    said_by = source_of_each(len(sources), source)
    _update(folder, sources, reading, skip_bad, add_facts, ("added", "already there"), as_json, said_by)


@with_reading
def remove(
    *,
    folder: Folder,
    sources: Sources,
    reading: ReadSettings,
    skip_bad: SkipBad = 0,
    as_json: Json = False,
) -> None:
    """Remove the facts in files from an index, at once and without a build.

    A fact is removed whole, whatever its named graphs. Names in these files are left as they are. An entity
    that has no fact and no label any more is not found. With --table what the entities are stays, too, unless
    --type names it.

    Example:

      kgqa remove films wrong-facts.tsv
    """
    if reading.columns.table and reading.columns.entity_type is None:
        reading = replace(reading, columns=replace(reading.columns, entity_type=""))

    def gone(folder: Path, statements: Iterable[Statement]) -> Update:
        return remove_facts(folder, [one for one in statements if isinstance(one, Triple | Quad)])

    unknown = [None] * len(sources)
    _update(folder, sources, reading, skip_bad, gone, ("removed", "not there"), as_json, unknown)


def follow(
    folder: Folder,
    feed: Annotated[Path, typer.Argument(metavar="FEED", help="A folder to which patches are added.")],
    once: Annotated[bool, typer.Option("--once", help="Stop after the patches that are there.")] = False,
    every: Annotated[float, typer.Option(metavar="S", min=0.01, help="Seconds between two looks.")] = 5.0,
    after: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The index has all up to this patch; to begin with another one."),
    ] = None,
    language: Annotated[str, typer.Option(metavar="TAG,...", help="Of labels, best first.")] = "en",
    compact_after: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Compact the index after so many changes.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Keep an index up to date with a folder of patches, until it is interrupted.

    Patches are files of RDF Patch (.rdfp, .patch) or SPARQL Update (.ru, .sparql; INSERT DATA and DELETE DATA
    only), applied in the order of their names, each as a whole. The index remembers the last one: a patch is
    neither missed nor applied twice, also after a kill. Move patches into the folder when they are complete.

    Example:

      kgqa follow films patches/ --once
    """
    read_manifest(folder)  # before anything is read
    followed = Feed(feed, folder, tuple(filter(None, map(str.strip, language.split(",")))))
    if after is not None:
        followed.start_after(after)
    noted: set[str] = set()
    try:
        while True:
            for name in followed.others():
                if name not in noted:
                    errors.print(f"kgqa: note: {feed / name}: left out, no {PATCHES}", markup=False)
                    noted.add(name)
            for patch in followed.apply_new():
                _show_patch(patch, as_json)
                if compact_after is not None and patch.changes >= compact_after:
                    compact_index(folder)
            if once:
                return
            time.sleep(every)
    except KeyboardInterrupt:
        if once:
            raise


def _show_patch(patch: AppliedPatch, as_json: bool) -> None:
    if as_json:
        print_json(asdict(patch))
        return
    output.print(
        f"{patch.name}: {counted(patch.added, 'fact')} added, {patch.removed:,} removed"
        + (f", {patch.unchanged:,} as they were" if patch.unchanged else ""),
        markup=False,
    )


def compact(folder: Folder, as_json: Json = False) -> None:
    """Build an index again with the changes that were made to it.

    The result is that of kgqa build from all the facts. It takes as long; updates wait, and whoever reads
    the index goes on with it.

    Example:

      kgqa compact films
    """
    start = time.monotonic()
    with counting("triples read", len(open_index(folder, verify=False))) as progress:
        graph = compact_index(folder, progress)
    with status("values and classes"):
        prepare(graph)
    seconds = time.monotonic() - start
    if as_json:
        print_json({"folder": str(folder), "triples": len(graph), "seconds": round(seconds, 3)})
        return
    output.print(f"{folder}: {counted(len(graph), 'triple')} in {seconds:.1f} s", markup=False)


def _update(
    folder: Path,
    sources: list[Path],
    reading: ReadSettings,
    skip_bad: int,
    update: Callable[[Path, Iterable[Statement]], Update],
    words: tuple[str, str],
    as_json: bool,
    said_by: Sequence[str | None],
) -> None:
    open_index(folder, verify=False)  # before anything is read
    skipped = SkipReport(skip_bad)
    statements = [
        Quad(*one, own) if own is not None and isinstance(one, Triple) else one
        for path, own in zip(sources, said_by, strict=True)
        for one in reading.read(path, skipped)
    ]
    done = update(folder, statements)
    for line in (*skipped.notes, *(f"skipped: {skip}" for skip in skipped)):
        errors.print(f"kgqa: note: {line}", markup=False)
    if as_json:
        facts = {"folder": str(folder), words[0]: done.facts, words[1].replace(" ", "_"): done.unchanged}
        if done.sourced:
            facts["sources_added"] = done.sourced
        skips = [str(skip) for skip in skipped]
        print_json({**facts, "changes": done.changes, "checksum": done.checksum, "skipped": skips})
        return
    output.print(
        f"{folder}: {counted(done.facts, 'fact')} {words[0]}"
        + (f", {done.unchanged:,} {words[1]}" if done.unchanged else "")
        + (f", {counted(done.sourced, 'source')} of facts that were there" if done.sourced else "")
        + f"; {counted(done.changes, 'change')} since the last build",
        markup=False,
    )
