"""How well the shipped recipe does on an unseen graph, and how much `kgqa train` improves it.

For each graph, a path writer and its reranker are trained without it (shorter than the shipped ones: --steps,
--batch-size), scored on that graph's questions, trained from the graph alone as `kgqa train` does, and scored
again, mixed with the starting weights by each share of --keep. That takes hours on processors without
bfloat16; an interrupted run is resumed. Writes eval/results/unseen-graphs.md.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import train_model
import train_reranker
from train_model import GRAPHS, REPOSITORY, SHARES

from kgqa.datasets import Question, load_questions, part
from kgqa.graph import IndexedGraph
from kgqa.lm import load_language_model
from kgqa.lm.path_writer.language_model import PathWriterLanguageModel
from kgqa.lm.path_writer.reranker import RERANKER
from kgqa.training import TrainingSettings, train
from kgqa.training.examples.dev_questions import DevQuestions
from kgqa.training.path_writer.path_writer_training import PathWriterTraining
from kgqa.training.path_writer.trainer import Trainer
from kgqa.training.reranker.reranker_training import RerankerTraining

RESULTS = REPOSITORY / "eval" / "results" / "unseen-graphs.md"


HEAD = """# Graphs that were left out of training

Hits@1 of the shipped recipe (300 steps of 64 examples, a fifth of the made-up ones; 150 steps of the
reranker, a fifth of its questions) trained without any question about the graph, then after `kgqa train
--steps 200 --made-up 2000` from the graph alone, which trains the reranker for 100 steps more, with a share
of the starting weights blended in again (`--keep`, 0 by default). `.venv/bin/python
scripts/leave_one_out.py --keep 0` makes this table in an hour and a half on two cores with bfloat16.

"""


class Unseen(NamedTuple):
    """A graph that a model was not trained on, by its name in `GRAPHS`, and questions about it."""

    name: str
    title: str
    graph: IndexedGraph
    questions: list[Question]
    allow_return: bool = False


def unseen(data: Path, limit: int) -> dict[str, list[Unseen]]:
    """The question sets of each graph that is left out, at most `limit` questions each."""
    graphs = train_model.read_graphs(data)
    chance = random.Random(0)

    def some(questions: Iterable[Question]) -> list[Question]:
        found = list(questions)
        return chance.sample(found, min(limit, len(found)))

    metaqa = [
        Unseen(
            "metaqa",
            f"MetaQA {hops}-hop, held back",
            graphs["metaqa"],
            some(
                question
                for question in load_questions(data / "metaqa" / f"questions_{hops}hop.jsonl.gz")
                if part(question.id) == "test"
            ),
        )
        for hops in (1, 2, 3)
    ]
    path_questions = [
        Unseen(
            "pathquestion",
            f"PathQuestion {hops}-hop, test",
            graphs[name],
            some(load_questions(data / "pathquestion" / name / "questions_test.jsonl.gz")),
            allow_return=True,
        )
        for name, hops in (("pq2h", 2), ("pq3h", 3))
    ]
    webqsp = some(load_questions(data / "freebase" / "webqsp_dev.jsonl.gz"))
    atlas = some(load_questions(REPOSITORY / "data" / "atlas" / "test.jsonl"))
    return {
        "metaqa": metaqa,
        "pathquestion": path_questions,
        "freebase": [Unseen("freebase", "WebQSP, dev", graphs["freebase"], webqsp)],
        "atlas": [Unseen("atlas", "atlas, test", graphs["atlas"], atlas)],
    }


def base(name: str, folder: Path, data: Path, steps: int, batch_size: int, seed: int) -> Path:
    """The folder of a path writer that was trained without a graph, its reranker too."""
    if not (folder / RERANKER).exists():
        shares = {source: share for source, share in SHARES.items() if source not in GRAPHS[name].split()}
        graphs = train_model.read_graphs(data)
        examples = [e for e in train_model.gather(data, graphs, seed, scale=0.2) if e.source in shares]
        trainer = Trainer(steps, batch_size, learning_rate=1e-3, warmup=50, seed=seed)
        if not (folder / "config.json").exists():
            with train_model.progress(steps) as count:
                PathWriterTraining(trainer, shares).train(examples, folder, progress=count)
        model = load_language_model(folder)
        lists = list(train_reranker.decoded(examples, graphs, model, seed, scale=0.2))
        weighed = {s: share for s, share in train_reranker.SHARES.items() if s in shares}
        train_reranker.trained(RerankerTraining(steps // 2, seed=seed), lists, weighed, folder)
    return folder


def tuned(graph: IndexedGraph, start: Path, folder: Path, settings: TrainingSettings) -> Path:
    """The folder of a model that was trained from another on a graph alone."""
    if not (folder / "config.json").exists():
        with train_model.progress(settings.steps) as count:
            train(folder, graph, model=start, settings=settings, progress=lambda told: count(told.done))
    return folder


def blended(start: Path, after: Path, keep: float) -> PathWriterLanguageModel:
    """A tuned model with the starting weights of the writer blended in; its reranker stays as it is."""
    begun, model = load_language_model(start), load_language_model(after)
    assert isinstance(begun, PathWriterLanguageModel)
    assert isinstance(model, PathWriterLanguageModel)
    weights = begun.model.state_dict()
    model.model.load_state_dict(
        {name: weight.lerp(weights[name], keep) for name, weight in model.model.state_dict().items()}
    )
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "build" / "leave-one-out")
    parser.add_argument("--only", nargs="*", choices=sorted(GRAPHS), default=sorted(GRAPHS))
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--limit", type=int, default=150, help="questions of a set")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=float, nargs="*", default=[0, 0.25, 0.5, 0.75])
    parser.add_argument("--tuning-steps", type=int, default=200, help="steps of `kgqa train`")
    parser.add_argument("--made-up", type=int, default=2000, help="made-up questions of `kgqa train`")
    options = parser.parse_args()
    settings = TrainingSettings(steps=options.tuning_steps, made_up=options.made_up, dev_limit=60)
    rows: dict[str, list[float]] = {}
    sets = unseen(options.data, options.limit)
    for name in options.only:
        start = base(
            name, options.work / name / "base", options.data, options.steps, options.batch_size, options.seed
        )
        for asked in sets[name]:
            place = options.work / name / f"tuned-{asked.graph.checksum[:8]}"
            after = tuned(asked.graph, start, place, settings)
            dev = DevQuestions(asked.graph, asked.questions, allow_return=asked.allow_return)
            models = [load_language_model(start), *(blended(start, after, keep) for keep in options.keep)]
            rows[asked.title] = [len(asked.questions), *map(dev.hits_at_1, models)]
            print(asked.title, rows[asked.title], flush=True)
            (options.work / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    text = HEAD + table(rows, options.keep)
    print(text)
    if set(options.only) == set(GRAPHS):
        RESULTS.write_text(text, encoding="utf-8")


def table(rows: dict[str, list[float]], keep: list[float]) -> str:
    """A row a set of questions, then the means; in percent."""
    columns = ["n", "before", *(f"`--keep {share:g}`" for share in keep)]
    means = [sum(column) / len(rows) for column in zip(*rows.values(), strict=True)]
    body = [(title, f"{n:.0f}", scores) for title, (n, *scores) in rows.items()] + [("mean", "", means[1:])]
    lines = [
        f"| questions of a graph that was left out | {' | '.join(columns)} |",
        f"|---|{'---:|' * len(columns)}",
        *(
            f"| {title} | {n} | {' | '.join(f'{score:.1f}' for score in scores)} |"
            for title, n, scores in body
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
