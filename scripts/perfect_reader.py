"""An upper bound for `--aggregate grounded` and `weighed`: the scores of an LLM that reads chains perfectly.

A mock LLM replies with the gold answers and cites no chain, so the answers are those gold answers that the
chains prove. The vote over the same chains is the baseline.

    python scripts/perfect_reader.py data/atlas/test.jsonl --limit 100
    python scripts/perfect_reader.py webqsp_dev.jsonl.gz --graph freebase --budgets 500 1500 3000
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kgqa.answer import Aggregator, LlmAggregator
from kgqa.answer.llm.aggregation_prompt import AnswerMode
from kgqa.chat import Message, MockChatModel
from kgqa.datasets import Question, load_questions
from kgqa.evaluation import Totals, evaluate
from kgqa.graph import ATLAS, open_graph
from kgqa.lm import load_language_model
from kgqa.pipeline import Answerer

MODES: tuple[AnswerMode, ...] = ("grounded", "weighed")


class PerfectReader:
    """Replies with the gold answers of the question that a prompt ends with."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._gold = {" ".join(question.question.split()): question.answers for question in questions}

    def __call__(self, messages: Sequence[Message]) -> str:
        question = messages[-1].content.rpartition("Question:\n")[2]
        answers = [{"entity": name, "chains": []} for name in self._gold[question]]
        return json.dumps({"answerable": True, "answers": answers})


def row(title: str, totals: Totals) -> str:
    scores = (totals.hits_at_1, totals.f1, totals.recall, totals.faithful)
    return f"| {title} | {totals.n} | " + " | ".join(f"{100 * score:.1f}" for score in scores) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--graph", default=ATLAS, help="what kgqa ask --graph takes [default: atlas]")
    parser.add_argument("--limit", type=int, default=100, help="questions, drawn at random")
    parser.add_argument("--budgets", type=int, nargs="+", default=[3000], help="tokens of evidence")
    given = parser.parse_args()
    graph, model = open_graph(given.graph), load_language_model(None)
    found = list(load_questions(given.questions))
    questions = random.Random(0).sample(found, min(given.limit, len(found)))
    voting = Answerer(graph, model).answer_aggregator
    readers: dict[str, Aggregator] = {"vote": voting}
    for budget in given.budgets:
        chat = MockChatModel(PerfectReader(questions), name="perfect reader")
        for mode in MODES:
            reader = LlmAggregator(chat, mode, prompt_tokens=budget, vote=voting)
            readers[f"perfect reader, {mode}, {budget} tokens"] = reader
    print("| aggregator | n | Hits@1 | F1 | recall | faithful |\n|---|---:|---:|---:|---:|---:|")
    for title, aggregator in readers.items():
        with tempfile.TemporaryDirectory() as out:
            answerer = Answerer(graph, model, aggregator=aggregator)
            print(row(title, evaluate(questions, answerer, Path(out), batch_size=8).totals), flush=True)


if __name__ == "__main__":
    main()
