"""What was added to an index and removed from it since it was built."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kgqa.graph.builder import check_statement
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.statement import Name, Node, NodeKind, RelationName, Statement, Triple

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

    def __len__(self) -> int:
        return len(self.added) + len(self.removed) + len(self.said) + len(self.unsaid)

    def add(self, statements: Iterable[Statement], index: IndexedGraph) -> int:
        """Add statements to those of an index; returns how many facts are new. Raises `StatementError`."""
        new = 0
        for statement in statements:
            check_statement(statement)
            if not isinstance(statement, Triple):
                if isinstance(statement, Node):  # of kinds, the last one said holds
                    self.said.pop(statement, None)
                self.said[statement] = None
                if not isinstance(statement, Node):
                    self.unsaid.pop(Name(*statement[:2]), None)
            elif statement in self.removed:
                del self.removed[statement]
                new += 1
            elif statement not in self.added and statement not in index:
                self.added[statement] = None
                new += 1
        return new

    def remove(self, statements: Iterable[Statement], index: IndexedGraph) -> int:
        """Remove facts and names, but no kinds of nodes; returns how many facts there were."""
        gone = 0
        ends: set[str] = set()
        for triple in statements:
            if not isinstance(triple, Triple):
                if not isinstance(triple, Node):
                    self._unsay(triple, index)
            elif triple in self.added:
                del self.added[triple]
                ends |= {triple.head, triple.tail}
                gone += 1
            elif triple not in self.removed and triple in index:
                self.removed[triple] = None
                gone += 1
        if ends:
            self._forget_kinds(ends, index)
        return gone

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
        for statement in self.said:
            match statement:
                case Name(entity, text, alias):
                    yield ["name", entity, text, alias]
                case RelationName(relation, text):
                    yield ["relation", relation, text]
                case Node(entity, kind):
                    yield ["node", entity, int(kind)]
