"""The text of SPARQL queries: lines, prefixes, terms and variables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from kgqa.program.sparql.rdf_terms import KGQA, LiteralTerm

__all__ = ["Lines", "Writer", "group", "select"]

Lines: TypeAlias = list[str]
"""Lines of a query, indented from its outermost group on."""

_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMESPACE = re.compile(r"(.*[/#:])([^/#:]*)", re.DOTALL)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_KNOWN = {
    KGQA: "kgqa",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://www.w3.org/2001/XMLSchema#": "xsd",
    "http://www.w3.org/2002/07/owl#": "owl",
    "http://www.wikidata.org/entity/": "wd",
    "http://www.wikidata.org/prop/direct/": "wdt",
    "http://dbpedia.org/resource/": "dbr",
    "http://dbpedia.org/ontology/": "dbo",
    "http://rdf.freebase.com/ns/": "fb",
    "http://schema.org/": "schema",
}


class Writer:
    """Writes the terms of one query, and remembers its prefixes and variables."""

    def __init__(self) -> None:
        self._prefixes: dict[str, str] = {}
        self._variables: Counter[str] = Counter()

    def query(self, lines: Lines) -> str:
        """The query, with the prefixes that its terms need."""
        prefixes = [f"PREFIX {prefix}: <{iri}>" for iri, prefix in sorted(self._prefixes.items())]
        return "\n".join([*prefixes, "", *lines] if prefixes else lines)

    def variable(self, name: str) -> str:
        """A variable that the query does not have yet."""
        self._variables[name] += 1
        return f"?{name}{self._variables[name]}"

    def iri(self, iri: str) -> str:
        """An IRI, shortened by a prefix where its last part is a plain word."""
        parts = _NAMESPACE.fullmatch(iri)
        if parts is None or not _LOCAL.fullmatch(parts[2]):
            return f"<{iri}>"
        prefix = self._prefixes.get(parts[1])
        if prefix is None:
            prefix = _KNOWN.get(parts[1]) or f"ns{len(self._prefixes) + 1}"
            self._prefixes[parts[1]] = prefix
        return f"{prefix}:{parts[2]}"

    def text(self, text: str) -> str:
        """A plain literal."""
        return f'"{text.translate(_ESCAPES)}"'

    def term(self, term: str | LiteralTerm) -> str:
        """An IRI or a literal."""
        if isinstance(term, str):
            return self.iri(term)
        suffix = f"@{term.language}" if term.language else ""
        return self.text(term.text) + (f"^^{self.iri(term.datatype)}" if term.datatype else suffix)


def group(keyword: str, lines: Sequence[str]) -> Lines:
    """A group in braces."""
    return [f"{keyword} {{" if keyword else "{", *(f"  {line}" for line in lines), "}"]


def select(what: str, lines: Sequence[str]) -> Lines:
    """A `SELECT` of these lines."""
    return group(f"SELECT {what} WHERE", lines)
