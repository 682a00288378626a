"""A run to be killed: `python slow_run.py OUT SECONDS_A_QUESTION`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kgqa.answer import Answer, RankedEntity
from kgqa.datasets import Question
from kgqa.errors import BudgetError, KgqaError, NoChainError, NoTopicError
from kgqa.evaluation import Report, evaluate
from kgqa.graph import Chain, GraphBuilder, IndexedGraph, Triple
from kgqa.pipeline import Outcome, Query

GRAPH = GraphBuilder.of(Triple(f"topic {at}", "leads to", f"answer {at}") for at in range(30))
QUESTIONS = tuple(
    Question(f"q{at}", f"where does topic {at} lead?", (f"topic {at}",), (f"answer {at}",), hops=1 + at % 2)
    for at in range(30)
)


class OneHop:
    """Answers with what the topic leads to; every seventh question fails in another way."""

    def __init__(self, graph: IndexedGraph = GRAPH, seconds: float = 0.0, name: str = "one hop") -> None:
        self.graph = graph
        self.seconds = seconds
        self.name = name
        self.asked: list[str] = []
        self.given: list[tuple[str, ...]] = []

    def run(self, questions: Iterable[str | Query], batch_size: int = 8) -> Iterator[Outcome]:
        """One outcome after the other; what is no `KgqaError` comes through."""
        for asked in questions:
            query = Query(asked) if isinstance(asked, str) else asked
            topics = tuple(query.topics)
            found: Answer | KgqaError
            try:
                topics = topics or self.link(query.question)
                found = self.answer(query.question, topics)
            except KgqaError as error:
                found = error
            yield Outcome(query.question, found, topics)

    def over(self, graph: IndexedGraph) -> OneHop:
        """The same for another graph."""
        return type(self)(graph, self.seconds)

    def describe(self) -> Mapping[str, object]:
        """Its name."""
        return {"name": self.name}

    def link(self, question: str) -> tuple[str, ...]:
        """The words "topic N" of a question."""
        names = tuple(entity for entity in self.graph.entities if f"{entity} " in question)
        if not names:
            raise NoTopicError("nothing known")
        return names

    def answer(self, question: str, topics: Sequence[str] = ()) -> Answer:
        """The answer, after a while."""
        time.sleep(self.seconds)
        self.asked.append(question)
        self.given.append(tuple(topics))
        match sum(map(ord, question)) % 21:
            case 0:
                raise NoChainError("nowhere")
            case 7:
                raise BudgetError("too late")
            case 14:
                raise ZeroDivisionError("a defect\nwith two lines")
            case 3:
                return Answer(question)
        hops = [(topic, hop) for topic in topics for hop in self.graph.hops(topic)]
        ranked = (RankedEntity(hop.entity, 0.5, (Chain(topic, (hop,)),)) for topic, hop in hops)
        return Answer(question, tuple(ranked))


def run(out: Path, seconds: float = 0.0, batch_size: int = 1) -> Report:
    """The whole run."""
    return evaluate(QUESTIONS, OneHop(seconds=seconds), out, batch_size=batch_size)


if __name__ == "__main__":
    run(Path(sys.argv[1]), float(sys.argv[2]))
