"""The nodes of statements in Wikibase's RDF, put together from their triples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kgqa.graph.readers.rdf_term import Term
from kgqa.graph.readers.wikidata.claim import DEPRECATED, NORMAL, PREFERRED, Claim
from kgqa.graph.readers.wikidata.left_out import LeftOut
from kgqa.graph.readers.wikidata.value_nodes import ValueNodes
from kgqa.graph.readers.wikidata.vocabulary import Role, is_unknown

__all__ = ["StatementNodes"]

_RANKS = {"DeprecatedRank": DEPRECATED, "NormalRank": NORMAL, "PreferredRank": PREFERRED}


@dataclass
class _Node:
    prop: str = ""
    value: Term | None = None
    value_node: str = ""
    is_unknown: bool = False
    """Whether it says that there is no value, or only that there is one."""
    rank: int = NORMAL
    qualifiers: list[tuple[str, Term]] = field(default_factory=list)
    qualifier_nodes: list[tuple[str, str]] = field(default_factory=list)


class StatementNodes:
    """What is said about statements, each until its entity is complete."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}

    def link(self, statement: str, prop: str) -> None:
        """An entity has this statement."""
        self._node(statement).prop = prop

    def add(self, statement: str, role: Role, value: Term) -> None:
        """What a triple says about a statement."""
        node = self._node(statement)
        match role.kind:
            case "novalue":
                node.is_unknown = True
            case "statement" if is_unknown(value):
                node.is_unknown = True
            case "statement":
                node.value = value
            case "statement/value":
                node.value_node = value.identifier
            case "qualifier":
                node.qualifiers.append((role.prop, value))
            case "qualifier/value":
                node.qualifier_nodes.append((role.prop, value.identifier))
            case _:
                node.rank = _RANKS.get(value.identifier.rpartition("#")[2], NORMAL)

    def drop(self, statements: Iterable[str]) -> None:
        """Forget statements."""
        for statement in statements:
            self._nodes.pop(statement, None)

    def claims(self, statements: Sequence[str], values: ValueNodes, left_out: LeftOut) -> list[Claim]:
        """The claims of an entity, given its statements, which are forgotten."""
        found = []
        for statement in dict.fromkeys(statements):
            node = self._nodes.pop(statement, None)
            if node is None:
                continue
            claim = Claim(node.prop, statement, None, node.rank)
            if node.is_unknown:
                left_out.unknown += 1
            elif node.value is None:
                left_out.unread += 1
                continue
            elif node.rank == DEPRECATED:
                claim.value = node.value
            elif left_out.unless_property(node.value):
                claim.value = values.detailed(node.value, node.value_node)
                claim.qualifiers = _qualifiers(node, values, left_out)
            found.append(claim)
        return found

    def count(self) -> int:
        """How many statements are known that are none of an entity so far."""
        return len(self._nodes)

    def _node(self, statement: str) -> _Node:
        node = self._nodes.get(statement)
        if node is None:
            node = self._nodes[statement] = _Node()
        return node


def _qualifiers(node: _Node, values: ValueNodes, left_out: LeftOut) -> list[tuple[str, Term]]:
    """Qualifiers with what the nodes of their values say."""
    nodes: dict[str, list[str]] = {}
    for prop, value_node in node.qualifier_nodes:
        nodes.setdefault(prop, []).append(value_node)
    found = []
    for prop, value in node.qualifiers:
        if is_unknown(value):
            left_out.unknown += 1
        elif left_out.unless_property(value):
            found.append((prop, values.detailed(value, values.node_of(value, nodes.get(prop, ())))))
    return found
