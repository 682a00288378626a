"""Aggregation by an LLM that is asked as in a paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kgqa.answer.answer import Answer
from kgqa.answer.claims import Claim, Claims, parse_claims
from kgqa.answer.evidence import EvidencePrompt
from kgqa.answer.llm_aggregator import LlmAggregator
from kgqa.answer.llm_report import LlmReport
from kgqa.answer.loose_json import without_thoughts
from kgqa.answer.papers.paper_prompt import PaperForm, paper_prompt
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph

__all__ = ["PaperAggregator"]

_BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, eq=False)
class PaperAggregator(LlmAggregator):
    """An `LlmAggregator` that asks in the words of a paper and reads its form of reply.

    `form` is the paper: GCR (ICML 2025) and RoG (ICLR 2024) show paths and ask for a list of answers, ToG
    (ICLR 2024) shows triples and asks for an answer in braces. The whole reply is kept in `LlmReport.reply`,
    since the papers score that. Answers are only the entities on the chains that it names, with these chains;
    other names are in `LlmReport.outside`.
    """

    form: PaperForm = "gcr"

    def _asked(self, question: str, hypotheses: Sequence[Hypothesis], graph: IndexedGraph) -> Answer:
        messages = paper_prompt(self.form, question, hypotheses, graph, self.prompt_tokens)
        reply = self.chat.reply(messages, max_tokens=self.reply_tokens)
        shown, _ = EvidencePrompt(graph, self.prompt_tokens).lines(hypotheses)
        proofs, outside = self._proven(self._claims(reply.text), shown, graph)
        entities = tuple(self._ranked(entity, lines) for entity, lines in proofs.items())
        answer = Answer(question, entities)
        said = LlmReport(self.chat.name, outside, usage=reply.usage, reply=reply.text)
        return replace(answer, llm_report=self._compared(answer, said, graph) if self.closed_book else said)

    def _claims(self, text: str) -> Claims:
        """The names that a reply gives as answers."""
        held = _BRACES.findall(without_thoughts(text)) if self.form == "tog" else []
        names = [name.strip() for name in held if name.strip().lower() not in ("yes", "no")]
        return Claims(tuple(map(Claim, names))) if names else parse_claims(text)
