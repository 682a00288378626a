"""Programs that a writer finds likely for training questions, and which of them are right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kgqa.answer import program_reading
from kgqa.constraint import CachingTokenizer, ProgramWalk
from kgqa.decode import BeamSearch, Decoder, Engine, Task
from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph
from kgqa.linking import ProgramLinker
from kgqa.lm import LanguageModel, ProgramReading, Prompt
from kgqa.program import Denotation, Executor, program_text
from kgqa.training.examples.program_example import ProgramExample

__all__ = ["ProgramList", "program_lists"]


class ProgramList(NamedTuple):
    """The likely programs for a question, best first, each as a reranker reads it.

    `right` says which denote what the question's own program denotes, `same` which are that program.
    `scores` are the writer's, in nats. Where none was right, the question's own program is the last, with
    NaN as its score.
    """

    source: str
    question: str
    readings: tuple[ProgramReading, ...]
    right: tuple[bool, ...]
    same: tuple[bool, ...]
    scores: tuple[float, ...]


def program_lists(
    examples: Iterable[ProgramExample],
    graph: IndexedGraph,
    model: LanguageModel,
    decoder: Decoder | None = None,
) -> Iterator[ProgramList]:
    """The likely programs for examples about one graph; questions without any are left out.

    The writer should not have learnt the questions by heart: its mistakes are what a reranker learns from.
    """
    decoder = decoder or BeamSearch(12, masked=True)
    executor, tokenizer, linker = Executor.of(graph), CachingTokenizer(model.tokenizer), ProgramLinker()
    asked: list[tuple[ProgramExample, Denotation, ProgramWalk]] = []

    def tasks() -> Iterator[Task]:
        for example in examples:
            try:
                gold = executor.execute(example.program)
                mentioned = linker.mentioned(example.question, graph)
                walk = ProgramWalk.programs_of(graph, mentioned, tokenizer)
            except KgqaError:
                continue
            if gold:
                names = tuple(dict.fromkeys(graph.label(name) or name for name in mentioned.names))
                asked.append((example, gold, walk))
                yield Task(Prompt(example.question, names, "programs"), walk)

    for place, found in enumerate(Engine(model).run(decoder, tasks())):
        if isinstance(found, KgqaError):
            continue
        example, gold, walk = asked[place]
        own = program_text(example.program, graph)
        texts = [program_text(walk.programs(h.state)[0], graph) for h in found]
        denotations = [walk.denotation(h.state) for h in found]
        scores = [h.score for h in found]
        if not any(d.key() == gold.key() for d in denotations):
            texts, denotations, scores = [*texts, own], [*denotations, gold], [*scores, float("nan")]
        yield ProgramList(
            example.source,
            example.question,
            tuple(program_reading(t, d, graph) for t, d in zip(texts, denotations, strict=True)),
            tuple(d.key() == gold.key() for d in denotations),
            tuple(text == own for text in texts),
            tuple(scores),
        )
