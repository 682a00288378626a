"""The line from a question to its answer: link, find, aggregate."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple, NoReturn, Protocol, Self

from kgqa.answer import (
    Aggregator,
    Answer,
    Calibration,
    Evidence,
    GraphVote,
    ProgramVote,
    only_asked_class,
)
from kgqa.constraint import Filter, spoken_identifiers
from kgqa.errors import (
    CacheError,
    KgqaError,
    NoTopicError,
    UsageError,
    check_count,
    check_number,
    check_path,
)
from kgqa.finders import ChainSpace, Finder, Found, LinkedQuestion, ModelFinder
from kgqa.graph import IndexedGraph
from kgqa.linking import Linker, NameLinker, ProgramLinker, Topics
from kgqa.lm import LanguageModel
from kgqa.pipeline.answer_check import of_asked_kind, unsure
from kgqa.pipeline.caches import CachedFinder, CachedLinker
from kgqa.pipeline.description import described
from kgqa.pipeline.outcome import Outcome, Query, Timings, queries_of
from kgqa.pipeline.router import CueWords, GrammarChoice, Router, names_several, names_superlative, surer
from kgqa.program import CoverageRule

__all__ = ["Answerer", "Answers"]

_SURE = 0.8
"""From this confidence on, paths are not doubted."""


class Answers(Protocol):
    """The protocol of `Answerer`, so that evaluation also takes other answerers."""

    @property
    def graph(self) -> IndexedGraph:
        """The graph that answers come from."""
        ...

    def run(self, questions: Iterable[str | Query], batch_size: int = 8) -> Iterator[Outcome]:
        """One outcome for each question, in their order; see `Answerer.run`."""
        ...

    def over(self, graph: IndexedGraph) -> Answers:
        """The same, for another graph."""
        ...

    def describe(self) -> Mapping[str, object]:
        """What decides the outcomes, but for questions and graph, as JSON values."""
        ...


class _Linked(NamedTuple):
    """A question whose topics are known; `shown` are the topics as an outcome names them."""

    question: LinkedQuestion
    shown: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, eq=False)
class Answerer:
    """Answers questions from one graph; its fields are its settings.

    `finder` finds the hypotheses: a `Finder`, or a language model, which becomes a `ModelFinder` (beam search
    with ten beams, ranked again by the model's own rankers). `grammar`, `hops`, `inverse`, `allow_return` and
    `filters` say which chains there are (`ChainSpace`). With `speak_identifiers` they write nodes
    without a name by their identifiers, and may end at them (`kgqa.constraint.spoken_identifiers`). `linker`
    finds topics where none are given.

    With the grammar "auto", questions that need an operator by the `router`, and those that name no entity,
    are answered by programs, all others by relation paths; a question that names several things by a program
    that is surer than these, where they have less than 0.8, and one with a superlative that is part of a
    relation's name ("highest point") by a path that is surer. Of the ends of a path, only those of the class
    that the question's noun names are answers, if some are ("which composers were born in Vienna?"). All are
    answered by paths where the finder writes no programs, with `filters`, and with an `aggregator` that is no
    vote (its `votes_on`).

    `aggregator` turns hypotheses into an answer; `None`: a `GraphVote` with the finder's cross-encoder, if it
    has one. `calibration` gives answers a confidence; "model": the one that came with the finder's model,
    where it holds for these settings and the aggregator keeps the ranking. Answers with a confidence below
    `min_confidence` are empty: the graph does not say. With `check_form`, so are answers of another kind than
    the question asks for (`ExpectedForm`), such as a list for "how many". `coverage` says when an answer that
    compares or sums is given with a warning, or not given, because members have no value (`None`: never).
    With `keep_texts` outcomes have the text of every hypothesis.

    Raises `UnknownEntityError` or `UnknownRelationError` for names in `filters` that the graph does not hold.

    >>> from kgqa.graph import GraphBuilder, Triple
    >>> from kgqa.lm import MockLanguageModel
    >>> graph = GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle")])
    >>> answer = Answerer(graph, MockLanguageModel()).answer("Who directed Kismet?")
    >>> answer.entities[0].entity, len(answer.entities[0].chains)
    ('William Dieterle', 1)
    """

    graph: IndexedGraph
    finder: Finder | LanguageModel
    grammar: GrammarChoice = "relations"
    hops: int = 3
    inverse: bool = True
    allow_return: bool = False
    filters: tuple[Filter, ...] = ()
    linker: Linker = field(default_factory=NameLinker)
    aggregator: Aggregator | None = None
    calibration: Calibration | Literal["model"] | None = "model"
    min_confidence: float = 0.0
    check_form: bool = True
    coverage: CoverageRule | None = field(default_factory=CoverageRule)
    router: Router = field(default_factory=CueWords)
    speak_identifiers: bool = False
    keep_texts: bool = False

    def __post_init__(self) -> None:
        check_number(self.min_confidence, "min_confidence", least=0, most=1)
        if not isinstance(self.graph, IndexedGraph):
            raise UsageError(f"graph is an IndexedGraph (see open_graph), not {type(self.graph).__name__}")
        if not (isinstance(self.finder, Finder) or callable(getattr(self.finder, "score", None))):
            raise UsageError(
                f"finder is a language model (see load_language_model) or a Finder, not {self.finder!r:.60}"
            )
        if self.aggregator is not None and not callable(getattr(self.aggregator, "aggregate", None)):
            raise UsageError(f"aggregator is an Aggregator (kgqa.answer), not {self.aggregator!r:.60}")
        _ = self.space

    def __reduce__(self) -> NoReturn:
        raise UsageError(
            "an Answerer holds a model, and cannot be copied or pickled: make one in each process, such as "
            "with build_answerer (kgqa.pipeline.assembly) from AnswererSettings, which can be pickled"
        )

    def answer(self, question: str, topics: Sequence[str] = ()) -> Answer:
        """Answer a question that starts at `topics` (names), or at what the linker finds in it.

        Raises `UnknownEntityError` when the graph knows none of the topics, `NoTopicError` when the question
        names none, `NoChainError` when no chain leads from them, `BudgetError` when time or money ran out,
        `ModelError` when a model fails.
        """
        (outcome,) = self.run([Query(question, topics)])
        return outcome.unwrap()

    def run(self, questions: Iterable[str | Query], batch_size: int = 8) -> Iterator[Outcome]:
        """One outcome for each question (a text, or a text with its topics), in their order.

        `batch_size` questions share the passes of the model, which is several times faster than one at a
        time and answers the same, except for the last digits of scores. What `answer` would raise for a
        question is its outcome's `answer`; other exceptions, and a `CacheError`, end the iteration.
        """
        check_count(batch_size, "batch_size")
        waiting = queries_of(questions)
        while batch := list(islice(waiting, batch_size)):
            yield from self._batch(batch)

    def over(self, graph: IndexedGraph) -> Self:
        """The same answerer for another graph; what its finder knows of texts is shared."""
        return replace(self, graph=graph, finder=self.hypothesis_finder)

    def cached(self, folder: str | Path, code: str = "") -> Self:
        """The same answerer with its linker and its finder cached in a folder.

        `code` identifies the code that links and finds: what other code found is not used. Another
        aggregator, calibration or confidence bound uses what was found before. What an LLM chooses is not
        kept here: its replies have a cache of their own.
        """
        folder, finder = check_path(folder, "folder"), self.hypothesis_finder
        return replace(
            self,
            linker=CachedLinker(self.linker, folder, code),
            finder=CachedFinder(finder, folder, code) if finder.repeatable else finder,
        )

    def link(self, question: str) -> list[str]:
        """The entities that a question names. Raises `NoTopicError` when it names none."""
        return Topics(self.graph, self.linker).link(question)

    def resolve(self, names: Sequence[str]) -> list[str]:
        """The entities with these names; see `Topics.resolve`. Raises `UnknownEntityError` for no match."""
        return Topics(self.graph, self.linker).resolve(names)

    def line_of(self, question: str, topics: Sequence[str] = ()) -> Answerer:
        """The answerer of one grammar that answers a question: itself, unless the grammar is "auto"."""
        if self.grammar != "auto":
            return self
        if not self._takes_programs:
            return self._path_line
        if self.router.needs_program(question, self.graph):
            return self._program_line
        (outcome,) = self._routed([Query(question, topics)])
        unnamed = isinstance(outcome.error, NoTopicError)
        proven = outcome.error is None and outcome.unwrap().proof is not None
        return self._program_line if unnamed or proven else self._path_line

    def describe(self) -> dict[str, object]:
        """What decides the outcomes, but for questions and graph, as JSON values."""
        names = ("grammar", "hops", "inverse", "allow_return", "speak_identifiers", "filters", "linker")
        others = ("min_confidence", "check_form", "coverage", "keep_texts")
        found = {name: described(getattr(self, name)) for name in (*names, *others)}
        if self.grammar == "auto":
            found["router"] = described(self.router)
        found["finder"] = described(self.hypothesis_finder)
        found["aggregator"] = described(self.answer_aggregator)
        found["calibration"] = described(self.answer_calibration)
        return found

    @cached_property
    def space(self) -> ChainSpace:
        """The chains that may answer questions."""
        grammar = "relations" if self.grammar == "auto" else self.grammar
        graph = spoken_identifiers(self.graph) if self.speak_identifiers else self.graph
        return ChainSpace(graph, grammar, self.hops, self.inverse, self.allow_return, self.filters)

    @cached_property
    def hypothesis_finder(self) -> Finder:
        """The `finder` in use: the field, or a `ModelFinder` of the language model in it."""
        return self.finder if isinstance(self.finder, Finder) else ModelFinder(self.finder)

    @cached_property
    def answer_aggregator(self) -> Aggregator:
        """The `aggregator` in use: the field, or the default."""
        if self.aggregator is not None:
            return self.aggregator
        if self.grammar == "programs":
            return ProgramVote(check_form=self.check_form)
        return GraphVote(relevance=self.hypothesis_finder.relevance(self.space))

    @cached_property
    def answer_calibration(self) -> Calibration | None:
        """The `calibration` in use."""
        if self.calibration != "model":
            return self.calibration
        keeps = getattr(self.answer_aggregator, "keeps_ranking", False)
        return self.hypothesis_finder.calibration(self.space) if keeps else None

    @cached_property
    def _path_line(self) -> Answerer:
        """This answerer with the grammar of relation paths."""
        paths = None if self._votes_on == "programs" else self.aggregator
        return replace(self, grammar="relations", aggregator=paths, finder=self.hypothesis_finder)

    @cached_property
    def _program_line(self) -> Answerer:
        """This answerer with the grammar of programs."""
        voting = self.aggregator if self._votes_on == "programs" else None
        return replace(self, grammar="programs", aggregator=voting, finder=self.hypothesis_finder)

    @property
    def _votes_on(self) -> str:
        """What the aggregator votes on: "chains" (as the default), "programs", or nothing."""
        return "chains" if self.aggregator is None else str(getattr(self.aggregator, "votes_on", ""))

    @property
    def _takes_programs(self) -> bool:
        return bool(self._votes_on) and not self.filters and self.hypothesis_finder.writes_programs

    def _batch(self, queries: Sequence[Query]) -> Iterator[Outcome]:
        return self._routed(queries) if self.grammar == "auto" else self._answered(queries)

    def _routed(self, queries: Sequence[Query]) -> Iterator[Outcome]:
        """Programs and paths apart, in the order of the questions; both where either may be meant."""
        able = self._takes_programs
        wanted = [able and self.router.needs_program(one.question, self.graph) for one in queries]

        def answer(line: Answerer, places: Sequence[int]) -> dict[int, Outcome]:
            return dict(zip(places, line._answered([queries[place] for place in places]), strict=True))

        plain = [
            not needs or names_superlative(one.question, self.graph)
            for needs, one in zip(wanted, queries, strict=True)
        ]
        paths = answer(self._path_line, [place for place, asked in enumerate(plain) if asked])
        if able:
            paths = {at: self._of_asked_class(outcome) for at, outcome in paths.items()}
        doubtful = [at for at, outcome in paths.items() if able and self._may_be_program(outcome)]
        asked = sorted({*doubtful, *(place for place, needs in enumerate(wanted) if needs)})
        programs = answer(self._program_line, asked) if asked else {}
        for place, needs in enumerate(wanted):
            first, other = (programs, paths) if needs else (paths, programs)
            yield surer(first[place], other[place]) if place in other else first[place]

    def _of_asked_class(self, outcome: Outcome) -> Outcome:
        if outcome.error is not None:
            return outcome
        return replace(outcome, answer=only_asked_class(outcome.unwrap(), self.graph))

    def _may_be_program(self, outcome: Outcome) -> bool:
        """Whether paths found no topic, or leave doubt about a question that names several things."""
        if outcome.error is not None:
            return isinstance(outcome.error, NoTopicError)
        nodes = (node for topic in outcome.topics for node in self.graph.find(topic)[:1])
        names = [self.graph.label(node) or node for node in nodes]
        return outcome.confidence < _SURE and names_several(outcome.question, names)

    def _answered(self, queries: Sequence[Query]) -> Iterator[Outcome]:
        linked = [self._link(query) for query in queries]
        good = [one for one in linked if isinstance(one, _Linked)]
        found = self.hypothesis_finder.find([one.question for one in good], self.space)
        outcomes = self._aggregated(good, found)
        for one in linked:
            yield next(outcomes) if isinstance(one, _Linked) else one

    def _link(self, query: Query) -> _Linked | Outcome:
        began = time.perf_counter()
        try:
            if self.grammar == "programs":
                return self._link_program(query, began)
            if query.topics:
                topics = self.resolve(query.topics)
                shown = tuple(query.topics)
            else:
                topics = self.link(query.question)
                shown = tuple(topics)
        except CacheError:
            raise
        except KgqaError as error:
            seconds = time.perf_counter() - began
            return Outcome(query.question, error, tuple(query.topics), timings=Timings(link=seconds))
        question = LinkedQuestion(query.question, tuple(topics))
        return _Linked(question, shown, time.perf_counter() - began)

    def _link_program(self, query: Query, began: float) -> _Linked:
        """What a question mentions, given topics first; a program may start from a class instead."""
        given = self.resolve(query.topics) if query.topics else []
        mentioned = ProgramLinker(self.linker).mentioned(query.question, self.graph, given)
        topics = tuple(node for nodes in mentioned.topics for node in nodes)
        if not topics and not mentioned.classes:
            raise NoTopicError("no entity of the graph was found in the question, and no class of it")
        shown = tuple(query.topics) or topics
        question = LinkedQuestion(query.question, topics, mentioned)
        return _Linked(question, shown, time.perf_counter() - began)

    def _aggregated(self, linked: Sequence[_Linked], found: Sequence[Found | KgqaError]) -> Iterator[Outcome]:
        at_a_time = min(len(linked), getattr(self.answer_aggregator, "concurrency", 1))
        if at_a_time < 2:
            return map(self._outcome, linked, found)
        with ThreadPoolExecutor(at_a_time) as threads:  # they wait for replies
            return iter(list(threads.map(self._outcome, linked, found)))

    def _outcome(self, linked: _Linked, found: Found | KgqaError) -> Outcome:
        question, shown, seconds = linked
        if isinstance(found, KgqaError):
            return Outcome(question.question, found, shown, timings=Timings(link=seconds))
        began = time.perf_counter()
        answer: Answer | KgqaError
        try:
            answer = self._answer(question, found)
        except KgqaError as error:
            answer = error
        timings = Timings(link=seconds, decode=found.seconds, aggregate=time.perf_counter() - began)
        texts = self.hypothesis_finder.texts(found.hypotheses, self.space) if self.keep_texts else ()
        spent = (found.passes, found.tokens)
        return Outcome(question.question, answer, shown, found.hypotheses, timings, *spent, texts=texts)

    def _answer(self, question: LinkedQuestion, found: Found) -> Answer:
        answer = self.answer_aggregator.aggregate(question.question, found.hypotheses, self.graph)
        if found.llm_report is not None:
            report = answer.llm_report or replace(found.llm_report, usage=type(found.llm_report.usage)())
            answer = replace(answer, llm_report=report.plus(found.llm_report.usage))
        answer = of_asked_kind(answer.over(self.graph), self.graph, self.coverage, check_form=self.check_form)
        if self.answer_calibration is None or answer.reason:
            return answer
        similarity = self.hypothesis_finder.similarity(question, answer, self.space)
        evidence = Evidence.behind(answer, found.hypotheses, similarity)
        confidence = self.answer_calibration.confidence(evidence)
        limit = self.hypothesis_finder.confidence_limit(question, answer, found.hypotheses, self.space)
        confidence = min(confidence, limit)
        if confidence < self.min_confidence and answer:
            answer = unsure(answer, evidence, self.min_confidence)
        return replace(answer, confidence=confidence)
