"""An answerer that asks its model only what it was never asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

from kgqa.answer import GraphVote
from kgqa.decode import Engine
from kgqa.diff.given_answer import GivenAnswer
from kgqa.diff.model_memory import ModelMemory
from kgqa.diff.remembering_model import RememberingModel
from kgqa.errors import NotRememberedError, UsageError
from kgqa.finders import ModelFinder
from kgqa.lm import CascadeLanguageModel
from kgqa.pipeline import Answerer, Outcome, Query
from kgqa.pipeline.caches import CachedFinder

__all__ = ["RememberingAnswerer"]


@dataclass(frozen=True, eq=False)
class _Finder(ModelFinder):
    """Where its model may not be asked, nothing is prefetched: what is prefetched need not be known."""

    def engine_for(self, questions: int) -> Engine:
        """See `ModelFinder.engine_for`."""
        if isinstance(self.model, RememberingModel) and self.model.is_closed:
            return Engine(self.model, questions=questions, prefetches=False)
        return super().engine_for(questions)


@dataclass(frozen=True, eq=False)
class RememberingAnswerer:
    """An `answerer` over a `model` that remembers.

    An answer is a function of the question, the graph and what the model says, and the model is told nothing
    of the graph but the texts that it scores. So each question is first answered with what is remembered
    alone: the constraint, the search, the rankers and the vote are run on the graph as it is now. If that
    never needs anything new, the answer is what asking would give. If it does, the graph has changed where
    the search looks, and the question is asked.
    """

    answerer: Answerer
    model: RememberingModel

    @classmethod
    def of(cls, answerer: Answerer, memory: ModelMemory) -> Self:
        """The same answerer with a memory.

        Raises `UsageError` where an LLM takes part, for a cascade, since which of its models gives a score
        depends on what the graph allows, and where free text is written, after which any token may follow.
        """
        finder = answerer.hypothesis_finder
        while isinstance(finder, CachedFinder):
            finder = finder.finder
        repeats = getattr(answerer.answer_aggregator, "keeps_ranking", False)
        if not isinstance(finder, ModelFinder) or not repeats:
            raise UsageError("answers in which an LLM takes part are not compared; use the model and a vote")
        if isinstance(finder.model, CascadeLanguageModel):
            raise UsageError("answers of a cascade of models are not compared; use one of its models")
        if finder.answer != "none" or finder.explain:
            raise UsageError("only chains are compared; leave out answers and explanations behind them")
        model = RememberingModel.of(finder.model, memory)
        aggregator = answerer.aggregator
        if isinstance(aggregator, GraphVote) and finder.rankers is None and aggregator.relevance is not None:
            aggregator = replace(aggregator, relevance=model.relevance)
        settings = {one.name: getattr(finder, one.name) for one in fields(ModelFinder)}
        own = _Finder(**{**settings, "model": model})
        return cls(replace(answerer, finder=own, aggregator=aggregator), model)

    def recalled(self, query: Query) -> Outcome | None:
        """The outcome of a question without asking the model; `None` where it has to be asked."""
        missed = self.model.missed
        with self.model.closed():
            try:
                (outcome,) = self.answerer.run([query], 1)
            except NotRememberedError:
                return None
        is_lacking = self.model.missed > missed or isinstance(outcome.error, NotRememberedError)
        return None if is_lacking else outcome

    def answers(
        self, queries: Sequence[Query], batch_size: int, progress: Callable[[int], None]
    ) -> tuple[list[GivenAnswer], list[int]]:
        """The answers to questions in their order, and the places of those that were asked.

        What the model says is remembered, and written to the memory's file after each batch.
        """
        graph = self.answerer.graph
        found: dict[int, GivenAnswer] = {}
        asked: list[int] = []
        for at, query in enumerate(queries):
            outcome = self.recalled(query)
            if outcome is None:
                asked.append(at)
            else:
                found[at] = GivenAnswer.of(outcome, graph)
                progress(len(found))
        for first in range(0, len(asked), batch_size):
            places = asked[first : first + batch_size]
            outcomes = self.answerer.run([queries[at] for at in places], batch_size)
            for at, outcome in zip(places, outcomes, strict=True):
                found[at] = GivenAnswer.of(outcome, graph)
            progress(len(found))
            self.model.memory.flush()
        self.model.memory.flush()  # what was only read was used too
        return [found[at] for at in range(len(queries))], asked
