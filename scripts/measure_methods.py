"""Published methods side by side, on the atlas and on MetaQA, by the shipped model and by others.

    python scripts/measure_methods.py DATA --work DIR --model SmolLM2=FOLDER

Writes eval/results/methods.md and methods.json. Runs are kept in --work and resumed; a larger number of
questions begins with those of a smaller one, and what was decoded for them comes from the cache in --work.
The same model is the language model and the LLM of a method. Questions are drawn with a seed from test parts.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from kgqa.datasets import DataFolders, Question, known_set
from kgqa.evaluation import MethodRuns, NotRun, Record, RunRecipe, read_run_settings
from kgqa.evaluation.methods.method_table import method_table, published_table, runs_to_json
from kgqa.methods import METHODS

REPOSITORY = Path(__file__).parents[1]
RESULTS = REPOSITORY / "eval" / "results"
SETS = {"atlas": ("atlas",), "metaqa": ("metaqa-1hop", "metaqa-2hop", "metaqa-3hop")}
SLOW = ("dog", "tog", "ksl")
"""Methods that a model without a GPU takes long for: they may have a smaller number of questions."""
REPLY_TOKENS = 64
"""Longest reply of an LLM that walks; ToG has 256."""
ANSWER_TOKENS = 256
"""Longest reply with answers, as ToG's: one of twenty replies of SmolLM2 goes round in circles until then."""
SHIPPED = "the shipped model"
ABOUT = (
    "By `scripts/measure_methods.py`: each method with",
    "[its settings](../../docs/explanation/published-methods.md), on questions of test parts that a seed",
    "draws (MetaQA: one, two and three hops in turn), with gold topics. All go against triples too, which",
    "these graphs need and the papers of GCR and RoG do not. The model of a heading is both language model",
    f"and LLM. It writes up to {REPLY_TOKENS} tokens at a time when it walks, where ToG has 256, and up to",
    f"{ANSWER_TOKENS} for its answers: in one reply of twenty a small model repeats itself until then.",
    "",
    "`n` is the number of questions, smaller where a model without a GPU takes long: figures of one table",
    "with other `n` are not of the same questions. Passes, tokens, requests and seconds are those of one",
    "question; seconds are of one core that had other work, good for an order only. `off the graph`: of all",
    "chains, those that the checker of chains refuses. A model in a folder has no price (`-`). Without",
    "`--some` and `--slow` the script asks every model 554 questions about the atlas and 200 of MetaQA.",
)


def main() -> None:
    """Run what is missing, then write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder of the data sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for the runs and their cache")
    parser.add_argument("--model", action="append", default=[], metavar="NAME=DIR", help="repeatable")
    parser.add_argument("--atlas", type=int, default=554, help="questions about the atlas")
    parser.add_argument("--metaqa", type=int, default=200, help="questions of MetaQA, over all hops")
    numbers = "one number, or one for each set"
    parser.add_argument("--some", type=int, nargs="+", help=f"questions for named models: {numbers} [all]")
    parser.add_argument(
        "--slow", type=int, nargs="+", help=f"and for their {', '.join(SLOW)} [as the others]"
    )
    parser.add_argument("--out", type=Path, default=RESULTS / "methods.md", help="the page")
    given = parser.parse_args()
    models = {SHIPPED: None, **dict(one.split("=", 1) for one in given.model)}
    counts = {"atlas": given.atlas, "metaqa": given.metaqa}
    found: dict[str, dict[str, MethodRuns]] = {}
    for label, model in models.items():
        found[label] = {}
        for at, (name, count) in enumerate(counts.items()):
            most = count if model is None else min(count, of_set(given.some, at) or count)
            slow = most if model is None else min(most, of_set(given.slow, at) or most)
            found[label][name] = measured(given.data, given.work, name, model, label, most, slow)
    write(given.out, found)


def of_set(numbers: list[int] | None, at: int) -> int | None:
    """The number for one of the sets, where there may be one for all."""
    return numbers[min(at, len(numbers) - 1)] if numbers else None


def measured(
    data: Path, work: Path, name: str, model: str | None, label: str, count: int, slow: int
) -> MethodRuns:
    """All methods on one set by one model."""
    questions = drawn(data, work, name)
    graph = [] if name == "atlas" else [("graph", str(data / "metaqa" / "kb.tsv.gz"))]
    used = [("model", model), ("llm.name", model)] if model else []

    def recipe(method: str) -> RunRecipe:
        limit = slow if method in SLOW else count
        given = {
            "dataset": str(questions),
            "limit": limit,
            "inverse": True,
            "batch_size": 1,
            **dict(graph + used),
        }
        lengths = [f"walk.reply_tokens={REPLY_TOKENS}", f"aggregate.answer_tokens={ANSWER_TOKENS}"]
        settings = read_run_settings(None, given, lengths, method=method, shared=True)
        return RunRecipe.of(settings, data, work / "cache")

    def run(one: RunRecipe, folder: Path) -> None:
        place = folder.parent / f"{folder.name}-{one.settings.limit}"

        def tell(record: Record) -> None:
            print(
                label,
                name,
                folder.name,
                record.id,
                f"{record.hits_at_1:.0f} {record.seconds:.1f} s",
                flush=True,
            )

        one.run(place).go(one.executor(), tell)
        link(folder, place)

    runs = MethodRuns.go(tuple(METHODS), work / "runs" / label.replace(" ", "-") / name, recipe, run)
    needy = {
        method: NotRun("needs an LLM")
        for method, result in runs.results.items()
        if isinstance(result, NotRun) and METHODS[method].needs_llm and not model
    }
    return replace(runs, results={**runs.results, **needy})


def link(folder: Path, place: Path) -> None:
    """Make the folder of a method that of its run with this number of questions."""
    folder.unlink(missing_ok=True)
    folder.symlink_to(place.name)


def drawn(data: Path, work: Path, name: str) -> Path:
    """A file with all questions of the test parts of a set, in an order that a seed draws."""
    file = work / f"{name}.jsonl"
    if not file.exists():
        sets = [list(known_set(one).questions(DataFolders.of(data), "test")) for one in SETS[name]]
        order = random.Random(0)
        for questions in sets:
            order.shuffle(questions)
        taken = [question for row in zip(*sets, strict=False) for question in row]  # hops in turn
        work.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(line(question) for question in taken), "utf-8")
    return file


def line(question: Question) -> str:
    """A question as a line of a question file."""
    values: dict[str, Any] = {
        "id": question.id,
        "question": question.question,
        "topic_entities": question.topic_entities,
        "answers": question.answers,
    }
    if question.hops is not None:
        values["hops"] = question.hops
    return json.dumps(values, ensure_ascii=False) + "\n"


def write(page: Path, found: dict[str, dict[str, MethodRuns]]) -> None:
    """The page, and all figures as JSON beside it."""
    lines = ["# Published methods side by side", "", *ABOUT]
    for label, sets in found.items():
        for name, runs in sets.items():
            title = {"atlas": "the atlas", "metaqa": "MetaQA"}[name]
            lines += ["", f"## {label[0].upper()}{label[1:]} on {title}", "", method_table(runs)]
    lines += ["", "## What was published", "", published_table(METHODS)]
    page.write_text("\n".join(lines) + "\n", "utf-8")
    kept = {label: {name: runs_to_json(runs) for name, runs in sets.items()} for label, sets in found.items()}
    for table in (one for sets in kept.values() for one in sets.values()):
        for method in table.values():
            method.pop("settings", None)  # paths of this machine
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    page.with_suffix(".json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
