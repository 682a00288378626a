"""What each decoder finds with the model that ships, and what it costs.

    .venv/bin/python eval/bench/decoders.py

The test questions about the atlas, gold topics, relation paths, batches of eight, ten hypotheses where a
decoder has a number of them; as `kgqa eval --questions atlas --part test --search NAME` with the settings
of each row. Passes are those that a question took part in, and are shared by its batch.

Writes decoders.md and decoders.json. Takes about ten minutes of one core.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict
from statistics import fmean
from typing import Any

from command import command, parsed
from machine import Machine
from report import Report, Table

from kgqa.evaluation import Record, RunRecipe, RunSettings

WAYS: tuple[dict[str, Any], ...] = (
    {"name": "greedy"},
    {"name": "adaptive"},
    {"name": "adaptive", "threshold": 0.3},
    {"name": "beam"},
    {"name": "beam", "beams": 3},
    {"name": "beam", "length_penalty": 1.0},
    {"name": "beam", "masked": True},
    {"name": "diverse"},
    {"name": "diverse", "penalise": "tokens"},
    {"name": "diverse", "groups": 5},
    {"name": "exact"},
    {"name": "sample"},
    {"name": "stochastic"},
    {"name": "aligned", "prefixes": 200},
    {"name": "weighted"},
)


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--questions", type=int, help="of these, only the first ones")
    arguments = parsed(parser)
    if arguments.quick:
        arguments.questions = 8
    measured = [_measured(way, arguments.questions, arguments.seed) for way in WAYS]
    columns = (
        "decoder",
        "settings",
        "questions",
        "Hits@1",
        "F1",
        "gold path found",
        "passes",
        "s a question",
    )
    rows = [
        (
            one["search"]["name"],
            ", ".join(f"{key} {value}" for key, value in one["search"].items() if key != "name") or "-",
            one["questions"],
            *(f"{100 * one[key]:.1f}" for key in ("hits_at_1", "f1", "found")),
            one["passes"],
            one["seconds"],
        )
        for one in measured
    ]
    Report(
        "decoders",
        "Decoders, side by side",
        Machine.here(),
        {"seed": arguments.seed, "beams": 10},
        [
            Table(
                columns,
                rows,
                "Percent; passes and seconds are means, the seconds those of decoding and ranking.",
            )
        ],
        measured,
    ).write(arguments.out)


def _measured(search: dict[str, Any], limit: int | None, seed: int) -> dict[str, Any]:
    """The scores and the cost of one decoder."""
    table = {"dataset": "atlas", "part": "test", "seed": seed, "search": search}
    settings = RunSettings.of(table | ({"limit": limit} if limit else {}))
    recipe = RunRecipe.of(settings, None, None)
    began = time.process_time()
    records: list[Record] = []
    with tempfile.TemporaryDirectory() as folder:
        report = recipe.run(folder).go(recipe.executor(), records.append)
    totals = asdict(report.totals)
    assert report.ranking is not None
    return {
        "search": search,
        "questions": totals["n"],
        "hits_at_1": totals["hits_at_1"],
        "f1": totals["f1"],
        "found": report.ranking.hits_at_10,
        "passes": fmean(record.passes for record in records),
        "seconds": fmean(record.timings.decode for record in records),
        "processor_seconds": time.process_time() - began,
    }


if __name__ == "__main__":
    main()
