"""The answer to a question: entities with their chains, or a value or table, with what proves it."""

from __future__ import annotations

import html
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Literal, Self

from kgqa.answer.llm_report import LlmReport
from kgqa.errors import ProgramError, UnknownEntityError
from kgqa.graph import (
    Chain,
    IndexedGraph,
    KnowledgeGraph,
    NodeKind,
    Triple,
    Value,
    ValueKind,
    ValueTable,
    clean_name,
    guess_value,
)
from kgqa.program import Member, Proof, program_text, to_sparql, value_words

__all__ = ["Answer", "AnswerForm", "RankedEntity"]

AnswerForm = Literal["entity", "number", "boolean", "literal", "table"]
"""What an answer is; `literal` is a date, a duration or a text."""

MOST_SHOWN = 10
"""So many entities of an answer are shown as text and in notebooks."""


@dataclass(frozen=True)
class RankedEntity:
    """One answer: an entity, its share of the votes (0 to 1), and its proof.

    `entity` is its identifier, `name` its name in the graph, which an `Answerer` fills in; without one it is
    the identifier. `vote_share` ranks the entities of one answer. It is no probability that the entity is
    right: that is `Answer.confidence`. `chains` are the chains shown for it, the most probable first; there
    is one at least, but for members of a program's result beyond the first hundred.
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
    """The answer to a question, best entity first, or a `value` or the `rows` of a table.

    Without any of them it is empty: the graph does not say, and `reason` says why, where that is known.

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
    vote_share: float | None = None
    """The share of the votes for a value or a table."""
    reason: str = ""
    """Why the answer is empty."""
    warnings: tuple[str, ...] = ()
    """Why the answer may be wrong although its proof holds."""

    def __bool__(self) -> bool:
        return bool(self.entities) or self.value is not None or bool(self.rows)

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
    def rows(self) -> tuple[Member, ...]:
        """The rows of a table, each a member or a group with its value; none of another answer."""
        return () if self.proof is None else self.proof.result.rows

    @property
    def form(self) -> AnswerForm:
        """What the answer is. Entities that are all literals of the graph are numbers or literals."""
        result = None if self.proof is None else self.proof.result
        if result is None or result.kind == "set":
            return self._form_of_entities()
        if result.kind == "truth":
            return "boolean"
        return "table" if result.kind == "table" else _form_of(result.value)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the answer rests on: ties, members without values, facts that the graph has not, warnings."""
        return (() if self.proof is None else self.proof.notes) + self.warnings

    @property
    def program(self) -> str:
        """The text of the program that was executed; empty where none was."""
        return "" if self.proof is None else program_text(self.proof.program, self.proof.graph)

    @property
    def sparql(self) -> str:
        """The program as a SPARQL query, which gives the same answer; empty where none was executed.

        Raises `ProgramError` for a program that has no translation.
        """
        return "" if self.proof is None else to_sparql(self.proof.program, self.proof.graph)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the entities, best first."""
        return tuple(ranked.name for ranked in self.entities)

    @property
    def facts(self) -> tuple[Triple, ...]:
        """The facts of all chains and of what is listed of the proof, each once."""
        chains = (chain for ranked in self.entities for chain in ranked.chains)
        proven = () if self.proof is None else self.proof.facts
        return tuple(dict.fromkeys((*(fact for chain in chains for fact in chain.triples), *proven)))

    @property
    def sources(self) -> dict[Triple, tuple[str, ...]] | None:
        """The sources (named graphs) that say each of the `facts`; `None` for a graph that keeps none."""
        graph = self.graph if self.proof is None else self.proof.graph
        if not isinstance(graph, IndexedGraph) or graph.provenance is None:
            return None
        return {fact: graph.sources(fact) for fact in self.facts}

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

    def unit_of(self, ranked: RankedEntity) -> str:
        """The unit of an entity that is a number, by the last fact of its chain; empty if there is none."""
        if not (isinstance(self.graph, IndexedGraph) and ranked.chains and ranked.chains[0].hops):
            return ""
        last, node = ranked.chains[0].hops[-1], self.graph.entity_id(ranked.entity)
        number = guess_value(self.graph.labels[node]).kind in (ValueKind.NUMBER, ValueKind.DURATION)
        if last.inverse or last.entity != ranked.entity or not number:
            return ""  # the table of values, which is large, is not opened for a name
        relation = self.graph.relation_id(last.relation)
        return ValueTable.of(self.graph).value(relation, node).unit

    def to_dict(self) -> dict[str, object]:
        """JSON values: entities by identifier, name and unit, chains as triples in the graph's own direction.

        `proof` is that of `Proof.to_dict`; it is `null`, as is what belongs to it, where no program was
        executed. `sources` has each of the facts with the sources that say it; `null` for a graph without.
        """
        sources = self.sources
        sparql = ""
        with suppress(ProgramError):
            sparql = self.sparql
        return {
            "question": self.question,
            "entities": [
                {
                    "entity": ranked.entity,
                    "name": ranked.name,
                    "unit": self.unit_of(ranked) or None,
                    "vote_share": ranked.vote_share,
                    "confidence": self.confidence_of(ranked),
                    "chains": [[list(triple) for triple in chain.triples] for chain in ranked.chains],
                }
                for ranked in self.entities
            ],
            "confidence": self.confidence,
            "answer_type": self.form if self else None,
            "value": self.value,
            "vote_share": self.vote_share,
            "table": [
                {
                    "entity": row.entity,
                    "name": self._shown(row.entity),
                    "value": None if row.value is None else str(row.value),
                }
                for row in self.rows
            ],
            "program": self.program or None,
            "sparql": sparql or None,
            "proof": None if self.proof is None else self.proof.to_dict(),
            "sources": None
            if sources is None
            else [{"fact": list(fact), "sources": list(said)} for fact, said in sources.items()],
            "notes": list(self.notes),
            "reason": self.reason or None,
            "llm_report": None if self.llm_report is None else asdict(self.llm_report),
        }

    def __str__(self) -> str:
        """The question, then the first ten entities, each with its first chain, by names.

        Of a value or table: that and its proof.
        """
        if not self:
            return f"{self.question}\nThe graph does not say." + (f" ({self.reason})" if self.reason else "")
        lines = [self.question]
        if not self.entities and self.proof is not None:
            lines += [] if self.value is None else [self.value]
            rows = self.rows[:MOST_SHOWN]
            values = ("" if row.value is None else value_words(row.value) for row in rows)
            lines += [f"{self._shown(row.entity)}  {text}" for row, text in zip(rows, values, strict=True)]
            return "\n".join((*lines, self.proof.to_text()))
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
        if not self.entities:
            _, *lines = str(self).split("\n")
            return question + f"<pre>{html.escape(chr(10).join(lines))}</pre>"
        rows = "".join(self._row(ranked) for ranked in self.entities[:MOST_SHOWN])
        table = f"<table><tr><th>answer</th><th></th><th>proof</th></tr>{rows}</table>"
        more = len(self.entities) - MOST_SHOWN
        return question + table + (f"<p>... and {more} more</p>" if more > 0 else "")

    def _form_of_entities(self) -> AnswerForm:
        graph = None if self.proof is None else self.proof.graph
        if graph is None or not self.entities:
            return "entity"
        numbers = [graph.entity_id(ranked.entity) for ranked in self.entities[:MOST_SHOWN]]
        if not all(graph.kinds[number] == NodeKind.LITERAL for number in numbers):
            return "entity"
        forms = {_form_of(guess_value(graph.labels[number])) for number in numbers}
        return forms.pop() if len(forms) == 1 else "literal"

    def _shown(self, entity: str) -> str:
        """The name of an entity of the graph, safe to print."""
        name = "" if self.graph is None else _name(entity, self.graph)
        return clean_name(name or entity)

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


def _form_of(value: Value | None) -> AnswerForm:
    return "number" if value is None or value.kind == ValueKind.NUMBER else "literal"
