"""Train the path writer, the small model that ships, from scratch: about 16 minutes on two CPU cores.

Reads the benchmark data (../shared/data, or --data) and data/atlas, and writes a folder with the
weights, a record of the training and a model card. A run that is cut off goes on from its checkpoint.
The weights that ship are what this gives with its defaults.

With --start a run goes on from other weights, which then weigh anew the paths that reach WebQSP's answers.
"""

from __future__ import annotations

import argparse
import logging
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Tokenizer

from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.language_model import WEIGHTS
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder, load_encoder
from kgqa.lm.path_writer.question_text import load_tokenizer
from kgqa.training.batches import EncodedExamples
from kgqa.training.belief import believe_model
from kgqa.training.example import Example
from kgqa.training.examples import (
    Row,
    atlas_examples,
    find_topic,
    metaqa_examples,
    metaqa_rows,
    pathquestion_examples,
    read_atlas,
    read_rows,
    read_triples,
    webqsp_examples,
)
from kgqa.training.joining import joined_examples
from kgqa.training.loop import Trainer
from kgqa.training.ranking import PathRanker, hits_at_1
from kgqa.training.record import TrainingRecord
from kgqa.training.synthesis import composed_examples, restyled_examples, synthetic_examples

REPOSITORY = Path(__file__).parent.parent
SHARES = {
    "metaqa-1hop": 0.05, "metaqa-2hop": 0.06, "metaqa-3hop": 0.04, "metaqa-paraphrases": 0.02,
    "pq2h": 0.05, "pq3h": 0.07, "webqsp": 0.24, "webqsp-composed": 0.02, "webqsp-restyled": 0.05,
    "atlas": 0.09, "atlas-composed": 0.05, "atlas-joined": 0.11, "synthetic-atlas": 0.05,
    "synthetic-metaqa": 0.01, "synthetic-freebase": 0.05, "synthetic-restyled": 0.06, "synthetic-pq3h": 0.01,
}  # fmt: skip

WEAK = {"webqsp", "webqsp-composed", "webqsp-restyled"}

logger = logging.getLogger("kgqa")


class Questions(NamedTuple):
    """Questions to be scored: their set, part, graph, rows and most steps of a path."""

    name: str
    part: str
    graph: IndexedGraph
    rows: list[Row]
    steps: int


def main() -> None:
    options = arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    began = time.monotonic()
    torch.manual_seed(options.seed)
    options.output.mkdir(parents=True, exist_ok=True)
    config = PathWriterConfig()
    model = PathWriter.load(options.start) if options.start else PathWriter(config)
    model.attach_encoder(load_encoder(config, torch.bfloat16))
    tokenizer = load_tokenizer(encoder_folder(config))
    graphs = read_graphs(options.data)
    examples = gather(options.data, graphs, options.seed)
    encoded = EncodedExamples(examples, model, tokenizer, seed=options.seed, unmasked=0.2, unnamed=0.1)
    logger.info("%d examples encoded after %.0f s", len(examples), time.monotonic() - began)
    if options.start:
        logger.info("%d examples weighed anew", believe_model(model, encoded, WEAK))
    trainer = Trainer(options.steps, learning_rate=options.learning_rate, seed=options.seed)
    checkpoint = REPOSITORY / "build" / "path_writer.checkpoint.pt"
    checkpoint.parent.mkdir(exist_ok=True)
    losses = trainer.train(model, encoded, SHARES, checkpoint)
    seconds = time.monotonic() - began
    save(model, options.output)
    scores = [
        (questions.name, questions.part, len(questions.rows), score(model, tokenizer, questions))
        for questions in held_out(options.data, graphs, options.parts, options.limit)
    ]
    TrainingRecord(
        seed=options.seed,
        steps=options.steps,
        parameters=sum(weight.numel() for weight in model.parameters()),
        seconds=seconds,
        started_from="the weights of an earlier run" if options.start else "",
        sources=dict(Counter(example.source for example in examples)),
        shares=SHARES,
        losses=losses,
        scores=scores,
    ).write(options.output)
    checkpoint.unlink()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument("--start", type=Path, help="start from the weights in this folder")
    parser.add_argument("--steps", type=int, default=1700)
    parser.add_argument("--learning-rate", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--parts", nargs="*", default=["dev"], choices=["dev", "test"], help="parts to score")
    parser.add_argument("--limit", type=int, default=200, help="questions to score of a set")
    return parser.parse_args()


def read_graphs(data: Path) -> dict[str, IndexedGraph]:
    graphs = {name: read_triples(data / name / "kb.tsv.gz") for name in ("metaqa", "freebase")}
    for name in ("pq2h", "pq3h"):
        graphs[name] = read_triples(data / "pathquestion" / name / "kb.tsv.gz")
    return {**graphs, "atlas": read_atlas(REPOSITORY / "graphs" / "atlas" / "atlas.ttl")}


def gather(data: Path, graphs: dict[str, IndexedGraph], seed: int) -> list[Example]:
    """All examples to learn from."""
    webqsp = webqsp_examples(data, graphs["freebase"])
    atlas = list(atlas_examples(REPOSITORY / "data" / "atlas" / "train.jsonl"))
    examples = [*metaqa_examples(data, 3000, seed), *pathquestion_examples(data, "train"), *webqsp, *atlas]
    sizes = {"metaqa": 2000, "freebase": 8000, "pq3h": 2000, "atlas": 6000}
    for name, count in sizes.items():
        examples += synthetic_examples(f"synthetic-{name}", graphs[name], count, seed)
    examples += composed_examples("atlas-composed", graphs["atlas"], atlas, 5000, seed)
    examples += joined_examples("atlas-joined", graphs["atlas"], atlas, 9000, seed)
    examples += composed_examples("webqsp-composed", graphs["freebase"], webqsp, 2500, seed)
    examples += restyled_examples("webqsp-restyled", webqsp, seed)
    walks = synthetic_examples("", graphs["freebase"], 9000, seed + 1)
    examples += restyled_examples("synthetic-restyled", walks, seed)
    return examples


def held_out(
    data: Path, graphs: dict[str, IndexedGraph], parts: Sequence[str], limit: int
) -> list[Questions]:
    """The questions to be scored, at most `limit` of each set, the same ones every time."""
    found = []
    for part in parts:
        for hops in (1, 2, 3):
            rows = metaqa_rows(data, hops, part)  # type: ignore[arg-type]
            found.append(Questions(f"MetaQA {hops}-hop", part, graphs["metaqa"], rows, 3))
        for name, label in (("pq2h", "PathQuestion 2-hop"), ("pq3h", "PathQuestion 3-hop")):
            rows = read_rows(data / "pathquestion" / name / f"questions_{part}.jsonl.gz")
            found.append(Questions(label, part, graphs[name], rows, 3))
        if part == "dev":
            rows = read_rows(data / "freebase" / "webqsp_dev.jsonl.gz")
            found.append(Questions("WebQSP", part, graphs["freebase"], rows, 2))
        rows = read_rows(REPOSITORY / "data" / "atlas" / f"{part}.jsonl")
        found.append(Questions("Atlas", part, graphs["atlas"], rows, 3))
    chance = random.Random(0)
    return [q._replace(rows=chance.sample(q.rows, min(limit, len(q.rows)))) for q in found]


def score(model: PathWriter, tokenizer: Tokenizer, questions: Questions) -> float:
    """Hits@1 in percent."""
    ranker = PathRanker(model, tokenizer, questions.graph, questions.steps)
    right = 0
    for row in questions.rows:
        ranked = []
        for name in row["topic_entities"]:
            topic = find_topic(questions.graph, [name])
            if topic is not None:
                ranked.append(ranker.rank(row["question"], topic, row["topic_entities"]))
        right += hits_at_1(ranked, row["answers"])
    percent = 100 * right / len(questions.rows)
    logger.info("%s %s: %.1f %% of %d", questions.name, questions.part, percent, len(questions.rows))
    return percent


def save(model: PathWriter, folder: Path) -> None:
    """The decoder's weights in half precision."""
    dtype = next(model.parameters()).dtype
    model.to(torch.float16).save_pretrained(folder)
    model.to(dtype)


if __name__ == "__main__":
    try:
        main()
    except KgqaError as error:
        raise SystemExit(f"error: {error}") from None
