"""A source for facts of which a file does not say one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from kgqa.graph.building.fact_block import FactBlock
from kgqa.graph.statement import Quad, Statement, Triple

__all__ = ["with_source"]


def with_source(
    statements: Iterable[Statement | FactBlock], source: str | None
) -> Iterator[Statement | FactBlock]:
    """Statements whose facts without a source are from this one; as they are where it is `None`.

    >>> [one.source for one in with_source([Triple("a", "r", "b"), Quad("a", "r", "c", "mine")], "theirs")]
    ['theirs', 'mine']
    """
    for statement in statements:
        if source is None:
            yield statement
        elif isinstance(statement, Triple):
            yield Quad(*statement, source)
        elif isinstance(statement, FactBlock):
            heads, relations, tails, said = statement
            own = pa.scalar(source, pa.large_string())
            said = pa.repeat(own, len(statement)) if said is None else said.fill_null(own)
            yield FactBlock(heads, relations, tails, said)
        else:
            yield statement
