"""RDF Patch: rows of facts to add and delete, in transactions.

::

    H id <uuid:...> .               headers; `prev` is the id of the patch before
    TX .                            a transaction begins; TC . commits it, TA . aborts it
    PA "ex" "http://example/" .     prefixes of a store (PD . deletes one), without meaning for the rows
    A <s> <p> <o> .                 a fact is added, D ... deleted; a fourth term is the name of a graph
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kgqa.errors import ParseError
from kgqa.graph.feed.patch import Patch
from kgqa.graph.readers.lines import read_lines
from kgqa.graph.readers.rdf_term import NoFactError, SourcedFact, oxigraph_fact, oxigraph_source

__all__ = ["read_rdf_patch"]

_ROW = re.compile(r"\s*(?:(H|PA|PD|A|D)\s+(.*)|(TX|TC|TA)\s*\.?\s*(?:#.*)?)")
_HEADER = re.compile(r"(\S+)\s+(?:<([^<>]*)>|\"([^\"]*)\"|(\S+?))\s*\.\s*")
_STORED_BLANK = re.compile(r'("(?:[^"\\]|\\.)*")|<(_:[^<>\s]+)>')
"""A literal, or a blank node by its label in a store."""
_AT_ONCE = 500
"""Rows that are parsed at once; one by one where one of them is wrong."""


class _Row(NamedTuple):
    line: int
    is_added: bool
    text: str


def read_rdf_patch(path: Path) -> Patch:
    """The changes of a file; aborted transactions are none. Blank nodes keep the labels that they have.

    Raises `ParseError` for a row that is no row, and for a transaction that is not ended.
    """
    headers: dict[str, tuple[str, int]] = {}
    rows: list[_Row] = []
    began = 0
    """The line where the transaction began, 0 outside of one."""
    kept = 0
    """Rows before the transaction."""
    for number, line in read_lines(path):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _ROW.fullmatch(line)
        if found is None:
            raise ParseError(path, number, f"no row of RDF Patch (H, TX, TC, TA, PA, PD, A, D): {line:.60}")
        match found[1] or found[3]:
            case "A" | "D" as code:
                rows.append(_Row(number, code == "A", found[2]))
            case "H":
                header = _HEADER.fullmatch(found[2])
                if header is None:
                    raise ParseError(path, number, f"a header is a word and a term, not {found[2]:.60}")
                headers[header[1]] = (header[2] or header[3] or header[4] or "", number)
            case "TX" if began:
                raise ParseError(path, number, f"the transaction of line {began} is not ended")
            case "TX":
                began, kept = number, len(rows)
            case "TC" | "TA" as code:
                if not began:
                    raise ParseError(path, number, f"{code} without TX")
                if code == "TA":
                    del rows[kept:]
                began = 0
    if began:
        raise ParseError(path, began, "the transaction is not ended (TC or TA)")
    changes: dict[SourcedFact, bool] = {}
    for row, fact in _facts(path, rows):
        changes.pop(fact, None)
        changes[fact] = row.is_added
    previous, place = headers.get("prev", ("", 0))
    return Patch(changes, headers.get("id", ("", 0))[0], previous, place)


def _facts(path: Path, rows: list[_Row]) -> Iterator[tuple[_Row, SourcedFact]]:
    import pyoxigraph

    form = pyoxigraph.RdfFormat.N_QUADS
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        texts = [_STORED_BLANK.sub(lambda found: found[1] or found[2], row.text) for row in some]
        try:
            found = list(pyoxigraph.parse("\n".join(texts), format=form))
            if len(found) == len(some):
                yield from ((row, _sourced(one)) for row, one in zip(some, found, strict=True))
                continue
        except (SyntaxError, NoFactError):
            pass
        for row, text in zip(some, texts, strict=True):
            try:
                (one,) = pyoxigraph.parse(text, format=form)
                yield row, _sourced(one)
            except (SyntaxError, NoFactError, ValueError) as error:
                reason = re.sub(r"^Parser error at[^:]*: | \(line \d+\)$", "", str(error))
                raise ParseError(path, row.line, f"no fact ({reason:.160})") from error


def _sourced(quad: Any) -> SourcedFact:
    return oxigraph_fact(quad.triple), oxigraph_source(quad.graph_name)
