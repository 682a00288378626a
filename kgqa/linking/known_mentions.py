"""Mentions that were found before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kgqa.graph import IndexedGraph
from kgqa.linking.mention import Mention
from kgqa.linking.name_linker import NameLinker
from kgqa.linking.topics import Linker

__all__ = ["KnownMentions"]


@dataclass(frozen=True)
class KnownMentions:
    """A linker that gives the `found` mentions of texts, and links other texts by `otherwise`."""

    found: Mapping[str, Sequence[Mention]]
    otherwise: Linker = field(default_factory=NameLinker)

    def link(self, question: str, graph: IndexedGraph) -> list[Mention]:
        """The mentions that are known of this text, else those that the other linker finds."""
        if question in self.found:
            return list(self.found[question])
        return self.otherwise.link(question, graph)
