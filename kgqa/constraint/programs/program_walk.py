"""The constraint of programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Self, cast

from kgqa.constraint.programs.mentioned import Mentioned
from kgqa.constraint.programs.program_grammar import ProgramGrammar
from kgqa.constraint.tables.reach import Reach
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.constraint.walk import State, Walk
from kgqa.errors import NoChainError, check_count
from kgqa.graph import IndexedGraph
from kgqa.program import Denotation, Program

__all__ = ["ProgramWalk"]


class ProgramWalk(Walk):
    """A `Walk` whose texts are programs for one question; see `ProgramGrammar` for what is offered.

    `ends` and `chains` are those of the set that a program denotes; a program with a final operator has
    none, and `denotation` has its value.
    """

    @classmethod
    def programs_of(
        cls,
        graph: IndexedGraph,
        mentioned: Mentioned,
        tokenizer: Tokenizer,
        *,
        hops: int = 3,
        inverse: bool = True,
    ) -> Self:
        """The programs of up to `hops` steps that a question with these mentions may ask for.

        Raises `UnknownEntityError` for an unknown name and `NoChainError` when no program can begin.
        """
        return cls.programs_over(Reach.of(graph, inverse), mentioned, tokenizer, hops)

    @classmethod
    def programs_over(cls, reach: Reach, mentioned: Mentioned, tokenizer: Tokenizer, hops: int = 3) -> Self:
        """Like `programs_of`, with a `Reach` that all constraints of a graph share."""
        check_count(hops, "hops")
        grammar = ProgramGrammar(reach, mentioned, hops)
        if mentioned.compared is not None and not grammar.compares:
            grammar = ProgramGrammar(reach, replace(mentioned, compared=None), hops)
        if not grammar.phrases(grammar.root):
            raise NoChainError("there is no program: the question names no entity and no class of the graph")
        topics = [node for nodes in mentioned.topics for node in nodes]
        return cls(reach, topics, grammar, tokenizer)

    def programs(self, state: State) -> Sequence[Program]:
        """The programs of an accepted state: one, unless names or relations have equal texts.

        Raises `ConstraintError` for a state that does not accept.
        """
        return [self._programs.program(node) for node in self._accepted(state)]

    def denotation(self, state: State) -> Denotation:
        """What the first program of an accepted state denotes; raises as `programs`."""
        return self._programs.denotation(self._accepted(state)[0])

    @property
    def _programs(self) -> ProgramGrammar:
        return cast(ProgramGrammar, self._grammar)
