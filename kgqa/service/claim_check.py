"""Claims about a graph, checked fact by fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kgqa.datasets.json_objects import check_characters
from kgqa.graph import IndexedGraph
from kgqa.validation import Claim, check_claims, claims_of

__all__ = ["check_objects"]


def check_objects(graph: IndexedGraph, items: Sequence[str | dict[str, Any]]) -> dict[str, Any]:
    """What `kgqa validate --json` says of a file with these lines: texts, or the objects of JSONL.

    `line` is the place of an item, from 1. Raises `ParseError` for an item that is no claim.

    >>> from kgqa.graph import GraphBuilder
    >>> films = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    >>> check_objects(films, ["Kismet -> directed_by -> William Dieterle"])
    {'checked': 1, 'hold': 1, 'failed': []}
    """
    results = list(check_claims(_claims(items), graph))
    failed = [result.to_dict() for result in results if not result.holds]
    return {"checked": len(results), "hold": len(results) - len(failed), "failed": failed}


def _claims(items: Sequence[str | dict[str, Any]]) -> Iterator[Claim]:
    for line, item in enumerate(items, 1):
        check_characters("claims", line, item)
        yield from claims_of("claims", line, item)
