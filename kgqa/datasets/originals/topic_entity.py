"""The topics of a question as ToG's files have them."""

from __future__ import annotations

from kgqa.datasets.row import Row

__all__ = ["named_topics"]


def named_topics(row: Row) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Names and identifiers of the topics in `topic_entity`; `None` where a row has no such field."""
    if not isinstance(row.record.get("topic_entity"), dict):
        return None
    found = row.row("topic_entity")
    return tuple(found.text(identifier) for identifier in found.record), tuple(found.record)
