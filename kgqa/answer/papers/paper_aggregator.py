"""Aggregation by an LLM that is asked as in a paper."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kgqa.answer.llm.claims import Claim, Claims, parse_claims
from kgqa.answer.llm.evidence import ShownEvidence
from kgqa.answer.llm.llm_aggregator import LlmAggregator
from kgqa.answer.loose_json import without_thoughts
from kgqa.answer.papers.paper_prompt import PaperForm, paper_prompt
from kgqa.chat import Reply
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

    def _reply(
        self, question: str, evidence: ShownEvidence, graph: IndexedGraph
    ) -> tuple[Reply, float | None]:
        messages = paper_prompt(self.form, question, evidence.hypotheses, graph, self.prompt_tokens)
        return self.chat.reply(messages, max_tokens=self.reply_tokens), None

    def _claims(self, text: str) -> Claims:
        held = _BRACES.findall(without_thoughts(text)) if self.form == "tog" else []
        names = [name.strip() for name in held if name.strip().lower() not in ("yes", "no")]
        return Claims(tuple(map(Claim, names))) if names else parse_claims(text)
