"""The answer to a question: ranked entities, each with the chains that prove it."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import asdict, dataclass

from kgqa.answer.llm_report import LlmReport
from kgqa.graph import Chain

__all__ = ["Answer", "RankedEntity"]


@dataclass(frozen=True)
class RankedEntity:
    """One answer: an entity, its share of the votes (0 to 1), and its proof.

    `vote_share` ranks the entities of one answer. It is no probability that the entity is right: that is
    `Answer.confidence`. `chains` are the chains shown for it, the most probable first; never empty.
    """

    entity: str
    vote_share: float
    chains: tuple[Chain, ...]


@dataclass(frozen=True)
class Answer:
    """The answer to a question, best entity first. No entities: the graph does not say.

    `confidence` is the calibrated probability that the first entity is right, `None` where the model or the
    aggregator is not calibrated. `llm_report` is what an LLM reported beside it, where one was asked.
    """

    question: str
    entities: tuple[RankedEntity, ...] = ()
    confidence: float | None = None
    llm_report: LlmReport | None = None

    def __bool__(self) -> bool:
        return bool(self.entities)

    def confidence_of(self, ranked: RankedEntity) -> float | None:
        """The confidence of one of the entities: that of the first, scaled by the ratio of their vote shares.

        `None` where the answer has no calibrated confidence.
        """
        if self.confidence is None:
            return None
        first = self.entities[0].vote_share
        return self.confidence * (min(1.0, ranked.vote_share / first) if first > 0 else 1.0)

    def to_dict(self) -> dict[str, object]:
        """JSON values: entities by identifier, chains as lists of triples in the graph's own direction."""
        return {
            "question": self.question,
            "entities": [
                {
                    "entity": ranked.entity,
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
        if not self:
            return f"{self.question} The graph does not say."
        lines = [f"{ranked.entity}  {self._measure(ranked)}" for ranked in self.entities]
        proofs = [f"    {ranked.chains[0]}" for ranked in self.entities]
        return "\n".join(
            [self.question, *(line for pair in zip(lines, proofs, strict=True) for line in pair)]
        )

    def _repr_html_(self) -> str:
        """A table of the entities with their chains drawn, for notebooks."""
        question = f"<p><b>{html.escape(self.question)}</b></p>"
        if not self:
            return f"{question}<p>The graph does not say.</p>"
        rows = "".join(self._row(ranked) for ranked in self.entities)
        return f"{question}<table><tr><th>answer</th><th></th><th>proof</th></tr>{rows}</table>"

    def _row(self, ranked: RankedEntity) -> str:
        drawn = "".join(_drawn(chain) for chain in ranked.chains)
        cells = (html.escape(ranked.entity), html.escape(self._measure(ranked)), drawn)
        return "<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells) + "</tr>"

    def _measure(self, ranked: RankedEntity) -> str:
        confidence = self.confidence_of(ranked)
        if confidence is None:
            return f"vote share {ranked.vote_share:.2f}"
        return f"confidence {confidence:.2f}"


def _drawn(chain: Chain) -> str:
    draw: Callable[[], str] | None = getattr(chain, "_repr_html_", None)
    return draw() if draw else f"<div>{html.escape(str(chain))}</div>"
