"""All facts of an endpoint's graph, or those of some relations, relation by relation and page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kgqa.counted import counted
from kgqa.errors import DataError
from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.facts import FactFetch
from kgqa.graph.endpoint.failure import CutError
from kgqa.graph.endpoint.limits import FetchLimits
from kgqa.graph.endpoint.query_text import is_asked, string_text
from kgqa.graph.endpoint.results import Row
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.graph.readers.rdf_term import Fact, Term
from kgqa.graph.statement import NodeKind

__all__ = ["Download"]

_PLAIN = "!isBlank(?s) && !isBlank(?o)"


@dataclass
class Download:
    """Fetches whole relations. What could not be fetched is said in `usage`.

    Facts of blank nodes are fetched by one request, as their identifiers may hold for one answer only.
    """

    client: SparqlClient
    usage: EndpointUsage
    rows: int = FetchLimits.rows
    _row_limit: int | None = None

    def counts(self, relations: Sequence[str] | None = None) -> dict[str, int]:
        """How many facts each relation has, or each of some; facts of blank nodes left out."""
        kept = _PLAIN if relations is None else f"{_PLAIN} && {_among(relations)}"
        rows = self.client.select(
            f"SELECT ?p (COUNT(*) AS ?c) WHERE {{ ?s ?p ?o FILTER({kept}) }} GROUP BY ?p", self.usage
        )
        return {row["p"].identifier: self.client.number(row, "c") for row in rows if "p" in row}

    def facts(self, relations: Sequence[str] | None = None) -> Iterator[Fact]:
        """The facts of some relations, or of all. Raises `EndpointError`."""
        counts = self.counts(relations)
        for relation in sorted(counts):
            predicate = Term(relation, NodeKind.RESOURCE)
            found = 0
            if not is_asked(predicate):
                self.usage.note(f"The relation {relation[:100]} has no valid IRI and was left out.")
                continue
            for head, tail in self._pairs(predicate, counts[relation]):
                yield head, predicate, tail
                found += 1
            if found < counts[relation]:
                told = counted(counts[relation], "fact")
                self.usage.note(f"The endpoint counted {told} of {relation} and gave {found:,}.")
        yield from self._blank(relations)

    @property
    def _page(self) -> int:
        return min(self.rows, self._row_limit or self.rows)

    def _pairs(self, predicate: Term, count: int) -> Iterator[tuple[Term, Term]]:
        """Heads and tails of a relation."""
        if count <= self._page:
            try:
                rows = self._rows(predicate, "", "")
            except CutError:
                rows = []
            if len(rows) >= count:
                yield from ((row["s"], row["o"]) for row in rows)
                return
            if rows:
                self._row_limit = min(len(rows), self._row_limit or len(rows))
        yield from self._paged(predicate, count)

    def _paged(self, predicate: Term, count: int) -> Iterator[tuple[Term, Term]]:
        """Heads and tails of a relation, in pages by the head; each page ends with a whole head."""
        after, strictly, given = "", False, 0
        while given < count:
            size = max(2, self._page)
            kept = f" && STR(?s) {'>' if strictly else '>='} {string_text(after)}" if after else ""
            rows = self._rows(predicate, kept, f" ORDER BY STR(?s) LIMIT {size}")
            if not rows:
                return
            if given + len(rows) >= count:
                found = [(row["s"], row["o"]) for row in rows]
            else:
                if len(rows) < size:  # a limit that the endpoint does not tell
                    self._row_limit = len(rows)
                last = rows[-1]["s"]
                found = [(row["s"], row["o"]) for row in rows if row["s"] != last]
                after, strictly = last.identifier, not found
                if not found and not is_asked(last):
                    found = [(row["s"], row["o"]) for row in rows]
                elif not found:  # one head has more tails than a page
                    fetch = FactFetch(self.client, FetchLimits(rows=size), self.usage)
                    found = [(last, tail) for tail in fetch.tails(last, predicate.identifier)]
            yield from found
            given += len(found)

    def _rows(self, predicate: Term, kept: str, end: str) -> list[Row]:
        rows = self.client.select(
            f"SELECT ?s ?o WHERE {{ ?s <{predicate.identifier}> ?o FILTER({_PLAIN}{kept}) }}{end}", self.usage
        )
        return [row for row in rows if "s" in row and "o" in row]

    def _blank(self, relations: Sequence[str] | None) -> Iterator[Fact]:
        """The facts with a blank node, by one request."""
        asked = "" if relations is None else f"{_among(relations)} && "
        pattern = f"{{ ?s ?p ?o FILTER({asked}(isBlank(?s) || isBlank(?o))) }}"
        (row,) = self.client.select(f"SELECT (COUNT(*) AS ?c) WHERE {pattern}", self.usage)[:1] or [{}]
        count = self.client.number(row, "c")
        if not count:
            return
        try:
            rows = self.client.select(f"SELECT ?s ?p ?o WHERE {pattern}", self.usage)
        except CutError as error:
            told = counted(count, "fact of blank nodes needs", "facts of blank nodes need")
            raise DataError(f"{error}: {told} one answer") from error
        rows = [row for row in rows if "s" in row and "p" in row and "o" in row]
        if len(rows) < count:
            self.usage.note(
                f"The endpoint counted {counted(count, 'fact')} of blank nodes and gave {len(rows):,}."
            )
        yield from ((row["s"], row["p"], row["o"]) for row in rows)


def _among(relations: Sequence[str]) -> str:
    return f"?p IN ({', '.join(f'<{one}>' for one in relations)})"
