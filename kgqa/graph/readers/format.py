"""Formats of graph files, and their readers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from kgqa.errors import ParseError, StatementError, UsageError, check_names
from kgqa.graph.builder import check_statement
from kgqa.graph.readers.columns import Columns
from kgqa.graph.readers.compression import PACKED_SUFFIXES, only_member
from kgqa.graph.readers.delimited import read_csv, read_metaqa, read_tsv
from kgqa.graph.readers.json_triples import json_format, read_json_triples
from kgqa.graph.readers.lines import read_lines, refuse_pipe
from kgqa.graph.readers.names import NAME_RELATIONS, NameRelations
from kgqa.graph.readers.networkx_graph import read_networkx_file
from kgqa.graph.readers.obo import read_obo
from kgqa.graph.readers.property_graph import (
    is_ladybug,
    is_neo4j_header,
    read_graphml,
    read_ladybug,
    read_neo4j_csv,
)
from kgqa.graph.readers.rdf import RDF_SYNTAXES, fact_statements, read_rdf
from kgqa.graph.readers.rog import read_rog_triples
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.table import parquet_columns, read_parquet
from kgqa.graph.readers.wikidata import read_wikidata_json
from kgqa.graph.statement import Statement

__all__ = ["FORMATS", "READERS_VERSION", "detect_format", "read"]

READERS_VERSION = 11
"""To be raised when a reader gives other statements for the same file: what was made of it is made again."""

Reader = Callable[[Path, SkipReport], Iterator[Statement]]

_TABLES: dict[str, Callable[[Path, SkipReport, Columns], Iterator[Statement]]] = {
    "tsv": read_tsv,
    "csv": read_csv,
    "metaqa": read_metaqa,
    "parquet": read_parquet,
}
_READERS: dict[str, Reader] = {
    "rog": read_rog_triples,
    "graphml": read_graphml,
    "gexf": lambda path, _: read_networkx_file(path, "gexf"),
    "node-link": lambda path, _: read_networkx_file(path, "node-link"),
    "json-triples": read_json_triples,
    "obo": read_obo,
    "neo4j": read_neo4j_csv,
    "ladybug": read_ladybug,
}
_UNCHECKED = ("rog",)
"""Formats whose reader refuses what cannot be stored, with its line."""
WIKIDATA = "wikidata"
FORMATS = (*_TABLES, *_READERS, *RDF_SYNTAXES, WIKIDATA)
"""The names of all formats."""

_SUFFIXES = {
    ".tsv": "tsv",
    ".csv": "csv",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".ttl": "turtle",
    ".n3": "turtle",
    ".trig": "trig",
    ".rdf": "rdfxml",
    ".owl": "rdfxml",
    ".jsonld": "jsonld",
    ".graphml": "graphml",
    ".gexf": "gexf",
    ".obo": "obo",
    ".lbug": "ladybug",
}


def read(
    source: Path | str,
    format: str | None = None,
    *,
    skip_bad: int = 0,
    report: SkipReport | None = None,
    languages: Sequence[str] = ("en",),
    columns: Columns | None = None,
    names: NameRelations = NAME_RELATIONS,
) -> Iterator[Statement]:
    """The statements of a graph file, one after the other, for `GraphBuilder`.

    `format` is one of `FORMATS`, by default detected from the file's name and content. Up to `skip_bad`
    bad lines are skipped; a `SkipReport` tells which (and then sets the limit itself).
    `languages` are those of labels, best first, and `names` the relations of RDF that say them. `columns`
    says how a table is read, where its columns do not tell. What a reader guesses is in `SkipReport.notes`.

    Raises `ParseError` for a file that cannot be read, `UsageError` for an unknown format and for columns
    that are not there.
    """
    check_names(languages, "languages")
    path = Path(source)
    name = format or detect_format(path)
    skips = SkipReport(skip_bad) if report is None else report
    if name in _TABLES:
        return _TABLES[name](path, skips, columns or Columns())
    if columns not in (None, Columns()):
        raise UsageError(f"{path}: {name} files have no columns; --table, --head and the like are for tables")
    if name in RDF_SYNTAXES:
        return _checked(read_rdf(path, name, skips, languages, names), path)
    if name == WIKIDATA:
        facts = read_wikidata_json(path, skips, languages)
        return _checked(fact_statements(facts, languages), path)
    if name in _READERS:
        statements = _READERS[name](path, skips)
        return statements if name in _UNCHECKED else _checked(statements, path)
    raise UsageError(f"unknown format {name!r}, must be one of {', '.join(FORMATS)}")


def _checked(statements: Iterator[Statement], path: Path) -> Iterator[Statement]:
    """Name the file where a statement cannot be stored."""
    for statement in statements:
        try:
            check_statement(statement)
        except StatementError as error:
            raise ParseError(path, 0, str(error)) from error
        yield statement


def detect_format(path: str | Path) -> str:
    """The format of a file, from its name, else from its first lines.

    Raises `UsageError` when it is in neither, `ParseError` when the file cannot be read.
    """
    path = Path(path)
    suffix = _suffix(path)
    if suffix == ".parquet":
        return "rog" if {"graph", "q_entity"} <= set(parquet_columns(path)) else "parquet"
    if suffix in (".json", ".jsonl", ".ndjson"):
        return json_format(path, otherwise="node-link" if suffix == ".json" else "rog")
    if suffix in (".csv", ".tsv") and _is_neo4j(path):
        return "neo4j"
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    refuse_pipe(path)
    if is_ladybug(path):
        return "ladybug"
    lines = [line for _, line in islice(read_lines(path), 20) if line]
    for name, tells in _TELLS.items():
        if lines and 2 * sum(map(tells, lines)) >= len(lines):  # the reader reports the bad ones
            return name
    raise UsageError(f"{path}: cannot detect its format; give `format`, one of {', '.join(FORMATS)}")


def _is_neo4j(path: Path) -> bool:
    """Whether a table has the column names of a property graph; a pipe is not looked at."""
    return os.path.isfile(path) and any(is_neo4j_header(line) for _, line in islice(read_lines(path), 1))


def _suffix(path: Path) -> str:
    """The end of a name without that of its packing; of a zip file that of its member, if it says more."""
    own = next((s.lower() for s in reversed(path.suffixes) if s.lower() not in PACKED_SUFFIXES), "")
    if path.suffix.lower() == ".zip" and own not in _SUFFIXES and os.path.isfile(path):
        return Path(only_member(path)).suffix.lower()
    return own


def _has_fields(separator: str, line: str) -> bool:
    return line.count(separator) == 2


_TELLS: dict[str, Callable[[str], bool]] = {
    "tsv": partial(_has_fields, "\t"),
    "metaqa": partial(_has_fields, "|"),
    "ntriples": lambda line: line.lstrip().startswith(("<", "_:", "#")) and line.rstrip().endswith("."),
    "rog": lambda line: line.startswith("{") and '"graph"' in line,
    "json-triples": lambda line: line.startswith('["') and line.rstrip().endswith('"]'),
}
