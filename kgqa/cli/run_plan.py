"""What a run would do, and how long it would take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any, Self

from kgqa.cli.aggregator_option import estimated_cost
from kgqa.cli.console import status
from kgqa.cli.run_recipe import RunRecipe
from kgqa.datasets import Question
from kgqa.evaluation import Asker, RunSettings
from kgqa.evaluation.record_file import read_records
from kgqa.evaluation.run import RECORDS, in_groups

__all__ = ["RunPlan"]

CALIBRATED_ON = 3
"""Groups of questions that are answered to see how long it takes; the first warms up and is not counted."""


@dataclass(frozen=True)
class RunPlan:
    """The plan of a run: of its `questions`, how many have a record, and how many are linked and decoded.

    `decoded` is `None` where each question has its own graph: nobody looks. `seconds` is what the rest
    will take, by what `measured_on` questions took on this machine, with N workers an N-th of it.
    `ceiling` is the best that any ranking of chains could score, where that can be told; `cost` is what
    the language models that are asked through a service cost, in dollars.
    """

    settings: RunSettings
    questions: int
    recorded: int
    decoded: int | None
    triples: int
    workers: int
    seconds: float
    measured_on: int
    ceiling: dict[str, Any] | None
    cost: float

    @classmethod
    def of(cls, recipe: RunRecipe, out: Path, workers: int) -> Self:
        """The plan; loads the model, and answers a few questions where no records say how long it takes."""
        count = sum(1 for _ in recipe.questions)
        records = read_records(out / RECORDS)
        with status("looking at what is there"):
            asker = recipe()
            decoded = None if recipe.own_graphs else asker.cached(_groups(recipe))
        times = [record.seconds for record in records.values()]
        if not times:
            with status("answering a few questions to see how long it takes"):
                times = _calibrated(recipe, asker)
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
            cost=estimated_cost(recipe.settings.aggregate, count - len(records)),
        )

    def to_json(self) -> dict[str, Any]:
        """One object of the fields."""
        return {**asdict(self), "settings": self.settings.to_json()}

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
            "time": f"about {self._time()} with {self.workers} worker{'s'[: self.workers > 1]}",
            "cost": f"${self.cost:.2f}",
            "ceiling": _shown(self.ceiling),
        }
        return "\n".join(f"{name + ':':<15}{value}" for name, value in rows.items())

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


def _ceiling(recipe: RunRecipe) -> dict[str, Any] | None:
    """What could be reached at best over the graph that the questions share."""
    if recipe.own_graphs:
        return None
    try:
        module = import_module("kgqa.evaluation.ceiling")
    except ModuleNotFoundError:
        return None
    s = recipe.settings
    found = module.Ceiling.of(
        recipe.questions, recipe.graph, hops=s.hops, inverse=s.inverse, returns=s.returns
    )
    return asdict(found)


def _shown(ceiling: dict[str, Any] | None) -> str:
    if ceiling is None:
        return "not known"
    return ", ".join(
        f"{name} {value:.4g}" for name, value in ceiling.items() if isinstance(value, (int, float))
    )
