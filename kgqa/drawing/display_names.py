"""The names of entities and relations in drawings and on pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote

from kgqa.errors import UnknownEntityError, UnknownRelationError
from kgqa.graph import KnowledgeGraph, clean_name, relation_words

__all__ = ["DisplayNames"]

_MEDIATOR = re.compile(r"[mg]\.[0-9a-z_]+|cvt:.*|_:.*", re.DOTALL)


@dataclass(frozen=True)
class DisplayNames:
    """The names of the entities and relations in chains, clean and on one line.

    They come from the `graph` if there is one, else from `known` (names by identifier), else from the
    identifier (of an IRI, the part behind the last slash). A mediator (a blank node, a bare Freebase
    identifier, an entity without a label in the graph) has no name.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    graph: KnowledgeGraph | None = None

    def entity(self, entity: str) -> str | None:
        """The name of an entity (whole, up to 200 characters); `None` for a mediator."""
        if self.graph is not None:
            with suppress(UnknownEntityError):
                return clean_name(self.graph.label(entity) or "") or None
        if name := clean_name(self.known.get(entity, "")):
            return name
        if _MEDIATOR.fullmatch(entity):
            return None
        return clean_name(_local(entity)) or None

    def find(self, name: str) -> tuple[str, ...]:
        """The entities that the graph knows by a name; none without a graph."""
        return () if self.graph is None or "\0" in name else self.graph.find(name)

    def relation(self, relation: str) -> str:
        """The words of a relation without its domain."""
        label = relation
        if self.graph is not None:
            with suppress(UnknownRelationError):
                label = self.graph.relation_label(relation)
        return clean_name(relation_words(label)[0]) or "·"


def _local(identifier: str) -> str:
    if "://" not in identifier:
        return identifier
    last = re.split(r"[/#]", identifier.rstrip("/#"))[-1]
    return unquote(last).replace("_", " ")
