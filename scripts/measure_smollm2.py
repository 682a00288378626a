"""What SmolLM2-135M reaches under the constraint, tuned and not, next to the model that ships.

    python scripts/measure_smollm2.py ../shared/data --work DIR

DIR holds what `scripts/train_smollm2.py` made. Questions are a sample of the test parts, which nothing else
used. What was asked is kept in DIR/answers.jsonl, so the same call again goes on where it stopped.
Writes eval/results/smollm2.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

import torch

from kgqa.constraint import StatedAnswer, Walk
from kgqa.datasets import Question, load_questions, part
from kgqa.decode import BeamSearch, Decoder, DiverseBeamSearch
from kgqa.errors import ConstraintError
from kgqa.evaluation.scoring.metrics import score_answers
from kgqa.finders import ModelFinder
from kgqa.graph import ATLAS, IndexedGraph, fold_name, open_graph
from kgqa.lm import Prompt, load_language_model
from kgqa.lm.load import as_language_model, load_transformers
from kgqa.pipeline import Answerer, Query
from scripts.smollm2 import shipped_smollm2

REPOSITORY = Path(__file__).parent.parent
PAGE = REPOSITORY / "eval" / "results" / "smollm2.md"
SETS = {"metaqa-1hop": "metaqa", "metaqa-2hop": "metaqa", "metaqa-3hop": "metaqa", "atlas": "atlas"}
"""The sets, and the graph and trained model of each."""
SYSTEMS = {
    "shipped": "shipped model, relation paths",
    "untrained": "SmolLM2 as it is, constrained",
    "tuned": "SmolLM2 tuned, constrained",
    "raw": "SmolLM2 tuned, constrained, raw scores",
    "gcr": "SmolLM2 tuned, constrained, GCR's search and free answer",
    "free": "SmolLM2 tuned, without the constraint",
}
HOPS = 3
LONGEST = 96
"""Tokens of a text without the constraint."""

Row = dict[str, Any]
Ask = Callable[[Question], Row]


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    kept = options.work / "answers.jsonl"
    known = read(kept)
    graphs = {"metaqa": open_graph(options.data / "metaqa" / "kb.tsv.gz"), "atlas": open_graph(ATLAS)}
    for system in options.systems or SYSTEMS:
        asks: dict[str, Ask] = {}
        for name, home in SETS.items():
            for question in sample(options.data, name, options.sample):
                if (system, question.id) in known:
                    continue
                if home not in asks:
                    asks[home] = asker(system, graphs[home], options.work / home, options.model)
                began = time.perf_counter()
                row = asks[home](question)
                row |= {"system": system, "set": name, "id": question.id}
                row["seconds"] = time.perf_counter() - began
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
        print(f"{system}: done", flush=True)
    drawn = {question.id for name in SETS for question in sample(options.data, name, options.sample)}
    rows = [row for row in read(kept).values() if row["id"] in drawn]
    PAGE.write_text("\n".join(lines(rows, options.sample)) + "\n", encoding="utf-8")


def asker(system: str, graph: IndexedGraph, tuned: Path, base: str | None) -> Ask:
    """A function that asks one system about one graph."""
    if system == "free":
        return unconstrained(graph, tuned)
    if system == "shipped":
        return constrained(Answerer(graph, load_language_model(), hops=HOPS))
    model = load_language_model(
        (base or shipped_smollm2()) if system == "untrained" else tuned, engine="transformers"
    )
    decoder: Decoder = BeamSearch(10, masked=system != "raw")
    answer: StatedAnswer = "none"
    if system == "gcr":
        decoder, answer = DiverseBeamSearch(10, 10, 1.0, "tokens"), "free"
    finder = ModelFinder(model, decoder, prompt="gcr", answer=answer)
    return constrained(Answerer(graph, finder, "path", HOPS, speak_identifiers=True))


def constrained(answerer: Answerer) -> Ask:
    """Asks an answerer; every chain is looked up in the graph again."""

    def ask(question: Question) -> Row:
        (outcome,) = answerer.run([Query(question.question, question.topic_entities)])
        answer = outcome.answer
        found = [] if isinstance(answer, Exception) else [one.name for one in answer.entities]
        chains = [hypothesis.chain for hypothesis in outcome.hypotheses]
        row = scores(found, question.answers)
        ends = [answerer.graph.label(chain.end) or chain.end for chain in chains]
        row["reached"] = float(bool(folded(ends) & folded(question.answers)))
        row["chains"] = float(all(triple in answerer.graph for chain in chains for triple in chain.triples))
        stated = outcome.hypotheses[0].stated if outcome.hypotheses else None
        if stated is not None:
            row["stated"] = float(fold_name(stated.text) in folded(question.answers))
        return row

    return ask


def unconstrained(graph: IndexedGraph, folder: Path) -> Ask:
    """Lets the model write freely behind the same prompt, token by token the likeliest."""
    raw, tokenizer = load_transformers(folder)
    model = as_language_model(raw, tokenizer)

    def ask(question: Question) -> Row:
        prompt = model.renderer.encode(Prompt(question.question, question.topic_entities, "path", "gcr"))
        with torch.no_grad():
            written = raw.generate(
                torch.tensor([prompt]),
                attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                max_new_tokens=LONGEST,
                do_sample=False,
                num_beams=1,
                repetition_penalty=1.0,
                pad_token_id=tokenizer.eos_token_id,
            )[0, len(prompt) :].tolist()
        path, _, said = tokenizer.decode(written, skip_special_tokens=False).partition("</PATH>")
        stated = said.replace("# Answer:", "").replace(str(tokenizer.eos_token), "").strip()
        row = scores([stated] if stated else [], question.answers)
        end = path.replace("<-", "->").rpartition("->")[2].strip()
        row["reached"] = float(fold_name(end) in folded(question.answers))
        return {**row, "chains": float(is_chain(written, model.tokenizer, graph, question))}

    return ask


def is_chain(written: list[int], tokenizer: Any, graph: IndexedGraph, question: Question) -> bool:
    """Whether what stands before `</PATH>` is a path of the graph from one of the topics."""
    if tokenizer.path_end_id not in written:
        return False
    topics = [entity for name in question.topic_entities for entity in graph.find(name)]
    walk = Walk.of(graph, topics, tokenizer, hops=HOPS)
    state = walk.start
    try:
        for token in written[: written.index(tokenizer.path_end_id)]:
            state = walk.advance(state, token)
    except ConstraintError:
        return False
    return walk.accepts(state)


def scores(found: list[str], gold: tuple[str, ...]) -> Row:
    """Whether the first answer is right, and the F1 of all."""
    metrics = score_answers(found, gold)
    return {"hits_at_1": metrics.hits_at_1, "f1": metrics.f1}


def folded(names: Any) -> set[str]:
    """Names as they are compared."""
    return {fold_name(name) for name in names}


def sample(data: Path, name: str, count: int) -> list[Question]:
    """Some questions of the test part, always the same ones."""
    if name == "atlas":
        questions = list(load_questions(REPOSITORY / "data" / "atlas" / "test.jsonl"))
    else:
        file = data / "metaqa" / f"questions_{name.removeprefix('metaqa-')}.jsonl.gz"
        questions = [question for question in load_questions(file) if part(question.id) == "test"]
    return random.Random(22).sample(questions, count)


def read(kept: Path) -> dict[tuple[str, str], Row]:
    """What was asked before."""
    lines = kept.read_text("utf-8").splitlines() if kept.is_file() else []
    rows = [json.loads(line) for line in lines]
    return {(row["system"], row["id"]): row for row in rows}


def lines(rows: list[Row], count: int) -> Iterator[str]:
    """The lines of the page."""
    yield "# SmolLM2-135M, tuned in GCR's recipe, under the constraint"
    yield ""
    yield (
        "Made by `python scripts/train_smollm2.py DATA --work DIR` (25 minutes on one CPU core: 170 steps of "
        "16 paths on MetaQA's training questions, then 130 on the atlas's; adapters of rank 8, bfloat16) and "
        f"`python scripts/measure_smollm2.py DATA --work DIR --sample {count}`. The model for MetaQA is that "
        "of the first training."
    )
    yield ""
    yield (
        f"{count} questions of each set, drawn from parts that were not trained on and not used to choose "
        "anything. Gold topics, at most 3 hops, steps both ways. Hits@1: the first answer is right; reached: "
        "a path ends at a right answer; chains: all paths are paths of the graph (of the constrained ones by "
        "construction, and looked up again). Samples are small: with 20 questions, differences below "
        "about 30 points may be chance."
    )
    yield ""
    yield "| set | system | Hits@1 | F1 | reached | chains | seconds |"
    yield "|---|---|---|---|---|---|---|"
    for name in SETS:
        for system, title in SYSTEMS.items():
            own = [row for row in rows if row["system"] == system and row["set"] == name]
            if own:
                values = [100 * mean(own, key) for key in ("hits_at_1", "f1", "reached", "chains")]
                shown = " | ".join(f"{value:.1f}" for value in values)
                yield f"| {name} | {title} | {shown} | {mean(own, 'seconds'):.2f} |"
    yield ""
    free = [row for row in rows if "stated" in row]
    if free:
        yield (
            f"What the tuned model writes behind its first path, with GCR's search: right for "
            f"{100 * mean(free, 'stated'):.1f} % of all {len(free)} questions (not from the graph; "
            '`answer = "free"`).'
        )
        yield ""
    yield (
        "- *Constrained*: ten beams over paths, GCR's prompt, log-probabilities renormalised over what the "
        "constraint allows (`search.masked`), and the vote. With *raw scores* a name that the model cannot "
        "know costs it many nats, so that short paths win. The first was chosen on 36 development questions "
        "of MetaQA.\n"
        "- *GCR's search and free answer*: ten diverse beams of one group each, raw scores, an answer behind "
        "each path.\n"
        "- *Without the constraint*: one text, at each place the likeliest token; its answer is what stands "
        "behind `# Answer:`.\n"
        "- The shipped model has 8 million trained parameters, learnt from all training questions of these "
        "sets, writes relation paths, and ranks them again."
    )


def mean(rows: list[Row], key: str) -> float:
    """The mean of a value."""
    return float(sum(row[key] for row in rows) / len(rows))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the benchmark data, a folder that holds metaqa/")
    parser.add_argument("--work", type=Path, required=True, help="folder with the trained models")
    parser.add_argument("--model", help="the untrained model: a folder, a .gguf file or a hub name")
    parser.add_argument("--sample", type=int, default=60, help="questions of each set")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--systems", nargs="*", choices=list(SYSTEMS), help="only these")
    return parser.parse_args()


if __name__ == "__main__":
    main()
