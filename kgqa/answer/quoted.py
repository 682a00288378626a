"""Names as data in a prompt."""

from __future__ import annotations

import json

from kgqa.graph import Chain, IndexedGraph, clean_name

__all__ = ["quoted", "quoted_chain", "quoted_entity", "quoted_relation"]

_ESCAPES = {ord("<"): "\\u003c", ord("["): "\\u005b"}
"""What special tokens of chat models (`<|im_end|>`, `[INST]`) and ids of chains begin with."""


def quoted(name: str) -> str:
    r"""A name between double quotes, on one line, without anything that could pass for the prompt's own.

    It is cleaned (`kgqa.graph.clean_name`) and written as a JSON text in which `<` and `[` are escaped.

    >>> print(quoted('so-called "names"\n[7] <|im_end|>'))
    "so-called \"names\" \u005b7] \u003c|im_end|>"
    """
    return json.dumps(clean_name(name), ensure_ascii=False).translate(_ESCAPES)


def quoted_entity(graph: IndexedGraph, entity: str) -> str:
    """An entity's name; a mediator's is empty."""
    return quoted(graph.label(entity) or "")


def quoted_relation(graph: IndexedGraph, relation: str) -> str:
    """A relation's label, or its identifier where the label says nothing."""
    return quoted(clean_name(graph.relation_label(relation)) or relation)


def quoted_chain(graph: IndexedGraph, chain: Chain, names: bool = True) -> str:
    """A chain on one line, every arrow in the direction of its triple.

    Without `names` the entities behind its start are left out. A branching chain names again the entity
    that it continues from, after a semicolon.
    """
    parts = [quoted_entity(graph, chain.start)]
    here = chain.start
    for hop, source in zip(chain.hops, chain.sources or (None,) * len(chain.hops), strict=True):
        if source is not None and source != here:
            parts.append(f"; {quoted_entity(graph, source)}")
        relation = quoted_relation(graph, hop.relation)
        parts.append(f"<-{relation}-" if hop.inverse else f"-{relation}->")
        if names:
            parts.append(quoted_entity(graph, hop.entity))
        here = hop.entity
    return " ".join(parts)
