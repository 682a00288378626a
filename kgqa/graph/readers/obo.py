"""OBO: ontologies as text, the format of the Gene Ontology and others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from kgqa.graph.readers.layout import missing_part
from kgqa.graph.readers.lines import read_lines
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.statement import Name, RelationName, Statement, Triple

__all__ = ["read_obo"]

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")
_SPACES = {"n": "\n", "t": "\t", "W": " "}
_LINKS = ("is_a", "instance_of")

Tags = list[tuple[int, str, str]]


def read_obo(path: Path, report: SkipReport) -> Iterator[Statement]:
    """The terms of an OBO file: their names, synonyms (as aliases), `is_a` and `relationship`.

    Relations have the names of their `[Typedef]`, instances their class (`instance_of`). Obsolete terms are
    left out, and so are definitions, cross references and whatever else is not listed here.
    """
    kind, tags, has_parents = "", list[tuple[int, str, str]](), False
    for number, line in read_lines(path):
        text = line.strip()
        if not text or text.startswith("!"):
            continue
        if text.startswith("[") and text.endswith("]"):
            yield from _stanza(path, kind, tags, report)
            kind, tags = text[1:-1], [(number, "", "")]
            continue
        tag, colon, value = text.partition(":")
        if not colon:
            report.add(path, number, "no tag and value, as in `name: cell`")
        elif kind:
            tags.append((number, tag.strip(), value.strip()))
            has_parents = has_parents or tag == "is_a"
    yield from _stanza(path, kind, tags, report)
    if has_parents:
        yield RelationName("is_a", "is a")


def _stanza(path: Path, kind: str, tags: Tags, report: SkipReport) -> Iterator[Statement]:
    if kind not in ("Term", "Typedef", "Instance") or _value(tags, "is_obsolete").startswith("true"):
        return
    identifier = _first_word(_value(tags, "id"))
    if not identifier:
        report.add(path, tags[0][0], f"a [{kind}] without an id")
        return
    if kind == "Typedef":
        if name := _value(tags, "name"):
            yield RelationName(identifier, _unescaped(name))
        return
    for number, tag, value in tags:
        try:
            yield from _statements(identifier, tag, value)
        except ValueError as wrong:
            report.add(path, number, str(wrong))


def _statements(identifier: str, tag: str, value: str) -> Iterator[Statement]:
    if tag == "name":
        yield Name(identifier, _unescaped(value))
    elif tag == "synonym":
        quoted = _QUOTED.match(value)
        if quoted is None:
            raise ValueError("a synonym without quotes")
        yield Name(identifier, _unescaped(quoted[1]), alias=True)
    elif tag in _LINKS or tag == "relationship":
        relation, _, target = (tag, "", value) if tag in _LINKS else value.partition(" ")
        triple = Triple(identifier, relation, _first_word(target))
        if wrong := missing_part(*triple):
            raise ValueError(wrong)
        yield triple


def _value(tags: Tags, wanted: str) -> str:
    return next((value for _, tag, value in tags if tag == wanted), "")


def _first_word(value: str) -> str:
    """An identifier: what follows it is a comment or a list of modifiers."""
    return value.split()[0] if value.strip() else ""


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _SPACES.get(found[1], found[1]), text)
