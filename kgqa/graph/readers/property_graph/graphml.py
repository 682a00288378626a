"""GraphML, read in pieces: nodes and edges with their properties."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from kgqa.errors import ParseError
from kgqa.graph.readers.lines import open_bytes
from kgqa.graph.readers.mediator import file_mark
from kgqa.graph.readers.property_graph.mapping import (
    NAMES,
    Properties,
    edge_statements,
    node_statements,
    relation_names,
    wrong_fact,
)
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.streams.xml_chunks import xml_chunks
from kgqa.graph.statement import Node, NodeKind, RelationName, Statement, Triple

__all__ = ["read_graphml"]

NODE_NAMES = ("label", *(name for name in NAMES if name != "label"))
TYPES = ("labels", "labelV")
"""What Neo4j and TinkerPop call the labels of a node."""
RELATIONS = ("relation", "label", "labelE", "type", "name", "title")
"""What the relation of an edge may be called, best first."""
MEDIATOR = "mediator"
"""A true property of nodes without a name."""

_DRAWN = ("NodeLabel", "EdgeLabel")
"""Labels of yEd."""


def read_graphml(path: Path, report: SkipReport) -> Iterator[Statement]:
    """The nodes and edges of a file, directed; memory does not grow with it.

    Properties of a node are facts with values, but the first of `NODE_NAMES`, its name, and `labels` or
    `labelV`, its types. The relation of an edge is the first of `RELATIONS`; `label` beside `relation` is the
    name of the relation. An edge with other properties is a fact, and a mediator that has them.
    """
    reader = _Reader(path, report)
    with open_bytes(path) as stream:
        for chunk in xml_chunks(stream, path):
            reader.feed(chunk)
            yield from reader.take()
        reader.feed(b"", is_last=True)
    yield from reader.take()
    yield from relation_names(relation for relation in reader.relations if relation not in reader.named)


@dataclass
class _Element:
    """A node or an edge that is being read."""

    kind: str
    attributes: Mapping[str, str]
    is_directed: bool
    line: int
    properties: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class _Key:
    """A kind of property."""

    name: str
    of: str
    """`node`, `edge`, or `all`."""
    type: str = ""
    is_list: bool = False
    default: str = ""


class _Reader:
    def __init__(self, path: Path, report: SkipReport) -> None:
        self.relations: dict[str, None] = {}
        self.named: set[str] = set()
        """Relations that the file names."""
        self._path = path
        self._report = report
        self._mark = file_mark(path)
        self._keys: dict[str, _Key] = {}
        self._key: _Key | None = None
        self._directed: list[bool] = []
        self._elements: list[_Element] = []
        self._data: _Key | None = None
        self._is_root_seen = False
        self._text: list[str] | None = None
        self._found: list[Statement] = []
        self._edges = 0
        self._parser = expat.ParserCreate("UTF-8", namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        """Read a piece. Raises `ParseError`."""
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as error:
            raise ParseError(self._path, error.lineno, f"not graphml ({error})") from error

    def take(self) -> list[Statement]:
        """What was said since this was asked last."""
        found, self._found = self._found, []
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        tag = name.rpartition(" ")[2]
        if not self._is_root_seen and tag != "graphml":
            raise ParseError(self._path, line, f"not graphml (it begins with <{tag:.40}>)")
        self._is_root_seen = True
        match tag:
            case "key":
                self._key = _key(attributes)
                self._keys[attributes.get("id", "")] = self._key
            case "graph":
                self._directed.append(attributes.get("edgedefault") != "undirected")
            case "node" | "edge":
                is_directed = bool(self._directed) and self._directed[-1]
                is_directed = attributes.get("directed", str(is_directed)).lower() == "true"
                self._elements.append(_Element(tag, attributes, is_directed, line))
            case "hyperedge":
                self._report.add(self._path, line, "a hyperedge is no fact; make it a node with edges")
            case "data":
                known = attributes.get("key", "")
                self._data = self._keys.get(known) or _Key(known, "all")
                self._text = []
            case "default":
                self._text = []
            case _:
                self._text = [] if self._data and tag in _DRAWN else None

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        text = None if self._text is None else "".join(self._text)
        match tag:
            case "data":
                if self._elements and self._data and text is not None:
                    self._elements[-1].properties += _values(self._data, text)
                self._data = self._text = None
            case "default":
                if self._key:
                    self._key.default = text or ""
                self._text = None
            case "NodeLabel" | "EdgeLabel":
                if self._elements and text and text.strip():
                    self._elements[-1].properties.append(("label", text.strip()))
                self._text = None
            case "key":
                self._key = None
            case "graph":
                self._directed.pop()
            case "node" | "edge":
                self._close(self._elements.pop())

    def _close(self, element: _Element) -> None:
        given = {name for name, _ in element.properties}
        for key in self._keys.values():
            if key.default and key.of in (element.kind, "all") and key.name not in given:
                element.properties += _values(key, key.default)
        found = self._node(element) if element.kind == "node" else self._edge(element)
        if wrong := wrong_fact(found):
            self._report.add(self._path, element.line, wrong)
            return
        self.relations.update((s.relation, None) for s in found if isinstance(s, Triple))
        self._found += found

    def _node(self, element: _Element) -> list[Statement]:
        node = element.attributes.get("id", "")
        if not node.strip():
            self._report.add(self._path, element.line, "a node has no id")
            return []
        listed = [element.attributes.get("labels", "")]
        listed += [text for name, text in element.properties if name in TYPES]
        types = dict.fromkeys(part for text in listed for part in text.split(":"))
        properties = [pair for pair in element.properties if pair[0] not in (*TYPES, MEDIATOR)]
        if (MEDIATOR, "true") in element.properties:
            return [Node(node, NodeKind.BLANK), *node_statements(node, types, properties, ())]
        return node_statements(node, types, properties, NODE_NAMES)

    def _edge(self, element: _Element) -> list[Statement]:
        start, end = (element.attributes.get(part, "") for part in ("source", "target"))
        if not element.is_directed:
            raise ParseError(
                self._path,
                element.line,
                "the edge is undirected, but facts have a direction; make it directed",
            )
        properties = element.properties
        if label := element.attributes.get("label", ""):  # Neo4j writes it twice
            properties = [("label", label), *(pair for pair in properties if pair[0] != "label")]
        found = next((pair for name in RELATIONS for pair in properties if pair[0] == name), None)
        if found is None:
            self._report.add(
                self._path,
                element.line,
                f"the edge {start!r:.80} to {end!r:.80} has no property {RELATIONS[0]!r}",
            )
            return []
        relation, is_own = found[1], {found}
        named: list[Statement] = []
        if found[0] == RELATIONS[0] and (label := dict(properties).get("label", "")):
            self.named.add(relation)
            named.append(RelationName(relation, label))
            is_own.add(("label", label))
        others: Properties = [pair for pair in properties if pair not in is_own]
        self._edges += 1
        return [*edge_statements(start, relation, end, others, f"_:{self._edges}@{self._mark}"), *named]


def _key(attributes: Mapping[str, str]) -> _Key:
    name = attributes.get("attr.name") or attributes.get("id", "")
    kind = attributes.get("attr.type", "").lower()
    return _Key(name, attributes.get("for", "all"), kind, "attr.list" in attributes)


def _values(key: _Key, text: str) -> list[tuple[str, str]]:
    """The property as pairs; none for an empty one."""
    if key.is_list:
        try:
            parts = json.loads(text)
        except ValueError:
            parts = None
        if isinstance(parts, list):
            return [(key.name, str(part)) for part in parts if str(part).strip()]
    if key.type == "boolean":
        text = text.strip().lower()
    return [(key.name, text)] if text.strip() else []
