"""The facts of some nodes of an endpoint: counted, asked for in batches, checked to be whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.failure import CutError
from kgqa.graph.endpoint.limits import FetchLimits
from kgqa.graph.endpoint.query_text import (
    degree_query,
    fact_query,
    is_asked,
    page_query,
    relation_count_query,
    relation_query,
)
from kgqa.graph.endpoint.results import Row
from kgqa.graph.endpoint.usage import EndpointUsage, HubCap
from kgqa.graph.readers.rdf_term import Fact, Term

__all__ = ["FactFetch", "chunks", "counted_rows"]

_COUNTED = 200
"""Nodes whose facts are counted by one request."""

Given = TypeVar("Given")
Found = TypeVar("Found")


@dataclass
class FactFetch:
    """Fetches the facts of nodes, in both directions; what is left out is said in `usage`.

    The most `rows` that the endpoint gives at once are found out, and what is asked next is made to fit. What
    is asked follows from the endpoint's answers alone, not from their times, so that a cache can replay it.
    """

    client: SparqlClient
    limits: FetchLimits
    usage: EndpointUsage

    def __post_init__(self) -> None:
        self._rows = self.limits.rows
        self._given: list[int] = []

    def of(self, nodes: Sequence[Term]) -> list[Fact]:
        """The facts of some nodes. Raises `EndpointError`."""
        degrees = self.degrees(nodes)
        usual = [node for node in nodes if 0 < degrees[node] <= self.limits.hub]
        hubs = [node for node in nodes if degrees[node] > self.limits.hub]
        found = self.at_once(lambda batch: self._batch(batch, degrees), list(self._packed(usual, degrees)))
        self._rows = min([self._rows, *self._given])
        before = len(self.usage.hubs)
        found += self.at_once(lambda hub: self._hub(hub, degrees[hub]), hubs)
        self.usage.hubs[before:] = sorted(self.usage.hubs[before:], key=lambda hub: (-hub.total, hub.node))
        return list(chain.from_iterable(found))

    def degrees(self, nodes: Iterable[Term]) -> dict[Term, int]:
        """The number of facts of each node."""
        nodes = list(nodes)
        found = dict.fromkeys(nodes, 0)
        known = {node.identifier: node for node in nodes}
        for rows in self.at_once(self._counted, chunks(nodes, _COUNTED)):
            for row in rows:
                node = known.get(row["n"].identifier) if "n" in row else None
                if node is not None:
                    found[node] = self.client.number(row, "c")
        return found

    def tails(self, head: Term, relation: str) -> list[Term]:
        """The tails of a node over one relation, page by page."""
        return [fact[2] for fact in self._pages(head, relation, False)]

    def at_once(self, do: Callable[[Given], Found], given: Sequence[Given]) -> list[Found]:
        """What is done to each, a few at a time, in their order."""
        if len(given) < 2 or self.client.access.concurrency < 2:
            return [do(one) for one in given]
        with ThreadPoolExecutor(self.client.access.concurrency) as threads:
            return list(threads.map(do, given))

    def _counted(self, nodes: Sequence[Term]) -> list[Row]:
        """A row for each node that has facts; those that an answer leaves out are asked for again."""
        try:
            rows = self.client.select(degree_query(nodes), self.usage)
        except CutError:
            if len(nodes) == 1:
                raise
            middle = len(nodes) // 2
            return self._counted(nodes[:middle]) + self._counted(nodes[middle:])
        counted = {row["n"].identifier for row in rows if "n" in row}
        others = [node for node in nodes if node.identifier not in counted]
        return rows + self._counted(others) if 0 < len(others) < len(nodes) else rows

    def _packed(self, nodes: Sequence[Term], degrees: dict[Term, int]) -> Iterator[list[Term]]:
        """Batches of nodes whose facts fit into one answer; a node that has more is alone."""
        batch: list[Term] = []
        rows = 0
        for node in nodes:
            if batch and (len(batch) == self.limits.batch or rows + degrees[node] > self._rows):
                yield batch
                batch, rows = [], 0
            batch.append(node)
            rows += degrees[node]
        if batch:
            yield batch

    def _batch(self, nodes: list[Term], degrees: dict[Term, int]) -> list[Fact]:
        """The facts of a batch; where an answer is not whole, those of smaller batches, or page by page."""
        expected = sum(degrees[node] for node in nodes)
        if len(nodes) == 1 and expected > self._rows:
            return self._paged(nodes[0], expected)
        try:
            rows = self.client.select(fact_query(nodes), self.usage)
        except CutError:
            if len(nodes) == 1 and expected < 2:
                raise
            rows = []
        else:
            if len(rows) >= expected:
                known = {node.identifier: node for node in nodes}
                return [fact for row in rows if (fact := _fact(row, known)) is not None]
            if rows:
                self._given.append(len(rows))
        if len(nodes) > 1:
            middle = len(nodes) // 2
            return self._batch(nodes[:middle], degrees) + self._batch(nodes[middle:], degrees)
        return self._paged(nodes[0], expected)

    def _paged(self, node: Term, expected: int) -> list[Fact]:
        """The facts of one node, page by page."""
        found = [*self._pages(node, None, False), *self._pages(node, None, True)]
        if len(found) < expected:
            self.usage.note(
                f"The endpoint counted {expected:,} facts of {_shown(node)} and gave {len(found):,}."
            )
        return found

    def _pages(self, node: Term, relation: str | None, inverse: bool, most: int | None = None) -> list[Fact]:
        """The facts of a node in one direction, in pages by key; at most `most`."""
        found: dict[tuple[str, str], Fact] = {}
        after: tuple[str, str] | None = None
        while most is None or len(found) < most:
            size = max(2, min(self._rows, (most or self._rows) + 1))
            rows = self._page(node, relation, inverse, size, after)
            before = len(found)
            for row in rows:
                if "p" in row and "o" in row:
                    found.setdefault((row["p"].identifier, row["o"].identifier), _along(node, row, inverse))
                    after = row["p"].identifier, row["o"].text or row["o"].identifier
            if not rows or len(found) == before:
                break
        return list(found.values())[:most]

    def _page(
        self, node: Term, relation: str | None, inverse: bool, size: int, after: tuple[str, str] | None
    ) -> list[Row]:
        while True:
            try:
                return self.client.select(page_query(node, relation, inverse, size, after), self.usage)
            except CutError:
                if size <= 2:
                    raise
                size = max(2, size // 4)

    def _hub(self, hub: Term, total: int) -> list[Fact]:
        """Some facts of a node with many: all of its rarer relations, and an equal share of the others."""
        rows = self.client.select(relation_count_query(hub), self.usage)
        counts = {
            (row["p"].identifier, row["d"].text == "in"): self.client.number(row, "c")
            for row in rows
            if "p" in row and "d" in row and is_asked(row["p"])
        }
        shares = _shares(counts, self.limits.hub)
        found: list[Fact] = []
        for inverse in (False, True):
            whole = [key for key in counts if key[1] == inverse and shares[key] == counts[key]]
            for keys in _grouped(whole, counts, self._rows):
                relations, limit = [relation for relation, _ in keys], sum(counts[key] for key in keys)
                found += self._over(hub, relations, inverse, limit)
            for key in counts:
                if key[1] == inverse and 0 < shares[key] < counts[key]:
                    found += self._over(hub, [key[0]], inverse, shares[key])
        taken = min(len(found), total)
        self.usage.hubs.append(HubCap(hub.identifier, hub.text or hub.identifier, taken, total))
        return found

    def _over(self, hub: Term, relations: list[str], inverse: bool, limit: int) -> list[Fact]:
        if limit > self._rows:
            return [fact for one in relations for fact in self._pages(hub, one, inverse, limit)]
        rows = self.client.select(relation_query(hub, relations, inverse, limit), self.usage)
        return [_along(hub, row, inverse) for row in rows if "p" in row and "o" in row]


def _fact(row: Row, known: dict[str, Term]) -> Fact | None:
    node = known.get(row["n"].identifier) if "n" in row else None
    if node is None or "p" not in row:
        return None
    if "o" in row:
        return node, row["p"], row["o"]
    return (row["s"], row["p"], node) if "s" in row else None


def _along(node: Term, row: Row, inverse: bool) -> Fact:
    return (row["o"], row["p"], node) if inverse else (node, row["p"], row["o"])


def _shares(counts: dict[tuple[str, bool], int], most: int) -> dict[tuple[str, bool], int]:
    """How many facts of each relation are taken, so that the sum is at most `most` and none is favoured."""
    shares = {}
    left = most
    waiting = sorted(counts, key=lambda key: (counts[key], key))
    for place, key in enumerate(waiting):
        shares[key] = min(counts[key], left // (len(waiting) - place))
        left -= shares[key]
    return shares


def _grouped(
    keys: list[tuple[str, bool]], counts: dict[tuple[str, bool], int], most: int
) -> Iterator[list[tuple[str, bool]]]:
    """Relations whose facts fit into one answer together."""
    group: list[tuple[str, bool]] = []
    for key in keys:
        if group and sum(counts[one] for one in group) + counts[key] > most:
            yield group
            group = []
        group.append(key)
    if group:
        yield group


def _shown(node: Term) -> str:
    return (node.text or node.identifier)[:100]


def chunks(nodes: Sequence[Given], size: int) -> list[Sequence[Given]]:
    """Parts of a sequence, of at most this size each."""
    return [nodes[start : start + size] for start in range(0, len(nodes), size)]


def counted_rows(
    given: Sequence[Given],
    query: Callable[[Sequence[Given]], str],
    what: Callable[[Given], str],
    client: SparqlClient,
    usage: EndpointUsage,
) -> list[Row]:
    """The rows of a query whose answer has one more row that counts them (`?c`).

    Where an answer is not whole, it is asked for in parts; `what` names what was asked of a single one, for
    the note that not all of it was given. Raises `EndpointError`.
    """
    rows: list[Row] = []
    is_whole = False
    try:
        rows = client.select(query(given), usage)
    except CutError:
        if len(given) == 1:
            raise
    else:
        counts = [row for row in rows if "c" in row]
        is_whole = len(counts) == 1 and client.number(counts[0], "c") <= len(rows) - 1
    if not is_whole and len(given) > 1:
        middle = len(given) // 2
        parts = given[:middle], given[middle:]
        return [row for part in parts for row in counted_rows(part, query, what, client, usage)]
    if not is_whole:
        usage.note(f"The endpoint gave not all {what(given[0])}.")
    return rows
