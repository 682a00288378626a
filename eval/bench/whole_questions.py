"""Whole questions: as published, the published way without its detour, transformers, our engine.

    .venv/bin/python eval/bench/whole_questions.py

MetaQA questions about films (of the 3-hop file) and about persons (2-hop file), beam search with a
length penalty of 1 over paths of 2 and 3 hops, by a random model of 20 million weights; 4 hops with
our engine alone, because there the paths cannot be listed. "generate" is transformers' own, over our
constraint. Every way gets the same prompt. The ways take turns within each question, in another
order each time, each with caches of its own.

Writes whole-questions.md and whole-questions.json. Takes about half an hour on two cores.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from command import command, parsed
from machine import Machine
from metaqa import Asked, graph, questions, sample, texts
from models import BenchModel, bench_model, bench_tokenizer
from published import (
    Limit,
    LimitError,
    Lister,
    Neighbours,
    Written,
    generate,
    listed,
    listed_a_hop_too_far,
    published,
)
from report import Report, Table, median, percentile

from kgqa.constraint import Reach, Walk
from kgqa.decode import BeamSearch, Engine, Hypothesis, Task
from kgqa.graph import IndexedGraph
from kgqa.lm import Prompt
from kgqa.lm.hf.generate import prefix_allowed_tokens_fn

WAYS = ("as published", "published, lean", "generate over our walk", "our engine")
PUBLISHED, LEAN, GENERATE, OURS = WAYS
KINDS = {"films": 3, "persons": 2}
SAME = 1e-3
"""Nats a token: scores closer than this are one score, computed in another order."""


@dataclass(frozen=True)
class Setting:
    """What all ways are given."""

    facts: IndexedGraph
    model: BenchModel
    neighbours: Neighbours
    beams: int
    paths: int
    seconds: float


class Ways:
    """The ways to answer from paths of one length, each with caches of its own."""

    def __init__(self, setting: Setting, hops: int) -> None:
        self._setting = setting
        self._hops = hops
        self._speaker = setting.model.speaker()
        self._reaches = {way: Reach(setting.facts) for way in (GENERATE, OURS)}
        self.end = self._speaker.tokenizer.end_id
        self.calls: dict[str, Callable[[Prompt, str], Written]] = {
            PUBLISHED: partial(self._published, listed_a_hop_too_far),
            LEAN: partial(self._published, listed),
            GENERATE: self._generate,
            OURS: self._ours,
        }

    def prepare(self) -> float:
        """Make the tables that our ways make once a graph and tokenizer; returns the seconds of one."""
        began = time.perf_counter()
        for reach in self._reaches.values():
            graph_tokens = reach.graph_tokens(self._speaker.tokenizer)
            _ = graph_tokens.names, graph_tokens.steps
        return (time.perf_counter() - began) / len(self._reaches)

    def encoded(self, prompt: Prompt) -> list[int]:
        """The ids of a prompt, the same for all ways."""
        return self._speaker.renderer.encode(prompt)

    def _published(self, lister: Lister, prompt: Prompt, topic: str) -> Written:
        setting = self._setting
        limit = Limit(setting.paths, setting.seconds)
        ids = self.encoded(prompt)
        return published(
            setting.model.raw,
            setting.model.tokenizer,
            setting.neighbours,
            ids,
            [topic],
            self._hops,
            self.end,
            setting.beams,
            limit,
            lister,
        )

    def _generate(self, prompt: Prompt, topic: str) -> Written:
        ids = self.encoded(prompt)
        walk = self._walk(GENERATE, topic)
        allowed = prefix_allowed_tokens_fn(walk, self._speaker.tokenizer, len(ids))
        return generate(self._setting.model.raw, ids, self.end, self._setting.beams, allowed)

    def _ours(self, prompt: Prompt, topic: str) -> Written:
        engine = Engine(self._speaker, questions=1)
        decoder = BeamSearch(beams=self._setting.beams, length_penalty=1.0)
        (found,) = engine.run(decoder, [Task(prompt, self._walk(OURS, topic))])
        assert isinstance(found, list), found
        cost = engine.cost
        return Written(*_texts(found), cost.seconds, cost.passes, cost.model_seconds)

    def _walk(self, way: str, topic: str) -> Walk:
        return Walk.over(self._reaches[way], [topic], self._speaker.tokenizer, "path", self._hops)


class Outcome(NamedTuple):
    """What one way made of one question; `failure` says why it did not finish."""

    way: str
    seconds: float
    written: Written | None
    failure: str = ""


@dataclass
class Cell:
    """All questions of one kind, with one number of hops."""

    kind: str
    hops: int
    preparation: float
    rows: list[dict[str, Outcome]] = field(default_factory=list)
    best: list[dict[str, float]] = field(default_factory=list)


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--questions", type=int, default=25, help="of each kind")
    parser.add_argument("--beams", type=int, default=10)
    parser.add_argument("--paths", type=int, default=100_000, help="the most that the published way may list")
    parser.add_argument("--question-seconds", type=float, default=120.0, help="its limit for a question")
    parser.add_argument("--cell-seconds", type=float, default=900.0, help="no new question after this")
    arguments = parsed(parser)
    if arguments.quick:
        arguments.questions, arguments.beams, arguments.paths = 1, 3, 3_000
    facts = graph(arguments.data)
    model = bench_model("20M", bench_tokenizer(texts(arguments.data, facts)))
    neighbours = Neighbours(facts)
    neighbours.read_all()
    setting = Setting(facts, model, neighbours, arguments.beams, arguments.paths, arguments.question_seconds)
    cells = []
    for kind, file in KINDS.items():
        drawn = sample(questions(arguments.data, file, facts), arguments.questions + 1, arguments.seed)
        for hops in (2, 3, 4):
            ways = WAYS if hops < 4 else (OURS,)
            cells.append(measure(setting, kind, hops, drawn, ways, arguments.cell_seconds))
            print(f"{kind}, {hops} hops: {len(cells[-1].rows)} questions")
    ids = model.speaker().renderer.encode(Prompt(drawn[0].question, (drawn[0].topic,), "path"))
    sharp = model.sharpness(ids)
    Report(
        "whole_questions",
        "Whole questions",
        Machine.here(),
        {
            "questions a cell": arguments.questions,
            "beams": arguments.beams,
            "paths at most": arguments.paths,
            "seconds at most": arguments.question_seconds,
            "seed": arguments.seed,
        },
        [times(cells), shares(cells), ratios(cells), agreement(cells)],
        [as_data(cell) for cell in cells],
        notes=[
            f"Random model of {model.parameters / 1e6:.1f} million weights; in a prompt, what follows a "
            f"token has a median entropy of {sharp.entropy:.1f} nats and its best token a probability of "
            f"{sharp.best:.2f}. Our tables are made once a graph and tokenizer and stored with the index; "
            f"to have them took {cells[0].preparation:.2g} s, which is not in the times, as is not the table "
            "of neighbours that the published way is given.",
            f"Published ways: see published.py. Limits: {arguments.paths:,} paths, "
            f"{arguments.question_seconds:g} s a question.",
        ],
    ).write(arguments.out)


def measure(
    setting: Setting, kind: str, hops: int, drawn: list[Asked], ways: tuple[str, ...], seconds: float
) -> Cell:
    """One cell; the first question warms up and does not count."""
    group = Ways(setting, hops)
    cell = Cell(kind, hops, group.prepare())
    began = time.perf_counter()
    for number, asked in enumerate(drawn):
        if number and time.perf_counter() - began > seconds:
            break
        prompt = Prompt(asked.question, (asked.topic,), "path")
        at = number % len(ways)
        row = {way: attempt(way, group.calls[way], prompt, asked.topic) for way in (*ways[at:], *ways[:at])}
        if number:
            cell.rows.append(row)
            cell.best.append(best_scores(setting.model, group, prompt, row))
        elif len(drawn) > 1:
            began = time.perf_counter()
    return cell


def attempt(way: str, call: Callable[[Prompt, str], Written], prompt: Prompt, topic: str) -> Outcome:
    began = time.perf_counter()
    try:
        written = call(prompt, topic)
    except LimitError as error:
        return Outcome(way, time.perf_counter() - began, None, str(error))
    return Outcome(way, time.perf_counter() - began, written)


def best_scores(model: BenchModel, group: Ways, prompt: Prompt, row: dict[str, Outcome]) -> dict[str, float]:
    """For each way, the log-probability a token of its best text, by one plain forward pass."""
    ids = group.encoded(prompt)
    found = {}
    for way, outcome in row.items():
        if outcome.written is not None and outcome.written.texts:
            text = outcome.written.texts[0]
            found[way] = model.log_probability(ids, text, group.end) / (len(text) + 1)
    return found


def times(cells: list[Cell]) -> Table:
    rows = []
    for cell in cells:
        for way in WAYS:
            outcomes = [row[way] for row in cell.rows if way in row]
            if not outcomes:
                continue
            done = [outcome for outcome in outcomes if outcome.written]
            written = [outcome.written for outcome in done if outcome.written]
            rows.append(
                [
                    cell.kind,
                    cell.hops,
                    way,
                    len(outcomes),
                    len(outcomes) - len(done),
                    median([outcome.seconds for outcome in done]),
                    percentile([outcome.seconds for outcome in done], 95),
                    median([one.passes for one in written]),
                    median([1 - one.model_seconds / one.seconds for one in written]),
                    median([one.paths for one in written if one.paths is not None]),
                ]
            )
    columns = (
        "topics", "hops", "way", "questions", "not finished", "seconds, median", "p95", "forward passes",
        "share outside the model", "paths listed",
    )  # fmt: skip
    return Table(
        columns, rows, "Seconds a question. Times and passes are of the questions that were finished."
    )


def shares(cells: list[Cell]) -> Table:
    """Where the published ways spend their time."""
    parts = ("list", "tokenise", "trie", "callback")
    rows: list[list[object]] = []
    for cell in cells:
        for way in (PUBLISHED, LEAN):
            written = [row[way].written for row in cell.rows if way in row]
            done = [one for one in written if one is not None]
            if done:
                found = [median([one.parts[part] for one in done]) for part in parts]
                rows.append([cell.kind, cell.hops, way, *found, median([one.model_seconds for one in done])])
    return Table(
        ("topics", "hops", "way", "list", "tokenise", "trie", "callback", "model"),
        rows,
        "The published ways, in median seconds.",
    )


def ratios(cells: list[Cell]) -> Table:
    """Medians of the ratios of times, question by question."""
    rows = []
    for cell in cells:
        row: list[object] = [cell.kind, cell.hops]
        for slower in (PUBLISHED, LEAN, GENERATE):
            pairs = [(r[slower], r[OURS]) for r in cell.rows if slower in r]
            found = [one.seconds / other.seconds for one, other in pairs if one.written and other.written]
            row += [median(found), len(found)]
        if row[3]:
            rows.append(row)
    columns = ("topics", "hops", "as published", "n", "published, lean", "n", "generate over our walk", "n")
    return Table(
        columns, rows, "How many times as long as our engine, the median over questions that both finished."
    )


def agreement(cells: list[Cell]) -> Table:
    """Whether the best chains are the same, and which is better where they are not."""
    rows = []
    for cell in cells:
        for way in (PUBLISHED, LEAN, GENERATE):
            same = ours = theirs = equal = 0
            for row, scores in zip(cell.rows, cell.best, strict=True):
                other, own = (row[w].written if w in row else None for w in (way, OURS))
                if other is None or own is None or not other.texts:
                    continue
                gain = scores[OURS] - scores[way]
                same += other.texts[0] == own.texts[0]
                ours += other.texts[0] != own.texts[0] and gain > SAME
                theirs += other.texts[0] != own.texts[0] and gain < -SAME
                equal += other.texts[0] != own.texts[0] and abs(gain) <= SAME
            compared = same + ours + theirs + equal
            if compared:
                rows.append([cell.kind, cell.hops, way, compared, same / compared, ours, theirs, equal])
    return Table(
        (
            "topics",
            "hops",
            "compared with",
            "questions",
            "same best chain",
            "ours better",
            "theirs better",
            "equal",
        ),
        rows,
        "Better: the higher log-probability a token, computed anew by one plain forward pass.",
    )


def as_data(cell: Cell) -> dict[str, Any]:
    questions_ = []
    for row, best in zip(cell.rows, cell.best, strict=True):
        questions_.append(
            {
                way: {
                    "seconds": outcome.seconds,
                    "failure": outcome.failure,
                    "best": best.get(way),
                    **(
                        {}
                        if outcome.written is None
                        else {
                            "passes": outcome.written.passes,
                            "model_seconds": outcome.written.model_seconds,
                            "paths": outcome.written.paths,
                            "parts": outcome.written.parts,
                            "texts": len(outcome.written.texts),
                        }
                    ),
                }
                for way, outcome in row.items()
            }
        )
    return {"kind": cell.kind, "hops": cell.hops, "preparation": cell.preparation, "questions": questions_}


def _texts(found: list[Hypothesis]) -> tuple[list[tuple[int, ...]], list[float]]:
    return [hypothesis.tokens for hypothesis in found], [hypothesis.score for hypothesis in found]


if __name__ == "__main__":
    main()
