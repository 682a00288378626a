"""How well programs answer GeoQuery's training questions, each by a writer that never saw it.

A base is trained without any of these questions, then once for each of five folds trained further on the
other four, and asked the fold's questions, with their topics and without. There is no cross-encoder, which
would have to be trained five times, too. About 15 minutes for making the examples and an hour of training on
one core; what is in `--work` already is not made again. Prints a row a fold.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

import torch

from kgqa.datasets import Question, load_questions
from kgqa.graph import open_graph
from kgqa.lm.path_writer.language_model import PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.pipeline import Answerer
from kgqa.training.programs.encoded_programs import EncodedProgram, EncodedPrograms
from kgqa.training.programs.program_trainer import ProgramTrainer
from kgqa.training.programs.program_writer_training import encode_examples
from scripts.programs.question_sets import answered, graph_file
from scripts.train_programs import SHARES, gold_examples, read_lessons, start_writer

FOLDS = 5
GEOQUERY = "geoquery"


class Examples(NamedTuple):
    """Encoded examples: those of GeoQuery by the question, and all others."""

    geoquery: dict[str, EncodedProgram]
    others: list[EncodedProgram]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the question sets")
    parser.add_argument("gold", type=Path, help="gold programs, from scripts/gold_programs.py")
    parser.add_argument("--work", type=Path, required=True, help="folder for the trained weights")
    parser.add_argument("--steps", type=int, default=2400, help="steps of the base")
    parser.add_argument("--fold-steps", type=int, default=600)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    arguments.work.mkdir(parents=True, exist_ok=True)
    examples = encoded(arguments.data, arguments.gold)
    base = arguments.work / "base.pt"
    if not base.is_file():
        trained(None, examples.others, arguments.steps, 1e-3, base)
    questions = list(load_questions(arguments.data / GEOQUERY / "questions_train.jsonl.gz"))
    print("| fold | questions | gold topics | topics found |\n|---|---:|---:|---:|")
    total = [0, 0, 0]
    for fold in range(FOLDS):
        place = arguments.work / f"fold-{fold}.pt"
        if not place.is_file():
            learnt = [one for asked, one in examples.geoquery.items() if fold_of(asked) != fold]
            trained(base, [*examples.others, *learnt], arguments.fold_steps, 6e-4, place, seed=fold)
        own = [question for question in questions if fold_of(question.question) == fold]
        row = [len(own), *right(arguments.data, own, loaded(place))]
        total = [before + one for before, one in zip(total, row, strict=True)]
        print(f"| {fold} | {' | '.join(map(str, row))} |", flush=True)
    shares = " | ".join(f"{100 * count / max(1, total[0]):.1f} %" for count in total[1:])
    print(f"| all | {total[0]} | {shares} |")


def fold_of(question: str) -> int:
    """The fold of a question; the same for the same words, whatever its place."""
    return int(hashlib.md5(question.encode()).hexdigest(), 16) % FOLDS


def encoded(data: Path, gold: Path) -> Examples:
    """All examples, those made up from GeoQuery's graph alone among the others."""
    folder = encoder_folder(start_writer().config)
    others: list[EncodedProgram] = []
    for lesson in read_lessons(data, gold, seed=0):
        if lesson.source == GEOQUERY:
            made_up = [one for one in lesson.examples if one.source == "made-up programs"]
            others += filter(None, encode_examples(made_up, lesson.graph, folder))
        else:
            others += filter(None, encode_examples(lesson.examples, lesson.graph, folder))
    graph = open_graph(graph_file(data, GEOQUERY, GEOQUERY))
    rows = (json.loads(line) for line in gold.read_text("utf-8").splitlines())
    asked = gold_examples(row for row in rows if row["set"] == GEOQUERY and row["part"] == "train")
    found = zip(asked, encode_examples(asked, graph, folder), strict=True)
    return Examples({example.question: one for example, one in found if one is not None}, others)


def trained(
    start: Path | None,
    examples: Sequence[EncodedProgram],
    steps: int,
    learning_rate: float,
    place: Path,
    seed: int = 0,
) -> None:
    """Train a writer from the weights in `start`, by default the path writer's, and write its own."""
    writer = start_writer()
    if start is not None:
        writer.load_state_dict(torch.load(start))
    known = {one.source for one in examples}
    shares = {source: share for source, share in SHARES.items() if source in known}
    checkpoint = place.with_suffix(".checkpoint")
    trainer = ProgramTrainer(steps, learning_rate=learning_rate, seed=seed)
    trainer.train(writer, EncodedPrograms.of(examples, writer), shares, checkpoint)
    torch.save(writer.state_dict(), place)
    checkpoint.unlink(missing_ok=True)


def loaded(place: Path) -> PathWriter:
    """A writer with the weights in a file."""
    writer = start_writer()
    writer.load_state_dict(torch.load(place))
    return writer.eval()


def right(data: Path, questions: Sequence[Question], writer: PathWriter) -> tuple[int, int]:
    """How many questions are answered rightly with their topics, and without."""
    model = PathWriterLanguageModel(writer, encoder_folder(writer.config), fast_dtype(), masked=False)
    graph = open_graph(graph_file(data, GEOQUERY, GEOQUERY))
    answerer = Answerer(graph, model, grammar="programs", calibration=None)
    with_topics, without = (
        sum(is_right for _, _, is_right in answered(answerer, questions, gold_topics=known))
        for known in (True, False)
    )
    return with_topics, without


if __name__ == "__main__":
    main()
