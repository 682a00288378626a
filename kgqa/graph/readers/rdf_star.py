"""RDF-star: statements about statements (RDF 1.2), as mediators.

`:ann :knows :bob {| :since 1990 |}` says that a node reifies the fact, and that it is since 1990. The node
becomes a mediator: `:ann -[:knows~statement]-> node`, `node -[rdf:object]-> :bob`, `node -[:since]-> 1990`.
The relation has another name than `:knows`, so that nobody is counted who is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from kgqa.graph.readers.mediator import STATEMENT
from kgqa.graph.readers.rdf_term import (
    Fact,
    NoFactError,
    SourcedFact,
    Term,
    oxigraph_fact,
    oxigraph_term,
)
from kgqa.graph.statement import NodeKind

__all__ = ["Reifiers", "is_about_statements"]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
WINDOW = 2**14
"""At least so many facts are remembered, for what is said about them later."""

_Key = TypeVar("_Key")


def is_about_statements(triple: Any) -> bool:
    """Whether a triple of pyoxigraph has a triple in it."""
    return type(triple.object).__name__ == "Triple"


class Reifiers:
    """The nodes that reify facts of a file, found while its facts are read one after the other.

    Annotated facts and their annotations stand near each other. Where a fact is further away than `WINDOW`,
    `needs_review` says that all facts have to be seen (`see`) once more.
    """

    def __init__(self) -> None:
        self.left_out = 0
        """Statements about what is no fact of the file, and those that do not reify."""
        self.is_recorded = True
        self._found: list[tuple[Term, Fact, str]] = []
        self._stated: dict[Fact, bool] = {}
        self._described: dict[Term, bool] = {}
        self._recent = _Recent[Fact]()
        self._subjects = _Recent[Term]()

    def see(self, fact: Fact) -> None:
        """A fact of the file."""
        if self._found:  # in most files nothing is said about facts
            if fact in self._stated:
                self._stated[fact] = True
            if fact[0] in self._described:
                self._described[fact[0]] = True
        if self.is_recorded:
            self._recent.add(fact)
            self._subjects.add(fact[0])

    def add(self, triple: Any) -> tuple[Term, Fact] | None:
        """A triple of pyoxigraph that is about a statement: its node, and the fact that this reifies."""
        try:
            node, reified = oxigraph_term(triple.subject), oxigraph_fact(triple.object)
        except NoFactError:  # a statement about a statement about a statement
            return None
        return (node, reified) if triple.predicate.value == f"{RDF}reifies" else None

    def note(self, found: tuple[Term, Fact] | None, source: str) -> None:
        """What `add` found, with the identifiers that nodes have in the graph, and what says it."""
        if found is None:
            self.left_out += 1
            return
        node, fact = found
        self._found.append((node, fact, source))
        self._stated[fact] = self._stated.get(fact, False) or fact in self._recent
        self._described[node] = self._described.get(node, False) or node in self._subjects

    @property
    def needs_review(self) -> bool:
        """Whether facts were forgotten that may be what was looked for."""
        is_cut = self._recent.is_cut or self._subjects.is_cut
        return is_cut and not all((*self._stated.values(), *self._described.values()))

    def facts(self) -> Iterator[SourcedFact]:
        """The facts of the mediators, from the source that reifies them; counts what is left out."""
        for node, fact, source in self._found:
            if not self._stated[fact]:
                self.left_out += 1
            elif self._described[node]:
                yield from ((one, source) for one in _mediator(node, fact))


class _Recent(Generic[_Key]):
    """The keys that were added last, at least `WINDOW` of them."""

    def __init__(self) -> None:
        self.is_cut = False
        """Whether some were forgotten."""
        self._new: set[_Key] = set()
        self._old: set[_Key] = set()

    def add(self, key: _Key) -> None:
        self._new.add(key)
        if len(self._new) > WINDOW:
            self.is_cut |= bool(self._old)
            self._old, self._new = self._new, set()

    def __contains__(self, key: _Key) -> bool:
        return key in self._new or key in self._old


def _mediator(node: Term, reified: Fact) -> Iterator[Fact]:
    node = node._replace(kind=NodeKind.BLANK)
    subject, predicate, value = reified
    yield subject, Term(predicate.identifier + STATEMENT, NodeKind.RESOURCE), node
    yield node, Term(f"{RDF}object", NodeKind.RESOURCE), value
