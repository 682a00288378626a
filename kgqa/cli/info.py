"""kgqa info: the content of an index, and a check of its files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table
from rich.text import Text

from kgqa.cli.console import output, print_json, status
from kgqa.cli.options import Json
from kgqa.graph import (
    IndexedGraph,
    NodeKind,
    clean_name,
    columns_read,
    count_ill_typed,
    is_endpoint,
    open_index,
    unread_columns,
    verify_index,
)
from kgqa.graph.endpoint import EndpointGraph
from kgqa.graph.index_folder import CHANGES, read_manifest
from kgqa.graph.relation_facts import fact_counts

__all__ = ["info"]


def info(
    folder: Annotated[
        str, typer.Argument(metavar="DIR", help="An index folder, or the URL of a SPARQL endpoint.")
    ],
    relations: Annotated[
        int, typer.Option(min=0, help="Number of relations, and of sources, to show, most frequent first.")
    ] = 15,
    as_json: Json = False,
) -> None:
    """Show what an index holds: counts, degrees, relations, values, names, sources; checks every byte.

    Example:

      kgqa info films

      kgqa info http://localhost:8890/sparql
    """
    if is_endpoint(folder):
        with status("asking"):
            facts = _of_endpoint(EndpointGraph.at(folder))
    else:
        graph = open_index(folder, verify=False)
        with status("checking"):
            verify_index(folder)
        facts = _facts(graph, Path(folder))
    if as_json:
        print_json(facts)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for key, value in facts.items():
        if key == "sources":
            value = len(value)
        if key not in ("relation_counts", "relation_values"):
            table.add_row(Text(key.replace("_", " ")), Text(_shown(value)))
    output.print(table)
    if relations and facts["relation_counts"]:
        common = Table("relation", "triples", "values", box=None, pad_edge=False)
        for relation, count in list(facts["relation_counts"].items())[:relations]:
            name = relation if is_endpoint(folder) else graph.relation_label(relation)
            values = facts.get("relation_values", {}).get(relation, "")
            common.add_row(Text(clean_name(name)), f"{count:,}", Text(clean_name(values)))
        output.print(common)
    if facts.get("sources"):
        said = Table("source", "triples", box=None, pad_edge=False)
        for source, count in list(facts["sources"].items())[:relations]:
            said.add_row(Text(clean_name(source)), f"{count:,}")
        output.print(said)


def _of_endpoint(endpoint: EndpointGraph) -> dict[str, Any]:
    found = endpoint.summary()
    return {
        "endpoint": endpoint.url,
        "server": found.server or "unknown",
        "graph_version": found.version or "unknown",
        "triples": found.facts,
        "labels": found.labels,
        "relations": None if found.relations is None else len(found.relations),
        "relation_counts": found.relations or {},
    }


def _facts(graph: IndexedGraph, folder: Path) -> dict[str, Any]:
    degrees = np.diff(graph.outward.offsets) + np.diff(graph.inward.offsets)
    counts = fact_counts(graph)
    order = sorted(range(graph.relation_count), key=lambda n: (-counts[n], graph.relation(n)))
    hub = int(degrees.argmax()) if graph.entity_count else None
    return {
        "triples": len(graph),
        "entities": len(graph.entities),
        "relations": graph.relation_count,
        "named_entities": int(graph.named.sum()),
        "mediators": len(graph.entities) - int(graph.named.sum()),
        "literals": int((graph.kinds == NodeKind.LITERAL).sum()),
        "ill_typed_literals": count_ill_typed(graph),
        "aliases": graph.alias_count,
        "sources": graph.source_counts(),
        "triples_without_source": len(graph) if graph.provenance is None else graph.provenance.without(),
        "degree_median": float(np.median(degrees)) if hub is not None else 0.0,
        "degree_p99": float(np.percentile(degrees, 99)) if hub is not None else 0.0,
        "degree_max": int(degrees.max()) if hub is not None else 0,
        "largest_hub": None if hub is None else graph.labels[hub] or graph.entity(hub),
        "changes_since_build": read_manifest(folder).get(CHANGES, {}).get("changes", 0),
        "bytes_on_disk": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        "checksum": graph.checksum,
        "checked": "every byte agrees with its checksum",
        "built_from": dict(graph.facts_about),
        "relation_counts": {graph.relation(n): int(counts[n]) for n in order},
        "relation_values": columns_read(graph)
        | {relation: f"none: {why}" for relation, why in unread_columns(graph).items()},
    }


def _shown(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "; ".join(map(_shown, value))
    return clean_name(str(value))
