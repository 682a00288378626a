"""A finder that returns given programs, so that the line can be tested without a model that writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from kgqa.constraint import Constraint, ProgramWalk
from kgqa.decode import Hypothesis
from kgqa.errors import KgqaError
from kgqa.finders import ChainSpace, Finder, Found, LinkedQuestion
from kgqa.graph import IndexedGraph
from kgqa.linking import ProgramLinker
from kgqa.lm import MockLanguageModel
from kgqa.program import parse_program, program_segments, program_text

__all__ = ["GivenPrograms", "text_of", "written"]


def written(graph: IndexedGraph, question: str, *texts: str) -> list[Hypothesis]:
    """Hypotheses of equal scores with these programs, decoded with the names of the question.

    Two names that it compares are no limit to the programs.
    """
    tokenizer = MockLanguageModel().tokenizer
    mentioned = replace(ProgramLinker().mentioned(question, graph), compared=None)
    walk = ProgramWalk.programs_of(graph, mentioned, tokenizer)
    found = []
    for text in texts:
        segments = program_segments(parse_program(text, graph), graph)
        tokens = tuple(token for ids in tokenizer.encode_batch(segments) for token in ids)
        state = reduce(walk.advance, tokens, walk.start)
        found.append(Hypothesis(tokens, -1.0, state=state, constraint=walk))
    return found


def text_of(hypothesis: Hypothesis, graph: IndexedGraph) -> str:
    """The program of a hypothesis, written."""
    walk = hypothesis.constraint
    assert isinstance(walk, ProgramWalk)
    return program_text(walk.programs(hypothesis.state)[0], graph)


@dataclass(frozen=True, eq=False)
class GivenPrograms(Finder):
    """Finds for each question the programs with these texts, the first the likeliest."""

    programs: Mapping[str, Sequence[str]]

    def find(self, questions: Sequence[LinkedQuestion], space: ChainSpace) -> list[Found | KgqaError]:
        """The programs, decoded token by token under the constraint."""
        return [self._found(question, space) for question in questions]

    def constraint(self, question: LinkedQuestion, space: ChainSpace) -> Constraint:
        """That of the mock model's tokenizer."""
        return space.walk(question.topics, MockLanguageModel().tokenizer, question.mentioned)

    def _found(self, question: LinkedQuestion, space: ChainSpace) -> Found | KgqaError:
        try:
            walk = self.constraint(question, space)
        except KgqaError as error:
            return error
        assert isinstance(walk, ProgramWalk)
        hypotheses = []
        for place, text in enumerate(self.programs.get(question.question, ())):
            (tokens,) = MockLanguageModel().tokenizer.encode_batch([f" {text}"])
            state = reduce(walk.advance, tokens, walk.start)
            assert walk.accepts(state), text
            hypotheses.append(Hypothesis(tuple(tokens), -1.0 - place, state, walk, -1.0 - place))
        return Found(hypotheses)
