"""What was added to an index and removed from it since it was built."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kgqa.graph.builder import check_statement
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.statement import Name, Node, NodeKind, Quad, RelationName, Statement, Triple

__all__ = ["Changes"]


@dataclass
class Changes:
    """Facts added and removed, and what else was said; of one fact only what was done last.

    Facts that the index has are never among the added ones, and those that it lacks never among the removed.
    """

    added: dict[Triple, None] = field(default_factory=dict)
    removed: dict[Triple, None] = field(default_factory=dict)
    said: dict[Name | RelationName | Node, None] = field(default_factory=dict)
    unsaid: dict[Name, None] = field(default_factory=dict)
    """Names of the index that are none any more, of entities and relations; none is marked as an alias."""
    sources: dict[Triple, frozenset[str]] = field(default_factory=dict)
    """Facts whose sources differ from those in the index, with all that they have now."""

    def __len__(self) -> int:
        sourced = sum(triple not in self.added for triple in self.sources)
        return len(self.added) + len(self.removed) + len(self.said) + len(self.unsaid) + sourced

    def add(self, statements: Iterable[Statement], index: IndexedGraph) -> tuple[int, int]:
        """Add statements to those of an index. Raises `StatementError`.

        Returns how many facts are new, and how many times a fact that was there has one more source.
        """
        new, sourced = 0, 0
        for statement in statements:
            check_statement(statement)
            match statement:
                case Triple():
                    new += self._add_fact(statement, index)
                case Quad(source=source):
                    is_new = self._add_fact(statement.triple, index)
                    new += is_new
                    sourced += self._add_source(statement.triple, source, index) and not is_new
                case Node():  # of kinds, the last one said holds
                    self.said.pop(statement, None)
                    self.said[statement] = None
                case _:
                    self.said[statement] = None
                    self.unsaid.pop(Name(*statement[:2]), None)
        return new, sourced

    def _add_fact(self, triple: Triple, index: IndexedGraph) -> bool:
        """Add a fact; returns whether it was not there."""
        if triple in self.removed:
            del self.removed[triple]
            self._say(triple, frozenset(), index)  # it is said anew
            return True
        if triple in self.added or triple in index:
            return False
        self.added[triple] = None
        return True

    def _add_source(self, triple: Triple, source: str, index: IndexedGraph) -> bool:
        """Add a source of a fact; returns whether it was none before."""
        known = self._sources_of(triple, index)
        self._say(triple, known | {source}, index)
        return source not in known

    def _sources_of(self, triple: Triple, index: IndexedGraph) -> frozenset[str]:
        """The sources of a fact now; none of one that was removed."""
        known = self.sources.get(triple)
        if known is None:
            known = frozenset() if triple in self.removed else frozenset(index.sources(triple))
        return known

    def _say(self, triple: Triple, sources: frozenset[str], index: IndexedGraph) -> None:
        """Let a fact have these sources."""
        if sources == frozenset(index.sources(triple)):
            self.sources.pop(triple, None)
        else:
            self.sources[triple] = sources

    def remove(self, statements: Iterable[Statement], index: IndexedGraph) -> int:
        """Remove facts and names, but no kinds of nodes; returns how many facts are gone or lost a source.

        A triple is removed with all of its sources; a quad is removed from its source, and is gone where no
        other source of it is known.
        """
        gone = 0
        ends: set[str] = set()
        for statement in statements:
            match statement:
                case Triple():
                    gone += self._remove_fact(statement, index, ends)
                case Quad(source=source):
                    known = self._sources_of(statement.triple, index)
                    if known <= {source}:
                        gone += self._remove_fact(statement.triple, index, ends)
                    elif source in known:
                        self._say(statement.triple, known - {source}, index)
                        gone += 1
                case Name() | RelationName():
                    self._unsay(statement, index)
        if ends:
            self._forget_kinds(ends, index)
        return gone

    def _remove_fact(self, triple: Triple, index: IndexedGraph, ends: set[str]) -> bool:
        """Remove a fact; returns whether it was there. `ends` gets those of facts that were only added."""
        self.sources.pop(triple, None)
        if triple in self.added:
            del self.added[triple]
            ends |= {triple.head, triple.tail}
            return True
        if triple in self.removed or triple not in index:
            return False
        self.removed[triple] = None
        return True

    def _unsay(self, name: Name | RelationName, index: IndexedGraph) -> None:
        bearer, text = name[:2]
        for said in (Name(bearer, text), Name(bearer, text, alias=True), RelationName(bearer, text)):
            self.said.pop(said, None)
        is_entity = bearer in index.entities
        if is_entity and text in (index.label(bearer), *index.alias_texts(bearer)):
            self.unsaid[Name(bearer, text)] = None
        if bearer in index.relation_names and text == index.relation_label(bearer):
            self.unsaid[Name(bearer, text)] = None

    def _forget_kinds(self, ends: set[str], index: IndexedGraph) -> None:
        """Forget the kinds of those nodes that came with facts which are not added any more."""
        ends -= {end for triple in self.added for end in (triple.head, triple.tail)}
        for node in [said for said in self.said if isinstance(said, Node) and said.entity in ends]:
            if node.entity not in index.entities or index.kind(node.entity) is node.kind:
                del self.said[node]

    def to_bytes(self) -> bytes:
        """One JSON list a line."""
        return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in self._rows())

    @classmethod
    def of_bytes(cls, content: bytes) -> Changes:
        """What `to_bytes` wrote. Raises `ValueError` for anything else."""
        found = cls()
        for line in content.splitlines():
            match json.loads(line):
                case ["add", str(head), str(relation), str(tail)]:
                    found.added[Triple(head, relation, tail)] = None
                case ["remove", str(head), str(relation), str(tail)]:
                    found.removed[Triple(head, relation, tail)] = None
                case ["sources", str(head), str(relation), str(tail), [*sources]]:
                    found.sources[Triple(head, relation, tail)] = frozenset(map(str, sources))
                case ["name", str(entity), str(text), bool(alias)]:
                    found.said[Name(entity, text, alias)] = None
                case ["relation", str(relation), str(text)]:
                    found.said[RelationName(relation, text)] = None
                case ["no-name", str(bearer), str(text)]:
                    found.unsaid[Name(bearer, text)] = None
                case ["node", str(entity), int(kind)]:
                    found.said[Node(entity, NodeKind(kind))] = None
                case row:
                    raise ValueError(f"not a change: {row!r:.80}")
        return found

    def _rows(self) -> Iterator[Sequence[object]]:
        yield from (["add", *triple] for triple in self.added)
        yield from (["remove", *triple] for triple in self.removed)
        yield from (["no-name", *name[:2]] for name in self.unsaid)
        yield from (["sources", *triple, sorted(sources)] for triple, sources in self.sources.items())
        for statement in self.said:
            match statement:
                case Name(entity, text, alias):
                    yield ["name", entity, text, alias]
                case RelationName(relation, text):
                    yield ["relation", relation, text]
                case Node(entity, kind):
                    yield ["node", entity, int(kind)]
