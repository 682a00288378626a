"""Files of RDF as cases: what they say, or why they are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgqa.errors import ParseError
from kgqa.graph import NodeKind, Quad, Triple
from kgqa.graph.readers import SkipReport, read
from kgqa.graph.statement import Node

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
E = "http://e/"


def facts(path: Path, content: str, report: SkipReport | None = None) -> set[tuple[str, ...]]:
    """The facts of a file and their named graphs, with `e:` for example IRIs, `_` for every blank node."""
    path.write_text(content, "utf-8")
    found = list(read(path, report=report))
    blank = {s.entity for s in found if isinstance(s, Node) and s.kind is NodeKind.BLANK}

    def short(part: str) -> str:
        if part in blank or part.startswith("_:"):
            return "_"
        return part.replace(E, "e:").replace(RDF, "rdf:").replace(XSD, "xsd:").replace(path.as_uri(), "file:")

    return {tuple(map(short, fact)) for fact in found if isinstance(fact, Triple | Quad)}


def refused(path: Path, content: str) -> ParseError:
    path.write_text(content, "utf-8")
    with pytest.raises(ParseError) as raised:
        list(read(path, skip_bad=10**6))
    assert "\n" not in str(raised.value)
    return raised.value
