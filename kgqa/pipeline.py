"""The straight line from a question to its answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from kgqa.answer import (
    Aggregator,
    Answer,
    Calibration,
    Election,
    Evidence,
    PathFit,
    PathRelevance,
    Vote,
    over_graph,
)
from kgqa.constraint import CachingTokenizer, Constraint, Filter, GrammarName, Scope, Walk
from kgqa.decode import BeamSearch, Decoder, Engine, Hypothesis, Task, decode
from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph
from kgqa.linking import Linker, Topics
from kgqa.lm import Embeds, LanguageModel, Prompt, Relevance, Reranks

__all__ = ["Answerer"]


@dataclass(frozen=True, eq=False)
class Answerer:
    """Answers questions from one graph; its fields are its settings.

    `hops` bounds the hops of a chain. Chains take steps against triples when `inverse`, and come
    back to their own start when `allow_return`. Without a `linker` topics are found by name. Only chains
    that all `filters` keep are said; those that forbid facts are taken out of the graph once, which
    costs nothing after that. `wrap` makes another constraint of each question's, such as one whose
    links are explained (`kgqa.constraint.Explained`).

    With `by_meaning` relation paths are scored by how they fit the question too (`PathFit`,
    `PathRelevance`) and answers ordered by it (`EndRelevance`), where the model can tell. The `aggregator`
    is used over the answerer's own graph (`OverGraph`): a `Vote` is held as an `Election`, which knows
    where chains from several topics meet. With a `calibration` answers have a confidence, and those below
    `least_confidence` are empty: the graph does not say.

    Raises `UnknownEntityError` or `UnknownRelationError` for names in `filters` that the graph does
    not hold.

    >>> from kgqa.graph import GraphBuilder, Triple
    >>> from kgqa.lm import MockLanguageModel
    >>> graph = GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle")])
    >>> answer = Answerer(graph, MockLanguageModel()).answer("Who directed Kismet?")
    >>> answer.entities[0].entity, len(answer.entities[0].chains)
    ('William Dieterle', 1)
    """

    graph: IndexedGraph
    model: LanguageModel
    grammar: GrammarName = "relations"
    hops: int = 3
    inverse: bool = True
    allow_return: bool = False
    decoder: Decoder = field(default_factory=BeamSearch)
    aggregator: Aggregator = field(default_factory=Vote)
    linker: Linker | None = None
    filters: tuple[Filter, ...] = ()
    wrap: Callable[[Constraint], Constraint] | None = None
    by_meaning: bool = True
    calibration: Calibration | None = None
    least_confidence: float = 0.0

    def __post_init__(self) -> None:
        if self.filters:
            _ = self._scope.reach  # a name that is not there is an error now, not one a question

    def answer(self, question: str, topics: Sequence[str] = ()) -> Answer:
        """Answer a question that starts at `topics` (names), or at what the linker finds in it.

        Raises `UnknownEntityError` when the graph knows none of the topics, `NoTopicError` when
        the question names none, `NoChainError` when no chain leads from them, `BudgetError` when
        the decoder ran out of time, `ModelError` when the model fails.
        """
        (outcome,) = self.answers([(question, topics)], together=1)
        if isinstance(outcome, KgqaError):
            raise outcome
        return outcome

    def answers(
        self, asked: Iterable[tuple[str, Sequence[str]]], together: int = 8
    ) -> Iterator[Answer | KgqaError]:
        """The answers to many questions (each with its topics, or none), in their order.

        Up to `together` questions share the passes of the model, which is several times faster than
        one at a time and answers the same. What `answer` would raise for a question stands in the
        place of its answer.
        """
        due: deque[tuple[str, Sequence[str]] | KgqaError] = deque()

        def tasks() -> Iterator[Task]:
            for question, topics in asked:
                try:
                    entities = self.resolve(topics) if topics else self.link(question)
                    task = self.task(question, entities)
                except KgqaError as error:
                    due.append(error)
                else:
                    due.append((question, entities))
                    self.expect(question, entities)
                    yield task

        for outcome in Engine(self.model, questions=together).run(self.decoder, tasks()):
            while isinstance(waiting := due.popleft(), KgqaError):
                yield waiting
            if isinstance(outcome, KgqaError):
                yield outcome
            else:
                yield self._concluded(waiting[0], self.ranked(*waiting, outcome))
        yield from (error for error in due if isinstance(error, KgqaError))

    def decode(self, question: str, entities: Sequence[str]) -> list[Hypothesis]:
        """The chains that the model finds likely, from these entities (identifiers)."""
        task = self.task(question, entities)
        return decode(self.decoder, self.model, task.prompt, task.constraint)

    def task(self, question: str, entities: Sequence[str]) -> Task:
        """What is decoded for a question from these entities (identifiers)."""
        constraint: Constraint = Walk.over(
            self._scope.reach,
            entities,
            self._tokenizer,
            self.grammar,
            self.hops,
            allow_return=self.allow_return,
        )
        constraint = self._scope.narrowed(constraint)
        if self.wrap:
            constraint = self.wrap(constraint)
        return Task(Prompt(question, self._names(entities), self.grammar), constraint)

    def resolve(self, names: Sequence[str]) -> list[str]:
        """The entities that go by these names, by identifier, else by label, else by alias.

        An ambiguous name gives all entities that bear it. Names that the graph does not know are
        passed over unless it knows none of them: then `UnknownEntityError`.
        """
        return self._topics.resolve(names)

    def link(self, question: str) -> list[str]:
        """The entities that a question names, the likeliest readings of each mention."""
        return self._topics.link(question)

    def expect(self, question: str, topics: Sequence[str]) -> None:
        """Say that `ranked` will be asked about a question: what is expected is embedded together."""
        if self._fit:
            self._fit.expect(question, self._names(topics))

    def ranked(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis]
    ) -> Sequence[Hypothesis]:
        """What was decoded from these topics (identifiers), in the order in which it is believed."""
        names = self._names(topics)
        for judge in self._judges:
            hypotheses = judge.rank(question, names, hypotheses)
        return hypotheses

    def conclude(self, question: str, ranked: Sequence[Hypothesis]) -> Answer:
        """The answer that ranked hypotheses support; safe to be asked from several threads at once.

        Raises what the aggregator raises, such as a `ModelError` of a language model that it asks.
        """
        answer = self._aggregator.aggregate(question, ranked)
        if self.calibration is None:
            return answer
        confidence = self.calibration.confidence(Evidence.of(ranked))
        kept = answer.entities if confidence >= self.least_confidence else ()
        return replace(answer, entities=kept, confidence=confidence)

    def _names(self, entities: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.graph.label(entity) or entity for entity in entities))

    @cached_property
    def _judges(self) -> list[PathFit | PathRelevance]:
        """What scores relation paths beside the model's own probabilities, in this order."""
        relevance = PathRelevance(self.graph, self._relevance) if self._relevance else None
        return [judge for judge in (self._fit, relevance) if judge]

    @cached_property
    def _fit(self) -> PathFit | None:
        if self._reads and isinstance(self.model, Embeds):
            return PathFit(self.graph, self.model.embed)
        return None

    @cached_property
    def _relevance(self) -> Relevance | None:
        return self.model.relevance if self._reads and isinstance(self.model, Reranks) else None

    @property
    def _reads(self) -> bool:
        return self.by_meaning and self.grammar == "relations"

    def _concluded(self, question: str, ranked: Sequence[Hypothesis]) -> Answer | KgqaError:
        try:
            return self.conclude(question, ranked)
        except KgqaError as error:
            return error

    @cached_property
    def _aggregator(self) -> Aggregator:
        aggregator = over_graph(self.aggregator, self.graph)
        if self._relevance and isinstance(aggregator, Election):
            return aggregator.reading(self._relevance)
        return aggregator

    @cached_property
    def _topics(self) -> Topics:
        return Topics(self.graph, self.linker)

    @cached_property
    def _scope(self) -> Scope:
        return Scope(self.graph, self.inverse, self.filters)

    @cached_property
    def _tokenizer(self) -> CachingTokenizer:
        return CachingTokenizer(self.model.tokenizer)
