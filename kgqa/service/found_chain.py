"""Chains and programs that were found for a question, for people and for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from kgqa.constraint import ProgramWalk
from kgqa.decode import Hypothesis
from kgqa.drawing import DisplayNames
from kgqa.graph import IndexedGraph, KnowledgeGraph, Triple
from kgqa.program import program_text

__all__ = ["FoundChain", "names_of"]


@dataclass(frozen=True)
class FoundChain:
    """A hypothesis: its first chain, or its program, and the log-probability of its text (nats).

    `triples` are those of the chain; a program that ends in a value has none.
    """

    text: str
    triples: tuple[Triple, ...]
    log_probability: float

    @classmethod
    def of(cls, hypothesis: Hypothesis, graph: IndexedGraph) -> Self:
        """The hypothesis as it is shown."""
        walk, state = hypothesis.constraint, hypothesis.state
        chain = next(hypothesis.chains(), None)
        if isinstance(walk, ProgramWalk):
            text = program_text(walk.programs(state)[0], graph)
        else:
            text = "" if chain is None else chain.to_text(graph)
        return cls(text, () if chain is None else chain.triples, hypothesis.log_probability)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        triples = [list(triple) for triple in self.triples]
        return {"text": self.text, "triples": triples, "log_probability": self.log_probability}


def names_of(
    facts: Iterable[Triple], graph: KnowledgeGraph, entities: Iterable[str] = ()
) -> dict[str, str | None]:
    """The names of all entities and relations of facts, and of further entities; `None` for a mediator."""
    known = DisplayNames(graph=graph)
    names = {entity: known.entity(entity) for entity in entities}
    for head, relation, tail in facts:
        if relation not in names:
            names[relation] = known.relation(relation)
        for entity in (head, tail):
            if entity not in names:
                names[entity] = known.entity(entity)
    return names
