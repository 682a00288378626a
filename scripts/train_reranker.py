"""Train the reranker of the path writer: half an hour on two CPU cores with bfloat16.

The path writer in --model decodes training questions; a cross-encoder learns which of the decoded paths are
right. Reads the same data as scripts/train_model.py. Writes reranker.safetensors, reranker.json and a section
of the model card to --output. An interrupted run is resumed at its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import logging
import pickle
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from train_model import GRAPHS, REPOSITORY, gather, held_out, progress, read_graphs

from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph
from kgqa.lm import LanguageModel, load_language_model
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.language_model import WEIGHTS
from kgqa.lm.path_writer.modeling import encoder_folder, load_encoder
from kgqa.lm.path_writer.question_text import load_tokenizer
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.training.curve import Curve
from kgqa.training.examples.example import Example
from kgqa.training.record import versions
from kgqa.training.reranker.candidates import CandidateList, candidate_lists
from kgqa.training.reranker.reranker_training import RerankerTraining

ASKED = {
    "webqsp": 3000, "webqsp-composed": 700, "synthetic-freebase": 2500, "atlas": 1100, "atlas-joined": 1500,
    "atlas-composed": 1200, "synthetic-atlas": 1200, "pq2h": 500, "pq3h": 1000, "synthetic-pq3h": 400,
    "metaqa-1hop": 200, "metaqa-2hop": 200, "metaqa-3hop": 200, "metaqa-paraphrases": 200,
    "synthetic-metaqa": 300,
}  # fmt: skip
"""How many questions of each source are decoded."""

SHARES = {
    "webqsp": 0.3, "webqsp-composed": 0.05, "synthetic-freebase": 0.17, "atlas": 0.08, "atlas-joined": 0.08,
    "atlas-composed": 0.1, "synthetic-atlas": 0.08, "pq2h": 0.03, "pq3h": 0.05, "synthetic-pq3h": 0.02,
    "metaqa-1hop": 0.01, "metaqa-2hop": 0.01, "metaqa-3hop": 0.01, "metaqa-paraphrases": 0.01,
    "synthetic-metaqa": 0.01,
}  # fmt: skip

SECTION = """

## The reranker

`reranker.safetensors` is a cross-encoder of {parameters:,} trained parameters (half precision, 21 MB): the
layers of all-MiniLM-L6-v2 (Apache-2.0), trained further. It reads a question with a relation path and the
names of its ends, and scores how well they fit. Made by `scripts/train_reranker.py` (seed {seed},
{steps:,} steps of {lists} lists; {minutes:.0f} minutes on two CPU cores) from the ten paths that the path
writer found likeliest for training questions, each weighed by its probability to be right and by the F1 of
its ends:

{sources}

Scores of the whole program with it, gold topics, ten beams, the first answer:

| set | part | questions | Hits@1 |
|---|---|---|---|
{scores}
"""

logger = logging.getLogger("kgqa")


def main() -> None:
    options = arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    began = time.monotonic()
    graphs = read_graphs(options.data)
    left_out = GRAPHS[options.without].split() if options.without else []
    shares = {source: share for source, share in SHARES.items() if source not in left_out}
    options.output.mkdir(parents=True, exist_ok=True)
    lists = [of for of in candidates(options, graphs) if of.source in shares]
    training = RerankerTraining(options.steps, seed=options.seed)
    reranker, curve = trained(training, lists, shares, options.output)
    seconds = time.monotonic() - began
    scores = []
    if (options.output / "config.json").exists():
        whole = load_language_model(options.output)
        for name, of, dev in held_out(options.data, graphs, options.parts, options.limit):
            scores.append((name, of, len(dev.questions), dev.hits_at_1(whole)))
            logger.info("%s %s: %.1f %%", name, of, scores[-1][-1])
    record = {
        "settings": {**asdict(training), "without": options.without},
        "sources": dict(Counter(of.source for of in lists)),
        "shares": shares,
        "curve": asdict(curve),
        "seconds": seconds,
        "scores": scores,
        "versions": versions(),
    }
    (options.output / "reranker.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    write_section(options.output / "README.md", training, lists, scores, seconds, reranker)
    (options.output / "candidates.pickle").unlink(missing_ok=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--model", type=Path, default=WEIGHTS, help="the path writer's folder")
    parser.add_argument("--output", type=Path, help="folder for the reranker [default: --model]")
    parser.add_argument("--without", choices=sorted(GRAPHS), help="leave all questions of a graph out")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--parts", nargs="*", default=["dev"], choices=["dev", "test"], help="parts to score")
    parser.add_argument("--limit", type=int, default=200, help="questions to score of a set")
    parser.add_argument("--candidates", type=Path, help="file to keep the decoded paths in")
    options = parser.parse_args()
    options.output = options.output or options.model
    return options


def trained(
    training: RerankerTraining, lists: list[CandidateList], shares: Mapping[str, float], folder: Path
) -> tuple[Reranker, Curve]:
    """Train a reranker on lists of candidates and save it in a folder; resumes an interrupted training."""
    reranker = Reranker(load_encoder(PathWriterConfig()).requires_grad_(False))
    tokenizer = load_tokenizer(encoder_folder(PathWriterConfig()))
    checkpoint = folder / "reranker-checkpoint.pt"
    with progress(training.steps) as count:
        curve = training.train(reranker, tokenizer, lists, shares, checkpoint, progress=count)
    reranker.save(folder)
    checkpoint.unlink()
    return reranker, curve


def candidates(options: argparse.Namespace, graphs: Mapping[str, IndexedGraph]) -> list[CandidateList]:
    """The decoded paths, from a file if an earlier run of this script wrote it."""
    file: Path = options.candidates or options.output / "candidates.pickle"
    if file.is_file():
        with file.open("rb") as stream:
            found: list[CandidateList] = pickle.load(stream)
        return found
    examples = gather(options.data, dict(graphs), options.seed)
    found = list(decoded(examples, graphs, load_language_model(options.model), options.seed))
    unfinished = file.with_name(f"{file.name}.unfinished")
    with unfinished.open("wb") as stream:
        pickle.dump(found, stream)
    unfinished.replace(file)
    return found


def decoded(
    examples: Sequence[Example],
    graphs: Mapping[str, IndexedGraph],
    model: LanguageModel,
    seed: int,
    scale: float = 1.0,
) -> Iterator[CandidateList]:
    """Candidates for some examples of each source; `scale` is for how many."""
    chance = random.Random(seed)
    for source, count in ASKED.items():
        of_source = [example for example in examples if example.source == source]
        some = chance.sample(of_source, min(round(scale * count), len(of_source)))
        if some:
            graph, allow_return = graphs[graph_of(source)], source in ("pq2h", "pq3h")
            made = list(candidate_lists(graph, model, some, seed, allow_return=allow_return))
            logger.info("%s: %d of %d questions have candidates", source, len(made), len(some))
            yield from made


def graph_of(source: str) -> str:
    """The graph that a source's questions are about."""
    if "pq" in source:
        return source.removeprefix("synthetic-")
    return next(name for name in ("metaqa", "freebase", "atlas") if source in GRAPHS[name].split())


def write_section(
    card: Path,
    training: RerankerTraining,
    lists: list[CandidateList],
    scores: list[tuple[str, str, int, float]],
    seconds: float,
    reranker: Reranker,
) -> None:
    """Put the reranker's section at the end of the model card, in place of an older one."""
    before = card.read_text(encoding="utf-8").split("\n## The reranker")[0] if card.exists() else ""
    sources = sorted(Counter(of.source for of in lists).items())
    section = SECTION.format(
        parameters=sum(weight.numel() for weight in reranker.parameters()),
        seed=training.seed,
        steps=training.steps,
        lists=training.lists,
        minutes=seconds / 60,
        sources="\n".join(f"- {source}: {count:,}" for source, count in sources),
        scores="\n".join(f"| {name} | {of} | {n:,} | {hits:.1f} |" for name, of, n, hits in scores),
    )
    card.write_text(before.rstrip() + section, encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except KgqaError as error:
        raise SystemExit(f"error: {error}") from None
