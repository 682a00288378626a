"""What a run would do, and how long it would take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any, Self

from kgqa.chat import CostEstimator
from kgqa.cli.console import status
from kgqa.cli.run_recipe import RunRecipe
from kgqa.datasets import Question
from kgqa.evaluation import Asker, Ceiling, RunSettings
from kgqa.evaluation.record_file import read_records, records_of
from kgqa.evaluation.run import in_groups

__all__ = ["RunPlan"]

CALIBRATED_ON = 3
"""Groups of questions that are answered to see how long it takes; the first warms up and is not counted."""


@dataclass(frozen=True)
class RunPlan:
    """The plan of a run: of its `questions`, how many have a record, and how many are linked and decoded.

    `decoded` is `None` where each question has its own graph: nobody looks. `seconds` is what the rest
    will take, by what `measured_on` questions took on this machine, with N workers an N-th of it.
    `ceiling` is the best that any ranking of chains could score, where that can be told; `cost` is what
    the LLM that is asked will cost, with long replies, by what the first questions would, in the currency
    of its prices; 0 where none is asked, `None` where there are no prices. Nothing is asked of it for a plan.
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
    def of(cls, recipe: RunRecipe, out: Path, workers: int) -> Self:
        """The plan; loads the model, and answers a few questions where no records say how long it takes."""
        count = sum(1 for _ in recipe.questions)
        records = read_records(records_of(out))
        with status("looking at what is there"):
            estimator = None if recipe.chat is None else CostEstimator(recipe.chat)
            asker = recipe(estimator)
            decoded = None if recipe.own_graphs else asker.cached(_groups(recipe))
        times = [record.seconds for record in records.values()]
        if not times or estimator:
            with status("answering a few questions to see how long it takes"):
                tried = _calibrated(recipe, asker)
            times = times or tried
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
            cost=_cost(estimator, count - len(records), _tried(recipe)),
        )

    def to_json(self) -> dict[str, Any]:
        """One object of the fields."""
        settings = self.settings.to_json()
        settings["llm"].pop("base_url", None)  # it may hold a password
        ceiling = self.ceiling.to_json() if self.ceiling else None
        return {**asdict(self), "settings": settings, "ceiling": ceiling}

    def __str__(self) -> str:
        s = self.settings
        parts = [f"part {s.part}"] if s.part else []
        parts += [f"{s.sample} drawn with seed {s.seed}"] if s.sample else []
        parts += [f"the first {s.limit}"] if s.limit else []
        unknown = "a graph each, not looked up" if self.decoded is None else f"{self.decoded} decoded"
        rows = {
            "questions": ", ".join([f"{self.questions} of {s.dataset}", *parts]),
            "graph": f"{self.triples} triples" if self.triples else "a graph with every question",
            "there already": f"{self.recorded} records, {unknown}",
            "model": f"{s.model or 'shipped'}, grammar {s.grammar}, at most {s.hops} hops",
            "search": ", ".join(f"{key} {value}" for key, value in asdict(s.search).items() if value),
            "answers by": ", ".join(f"{key} {value}" for key, value in s.aggregate.items()),
            "time": f"about {self._time()} with {self.workers} worker{'s'[: self.workers > 1]}"
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
        return f"{minutes} min {seconds} s (by {self.measured_on} questions)"


def _groups(recipe: RunRecipe) -> Iterator[list[Question]]:
    return in_groups(recipe.questions, recipe.settings.together)


def _calibrated(recipe: RunRecipe, asker: Asker) -> list[float]:
    """The seconds of the first questions, decoded anew."""
    asker = replace(asker, caches=None)
    times = [[r.seconds for r in asker.ask(group)] for group in islice(_groups(recipe), CALIBRATED_ON)]
    return [second for group in times[1:] or times for second in group]


def _tried(recipe: RunRecipe) -> int:
    """How many questions `_calibrated` asks."""
    return sum(map(len, islice(_groups(recipe), CALIBRATED_ON)))


def _cost(estimator: CostEstimator | None, questions: int, tried: int) -> float | None:
    if estimator is None or not tried:
        return 0.0
    cost = estimator.usage.cost
    return None if cost is None else cost * questions / tried


def _ceiling(recipe: RunRecipe) -> Ceiling | None:
    """What could be reached at best over the graph that the questions share."""
    if recipe.own_graphs:
        return None
    s = recipe.settings
    return Ceiling.of(
        recipe.questions, recipe.graph, hops=s.hops, inverse=s.inverse, allow_return=s.allow_return
    )
