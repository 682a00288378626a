"""The topic entities of a question: given by name, or found in its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kgqa.errors import NoTopicError, UnknownEntityError, check_names
from kgqa.graph import IndexedGraph
from kgqa.linking.mention import Mention
from kgqa.linking.name_linker import NameLinker

__all__ = ["Linker", "Topics"]


class Linker(Protocol):
    """Finds the entities that a question names; one linker serves any number of graphs.

    What a linker computes from a graph, such as an index over its names, belongs into `graph.derived`.
    """

    def link(self, question: str, graph: IndexedGraph) -> list[Mention]:
        """The mentions, the most reliable first, without overlaps; empty if there is none."""
        ...


@dataclass(frozen=True, eq=False)
class Topics:
    """Finds topic entities in one graph; without a `linker`, a `NameLinker` finds those of a question."""

    graph: IndexedGraph
    linker: Linker | None = None

    def resolve(self, names: Sequence[str]) -> list[str]:
        """The entities that go by these names, by identifier, else by label, else by alias.

        An ambiguous name gives all entities that have it. Names that the graph does not know are
        skipped, unless it knows none of them: then `UnknownEntityError`. Raises `NoTopicError` for no
        names, `UsageError` for a text instead of a sequence of them.
        """
        check_names(names, "topics")
        found: dict[str, None] = {}
        for name in names:
            matches = self.graph.find_ranked(name)
            found.update((match.entity, None) for match in matches if match.rank == matches[0].rank)
        if not found:
            if not names:
                raise NoTopicError("topics are empty: name a topic entity, or leave it to be found")
            raise UnknownEntityError(next(iter(names)), "check the spelling, or leave the topic to be found")
        return list(found)

    def link(self, question: str) -> list[str]:
        """The entities that a question names: of each mention all candidates that match best.

        Raises `NoTopicError` if it names none.
        """
        found: dict[str, None] = {}
        linker = self.linker or NameLinker()
        for mention in linker.link(question, self.graph):
            found.update(dict.fromkeys(mention.best_entities))
        if not found:
            raise NoTopicError("no entity of the graph was found in the question; name a topic entity")
        return list(found)
