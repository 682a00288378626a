"""How well programs answer GeoQuery's training questions, each by a model that never saw it.

A base, a writer and a cross-encoder, is trained without any of these questions, then once for each of five
folds trained further on the other four, and asked the fold's questions, with their topics and without. The
lists of programs that the cross-encoders learn from are the base writer's. About 20 minutes for making the
examples and lists and two hours of training on one core; what is in `--work` already is not made again.
Prints a row a fold.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import pickle
import random
import sys
from collections.abc import Sequence, Set
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

import torch

from kgqa.datasets import Question, load_questions
from kgqa.graph import IndexedGraph, open_graph
from kgqa.lm.path_writer.language_model import WEIGHTS, PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.lm.path_writer.question_text import load_tokenizer
from kgqa.pipeline import Answerer
from kgqa.training.examples.program_example import ProgramExample
from kgqa.training.programs.encoded_programs import EncodedProgram, EncodedPrograms
from kgqa.training.programs.program_lists import ProgramList, program_lists
from kgqa.training.programs.program_reranker_training import ProgramRerankerTraining
from kgqa.training.programs.program_trainer import ProgramTrainer
from kgqa.training.programs.program_writer_training import encode_examples
from scripts.programs.question_sets import answered, graph_file
from scripts.train_programs import (
    RERANKER_SHARES,
    SHARES,
    Lesson,
    gold_examples,
    listed,
    read_lessons,
    start_reranker,
    start_writer,
)

FOLDS = 5
GEOQUERY = "geoquery"


_GEOQUERY_LISTS = 0.5
"""Share of GeoQuery's lists of programs in the further training of a cross-encoder."""


class Examples(NamedTuple):
    """Encoded examples: those of GeoQuery by the question, and all others."""

    geoquery: dict[str, EncodedProgram]
    others: list[EncodedProgram]


class Base(NamedTuple):
    """What all folds start from, none of it trained on GeoQuery: weights, and lists of the writer."""

    writer: Path
    reranker: Path
    lists: list[ProgramList]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the question sets")
    parser.add_argument("gold", type=Path, help="gold programs, from scripts/gold_programs.py")
    parser.add_argument("--work", type=Path, required=True, help="folder for the trained weights")
    parser.add_argument("--steps", type=int, default=2400, help="steps of the base's writer")
    parser.add_argument("--fold-steps", type=int, default=600)
    parser.add_argument("--reranker-steps", type=int, default=400, help="steps of the base's cross-encoder")
    parser.add_argument("--fold-reranker-steps", type=int, default=80)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    graph = open_graph(graph_file(arguments.data, GEOQUERY, GEOQUERY))
    lessons = list(read_lessons(arguments.data, arguments.gold, seed=0))
    asked = geoquery_examples(arguments.gold)
    examples = encoded(lessons, asked, graph)
    base = trained_base(lessons, asked, examples, graph, arguments)
    questions = list(load_questions(arguments.data / GEOQUERY / "questions_train.jsonl.gz"))
    print("| fold | questions | gold topics | topics found |\n|---|---:|---:|---:|")
    total = [0, 0, 0]
    for fold in range(FOLDS):
        writer, reranker = work / f"fold-{fold}.pt", work / f"fold-{fold}-reranker.pt"
        if not writer.is_file():
            learnt = [one for text, one in examples.geoquery.items() if fold_of(text) != fold]
            train_writer(base.writer, [*examples.others, *learnt], arguments.fold_steps, 6e-4, writer, fold)
        if not reranker.is_file():
            lists = lists_without(fold, base.lists)
            train_reranker(base.reranker, lists, arguments.fold_reranker_steps, reranker)
        own = [question for question in questions if fold_of(question.question) == fold]
        row = [len(own), *right(graph, own, loaded(writer, reranker))]
        total = [before + one for before, one in zip(total, row, strict=True)]
        print(f"| {fold} | {' | '.join(map(str, row))} |", flush=True)
    shares = " | ".join(f"{100 * count / max(1, total[0]):.1f} %" for count in total[1:])
    print(f"| all | {total[0]} | {shares} |")


def fold_of(question: str) -> int:
    """The fold of a question; the same for the same words, whatever its place."""
    return int(hashlib.md5(question.encode()).hexdigest(), 16) % FOLDS


def lists_without(fold: int, lists: Sequence[ProgramList]) -> list[ProgramList]:
    """The lists but those for GeoQuery's questions of a fold."""
    return [one for one in lists if one.source != GEOQUERY or fold_of(one.question) != fold]


def reranker_shares(sources: Set[str]) -> dict[str, float]:
    """How often lists of each source are drawn; half of them are GeoQuery's, where there are any."""
    shares = {source: share for source, share in RERANKER_SHARES.items() if source in sources - {GEOQUERY}}
    whole = sum(shares.values()) / (1 - _GEOQUERY_LISTS if GEOQUERY in sources else 1)
    shares = {source: share / whole for source, share in shares.items()}
    return {**shares, GEOQUERY: _GEOQUERY_LISTS} if GEOQUERY in sources else shares


def geoquery_examples(gold: Path) -> list[ProgramExample]:
    """All training questions of GeoQuery with gold programs."""
    rows = (json.loads(line) for line in gold.read_text("utf-8").splitlines())
    return gold_examples(row for row in rows if row["set"] == GEOQUERY and row["part"] == "train")


def encoded(lessons: Sequence[Lesson], asked: Sequence[ProgramExample], graph: IndexedGraph) -> Examples:
    """All examples, those made up from GeoQuery's graph alone among the others."""
    folder = encoder_folder(start_writer().config)
    others: list[EncodedProgram] = []
    for lesson in lessons:
        if lesson.source == GEOQUERY:
            made_up = [one for one in lesson.examples if one.source == "made-up programs"]
            others += filter(None, encode_examples(made_up, lesson.graph, folder))
        else:
            others += filter(None, encode_examples(lesson.examples, lesson.graph, folder))
    found = zip(asked, encode_examples(asked, graph, folder), strict=True)
    return Examples({example.question: one for example, one in found if one is not None}, others)


def trained_base(
    lessons: Sequence[Lesson],
    asked: Sequence[ProgramExample],
    examples: Examples,
    graph: IndexedGraph,
    arguments: argparse.Namespace,
) -> Base:
    """Train what is not in the folder yet, and list programs for questions of all sets."""
    writer, reranker, kept = (arguments.work / name for name in ("base.pt", "base-reranker.pt", "lists.pkl"))
    if not writer.is_file():
        train_writer(None, examples.others, arguments.steps, 1e-3, writer)
    if not kept.is_file():
        chance, model = random.Random(0), loaded(writer)
        lists = list(program_lists(asked, graph, model))
        for lesson in lessons:
            if lesson.source != GEOQUERY:
                lists += program_lists(listed(lesson, chance), lesson.graph, model)
        kept.write_bytes(pickle.dumps(lists))
    lists = pickle.loads(kept.read_bytes())
    if not reranker.is_file():
        others = [one for one in lists if one.source != GEOQUERY]
        train_reranker(None, others, arguments.reranker_steps, reranker)
    return Base(writer, reranker, lists)


def train_writer(
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


def train_reranker(start: Path | None, lists: Sequence[ProgramList], steps: int, place: Path) -> None:
    """Train a cross-encoder from the weights in `start`, by default those of paths, and write its own."""
    reranker = start_reranker()
    if start is not None:
        reranker.load_state_dict(torch.load(start))
    shares = reranker_shares({one.source for one in lists})
    checkpoint = place.with_suffix(".checkpoint")
    training = ProgramRerankerTraining(steps, warmup=max(1, steps // 10))
    tokenizer = load_tokenizer(encoder_folder(start_writer().config))
    training.train(reranker, tokenizer, lists, shares, checkpoint)
    torch.save(reranker.state_dict(), place)
    checkpoint.unlink(missing_ok=True)


def loaded(writer: Path, reranker: Path | None = None) -> PathWriterLanguageModel:
    """A model that writes programs with the weights in files."""
    own, paths, dtype = start_writer(), PathWriter.load(WEIGHTS), fast_dtype()
    own.load_state_dict(torch.load(writer))
    encoder, reader = encoder_folder(own.config), None
    if reranker is not None:
        reader = start_reranker()
        reader.load_state_dict(torch.load(reranker))
    programs = PathWriterLanguageModel(own, encoder, dtype, reader, masked=False)
    return PathWriterLanguageModel(paths, encoder, dtype, programs=programs)


def right(
    graph: IndexedGraph, questions: Sequence[Question], model: PathWriterLanguageModel
) -> tuple[int, int]:
    """How many questions are answered rightly with their topics, and without."""
    answerer = Answerer(graph, model, grammar="programs", calibration=None)
    with_topics, without = (
        sum(is_right for _, _, is_right in answered(answerer, questions, gold_topics=known))
        for known in (True, False)
    )
    return with_topics, without


if __name__ == "__main__":
    main()
