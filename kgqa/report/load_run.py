"""The records of a run as a data frame."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgqa.datasets import ANSWER_TYPES
from kgqa.evaluation import STATUSES, Record
from kgqa.pipeline import Timings
from kgqa.report.run_folder import read_run
from kgqa.report.score import METRICS

if TYPE_CHECKING:
    import pandas

__all__ = ["load_run"]

_TYPES = {
    **dict.fromkeys(["id", "question", "error", "kind", "graph", "value", "proof_text"], "string"),
    **dict.fromkeys([*METRICS, "faithful", "confidence"], "float64"),
    **dict.fromkeys(["seconds", *(f"seconds_{field.name}" for field in fields(Timings))], "float64"),
    **dict.fromkeys(["hops", "gold_rank", "passes", "tokens"], "Int64"),
}


def load_run(folder: str | Path) -> pandas.DataFrame:
    """The records of a run, one row a question, in the order of the file.

    The columns are the fields of `Record`: scores and `confidence` (NaN where unknown) as floats, `hops`,
    `gold_rank`, `passes` and `tokens` as integers that may be missing, `status` and `answer_type` as
    categoricals, other texts as strings; lists (answers, entities, chains, ...) as tuples, `proof` as an
    object. The seconds of each stage (`Timings`) stand in `seconds_link`, `seconds_decode` and so on. The
    manifest of the run is in `attrs["manifest"]`. Raises what `read_run` raises.

    ::

        runs = load_run("runs/atlas")
        runs.groupby("hops")["f1"].mean()
        runs[(runs.status == "answered") & (runs.hits_at_1 == 0)].sort_values("confidence")
    """
    import pandas

    run = read_run(folder)
    frame = pandas.DataFrame([_row(record) for record in run.records], columns=_columns()).astype(_TYPES)
    frame["status"] = pandas.Categorical(frame["status"], categories=STATUSES)
    frame["answer_type"] = pandas.Categorical(frame["answer_type"], categories=ANSWER_TYPES)
    frame.attrs["manifest"] = dict(run.manifest)
    return frame


def _columns() -> list[str]:
    names = [field.name for field in fields(Record) if field.name != "timings"]
    at = names.index("seconds") + 1
    return [*names[:at], *(f"seconds_{field.name}" for field in fields(Timings)), *names[at:]]


def _row(record: Record) -> dict[str, Any]:
    values = {field.name: getattr(record, field.name) for field in fields(record) if field.name != "timings"}
    return values | {f"seconds_{name}": seconds for name, seconds in asdict(record.timings).items()}
