"""How chains look on a terminal."""

from __future__ import annotations

import sys

from rich.text import Text

from kgqa.graph import Chain, IndexedGraph, clean_name

__all__ = ["draw_chain", "shown"]

UNNAMED = "·"


def shown(graph: IndexedGraph, entity: str) -> str:
    """An entity's name, safe for a terminal; a dot for a mediator."""
    return clean_name(graph.label(entity) or "") or UNNAMED


def draw_chain(graph: IndexedGraph, chain: Chain) -> Text:
    """The chain from its start to its end, every arrow in the direction of its triple.

    A branching chain names again the entity that it goes on from, behind a semicolon.
    """
    plain = not (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    text = Text(shown(graph, chain.start), style="bold")
    here = chain.start
    for hop, source in zip(chain.hops, chain.sources or [None] * len(chain.hops), strict=True):
        if source is not None and source != here:
            text.append(f" ;  {shown(graph, source)}", style="bold")
        relation = clean_name(graph.relation_label(hop.relation))
        text.append(f" {_arrow(relation, hop.inverse, plain)} ", style="cyan")
        text.append(shown(graph, hop.entity), style="bold")
        here = hop.entity
    return text


def _arrow(relation: str, inverse: bool, plain: bool) -> str:
    if plain:
        return f"<--{relation}--" if inverse else f"--{relation}-->"
    return f"◀─{relation}──" if inverse else f"──{relation}─▶"
