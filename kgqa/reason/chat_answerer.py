"""The straight line from a question to its answer, with a model that can only be talked to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property

from kgqa.answer import Aggregator, Answer, Testimony, Vote, over_graph
from kgqa.constraint import Filter, Scope, StepGrammar, StepWalk
from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph
from kgqa.linking import Linker, Topics
from kgqa.reason.chat_reasoner import ChatReasoner, Reasoning

__all__ = ["ChatAnswerer"]


@dataclass(frozen=True, eq=False)
class ChatAnswerer:
    """Answers questions from one graph like an `Answerer`, without any probabilities of a model's.

    The `reasoner` chooses relation paths ("relations") or paths entity by entity ("path") of up to `hops`
    hops; the other fields are those of `Answerer`. What the requests took is in the answer's testimony.

    Raises `UnknownEntityError` or `UnknownRelationError` for names in `filters` that the graph does
    not hold.

    >>> from kgqa.chat import MockChatModel
    >>> from kgqa.graph import GraphBuilder, Triple
    >>> facts = [Triple("Kismet", "directed_by", "William Dieterle"), Triple("Kismet", "in", "English")]
    >>> chat = MockChatModel(['{"choices": [1]}', '{"choices": [0]}'])
    >>> answer = ChatAnswerer(GraphBuilder.of(facts), ChatReasoner(chat)).answer("Who directed Kismet?")
    >>> answer.entities[0].entity
    'William Dieterle'
    """

    graph: IndexedGraph
    reasoner: ChatReasoner
    grammar: StepGrammar = "relations"
    hops: int = 3
    inverse: bool = True
    allow_return: bool = False
    aggregator: Aggregator = field(default_factory=Vote)
    linker: Linker | None = None
    filters: tuple[Filter, ...] = ()

    def __post_init__(self) -> None:
        if self.filters:
            _ = self._scope.reach  # a name that is not there is an error now, not one a question

    def answer(self, question: str, topics: Sequence[str] = ()) -> Answer:
        """Answer a question that starts at `topics` (names), or at what the linker finds in it.

        Raises `UnknownEntityError` when the graph knows none of the topics, `NoTopicError` when
        the question names none, `NoChainError` when no chain leads from them, `ModelError` or
        `BudgetError` when the model gives no reply.
        """
        entities = self._topics.resolve(topics) if topics else self.link(question)
        reasoning = self.reason(question, entities)
        answer = self._aggregator.aggregate(question, reasoning.hypotheses)
        said = answer.testimony or Testimony(self.reasoner.chat.name)
        return replace(answer, testimony=replace(said, usage=said.usage + reasoning.usage))

    def answers(
        self, asked: Iterable[tuple[str, Sequence[str]]], together: int = 8
    ) -> Iterator[Answer | KgqaError]:
        """The answers to many questions, in their order; up to `together` are asked at once.

        What `answer` would raise for a question stands in the place of its answer.
        """
        waiting: deque[Future[Answer | KgqaError]] = deque()
        threads = ThreadPoolExecutor(max(1, together))
        try:
            for question, topics in asked:
                waiting.append(threads.submit(self._outcome, question, topics))
                if len(waiting) >= max(1, together):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            threads.shutdown(cancel_futures=True)  # whoever stops listening pays for no more replies

    def reason(self, question: str, entities: Sequence[str]) -> Reasoning:
        """The chains that the model chooses from these entities (identifiers)."""
        walk = StepWalk.over(self._scope.reach, entities, self.grammar, self.hops, self.allow_return)
        return self.reasoner.reason(question, walk, self._scope.narrowed(walk))

    def link(self, question: str) -> list[str]:
        """The entities that a question names; see `Answerer.link`."""
        return self._topics.link(question)

    def _outcome(self, question: str, topics: Sequence[str]) -> Answer | KgqaError:
        try:
            return self.answer(question, topics)
        except KgqaError as error:
            return error

    @cached_property
    def _aggregator(self) -> Aggregator:
        return over_graph(self.aggregator, self.graph)

    @cached_property
    def _topics(self) -> Topics:
        return Topics(self.graph, self.linker)

    @cached_property
    def _scope(self) -> Scope:
        return Scope(self.graph, self.inverse, self.filters)
