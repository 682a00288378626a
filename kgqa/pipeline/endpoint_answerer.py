"""Answers questions from a graph that stays at its SPARQL endpoint."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kgqa.answer import Answer
from kgqa.constraint import named_filters
from kgqa.counted import counted
from kgqa.errors import EndpointError, KgqaError, NoChainError, NoTopicError, UsageError, check_count
from kgqa.graph import IndexedGraph
from kgqa.graph.endpoint import EndpointGraph, EndpointPart, EndpointUsage
from kgqa.linking import KnownMentions, Mention, content_words
from kgqa.pipeline.answerer import Answerer
from kgqa.pipeline.outcome import Outcome, Query, queries_of

__all__ = ["EndpointAnswerer"]

MOST_COMPARED = 200
"""Answers whose own facts are fetched: answers that are equal otherwise are ordered by them."""
CLASS_HOPS = 2
"""Hops from a class that a question names: its members, and what is said of them."""


@dataclass(frozen=True, eq=False)
class EndpointAnswerer:
    """Answers each question from the part of an endpoint's graph that lies around its topics.

    `answerer` has the settings, and answers from that part as from any graph: its own graph does not matter.
    The facts of the answers themselves are fetched last, as they order answers that are equal otherwise.

    A question that the endpoint did not answer as it should ends in an `EndpointError`, never in an empty
    answer; what of the graph was not looked at is among the answer's `warnings`.

    `filters` has the names of filters, as `named_filters` takes them: they are looked up in the part.
    """

    answerer: Answerer
    endpoint: EndpointGraph
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.answerer.filters:
            raise UsageError("an endpoint is fetched in parts: give the names of filters, as `filters`")

    @property
    def graph(self) -> IndexedGraph:
        """The graph of the answerer; outcomes have the parts that questions were answered from."""
        return self.answerer.graph

    def answer(self, question: str, topics: Sequence[str] = ()) -> Answer:
        """Answer a question; see `Answerer.answer`. Raises `EndpointError` too."""
        (outcome,) = self.run([Query(question, topics)])
        return outcome.unwrap()

    def run(self, questions: Iterable[str | Query], batch_size: int = 1) -> Iterator[Outcome]:
        """One outcome for each question, in their order; each is asked and decoded alone."""
        check_count(batch_size, "batch_size")
        yield from map(self._outcome, queries_of(questions))

    def over(self, graph: IndexedGraph) -> Answerer:
        """The answerer for a graph in memory."""
        return self.answerer.over(graph)

    def describe(self) -> dict[str, object]:
        """What decides the outcomes, but for the questions, as JSON values."""
        found = {**self.answerer.describe(), "endpoint": self.endpoint.describe()}
        named = {key: list(names) for key, names in self.filters.items() if names}
        return {**found, "filters": named} if named else found

    def _outcome(self, query: Query) -> Outcome:
        began = time.perf_counter()
        usage = EndpointUsage()
        part = self.endpoint.part(usage)
        fetching = 0.0
        try:
            mentions = self._prepare(query, part)
            graph = part.graph()
            fetching = time.perf_counter() - began
            outcome = self._answered(query, mentions, graph, usage)
            began = time.perf_counter()
            if part.complete(_compared(outcome.answer)):
                graph = part.graph()
                fetching += time.perf_counter() - began
                outcome = self._answered(query, mentions, graph, usage)
        except KgqaError as error:
            return Outcome(query.question, error, tuple(query.topics), usage=usage)
        answer = outcome.answer
        if isinstance(answer, Answer) and usage.warnings:
            checked = _executed(answer, part) if answer.proof is not None else ()
            answer = replace(answer, warnings=(*usage.warnings, *checked, *answer.warnings))
        timings = replace(outcome.timings, graph=fetching)
        return replace(outcome, answer=answer, timings=timings, graph=graph, usage=usage)

    def _answered(
        self, query: Query, mentions: list[Mention], graph: IndexedGraph, usage: EndpointUsage
    ) -> Outcome:
        known = KnownMentions({query.question: mentions}, self.answerer.linker)

        def absent(setting: str, name: str) -> None:
            near = f"within {counted(self.answerer.hops, 'hop')} of the topics"
            told = f"Nothing {near} is called {name!r} ({setting})."
            if setting in ("must_use", "answer_type"):
                raise NoChainError(told)
            usage.note(told)

        filters = named_filters(graph, **self.filters, absent=absent)
        (outcome,) = replace(self.answerer, graph=graph, linker=known, filters=filters).run([query], 1)
        return outcome

    def _prepare(self, query: Query, part: EndpointPart) -> list[Mention]:
        """Fetch what lies around the topics of a question; its mentions."""
        given = part.resolve(query.topics) if query.topics else []
        mentions: list[Mention] = []
        programs = self.answerer.grammar in ("auto", "programs")
        if not query.topics or programs:
            names = part.named(query.question)
            mentions = self.answerer.linker.link(query.question, names)
            if not mentions:
                names = part.named_by_words(content_words(query.question))
                mentions = self.answerer.linker.link(query.question, names)
            candidates = [one.entity for mention in mentions for one in mention.candidates]
            if len(candidates) > 1:
                part.count(names, candidates)
                mentions = self.answerer.linker.link(query.question, names)
        meant = [entity for mention in mentions for entity in mention.best_entities]
        topics = given or meant
        classes: list[str] = []
        if programs:
            topics = list(dict.fromkeys([*topics, *meant]))
            if not topics or self.answerer.router.needs_program(query.question, names):
                classes = part.classes(query.question)
        if not topics and not classes:
            raise NoTopicError(
                f"no entity of {self.endpoint.url} was found in the question; name a topic entity"
            )
        part.grow([one for one in topics if one not in classes], self.answerer.hops)
        part.grow(classes, CLASS_HOPS)
        return mentions


def _executed(answer: Answer, part: EndpointPart) -> tuple[str, ...]:
    """What the program of an answer gives on the whole graph, where only a part of it was looked at."""
    if answer.rows:  # a table has two columns
        return ()
    try:
        found = part.executed(answer.sparql)
    except EndpointError:
        return ("The endpoint did not execute the program on its whole graph.",)
    own = [ranked.entity for ranked in answer.entities] if answer.value is None else [answer.value]
    if sorted(found) == sorted(own):
        return ("The endpoint gives the same on its whole graph.",)
    shown = found[0] if len(found) == 1 else f"{len(found):,} results"
    return (f"Executed by the endpoint on its whole graph, the program gives {shown}.",)


def _compared(answer: Answer | Exception) -> list[str]:
    """The entities of an answer whose order what is known of them may change: those of a list."""
    if isinstance(answer, Exception) or len(answer.entities) < 2:
        return []
    return [ranked.entity for ranked in answer.entities[:MOST_COMPARED]]
