"""How much `kgqa train` from a graph alone improves programs on graphs that the shipped model never saw.

For each dev graph of Spider, trains the program writer as `kgqa train --graph` does (the path writer is left
almost as it is, to save time) and asks the graph's questions before and after, without their topics. About
three minutes a graph on two cores; a graph that is there already in `--work` is not trained again. Writes
eval/results/programs-after-training.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from kgqa.answer import Answer
from kgqa.datasets import Question, load_questions
from kgqa.evaluation.scoring.denotation import Denotation, GoldDenotation
from kgqa.evaluation.scoring.metrics import score_denotation
from kgqa.graph import IndexedGraph, open_graph
from kgqa.lm import LanguageModel, load_language_model
from kgqa.pipeline import Answerer, Query
from kgqa.training import TrainingSettings, train
from scripts.train_programs import graph_file

RESULTS = Path(__file__).parents[1] / "eval" / "results" / "programs-after-training.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the question sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for the trained models")
    parser.add_argument("--made-up", type=int, default=TrainingSettings.made_up)
    parser.add_argument("--only", nargs="*", help="names of graphs")
    arguments = parser.parse_args()
    by_graph: dict[str, list[Question]] = {}
    for question in load_questions(arguments.data / "spider" / "questions_dev.jsonl.gz"):
        by_graph.setdefault(str(question.graph_name), []).append(question)
    shipped = load_language_model()
    rows: list[tuple[str, int, int, int]] = []
    for name, questions in sorted(by_graph.items()):
        if arguments.only and name not in arguments.only:
            continue
        graph = open_graph(graph_file(arguments.data, "spider", name))
        folder = arguments.work / name
        if not (folder / "config.json").is_file():
            train(
                graph=graph,
                out=folder,
                settings=TrainingSettings(steps=1, reranker_steps=0, made_up=arguments.made_up),
            )
        rows.append(
            (
                name,
                len(questions),
                right(graph, questions, shipped),
                right(graph, questions, load_language_model(folder)),
            )
        )
        print(*rows[-1], flush=True)
    text = table(rows)
    print(text)
    if not arguments.only:
        RESULTS.write_text(text, encoding="utf-8")


def right(graph: IndexedGraph, questions: list[Question], model: LanguageModel) -> int:
    """How many questions are answered rightly."""
    outcomes = Answerer(graph, model, grammar="programs").run([Query(q.question) for q in questions])
    return sum(
        int(score_denotation(Denotation.of(outcome.answer), GoldDenotation.of(question)).denotation == 1)
        for question, outcome in zip(questions, outcomes, strict=True)
        if isinstance(outcome.answer, Answer)
    )


def table(rows: list[tuple[str, int, int, int]]) -> str:
    """A row a graph, then all of them; in percent."""
    total = ("all", sum(row[1] for row in rows), sum(row[2] for row in rows), sum(row[3] for row in rows))
    lines = [
        "# Programs after training on the graph alone",
        "",
        "Spider's dev graphs and questions; denotation accuracy in percent, topics found in the text.",
        "Made by `scripts/measure_program_training.py`.",
        "",
        "| graph | questions | shipped model | after `kgqa train` |",
        "|---|---:|---:|---:|",
    ]
    for name, size, old, new in [*rows, total]:
        lines.append(f"| {name} | {size} | {100 * old / size:.1f} | {100 * new / size:.1f} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
