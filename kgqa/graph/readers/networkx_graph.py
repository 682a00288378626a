"""networkx graphs and the files that networkx reads."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgqa.errors import ParseError
from kgqa.graph.builder import GraphBuilder
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.readers.lines import open_bytes
from kgqa.graph.readers.streams.xml_entities import check_entities
from kgqa.graph.statement import Name, Node, NodeKind, RelationName, Statement, Triple

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["read_networkx", "read_networkx_file"]

RELATION_KEYS = ("relation", "label", "type", "name", "title")
NAME_KEYS = ("label", "name", "title")


def read_networkx(graph: nx.Graph) -> IndexedGraph:
    """The graph of a directed networkx graph: its edges are the triples, its node labels the names.

    A relation is the edge's attribute `relation`, `label`, `type`, `name` or `title`, else its key
    in a multigraph when that is a text; an edge with `relation` and `label` names the relation too. A node's
    name is its attribute `label`, `name` or `title`; nodes with a true attribute `mediator` have none.
    Nodes that are no texts have the identifier `str(node)`.

    Raises `ParseError` for an undirected graph, an edge without a relation, an empty node, two nodes with
    equal texts, and `StatementError` for what cannot be stored.

    >>> import networkx
    >>> graph = networkx.DiGraph()
    >>> graph.add_edge("Kismet", "William Dieterle", relation="directed_by")
    >>> list(read_networkx(graph))
    [Triple(head='Kismet', relation='directed_by', tail='William Dieterle')]
    """
    return GraphBuilder.of(_statements(graph, "networkx graph"))


def read_networkx_file(path: Path, form: str) -> Iterator[Statement]:
    """GEXF or node-link JSON (`gexf`, `node-link`)."""
    import networkx

    with open_bytes(path) as stream:
        content = stream.read()
    if form != "node-link":
        check_entities(content, path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of details of the formats, such as unknown attribute types
            if form == "gexf":
                graph = networkx.read_gexf(io.BytesIO(content))
            else:
                fields = json.loads(content)
                edges = "links" if "links" in fields else "edges"  # before and since networkx 3.4
                graph = networkx.node_link_graph(fields, edges=edges)
    except Exception as error:  # XML, JSON and networkx errors have no common base
        line = getattr(error, "lineno", 0) or getattr(error, "position", (0, 0))[0]
        raise ParseError(path, line, f"not {form} ({' '.join(str(error).split()):.120})") from error
    yield from _statements(graph, str(path))


def _statements(graph: nx.Graph, source: str) -> Iterator[Statement]:
    if not graph.is_directed():
        raise ParseError(source, 0, "the graph is undirected, but facts have a direction; use a DiGraph")
    nodes: dict[str, object] = {}
    for node, attributes in graph.nodes(data=True):
        name = str(node)
        if not name:
            raise ParseError(source, 0, "there is a node with an empty name")
        if (twin := nodes.setdefault(name, node)) is not node:
            raise ParseError(
                source, 0, f"the nodes {twin!r:.80} and {node!r:.80} have equal texts; name them apart"
            )
        if attributes.get("mediator") is True:
            yield Node(name, NodeKind.BLANK)
        elif text := _first(attributes, NAME_KEYS):
            yield Name(name, text)
    for edge in graph.edges(keys=True, data=True) if graph.is_multigraph() else graph.edges(data=True):
        head, tail, *key, attributes = edge
        relation = _first(attributes, RELATION_KEYS) or (key[0] if key and isinstance(key[0], str) else "")
        if not relation.strip():
            raise ParseError(
                source, 0, f"the edge {head!r:.80} to {tail!r:.80} has no attribute {RELATION_KEYS[0]!r}"
            )
        yield Triple(str(head), relation, str(tail))
        if attributes.get(RELATION_KEYS[0]) == relation and (label := _first(attributes, ("label",))):
            yield RelationName(relation, label)


def _first(attributes: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((str(attributes[key]) for key in keys if attributes.get(key) not in (None, "")), "")
