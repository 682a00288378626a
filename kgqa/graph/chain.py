"""A chain of hops: the evidence for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from kgqa.errors import StatementError, check_names
from kgqa.graph.name import clean_name
from kgqa.graph.statement import Triple

if TYPE_CHECKING:
    import networkx as nx

    from kgqa.graph.protocol import KnowledgeGraph

__all__ = ["Chain", "Hop", "chains_to_networkx"]

UNNAMED = "·"
"""How an entity without a name is shown."""


class Hop(NamedTuple):
    """A step to `entity` over `relation`; `inverse` when it runs from a triple's tail to its head.

    >>> print(Hop("directed_by", "Kismet", inverse=True))
    <-[directed_by]- Kismet
    >>> Hop("directed_by", "Kismet", inverse=True).triple("William Dieterle")
    Triple(head='Kismet', relation='directed_by', tail='William Dieterle')
    """

    relation: str
    entity: str
    inverse: bool = False

    def triple(self, source: str) -> Triple:
        """The triple of this hop when it leaves from `source`."""
        if self.inverse:
            return Triple(self.entity, self.relation, source)
        return Triple(source, self.relation, self.entity)

    def __str__(self) -> str:
        relation, entity = _shown(self.relation), _shown(self.entity)
        return f"<-[{relation}]- {entity}" if self.inverse else f"-[{relation}]-> {entity}"


_HOPS = frozenset({Hop})


@dataclass(frozen=True, order=True)
class Chain:
    """Hops from `start`, each of which leaves an entity that the chain has visited.

    In a *path* every hop leaves the entity that the hop before it reached. A *branching* chain (DoG,
    "Decoding on Graphs", ACL 2025) may go back to an earlier entity or to another topic entity: then
    `sources` has, for each hop, the entity that it leaves. An empty `sources` means a path.

    >>> chain = Chain("Kismet", (Hop("directed_by", "William Dieterle"),))
    >>> print(chain)
    Kismet -[directed_by]-> William Dieterle
    >>> chain.end, chain.triples
    ('William Dieterle', (Triple(head='Kismet', relation='directed_by', tail='William Dieterle'),))

    Plain tuples are taken as hops. Raises `StatementError` (a `ValueError`) for other hops, and
    `ValueError` when `sources` is not empty and has not one item for each hop.
    """

    start: str
    hops: tuple[Hop, ...]
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if type(self.hops) is not tuple or not _HOPS.issuperset(map(type, self.hops)):
            object.__setattr__(self, "hops", tuple(map(_as_hop, self.hops)))
        check_names(self.sources, "sources")
        if self.sources and len(self.sources) != len(self.hops):
            raise ValueError(f"{len(self.hops)} hops need as many sources, not {len(self.sources)}")
        if self.sources and self.sources == self._path_sources():
            object.__setattr__(self, "sources", ())

    def _path_sources(self) -> tuple[str, ...]:
        return (self.start, *(hop.entity for hop in self.hops))[: len(self.hops)]

    @property
    def end(self) -> str:
        """The entity that the last hop reaches (`start` when there is no hop)."""
        return self.hops[-1].entity if self.hops else self.start

    @property
    def is_path(self) -> bool:
        """Whether every hop leaves the entity that the hop before it reached."""
        return not self.sources

    @property
    def triples(self) -> tuple[Triple, ...]:
        """The facts behind the hops, each in the graph's own direction, in order."""
        sources = self.sources or self._path_sources()
        return tuple(hop.triple(source) for hop, source in zip(self.hops, sources, strict=True))

    def is_connected(self, topics: Iterable[str] = ()) -> bool:
        """Whether every hop leaves `start`, one of `topics`, or an entity visited before."""
        check_names(topics, "topics")
        visited = {self.start, *topics}
        for source, hop in zip(self.sources or self._path_sources(), self.hops, strict=True):
            if source not in visited:
                return False
            visited.add(hop.entity)
        return True

    def to_dict(self) -> dict[str, Any]:
        """The chain for JSON: start, end, hops with the entities that they leave, and triples.

        >>> Chain("Kismet", (Hop("directed_by", "William Dieterle"),)).to_dict()["triples"]
        [['Kismet', 'directed_by', 'William Dieterle']]
        """
        sources = self.sources or self._path_sources()
        return {
            "start": self.start,
            "end": self.end,
            "hops": [
                {"source": source, **hop._asdict()} for source, hop in zip(sources, self.hops, strict=True)
            ],
            "triples": [list(triple) for triple in self.triples],
        }

    def to_text(self, graph: KnowledgeGraph | None = None) -> str:
        """The chain in one line, by the names that `graph` has, or by identifiers.

        Arrows have the direction of the triples. Where a branching chain goes back to an entity, that
        stands again after a semicolon. Control characters are left out.

        >>> chain = Chain("William Dieterle", (Hop("directed_by", "Kismet", True), Hop("year", "1944")))
        >>> print(chain.to_text())
        William Dieterle <-[directed_by]- Kismet -[year]-> 1944
        """
        return " ".join(
            part if hop is None else str(Hop(part, _entity_name(hop.entity, graph), hop.inverse))
            for part, hop in self._parts(graph)
        )

    __str__ = to_text

    def to_html(self, graph: KnowledgeGraph | None = None) -> str:
        """The chain as a piece of HTML, in one line; names are escaped."""
        pieces = []
        for part, hop in self._parts(graph):
            if hop is None:
                pieces.append(part if part == ";" else f"<b>{escape(part)}</b>")
                continue
            relation = f'<span style="color:#06c">{escape(part)}</span>'
            arrow = f"&#9664;&#9472;{relation}&#9472;" if hop.inverse else f"&#9472;{relation}&#9472;&#9654;"
            pieces.append(f"{arrow} <b>{escape(_entity_name(hop.entity, graph))}</b>")
        return f'<div class="kgqa-chain">{" ".join(pieces)}</div>'

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_networkx(self, graph: KnowledgeGraph | None = None) -> nx.MultiDiGraph:
        """The triples of the chain as edges; see `chains_to_networkx`."""
        return chains_to_networkx([self], graph)

    def _parts(self, graph: KnowledgeGraph | None) -> Iterator[tuple[str, Hop | None]]:
        """What is to be shown: names of entities and semicolons, and relations with their hops."""
        yield _entity_name(self.start, graph), None
        here = self.start
        for hop, source in zip(self.hops, self.sources or self._path_sources(), strict=True):
            if source != here:
                yield ";", None
                yield _entity_name(source, graph), None
            yield _shown(hop.relation if graph is None else graph.relation_label(hop.relation)), hop
            here = hop.entity


def chains_to_networkx(chains: Iterable[Chain], graph: KnowledgeGraph | None = None) -> nx.MultiDiGraph:
    """The triples of chains as one networkx graph, each once, in the graph's own direction.

    Edges have the relation as key and as `relation`; nodes have `start=True` where a chain starts, `end=True`
    where one ends. With a `graph`, nodes and edges have their names as `label`.

    >>> chain = Chain("William Dieterle", (Hop("directed_by", "Kismet", inverse=True),))
    >>> list(chains_to_networkx([chain]).edges(keys=True))
    [('Kismet', 'William Dieterle', 'directed_by')]
    """
    import networkx as nx

    result = nx.MultiDiGraph()
    for chain in chains:
        for entity in (chain.start, *(hop.entity for hop in chain.hops)):
            label = None if graph is None else graph.label(entity)
            result.add_node(entity, **({} if label is None else {"label": label}))
        for triple in chain.triples:
            named = {} if graph is None else {"label": graph.relation_label(triple.relation)}
            result.add_edge(triple.head, triple.tail, triple.relation, relation=triple.relation, **named)
        result.nodes[chain.start]["start"] = True
        result.nodes[chain.end]["end"] = True
    return result


def _as_hop(hop: object) -> Hop:
    match hop:
        case (str(relation), str(entity)) if isinstance(hop, tuple):
            return Hop(relation, entity)
        case (str(relation), str(entity), bool(inverse)) if isinstance(hop, tuple):
            return Hop(relation, entity, inverse)
    raise StatementError(
        f"a hop is a tuple (relation, entity) or (relation, entity, inverse), not {hop!r:.80}"
    )


def _entity_name(entity: str, graph: KnowledgeGraph | None) -> str:
    return _shown((entity if graph is None else graph.label(entity)) or "")


def _shown(name: str) -> str:
    return clean_name(name) or UNNAMED
