"""Aggregation by an LLM: it picks answers from the chains, and only what they prove is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import get_args

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.answer.graph_vote import GraphVote
from kgqa.answer.llm.aggregation_prompt import (
    CLOSED_BOOK_SCHEMA,
    SCHEMA,
    AnswerMode,
    aggregation_prompt,
    citation_prompt,
    citation_schema,
    closed_book_prompt,
)
from kgqa.answer.llm.citations import cited_share, weighed
from kgqa.answer.llm.claims import Claims, parse_claims, says_nothing
from kgqa.answer.llm.evidence import EvidenceLine, EvidencePrompt, ShownEvidence
from kgqa.answer.llm.proof_search import ProofSearch, folded_names, readings
from kgqa.answer.llm_report import Agreement, LlmReport
from kgqa.answer.protocol import Aggregator
from kgqa.chat import ChatModel, ContrastsChat, HoldsSchema, Reply
from kgqa.decode import Hypothesis
from kgqa.errors import BudgetError, ModelError, UsageError, check_count
from kgqa.graph import Chain, IndexedGraph, clean_name

__all__ = ["LlmAggregator", "agreement_of"]

_AT_A_TIME = 64
_FAILURES = (ModelError, BudgetError)


@dataclass(frozen=True, eq=False)
class LlmAggregator:
    """An `Aggregator` that shows an LLM the chains as evidence and keeps of its reply what they prove.

    The answers have the LLM's order. The vote share of an answer is the total weight (as in `Vote`) of the
    hypotheses that were cited for it and lead to it; where no chain is cited, of all that were shown. Its
    chains end at it: an entity in the middle of a chain is proven by the chain up to there. `ProofSearch`
    says how names are matched.

    A name that the cited chains do not prove is never an answer; it is listed in `LlmReport.outside`. The
    prompt forbids such names, but allows them in `mode` "open". The answer is empty when
    the LLM says that the chains do not answer the question, or when nothing grounded is left. With
    `closed_book` the LLM is asked again without chains and the two answers are compared (`agreement_of`).

    With `contrast` a model whose logits are visible (`ContrastsChat`) is decoded with and without the chains,
    and tokens that the chains make more likely are preferred ("AdaCAD", NAACL 2025); `LlmReport.conflict`
    measures the difference.

    In `mode` "weighed" the answers are those of the vote and of the LLM together, by how probable each is
    (`weighed`). An LLM that says that the chains do not answer the question still gives the empty answer. A
    reply that names nothing proven, or that names answers and says that there are none, leaves the answers
    of the vote.

    An LLM at an endpoint that holds replies to a JSON schema (`HoldsSchema`) gets one in which, but in mode
    "open", nothing but ends of the lines can be written (`citation_schema`). Of each line it is shown the
    ends in the order of the vote, and first the lines of the vote's first answer.

    The evidence takes about `prompt_tokens` tokens (see `EvidencePrompt`), a reply at most `reply_tokens`.
    When there is no reply the error is raised, unless `fall_back`: then the `vote` answers, or the
    comparison is left out, and `LlmReport.failure` says why.

    "Graph-constrained Reasoning" (GCR, ICML 2025) aggregates chains with a general LLM; "FaithfulRAG"
    (ACL 2025) compares what an LLM knows with what it is shown.

    Raises `UsageError` for settings out of range.

    >>> from kgqa import Answerer, GraphBuilder, MockLanguageModel, Triple
    >>> from kgqa.chat import MockChatModel
    >>> graph = GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle")])
    >>> chat = MockChatModel(['{"answers": [{"entity": "william dieterle", "chains": [1]}]}'])
    >>> answerer = Answerer(graph, MockLanguageModel(), aggregator=LlmAggregator(chat))
    >>> answerer.answer("Who directed Kismet?").entities[0].entity
    'William Dieterle'
    """

    chat: ChatModel
    mode: AnswerMode = "grounded"
    closed_book: bool = False
    fall_back: bool = False
    contrast: bool = False
    prompt_tokens: int = 3_000
    reply_tokens: int = 1_024
    chains_per_answer: int = 3
    vote: Aggregator = field(default_factory=GraphVote)

    def __post_init__(self) -> None:
        if self.mode not in get_args(AnswerMode):
            raise UsageError(f"mode must be one of {', '.join(get_args(AnswerMode))}, not {self.mode!r}")
        if self.contrast and not isinstance(self.chat, ContrastsChat):
            raise UsageError(f"{self.chat.name} shows no logits to contrast; take a model from a folder")
        for name in ("prompt_tokens", "reply_tokens", "chains_per_answer"):
            check_count(getattr(self, name), name)

    @property
    def concurrency(self) -> int:
        """Questions aggregated at a time. The LLM itself limits its requests in flight."""
        return _AT_A_TIME

    @property
    def _cites(self) -> bool:
        """Whether the LLM can be held to the ends of the lines."""
        held = isinstance(self.chat, HoldsSchema) and self.chat.holds_schema
        return held and self.mode != "open" and not self.contrast

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis], graph: IndexedGraph) -> Answer:
        """The entities that the LLM gives and the chains prove, in its order.

        Raises `ModelError` or `BudgetError` when no reply can be had, unless `fall_back`.
        """
        if not hypotheses:
            return Answer(question)
        voted = self.vote.aggregate(question, hypotheses, graph)
        try:
            return self._asked(voted, hypotheses, graph)
        except _FAILURES as error:
            if not self.fall_back:
                raise
            return replace(voted, llm_report=LlmReport(self.chat.name, failure=str(error)))

    def _asked(self, voted: Answer, hypotheses: Sequence[Hypothesis], graph: IndexedGraph) -> Answer:
        """What the LLM makes of the chains; `voted` is what the vote makes of them."""
        order = [ranked.entity for ranked in voted.entities]
        shown, left_out = EvidencePrompt(graph, self.prompt_tokens).lines(hypotheses, order)
        reply, conflict = self._reply(voted.question, ShownEvidence(hypotheses, shown, left_out), graph)
        claims = self._claims(reply.text)
        proofs, outside = self._proven(claims, shown, graph)
        answer = Answer(voted.question, tuple(self._ranked(*proof) for proof in proofs.items()))
        if self.mode == "weighed" and (claims.claims or not claims.abstains):
            answer = weighed(voted, answer, cited_share(proofs, shown), len(shown))
        said = LlmReport(self.chat.name, outside, usage=reply.usage, conflict=conflict, reply=reply.text)
        return replace(answer, llm_report=self._compared(answer, said, graph) if self.closed_book else said)

    def _claims(self, text: str) -> Claims:
        """The names that a reply gives as answers."""
        return parse_claims(text)

    def _reply(
        self, question: str, evidence: ShownEvidence, graph: IndexedGraph
    ) -> tuple[Reply, float | None]:
        """The reply to the evidence, and how much that conflicts with what the model knows (nats)."""
        cited = citation_schema(evidence.lines, graph) if self._cites else None
        if cited is not None:
            messages = citation_prompt(question, evidence.lines, evidence.left_out)
            return self.chat.reply(messages, schema=cited, max_tokens=self.reply_tokens), None
        messages = aggregation_prompt(question, evidence.lines, evidence.left_out, self.mode)
        if not (self.contrast and isinstance(self.chat, ContrastsChat)):
            return self.chat.reply(messages, schema=SCHEMA, max_tokens=self.reply_tokens), None
        bare = aggregation_prompt(question, (), 0, self.mode)
        contrast = self.chat.contrast(messages, bare, max_tokens=self.reply_tokens)
        return contrast.reply, contrast.conflict

    def _proven(
        self, said: Claims, shown: Sequence[EvidenceLine], graph: IndexedGraph
    ) -> tuple[dict[str, list[EvidenceLine]], tuple[str, ...]]:
        """The claimed entities with the lines that prove them, and the claimed names that no line proves."""
        search = ProofSearch(graph, shown)
        proofs: dict[str, list[EvidenceLine]] = {}
        outside: dict[str, None] = {}
        for claim in said.claims:
            found = {} if said.abstains else search.proofs(claim)
            for entity, lines in found.items():
                proofs.setdefault(entity, []).extend(lines)
            if not found and (name := clean_name(claim.name)) and not says_nothing(name):
                outside[name] = None
        return proofs, tuple(outside)

    def _ranked(self, entity: str, lines: Sequence[EvidenceLine]) -> RankedEntity:
        chains: dict[Chain, None] = {}
        for line in lines:
            chains.update(dict.fromkeys(islice(line.chains(entity), self.chains_per_answer)))
        weights = {line.hypothesis.tokens: line.weight for line in lines}
        score = min(1.0, sum(weights.values()))
        return RankedEntity(entity, score, tuple(islice(chains, self.chains_per_answer)))

    def _compared(self, answer: Answer, report: LlmReport, graph: IndexedGraph) -> LlmReport:
        """The report with what the LLM answers without chains."""
        messages = closed_book_prompt(answer.question)
        try:
            reply = self.chat.reply(messages, schema=CLOSED_BOOK_SCHEMA, max_tokens=self.reply_tokens)
        except _FAILURES as error:
            if not self.fall_back:
                raise
            return replace(report, failure=str(error))
        names = (clean_name(claim.name) for claim in parse_claims(reply.text).claims)
        own = tuple(dict.fromkeys(name for name in names if name and not says_nothing(name)))
        agreement = agreement_of(answer, own, graph)
        return replace(report, closed_book=own, agreement=agreement).plus(reply.usage)


def agreement_of(answer: Answer, own: Sequence[str], graph: IndexedGraph) -> Agreement:
    """How an LLM's closed-book answer compares with the graph's.

    They agree where one of its names is a label or alias of one of the answers, and conflict where both give
    answers and none is the same; otherwise one of them is silent. Whole names are compared, as `fold_name`
    folds them: "Nairobi, Kenya" is another answer than "Nairobi".
    """
    if not answer.entities or not own:
        return "silent"
    names = (folded_names(graph, ranked.entity) for ranked in answer.entities)
    known = {name for labels, aliases in names for name in labels | aliases}
    return "agrees" if any(reading in known for name in own for reading in readings(name)) else "conflicts"
