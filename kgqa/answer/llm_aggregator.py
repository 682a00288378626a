"""Answers that a language model picks out of chains, and that the chains prove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Self, get_args

from kgqa.answer.aggregation_prompt import (
    CLOSED_BOOK_SCHEMA,
    SCHEMA,
    Grounding,
    aggregation_prompt,
    closed_book_prompt,
)
from kgqa.answer.agreement import agreement_of
from kgqa.answer.answer import Answer, RankedEntity
from kgqa.answer.claims import Claims, parse_claims, says_nothing
from kgqa.answer.election import Election
from kgqa.answer.exhibit import Display, Exhibit
from kgqa.answer.proof_search import ProofSearch
from kgqa.answer.testimony import Testimony
from kgqa.answer.vote import Vote
from kgqa.chat import ChatModel, ContrastsChat, Reply
from kgqa.decode import Hypothesis
from kgqa.errors import BudgetError, EndpointError, ModelError, UsageError
from kgqa.graph import Chain, IndexedGraph, clean_name

__all__ = ["LlmAggregator"]

_FAILURES = (ModelError, EndpointError, BudgetError)


@dataclass(frozen=True, eq=False)
class LlmAggregator:
    """An `Aggregator` that shows a chat model the chains as evidence and keeps of its reply what they prove.

    The order of the answers is the model's. An answer's score is the share of the probability of all
    hypotheses (0 to 1) that those have which it was cited from and which lead to it, as in `Vote`; where
    no chain is cited, all shown ones count. Its chains end at it: an entity on a chain's way is proven by
    the chain up to there. Names mean what `ProofSearch` says.

    What the cited chains do not hold is never an answer: it stands in `Testimony.outside`. With `mode`
    "open" the model is told that it may give such answers too; "grounded", that it may not. The answer
    is empty when the model says that the chains do not answer, or when nothing grounded is left. With
    `closed_book` the question is asked again without chains, and compared (`agreement_of`).

    With `contrast` a model whose logits can be seen (`ContrastsChat`) is decoded with and without the
    chains, and what they change counts more ("AdaCAD", NAACL 2025); `Testimony.conflict` is how much
    they do.

    Evidence takes about `prompt_tokens` tokens (see `Display`), a reply `reply_tokens` at most. When no
    reply can be had the error is raised, unless `fall_back`: then the `vote` answers, or the comparison
    is left out, and `Testimony.failure` says why.

    "Graph-constrained Reasoning" (GCR, ICML 2025) lets a general model answer from chains, "FaithfulRAG"
    (ACL 2025) compares what it knows with what it is shown.

    Raises `UsageError` for settings out of range.

    >>> from kgqa import Answerer, GraphBuilder, MockLanguageModel, Triple
    >>> from kgqa.chat import MockChatModel
    >>> graph = GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle")])
    >>> chat = MockChatModel(['{"answers": [{"entity": "william dieterle", "chains": [1]}]}'])
    >>> answerer = Answerer(graph, MockLanguageModel(), aggregator=LlmAggregator(graph, chat))
    >>> answerer.answer("Who directed Kismet?").entities[0].entity
    'William Dieterle'
    """

    graph: IndexedGraph
    chat: ChatModel
    mode: Grounding = "grounded"
    closed_book: bool = False
    fall_back: bool = False
    contrast: bool = False
    prompt_tokens: int = 3_000
    reply_tokens: int = 1_024
    chains_per_answer: int = 3
    vote: Vote = field(default_factory=Vote)

    def __post_init__(self) -> None:
        if self.mode not in get_args(Grounding):
            raise UsageError(f"mode must be one of {', '.join(get_args(Grounding))}, not {self.mode!r}")
        if self.contrast and not isinstance(self.chat, ContrastsChat):
            raise UsageError(f"{self.chat.name} shows no logits to contrast; take a model from a folder")
        for name in ("prompt_tokens", "reply_tokens", "chains_per_answer"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} must be at least 1, not {getattr(self, name)}")

    def over(self, graph: IndexedGraph) -> Self:
        """The same aggregator over another graph."""
        return replace(self, graph=graph)

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis]) -> Answer:
        """The entities that the model gives and chains prove, in its order.

        Raises `ModelError`, `EndpointError` or `BudgetError` when no reply can be had, unless `fall_back`.
        """
        if not hypotheses:
            return Answer(question)
        try:
            return self._testified(question, hypotheses)
        except _FAILURES as error:
            if not self.fall_back:
                raise
            elected = Election(self.graph, self.vote).aggregate(question, hypotheses)
            return replace(elected, testimony=Testimony(self.chat.name, failure=str(error)))

    def _testified(self, question: str, hypotheses: Sequence[Hypothesis]) -> Answer:
        shown, left_out = Display(self.graph, self.prompt_tokens).exhibits(hypotheses)
        reply, conflict = self._reply(question, shown, left_out)
        proofs, outside = self._proven(parse_claims(reply.text), shown)
        entities = tuple(self._ranked(entity, lines) for entity, lines in proofs.items())
        answer = Answer(question, entities)
        said = Testimony(self.chat.name, outside, usage=reply.usage, conflict=conflict)
        return replace(answer, testimony=self._compared(answer, said) if self.closed_book else said)

    def _reply(self, question: str, shown: Sequence[Exhibit], left_out: int) -> tuple[Reply, float | None]:
        """What the model makes of the evidence, and how much that conflicts with what it knows."""
        messages = aggregation_prompt(question, shown, left_out, self.mode)
        if not (self.contrast and isinstance(self.chat, ContrastsChat)):
            return self.chat.reply(messages, schema=SCHEMA, max_tokens=self.reply_tokens), None
        bare = aggregation_prompt(question, (), 0, self.mode)
        contrast = self.chat.contrast(messages, bare, max_tokens=self.reply_tokens)
        return contrast.reply, contrast.conflict

    def _proven(
        self, said: Claims, shown: Sequence[Exhibit]
    ) -> tuple[dict[str, list[Exhibit]], tuple[str, ...]]:
        """The entities claimed with the lines that prove them, and the names that nothing proves."""
        search = ProofSearch(self.graph, shown)
        proofs: dict[str, list[Exhibit]] = {}
        outside: dict[str, None] = {}
        for claim in said.claims:
            found = {} if said.abstains else search.proofs(claim)
            for entity, lines in found.items():
                proofs.setdefault(entity, []).extend(lines)
            if not found and (name := clean_name(claim.name)) and not says_nothing(name):
                outside[name] = None
        return proofs, tuple(outside)

    def _ranked(self, entity: str, lines: Sequence[Exhibit]) -> RankedEntity:
        chains: dict[Chain, None] = {}
        for line in lines:
            chains.update(dict.fromkeys(islice(line.chains(entity), self.chains_per_answer)))
        weights = {line.hypothesis.tokens: line.weight for line in lines}
        score = min(1.0, sum(weights.values()))
        return RankedEntity(entity, score, tuple(islice(chains, self.chains_per_answer)))

    def _compared(self, answer: Answer, said: Testimony) -> Testimony:
        """The testimony with what the model says without chains."""
        messages = closed_book_prompt(answer.question)
        try:
            reply = self.chat.reply(messages, schema=CLOSED_BOOK_SCHEMA, max_tokens=self.reply_tokens)
        except _FAILURES as error:
            if not self.fall_back:
                raise
            return replace(said, failure=str(error))
        names = (clean_name(claim.name) for claim in parse_claims(reply.text).claims)
        own = tuple(dict.fromkeys(name for name in names if name and not says_nothing(name)))
        agreement = agreement_of(answer, own, self.graph)
        return replace(said, closed_book=own, agreement=agreement, usage=said.usage + reply.usage)
