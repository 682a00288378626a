"""networkx graphs and the files that networkx reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgqa.errors import ParseError, UsageError
from kgqa.graph.protocol import KnowledgeGraph
from kgqa.graph.readers.lines import open_bytes
from kgqa.graph.statement import Name, Statement
from kgqa.graph.triple import Triple

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["read_networkx", "read_networkx_file", "to_networkx"]

RELATION_KEYS = ("relation", "label", "type", "name", "title")
NAME_KEYS = ("label", "name", "title")


def read_networkx(graph: nx.Graph, source: str = "networkx graph") -> Iterator[Statement]:
    """The edges of a directed networkx graph as triples, its node labels as names.

    A relation is the edge's attribute `relation`, `label`, `type`, `name` or `title`, else its key
    in a multigraph when that is a text. A node's name is its attribute `label`, `name` or `title`.
    Nodes that are no texts go by `str(node)`. Raises `ParseError` for an undirected graph (which
    way does a fact point?), an edge without a relation, an empty node, two nodes of one text.
    """
    if not graph.is_directed():
        raise ParseError(source, 0, "the graph is undirected, facts have a direction; use a DiGraph")
    nodes: dict[str, object] = {}
    for node, attributes in graph.nodes(data=True):
        text = _first(attributes, NAME_KEYS)
        if not str(node):
            raise ParseError(source, 0, "there is a node with an empty name")
        if (twin := nodes.setdefault(str(node), node)) is not node:
            raise ParseError(source, 0, f"the nodes {twin!r} and {node!r} would be one; name them apart")
        if text:
            yield Name(str(node), text)
    for edge in graph.edges(keys=True, data=True) if graph.is_multigraph() else graph.edges(data=True):
        head, tail, *key, attributes = edge
        relation = _first(attributes, RELATION_KEYS) or (key[0] if key and isinstance(key[0], str) else "")
        if not relation.strip():
            raise ParseError(
                source, 0, f"the edge {head!r} to {tail!r} says no relation ({RELATION_KEYS[0]})"
            )
        yield Triple(str(head), relation, str(tail))


def read_networkx_file(path: Path, form: str) -> Iterator[Statement]:
    """GraphML, GEXF, or node-link JSON (`graphml`, `gexf`, `node-link`)."""
    networkx = _networkx()
    with open_bytes(path) as stream:
        try:
            if form == "graphml":
                graph = networkx.read_graphml(stream)
            elif form == "gexf":
                graph = networkx.read_gexf(stream)
            else:
                content = json.load(stream)
                edges = "links" if "links" in content else "edges"  # before and since networkx 3.4
                graph = networkx.node_link_graph(content, edges=edges)
        except (EOFError, OSError):
            raise  # open_bytes says what that means
        except Exception as error:  # XML, JSON and networkx errors have no common base
            line = getattr(error, "lineno", 0) or getattr(error, "position", (0, 0))[0]
            raise ParseError(path, line, f"not {form} ({' '.join(str(error).split()):.120})") from error
    yield from read_networkx(graph, str(path))


def to_networkx(graph: KnowledgeGraph) -> nx.MultiDiGraph:
    """A graph for networkx: nodes with their `label`, edges keyed by relation."""
    result = _networkx().MultiDiGraph()
    for triple in graph:
        for entity in (triple.head, triple.tail):
            if entity not in result:
                label = graph.label(entity)
                result.add_node(entity, **({} if label is None else {"label": label}))
        result.add_edge(triple.head, triple.tail, key=triple.relation, relation=triple.relation)
    return result


def _first(attributes: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((str(attributes[key]) for key in keys if attributes.get(key) not in (None, "")), "")


def _networkx() -> Any:
    try:
        import networkx
    except ImportError as error:
        raise UsageError('networkx graphs need networkx: pip install "kgqa[networkx]"') from error
    return networkx
