"""Facts that are given as triples, in plain sets and dictionaries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from kgqa.errors import check_names
from kgqa.graph import Triple

__all__ = ["TripleStore"]


class TripleStore:
    """A `FactStore` of triples.

    Without `labels`, nodes and relations are named by their identifiers; without `literals`, nodes whose
    identifier begins with a quotation mark are literals.
    """

    def __init__(
        self,
        triples: Iterable[tuple[str, str, str]],
        labels: Mapping[str, str] | None = None,
        relation_labels: Mapping[str, str] | None = None,
        literals: Collection[str] | None = None,
        blanks: Collection[str] = (),
    ) -> None:
        check_names(literals, "literals")
        check_names(blanks, "blanks")
        self._facts = {Triple(*triple) for triple in triples}
        self._labels, self._relation_labels = labels, relation_labels or {}
        self._literals, self._blanks = literals, blanks
        self._nodes = {node for head, _, tail in self._facts for node in (head, tail)}
        self._ends: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._starts: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._tails: dict[str, set[str]] = defaultdict(set)
        for head, relation, tail in self._facts:
            self._ends[head, relation].add(tail)
            self._starts[tail, relation].add(head)
            self._tails[relation].add(tail)

    @property
    def relations(self) -> Collection[str]:
        """The relations of the facts."""
        return self._tails.keys()

    def holds(self, fact: Triple) -> bool:
        """Whether this is one of the facts."""
        return fact in self._facts

    def ends(self, head: str, relation: str) -> Collection[str]:
        """The tails of the facts with this head and relation."""
        return self._ends.get((head, relation), ())

    def starts(self, tail: str, relation: str) -> Collection[str]:
        """The heads of the facts with this tail and relation."""
        return self._starts.get((tail, relation), ())

    def tails(self, relation: str) -> Iterable[str]:
        """The distinct tails of a relation."""
        return self._tails.get(relation, ())

    def literal_tails(self, relation: str) -> Iterable[str]:
        """Those of them that are literals."""
        return filter(self.is_literal, self.tails(relation))

    def knows(self, node: str) -> bool:
        """Whether a node is in a fact or has a name."""
        return node in self._nodes or (self._labels is not None and node in self._labels)

    def label(self, node: str) -> str:
        """The name of a node, empty where it has none."""
        return node if self._labels is None else self._labels.get(node, "")

    def relation_label(self, relation: str) -> str | None:
        """The name of a relation; `None` where it was not given."""
        return self._relation_labels.get(relation)

    def is_literal(self, node: str) -> bool:
        """Whether a node is a literal."""
        return node.startswith('"') if self._literals is None else node in self._literals

    def is_blank(self, node: str) -> bool:
        """Whether a node is a blank node."""
        return node in self._blanks
