"""How many forward passes a question takes, and where its time goes.

    .venv/bin/python eval/bench/passes.py

MetaQA questions about films through our engine, 10 beams: paths of 2, 3 and 4 hops by a random
model of 20 million weights, relation paths by the model that ships. A decoder that writes token by
token makes at least one pass for each token of the longest text it writes, the end token included;
the share of that which we make is the figure. Ten questions one after the other are measured
against the same ten at once, in turns, each way with a model cache and tables of its own.

Writes passes.md and passes.json. Takes about twenty minutes on two cores.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from command import command, parsed
from machine import Machine
from metaqa import Asked, graph, questions, sample, texts
from models import bench_model, bench_tokenizer
from report import Report, Table, median

from kgqa.constraint import CachingTokenizer, GrammarName, Reach, Walk
from kgqa.decode import BeamSearch, Cost, Engine, Task
from kgqa.graph import IndexedGraph
from kgqa.lm import LanguageModel, Prompt, load_language_model

BATCH = 10


class Speaker(NamedTuple):
    """A model under measurement; `load` gives it with caches of its own."""

    name: str
    grammar: GrammarName
    load: Callable[[], LanguageModel]


class Side:
    """One way to run questions: so many at a time, with a model cache and tables of its own."""

    def __init__(self, facts: IndexedGraph, model: LanguageModel, speaker: Speaker, hops: int) -> None:
        self._reach = Reach(facts)
        self._model = model
        self._tokenizer = CachingTokenizer(model.tokenizer)
        self._grammar = speaker.grammar
        self._hops = hops
        graph_tokens = self._reach.graph_tokens(self._tokenizer)
        _ = graph_tokens.names, graph_tokens.steps

    def run(self, asked: Sequence[Asked], at_once: int, decoder: BeamSearch) -> tuple[Cost, float, list[int]]:
        """What the engine spent, all seconds, and the tokens of each question's longest text with its end."""
        engine = Engine(self._model, questions=at_once)
        began = time.perf_counter()
        outcomes = list(engine.run(decoder, map(self._task, asked)))
        seconds = time.perf_counter() - began
        lengths = []
        for found in outcomes:
            assert isinstance(found, list), found
            lengths.append(1 + max(len(hypothesis.tokens) for hypothesis in found))
        return engine.cost, seconds, lengths

    def _task(self, asked: Asked) -> Task:
        walk = Walk.over(self._reach, [asked.topic], self._tokenizer, self._grammar, self._hops)
        return Task(Prompt(asked.question, (asked.topic,), self._grammar), walk)


@dataclass
class Single:
    """One question alone."""

    seconds: float
    model_seconds: float
    passes: int
    texts: int
    tokens: int


@dataclass
class Batch:
    """Ten questions at once, and the same ten one after the other."""

    seconds: float
    model_seconds: float
    passes: int
    tokens: int
    single_seconds: float


@dataclass
class Cell:
    """One model, one number of hops."""

    model: str
    grammar: str
    hops: int
    singles: list[Single]
    batches: list[Batch]


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--questions", type=int, default=200, help="a multiple of ten")
    parser.add_argument("--beams", type=int, default=10)
    parser.add_argument("--length-penalty", type=float, default=0.0, help="1 leads to longer texts")
    parser.add_argument("--hops", type=int, nargs="+", default=[2, 3, 4])
    parser.add_argument("--cell-seconds", type=float, default=600.0, help="no new ten questions after this")
    parser.add_argument("--model", choices=("20M", "0.5B"), default="20M", help="the shape of the random one")
    arguments = parsed(parser)
    if arguments.quick:
        arguments.questions, arguments.hops, arguments.beams = BATCH, [2], 3
    decoder = BeamSearch(beams=arguments.beams, length_penalty=arguments.length_penalty)
    facts = graph(arguments.data)
    drawn = sample(questions(arguments.data, 3, facts), arguments.questions + 1, arguments.seed)
    cells = [
        measure(facts, speaker, hops, drawn, decoder, arguments.cell_seconds)
        for speaker in speakers(arguments.data, facts, arguments.model)
        for hops in arguments.hops
    ]
    Report(
        "passes",
        "Forward passes a question",
        Machine.here(),
        {
            "questions": arguments.questions,
            "beams": arguments.beams,
            "length penalty": arguments.length_penalty,
            "seed": arguments.seed,
        },
        [alone(cells), together(cells)],
        [asdict(cell) for cell in cells],
    ).write(arguments.out)


def speakers(data: Path, facts: IndexedGraph, shape: str) -> list[Speaker]:
    random = bench_model(shape, bench_tokenizer(texts(data, facts)))
    return [
        Speaker(f"random {shape}", "path", random.speaker),
        Speaker("shipped", "relations", load_language_model),
    ]


def measure(
    facts: IndexedGraph, speaker: Speaker, hops: int, drawn: list[Asked], decoder: BeamSearch, seconds: float
) -> Cell:
    """One cell; the first question warms up and does not count."""
    single, batched = (Side(facts, model, speaker, hops) for model in (speaker.load(), speaker.load()))
    for side in (single, batched):
        side.run(drawn[:1], 1, decoder)
    cell = Cell(speaker.name, speaker.grammar, hops, [], [])
    began = time.perf_counter()
    for at in range(1, len(drawn), BATCH):
        ten = drawn[at : at + BATCH]
        if at > 1 and time.perf_counter() - began > seconds:
            break
        batch_first = (at // BATCH) % 2 == 1
        if batch_first:
            cost, taken, lengths = batched.run(ten, BATCH, decoder)
        rows = []
        for asked in ten:
            own, own_seconds, (length,) = single.run([asked], 1, decoder)
            rows.append(Single(own_seconds, own.model_seconds, own.passes, own.texts, length))
        if not batch_first:
            cost, taken, lengths = batched.run(ten, BATCH, decoder)
        assert lengths == [row.tokens for row in rows], "what is found depends on what is asked beside it"
        alone_seconds = sum(row.seconds for row in rows)
        cell.singles += rows
        cell.batches.append(Batch(taken, cost.model_seconds, cost.passes, sum(lengths), alone_seconds))
    print(f"{speaker.name}, {hops} hops: {len(cell.singles)} questions")
    return cell


def alone(cells: list[Cell]) -> Table:
    rows = [
        [
            cell.model,
            cell.grammar,
            cell.hops,
            len(cell.singles),
            median([one.passes for one in cell.singles]),
            median([one.tokens for one in cell.singles]),
            median([one.passes / one.tokens for one in cell.singles]),
            median([one.texts for one in cell.singles]),
            median([one.seconds for one in cell.singles]),
            outside(cell.singles),
        ]
        for cell in cells
    ]
    columns = (
        "model", "grammar", "hops", "questions", "passes", "tokens of the longest text", "passes / tokens",
        "texts asked about", "seconds", "share outside the model",
    )  # fmt: skip
    return Table(columns, rows, "One question at a time; medians, the share over all questions.")


def together(cells: list[Cell]) -> Table:
    rows = [
        [
            cell.model,
            cell.grammar,
            cell.hops,
            len(cell.batches),
            median([one.passes for one in cell.batches]),
            median([one.passes / one.tokens for one in cell.batches]),
            median([one.seconds for one in cell.batches]),
            outside(cell.batches),
            median([one.single_seconds / one.seconds for one in cell.batches]),
        ]
        for cell in cells
    ]
    columns = (
        "model", "grammar", "hops", "batches", "passes", "passes / tokens of all", "seconds",
        "share outside the model", "ten single ones / one batch",
    )  # fmt: skip
    return Table(columns, rows, "Ten questions at once; medians. The last column is the ratio of times.")


def outside(rows: Sequence[Any]) -> float:
    """The share of all time that was not spent in the model."""
    return float(1 - sum(row.model_seconds for row in rows) / sum(row.seconds for row in rows))


if __name__ == "__main__":
    main()
