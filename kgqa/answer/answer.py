"""The answer to a question: ranked entities, each with the chains that prove it."""

from __future__ import annotations

import html
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Self

from kgqa.answer.llm_report import LlmReport
from kgqa.errors import UnknownEntityError
from kgqa.graph import Chain, KnowledgeGraph, clean_name
from kgqa.program import Proof

__all__ = ["Answer", "RankedEntity"]

MOST_SHOWN = 10
"""So many entities of an answer are shown as text and in notebooks."""


@dataclass(frozen=True)
class RankedEntity:
    """One answer: an entity, its share of the votes (0 to 1), and its proof.

    `entity` is its identifier, `name` its name in the graph, which an `Answerer` fills in; without one it is
    the identifier. `vote_share` ranks the entities of one answer. It is no probability that the entity is
    right: that is `Answer.confidence`. `chains` are the chains shown for it, the most probable first; never
    empty.
    """

    entity: str
    vote_share: float
    chains: tuple[Chain, ...]
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.entity)


@dataclass(frozen=True)
class Answer:
    """The answer to a question, best entity first. No entities: the graph does not say.

    `confidence` is the calibrated probability that the first entity is right, `None` where the model or the
    aggregator is not calibrated. `llm_report` is what an LLM reported beside it, where one was asked. `graph`
    has the names by which the answer is shown; an `Answerer` adds it. It plays no part in comparisons.
    """

    question: str
    entities: tuple[RankedEntity, ...] = ()
    confidence: float | None = None
    llm_report: LlmReport | None = None
    graph: KnowledgeGraph | None = field(default=None, repr=False, compare=False)
    proof: Proof | None = field(default=None, repr=False, compare=False)
    """What was executed for the answer, where a program was."""

    def __bool__(self) -> bool:
        return bool(self.entities) or self.value is not None

    @property
    def value(self) -> str | None:
        """The computed number or date, or "yes" or "no", of an answer that is no set of entities."""
        if self.proof is None:
            return None
        result = self.proof.result
        if result.truth is not None:
            return "yes" if result.truth else "no"
        return None if result.value is None else str(result.value)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the entities, best first."""
        return tuple(ranked.name for ranked in self.entities)

    def over(self, graph: KnowledgeGraph) -> Self:
        """The same answer, shown by the names that its graph has."""
        named = (replace(ranked, name=_name(ranked.entity, graph)) for ranked in self.entities)
        return replace(self, entities=tuple(named), graph=graph)

    def confidence_of(self, ranked: RankedEntity) -> float | None:
        """The confidence of one of the entities: that of the first, scaled by the ratio of their vote shares.

        `None` where the answer has no calibrated confidence.
        """
        if self.confidence is None:
            return None
        first = self.entities[0].vote_share
        return self.confidence * (min(1.0, ranked.vote_share / first) if first > 0 else 1.0)

    def to_dict(self) -> dict[str, object]:
        """JSON values: entities by identifier and name, chains as triples in the graph's own direction."""
        return {
            "question": self.question,
            "entities": [
                {
                    "entity": ranked.entity,
                    "name": ranked.name,
                    "vote_share": ranked.vote_share,
                    "confidence": self.confidence_of(ranked),
                    "chains": [[list(triple) for triple in chain.triples] for chain in ranked.chains],
                }
                for ranked in self.entities
            ],
            "confidence": self.confidence,
            "llm_report": None if self.llm_report is None else asdict(self.llm_report),
        }

    def __str__(self) -> str:
        """The question, then the first ten entities, each with its first chain, by names."""
        if not self:
            return f"{self.question}\nThe graph does not say."
        lines = [self.question]
        for ranked in self.entities[:MOST_SHOWN]:
            lines.append(f"{clean_name(ranked.name)}  ({self._measure(ranked)})")
            lines += [f"    {chain.to_text(self.graph)}" for chain in ranked.chains[:1]]
        if len(self.entities) > MOST_SHOWN:
            lines.append(f"... and {len(self.entities) - MOST_SHOWN} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """A table of the first ten entities with their chains, by names, for notebooks."""
        question = f"<p><b>{html.escape(self.question)}</b></p>"
        if not self:
            return f"{question}<p>The graph does not say.</p>"
        rows = "".join(self._row(ranked) for ranked in self.entities[:MOST_SHOWN])
        table = f"<table><tr><th>answer</th><th></th><th>proof</th></tr>{rows}</table>"
        more = len(self.entities) - MOST_SHOWN
        return question + table + (f"<p>... and {more} more</p>" if more > 0 else "")

    def _row(self, ranked: RankedEntity) -> str:
        chains = "".join(chain.to_html(self.graph) for chain in ranked.chains)
        cells = (html.escape(clean_name(ranked.name)), html.escape(self._measure(ranked)), chains)
        return "<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells) + "</tr>"

    def _measure(self, ranked: RankedEntity) -> str:
        confidence = self.confidence_of(ranked)
        if confidence is None:
            return f"vote share {ranked.vote_share:.2f}"
        return f"confidence {confidence:.2f}"


def _name(entity: str, graph: KnowledgeGraph) -> str:
    """The name of an entity, empty where the graph has none."""
    with suppress(UnknownEntityError):
        return graph.label(entity) or ""
    return ""
