"""Train the program writer and its reranker, which ship in `programs` below the path writer's weights.

Reads gold programs (`scripts/gold_programs.py`, their training parts only), the graphs that they are about,
questions made up from these graphs, and invented event logs. The same call again resumes an interrupted
training. TimelineQA is never read: its licence forbids to ship what is made of it. A tenth of Spider's
training graphs, and of the questions of the other sets, is left out: settings are chosen on
them, and the confidence on those of Spider.

This is the recipe in one go. The shipped weights were trained in stages, from more sources and by other
shares, as their model card says; this script does not make them again, and has never been run in full.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from kgqa.graph import IndexedGraph, open_graph
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.language_model import PROGRAMS, WEIGHTS, PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder, load_encoder
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.lm.path_writer.question_text import load_tokenizer
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.program.json_form import program_from_dict
from kgqa.training.examples.program_example import ProgramExample
from kgqa.training.examples.program_synthesis import synthetic_programs
from kgqa.training.programs.encoded_programs import EncodedProgram, EncodedPrograms
from kgqa.training.programs.program_lists import ProgramList, program_lists
from kgqa.training.programs.program_reranker_training import ProgramRerankerTraining
from kgqa.training.programs.program_trainer import ProgramTrainer
from kgqa.training.programs.program_writer_training import encode_examples
from scripts.programs.contrasts import contrasts
from scripts.programs.event_logs import event_logs
from scripts.programs.question_sets import graph_file, is_left_out

logger = logging.getLogger("kgqa")

SHARES = {
    "geoquery": 0.12,
    "overnight": 0.13,
    "spider": 0.3,
    "made-up programs": 0.21,
    "event logs": 0.16,
    "contrasts": 0.08,
}
RERANKER_SHARES = {"geoquery": 0.14, "overnight": 0.2, "spider": 0.4, "event logs": 0.26}
MADE_UP = {"geoquery": 400, "overnight": 90, "spider": 110, "atlas": 1200}
"""Questions that are made up from each graph of a set."""
LOGS, QUESTIONS_OF_A_LOG = 150, 90
"""Invented event logs, and how many questions each has at most."""
LISTED = {"geoquery": 250, "overnight": 30, "spider": 8, "event logs": 4, "atlas": 0}
"""Examples about each graph for which lists of programs are made."""
CONTRASTS = {"geoquery": 150, "overnight": 40, "spider": 15}
"""Questions about one name, of each graph of a set, that are turned into questions about two."""


@dataclass(frozen=True)
class Lesson:
    """The examples about one graph."""

    source: str
    graph: IndexedGraph
    examples: list[ProgramExample]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the question sets")
    parser.add_argument("gold", type=Path, help="gold programs, from scripts/gold_programs.py")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the new weights")
    parser.add_argument("--steps", type=int, default=4500, help="steps after the first quarter as many")
    parser.add_argument("--reranker-steps", type=int, default=450)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    lessons = list(read_lessons(arguments.data, arguments.gold, arguments.seed))
    arguments.output.mkdir(parents=True, exist_ok=True)
    early = train_writer(lessons, arguments.output, arguments.steps, arguments.seed)
    chance = random.Random(arguments.seed)
    lists = [one for lesson in lessons for one in program_lists(listed(lesson, chance), lesson.graph, early)]
    train_reranker(lists, arguments.output, arguments.reranker_steps, arguments.seed)
    for checkpoint in arguments.output.glob("*-checkpoint.pt"):
        checkpoint.unlink()


def read_lessons(data: Path, gold: Path, seed: int) -> Iterator[Lesson]:
    """The gold programs of training parts and made-up ones, graph by graph."""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in gold.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["part"] == "train" and not is_left_out(row):
            rows.setdefault((row["set"], row["graph"]), []).append(row)
    for (source, name), some in sorted(rows.items()):
        graph = open_graph(graph_file(data, source, name))
        examples = gold_examples(some)
        made_up = synthetic_programs(graph, MADE_UP[source], seed + sum(map(ord, name)))
        two = contrasts(examples, graph, CONTRASTS[source], seed)
        yield Lesson(source, graph, [*examples, *made_up, *two])
    atlas = open_graph()
    yield Lesson("atlas", atlas, list(synthetic_programs(atlas, MADE_UP["atlas"], seed)))
    for graph, examples in event_logs(seed, LOGS, QUESTIONS_OF_A_LOG):
        yield Lesson("event logs", graph, examples)


def gold_examples(rows: Iterable[Mapping[str, Any]]) -> list[ProgramExample]:
    """The examples of rows of gold programs."""
    return [
        ProgramExample(row["set"], row["question"], (), program_from_dict(row["program"])) for row in rows
    ]


def listed(lesson: Lesson, chance: random.Random) -> list[ProgramExample]:
    """Examples for lists of programs, none of them made up from the graph alone."""
    gold = [example for example in lesson.examples if example.source == lesson.source]
    return chance.sample(gold, min(len(gold), LISTED[lesson.source]))


def start_writer() -> PathWriter:
    """A writer of programs that starts from the weights of the path writer, where their shapes agree."""
    config = PathWriterConfig(reader_layers=2)
    writer = PathWriter(config)
    weights, start = writer.state_dict(), PathWriter.load(WEIGHTS).state_dict()
    weights |= {name: w for name, w in start.items() if name in weights and weights[name].shape == w.shape}
    writer.load_state_dict(weights)
    writer.attach_encoder(load_encoder(config, fast_dtype()))
    return writer


def start_reranker() -> Reranker:
    """A reranker of programs that starts from the one of paths, without what that makes of its states."""
    reranker = Reranker.load(WEIGHTS, load_encoder(PathWriterConfig(), fast_dtype()))
    assert reranker is not None
    torch.nn.init.zeros_(reranker.head.weight)
    torch.nn.init.zeros_(reranker.head.bias)
    return reranker


def train_writer(lessons: list[Lesson], output: Path, steps: int, seed: int) -> PathWriterLanguageModel:
    """Train and save the writer; the model after the first, shorter training, to make lists of programs."""
    torch.manual_seed(seed)
    writer = start_writer()
    config = writer.config
    encoder = encoder_folder(config)
    encoded: list[EncodedProgram | None] = []
    for lesson in lessons:
        encoded += encode_examples(lesson.examples, lesson.graph, encoder)
    examples = EncodedPrograms.of(encoded, writer)
    logger.info(
        "%d examples, %d that the grammar does not lead to", len(examples.examples), encoded.count(None)
    )
    ProgramTrainer(steps // 4, seed=seed).train(writer, examples, SHARES, output / "early-checkpoint.pt")
    early = PathWriter(config)
    early.load_state_dict(writer.state_dict())
    early.attach_encoder(writer.encoder)
    ProgramTrainer(steps, seed=seed + 1).train(writer, examples, SHARES, output / "writer-checkpoint.pt")
    writer.save(output / PROGRAMS, bits=8)
    return PathWriterLanguageModel(early, encoder, fast_dtype(), masked=False)


def train_reranker(lists: list[ProgramList], output: Path, steps: int, seed: int) -> None:
    """Train the reranker of programs from the one of paths, and save it in eight bits."""
    reranker = start_reranker()
    random.Random(seed).shuffle(lists)
    checkpoint, tokenizer = (
        output / "reranker-checkpoint.pt",
        load_tokenizer(encoder_folder(PathWriterConfig())),
    )
    training = ProgramRerankerTraining(steps, seed=seed)
    training.train(reranker, tokenizer, lists, RERANKER_SHARES, checkpoint)
    reranker.save(output / PROGRAMS, bits=8)


if __name__ == "__main__":
    main()
