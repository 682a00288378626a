"""Plan of a run, with estimates of its time and cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any, Self

from kgqa.chat import CostEstimator
from kgqa.counted import counted
from kgqa.datasets import Question
from kgqa.errors import KgqaError
from kgqa.evaluation.record_file import read_records, records_of
from kgqa.evaluation.running.run import in_batches
from kgqa.evaluation.running.run_recipe import RunRecipe
from kgqa.evaluation.running.run_settings import RunSettings
from kgqa.evaluation.statistics.ceiling import Ceiling
from kgqa.finders import LinkedQuestion
from kgqa.pipeline import Answerer, Answers

__all__ = ["RunPlan"]

MEASURED_BATCHES = 3
"""Batches that are answered to measure the time; the first warms up and is not counted."""


@dataclass(frozen=True)
class RunPlan:
    """What a run would do, and an estimate of what it takes. Nothing is asked of an LLM for a plan.

    Of its `questions`, `recorded` have a record already and `decoded` are in the cache (`None` where each
    question has its own graph: not counted). `seconds` for the rest is estimated from `measured_on` questions
    on this machine, divided by the number of workers. `ceiling` is the best score that any ranking of chains
    could reach, where it can be computed. `cost` is an upper estimate of what the LLM will cost, in the
    currency of its prices; 0 without an LLM, `None` where it has no prices.
    """

    settings: RunSettings
    questions: int
    recorded: int
    decoded: int | None
    triples: int
    workers: int
    seconds: float
    measured_on: int
    ceiling: Ceiling | None
    cost: float | None

    @classmethod
    def of(
        cls,
        recipe: RunRecipe,
        out: str | Path,
        workers: int = 1,
        progress: Callable[[str], AbstractContextManager[object]] = nullcontext,
    ) -> Self:
        """The plan; loads the model, and answers a few questions where no records tell the time.

        `progress` is entered, with a text, around whatever takes long.
        """
        count = sum(1 for _ in recipe.questions)
        records = read_records(records_of(Path(out)))
        with progress("looking at what is there"):
            estimator = CostEstimator(recipe.chat) if recipe.settings.asks_llm else None
            answerer = recipe.answerer(estimator)
            decoded = None
            if isinstance(answerer, Answerer) and not recipe.has_several_graphs:
                decoded = _decoded(recipe, answerer)
        times = [record.seconds for record in records.values()]
        measured = 0
        if not times or estimator:
            with progress("answering a few questions to measure the time"):
                tried = _measured(recipe, recipe.answerer(estimator, stages=False))
            times = times or tried
            measured = sum(map(len, islice(_batches(recipe), MEASURED_BATCHES)))
        left = count - max(len(records), decoded or 0)
        return cls(
            settings=recipe.settings,
            questions=count,
            recorded=len(records),
            decoded=decoded,
            triples=len(recipe.graph),
            workers=workers,
            seconds=left * fmean(times or [0.0]) / workers,
            measured_on=len(times),
            ceiling=_ceiling(recipe),
            cost=_cost(estimator, count - len(records), measured),
        )

    def to_json(self) -> dict[str, Any]:
        """One object of the fields."""
        ceiling = self.ceiling.to_json() if self.ceiling else None
        return {**asdict(self), "settings": self.settings.about, "ceiling": ceiling}

    def __str__(self) -> str:
        s = self.settings
        parts = [f"part {s.part}"] if s.part else []
        parts += [f"{s.sample} drawn with seed {s.seed}"] if s.sample else []
        parts += [f"the first {s.limit}"] if s.limit else []
        unknown = "not counted, several graphs" if self.decoded is None else f"{self.decoded} decoded"
        rows = {
            "questions": ", ".join([f"{self.questions} of {s.dataset}", *parts]),
            "graph": counted(self.triples, "triple") if self.triples else "several",
            "there already": f"{counted(self.recorded, 'record')}, {unknown}",
            "model": f"{s.model or 'shipped'}, grammar {s.grammar}, at most {counted(s.hops, 'hop')}",
            "search": ", ".join(_set(asdict(s.search))),
            "aggregator": ", ".join([s.aggregate_name, *_set(s.aggregate.of_vote | s.aggregate.of_llm)]),
            "time": f"about {self._time()} with {counted(self.workers, 'worker')}"
            + (", and what the LLM takes" if s.asks_llm else ""),
            "cost": self._cost(),
            "ceiling": self.ceiling.describe() if self.ceiling else "not known",
        }
        return "\n".join(f"{name + ':':<15}{value}" for name, value in rows.items())

    def _cost(self) -> str:
        if self.cost is None:
            return "not known: the LLM has no prices"
        return f"about {self.cost:.2g}" if self.cost else "nothing"

    def _time(self) -> str:
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"{minutes} min {seconds} s (by {counted(self.measured_on, 'question')})"


def _batches(recipe: RunRecipe) -> Iterator[list[Question]]:
    return in_batches(recipe.questions, recipe.settings.batch_size)


def _decoded(recipe: RunRecipe, answerer: Answerer) -> int:
    """How many questions are in the cache."""
    runner, count = recipe.runner(answerer), 0
    for batch in _batches(recipe):
        linked = []
        for question in batch:
            query = runner.query(question)
            try:
                topics = answerer.resolve(query.topics) if query.topics else answerer.link(query.question)
            except KgqaError:
                continue
            linked.append(LinkedQuestion(query.question, tuple(topics)))
        count += answerer.hypothesis_finder.count_kept(linked, answerer.space)
    return count


def _measured(recipe: RunRecipe, answerer: Answers) -> list[float]:
    """The seconds of the first questions, decoded anew."""
    runner = recipe.runner(answerer)
    some = islice(_batches(recipe), MEASURED_BATCHES)
    times = [[record.seconds for record in runner.records(batch)] for batch in some]
    return [second for batch in times[1:] or times for second in batch]


def _cost(estimator: CostEstimator | None, questions: int, measured: int) -> float | None:
    if estimator is None or not measured:
        return 0.0
    cost = estimator.usage.cost
    return None if cost is None else cost * questions / measured


def _ceiling(recipe: RunRecipe) -> Ceiling | None:
    """The best possible scores over the graph that the questions share."""
    if recipe.has_several_graphs:
        return None
    s = recipe.settings
    return Ceiling.of(
        recipe.questions, recipe.graph, hops=s.hops, inverse=s.inverse, allow_return=s.allow_return
    )


def _set(values: dict[str, Any]) -> Iterator[str]:
    return (f"{name} {value}" for name, value in values.items() if value is not None)
