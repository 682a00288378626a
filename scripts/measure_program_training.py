"""How much `kgqa train` from a graph alone improves programs on graphs that the shipped model never saw.

For each dev graph of Spider, trains the program writer as `kgqa train --graph` does, leaves the path writer
as it ships, and asks the graph's questions before and after, without their topics. About three minutes a
graph on one core; a graph that is trained already in `--work` is not trained again, and an interrupted
training is resumed. Writes eval/results/programs-after-training.md.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from kgqa.datasets import Question, load_questions
from kgqa.graph import IndexedGraph, open_graph
from kgqa.lm import LanguageModel, load_language_model
from kgqa.lm.path_writer.language_model import PROGRAMS, WEIGHTS
from kgqa.pipeline import Answerer
from kgqa.training import TrainingSettings
from kgqa.training.programs.programs_of_graph import train_programs
from scripts.programs.question_sets import answered, by_graph, graph_file

RESULTS = Path(__file__).parents[1] / "eval" / "results" / "programs-after-training.md"


class Row(NamedTuple):
    """The questions about a graph, and how many are answered rightly before and after training."""

    graph: str
    questions: int
    before: int
    after: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the question sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for the trained models")
    parser.add_argument("--made-up", type=int, default=TrainingSettings.made_up)
    parser.add_argument("--only", nargs="*", help="names of graphs")
    arguments = parser.parse_args()
    shipped = load_language_model()
    rows: list[Row] = []
    asked = by_graph("spider", load_questions(arguments.data / "spider" / "questions_dev.jsonl.gz"))
    for name, questions in asked.items():
        if arguments.only and name not in arguments.only:
            continue
        graph = open_graph(graph_file(arguments.data, "spider", name))
        folder = arguments.work / name
        if not folder.is_dir():
            trained(graph, folder, TrainingSettings(made_up=arguments.made_up))
        before, after = (right(graph, questions, model) for model in (shipped, load_language_model(folder)))
        rows.append(Row(name, len(questions), before, after))
        print(rows[-1], flush=True)
    text = table(rows)
    print(text)
    if not arguments.only:
        RESULTS.write_text(text, encoding="utf-8")


def trained(graph: IndexedGraph, folder: Path, settings: TrainingSettings) -> None:
    """Write the shipped model with its program writer trained on the graph to `folder`."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.copytree(WEIGHTS, unfinished, dirs_exist_ok=True)
    checkpoint = unfinished / "programs-checkpoint.pt"
    train_programs(WEIGHTS / PROGRAMS, graph, unfinished / PROGRAMS, checkpoint, settings)
    checkpoint.unlink()
    unfinished.rename(folder)


def right(graph: IndexedGraph, questions: list[Question], model: LanguageModel) -> int:
    """How many questions are answered rightly."""
    answerer = Answerer(graph, model, grammar="programs")
    return sum(is_right for _, _, is_right in answered(answerer, questions))


def table(rows: Sequence[Row]) -> str:
    """A row a graph, then all of them; in percent."""
    total = Row("all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))
    lines = [
        "# Programs after training on the graph alone",
        "",
        "Spider's dev graphs and questions; denotation accuracy in percent, topics found in the text.",
        "Made by `scripts/measure_program_training.py`.",
        "",
        "| graph | questions | shipped model | after `kgqa train` |",
        "|---|---:|---:|---:|",
    ]
    for name, size, before, after in [*rows, total]:
        lines.append(f"| {name} | {size} | {100 * before / size:.1f} | {100 * after / size:.1f} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
