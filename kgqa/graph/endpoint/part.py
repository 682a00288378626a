"""The part of an endpoint's graph that is fetched for one question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kgqa.errors import NoTopicError, UnknownEntityError, check_count, check_names
from kgqa.graph.builder import GraphBuilder
from kgqa.graph.degree import know_degrees
from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.facts import FactFetch, chunks
from kgqa.graph.endpoint.facts_between import Pair
from kgqa.graph.endpoint.limits import FetchLimits
from kgqa.graph.endpoint.loose_names import LooseNames
from kgqa.graph.endpoint.name_search import NameSearch
from kgqa.graph.endpoint.name_share import unlabelled_nodes
from kgqa.graph.endpoint.neighbourhood import Neighbourhood
from kgqa.graph.endpoint.query_text import instance_query, is_asked
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.name import shorten
from kgqa.graph.naming import Unlabelled
from kgqa.graph.readers.rdf import LABELS, fact_statements
from kgqa.graph.readers.rdf_term import Fact, Term
from kgqa.graph.statement import NodeKind, Statement

__all__ = ["EndpointHabits", "EndpointPart"]


_ASKED = 200


@dataclass
class EndpointHabits:
    """What was found out about a graph while parts of it were fetched."""

    unlabelled: Unlabelled | None = None
    names: LooseNames | None = None

    def loose_names(self, client: SparqlClient, languages: Sequence[str]) -> LooseNames:
        """What finds names that are only similar; made once."""
        if self.names is None:
            self.names = LooseNames(client, languages)
        return self.names


class EndpointPart:
    """Fetches names and facts of an endpoint step by step, and makes a graph of them.

    All methods raise `EndpointError` where the endpoint does not answer as it should; what it cost, and what
    was not looked at, is in `usage`.
    """

    def __init__(
        self,
        client: SparqlClient,
        limits: FetchLimits,
        languages: Sequence[str],
        usage: EndpointUsage,
        habits: EndpointHabits | None = None,
    ) -> None:
        self._habits = habits or EndpointHabits()
        self.client = client
        self.limits = limits
        self.usage = usage
        self._languages = languages
        self._around = Neighbourhood(client, limits, usage, languages)
        self._search = NameSearch(client, usage, languages)

    def named(self, text: str) -> IndexedGraph:
        """The entities that may be named in a text, with their names and without facts.

        Of a graph with few labels all entities, from an index of its labels that is kept for a day; the exact
        names are asked for all the same. Of other graphs those with exactly a name that stands in the text.
        """
        exact = self._search.in_text(text)
        index = self._habits.loose_names(self.client, self._languages).by_label_index(self.usage)
        if index is not None and all(term.identifier in index.entities for term in exact):
            return index
        return self._names_of(exact)

    def named_by_words(self, words: Sequence[str]) -> IndexedGraph:
        """As `named`, the entities that the endpoint's text index finds for any of some words."""
        loose = self._habits.loose_names(self.client, self._languages)
        return self._names_of(loose.by_text_index(words, self.usage))

    def resolve(self, names: Sequence[str]) -> list[str]:
        """The entities with these names, by identifier, else by label, else by alias; see `Topics.resolve`.

        Raises `UnknownEntityError` where none of the names is known.
        """
        check_names(names, "topics")
        if not names:
            raise NoTopicError("topics are empty: name a topic entity, or leave it to be found")
        iris = [term for name in names if (term := self._search.iri(name)) is not None]
        existing = {term.identifier for term, count in self._degrees(iris).items() if count}
        graph = self._names_of(self._search.named_exactly(names))
        found: dict[str, None] = {}
        for name in names:
            if name in existing:
                found[name] = None
                continue
            matches = graph.find_ranked(name)
            found.update((match.entity, None) for match in matches if match.rank == matches[0].rank)
        if not found:
            raise UnknownEntityError(
                names[0], f"{self.client.access.url} has no such label; check the spelling"
            )
        return list(found)

    def find(self, names: Iterable[str]) -> dict[str, list[str]]:
        """All entities that each name may mean: the identifier, if it may be one, labels and aliases."""
        names = list(names)
        graph = self._names_of(self._search.named_exactly(names))
        own = {name: [name] if self._search.iri(name) is not None else [] for name in names}
        return {name: list(dict.fromkeys([*own[name], *graph.find(name)])) for name in names}

    def between(self, pairs: Iterable[tuple[Sequence[str], Sequence[str], str]]) -> None:
        """Fetch the facts from some entities to others, or to literals with a text.

        Given are the identifiers that a head and a tail may have, and the text that the tail may be, which
        counts where the tail has no identifier.
        """
        asked: dict[Pair, None] = {}
        for heads, tails, text in pairs:
            for head in (Term(one, NodeKind.RESOURCE) for one in heads):
                ends = [Pair(head, Term(one, NodeKind.RESOURCE)) for one in tails]
                asked.update(dict.fromkeys(ends or ([Pair(head, None, text)] if text else [])))
        self._around.between(list(asked))

    def classes(self, text: str) -> list[str]:
        """The classes that a text names, in the singular or plural: what has instances at the endpoint."""
        terms = self._search.in_text(text)
        found: dict[str, None] = {}
        for some in chunks([term for term in terms if is_asked(term)], _ASKED):
            rows = self.client.select(instance_query(some), self.usage)
            found.update((row["n"].identifier, None) for row in rows if "n" in row)
        return list(found)

    def count(self, graph: IndexedGraph, entities: Iterable[str]) -> None:
        """Let a graph of names know how many facts some entities have at the endpoint."""
        terms = [term for entity in dict.fromkeys(entities) if (term := self._search.iri(entity)) is not None]
        know_degrees(graph, {term.identifier: count for term, count in self._degrees(terms).items()})

    def grow(self, entities: Iterable[str], hops: int) -> None:
        """Fetch the facts on walks of at most `hops` hops from some entities (identifiers)."""
        check_names(entities, "topics")
        check_count(hops, "hops", 0)
        self._around.grow([Term(entity, NodeKind.RESOURCE) for entity in entities], hops)

    def complete(self, entities: Iterable[str]) -> bool:
        """Fetch the facts of those entities whose facts were not; whether there were any."""
        fresh = [
            entity
            for entity in entities
            if self._search.iri(entity) is not None and not self._around.knows(entity)
        ]
        self.grow(fresh, 1)
        return bool(fresh)

    def executed(self, query: str) -> list[str]:
        """What a query of one column gives on the whole graph: identifiers, values as texts, yes or no."""
        rows = self.client.select(query, self.usage)
        if query.partition("\n\n")[2].startswith("ASK"):
            return ["yes" if any(rows) else "no"]
        terms = [next(iter(row.values())) for row in rows if row]
        return [term.text if term.kind is NodeKind.LITERAL else term.identifier for term in terms]

    def graph(self) -> IndexedGraph:
        """The graph of all that was fetched, with the names of its nodes and relations."""
        self._around.name()
        graph = self._built(self._around.facts, self._unlabelled())
        self.usage.hubs = [
            replace(hub, name=shorten(graph.label(hub.node) or hub.node, 100)) for hub in self.usage.hubs
        ]
        return graph

    def statements(self) -> Iterator[Statement]:
        """What was fetched, with the names of its nodes and relations."""
        self._around.name()
        return fact_statements(self._around.facts, self._languages)

    def _degrees(self, terms: Sequence[Term]) -> dict[Term, int]:
        return FactFetch(self.client, self.limits, self.usage).degrees(terms) if terms else {}

    def _names_of(self, entities: Iterable[Term]) -> IndexedGraph:
        return self._built(self._around.name_nodes(entities))

    def _unlabelled(self) -> Unlabelled:
        """How nodes without a label are treated: asked only where there are some."""
        named = {fact[0].identifier for fact in self._around.facts if fact[1].identifier in LABELS}
        if all(
            end.kind is not NodeKind.RESOURCE or end.identifier in named
            for fact in self._around.facts
            if fact[1].identifier not in LABELS
            for end in (fact[0], fact[2])
        ):
            return "auto"
        if self._habits.unlabelled is None:
            self._habits.unlabelled = unlabelled_nodes(self.client, self.usage)
        return self._habits.unlabelled

    def _built(self, facts: Iterable[Fact], unlabelled: Unlabelled = "auto") -> IndexedGraph:
        statements = fact_statements(facts, self._languages)
        builder = GraphBuilder(unlabelled=unlabelled).add_all(statements)
        return builder.build({"endpoint": self.client.access.url})
