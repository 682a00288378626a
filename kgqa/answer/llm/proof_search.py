"""The entities that an LLM's claims mean, and the evidence lines that prove them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from kgqa.answer.llm.claims import Claim
from kgqa.answer.llm.evidence import EvidenceLine
from kgqa.graph import IndexedGraph, clean_name, fold_name

__all__ = ["ProofSearch", "folded_names", "readings"]

EVERYTHING = "*"
"""A claim of all entities at the ends of the cited lines."""
_ESCAPES = {"\\u003c": "<", "\\u005b": "[", '\\"': '"', "\\\\": "\\"}


@dataclass(frozen=True, eq=False)
class ProofSearch:
    """Finds claimed names among the entities of the lines that were shown, and nowhere else."""

    graph: IndexedGraph
    lines: Sequence[EvidenceLine]

    def proofs(self, claim: Claim) -> dict[str, list[EvidenceLine]]:
        """The entities that a claim means, each with the lines that prove it; empty: not grounded.

        Only the lines that the claim cites are looked at, all where it cites none; a number that no line
        has cites nothing. Names are compared as `fold_name` folds them, labels before aliases. An entity
        at the end of a line is preferred to one on a chain's way, which the chain's beginning proves; a
        name that several have means them all. The start of a line is never meant.
        """
        cited = self.lines
        if claim.cited is not None:
            cited = [line for line in self.lines if line.number in claim.cited]
        for reading in readings(claim.name):
            for by_alias in (False, True):
                for on_the_way in (False, True):
                    found = self._named(reading, cited, by_alias, on_the_way)
                    if found:
                        return found
        if claim.name.strip() == EVERYTHING and claim.cited is not None:
            return _by_entity((end, line) for line in cited for end in line.everything)
        return {}

    def _named(
        self, name: str, cited: Iterable[EvidenceLine], by_alias: bool, on_the_way: bool
    ) -> dict[str, list[EvidenceLine]]:
        pairs = ((entity, line) for line in cited for entity in _entities(line, on_the_way))
        return _by_entity(pair for pair in pairs if name in self._names[pair[0]][by_alias])

    @cached_property
    def _names(self) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        """The folded label, and the folded aliases, of every entity that is shown."""
        shown = {e for line in self.lines for e in (*line.ends, *line.on_the_way)}
        return {entity: folded_names(self.graph, entity) for entity in shown}


def folded_names(graph: IndexedGraph, entity: str) -> tuple[frozenset[str], frozenset[str]]:
    """An entity's label as it is compared, also as it is shown in prompts, and its aliases.

    A mediator has none of them.
    """
    label = graph.label(entity)
    if label is None:
        return frozenset(), frozenset()
    own = {fold_name(label), fold_name(clean_name(label))}
    return frozenset(own - {""}), frozenset(map(fold_name, graph.alias_texts(entity))) - {""}


def readings(name: str) -> dict[str, None]:
    """The folded forms that a name may have been meant in: as it is, then without what is around it."""
    plain = name
    for escape, character in _ESCAPES.items():
        plain = plain.replace(escape, character)
    bare = plain.strip().strip("\"'“”").rstrip(".,;:")
    folded = (fold_name(text) for text in (name, plain, bare, bare.strip("\"'“”")))
    return dict.fromkeys(text for text in folded if text)


def _entities(line: EvidenceLine, on_the_way: bool) -> tuple[str, ...]:
    return line.on_the_way if on_the_way else line.ends


def _by_entity(pairs: Iterable[tuple[str, EvidenceLine]]) -> dict[str, list[EvidenceLine]]:
    found: dict[str, list[EvidenceLine]] = {}
    for entity, line in pairs:
        if line not in found.setdefault(entity, []):
            found[entity].append(line)
    return found
