"""Names that a question excepts are no answers themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kgqa.constraint import ProgramWalk, Tokenizer
from kgqa.decode import Hypothesis
from kgqa.errors import ConstraintError
from kgqa.graph import IndexedGraph
from kgqa.program import Combine, Is, Join, Keep, Named, Nodes, Program, program_segments

__all__ = ["NamedExceptions", "excepted_names"]


@dataclass(frozen=True, eq=False)
class NamedExceptions:
    """Leaves out of a set what the question excepts by its name.

    "Countries that border France, but not Germany" asks for countries that do not border Germany; Germany,
    which does not border itself, is not meant. Where a program excepts what a name leads to, and denotes that
    name's node as well, the program with `where not is NAME` takes its place, if the constraint allows it.
    """

    tokenizer: Tokenizer

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, _question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses in their order, each with the names that it excepts left out."""
        return [self._without_names(hypothesis, graph) for hypothesis in hypotheses]

    def _without_names(self, hypothesis: Hypothesis, graph: IndexedGraph) -> Hypothesis:
        walk = hypothesis.constraint
        assert isinstance(walk, ProgramWalk)
        program = walk.programs(hypothesis.state)[0]
        found = hypothesis
        for nodes in dict.fromkeys(excepted_names(program)):
            program = replace(program, clauses=(*program.clauses, Keep(Is((), nodes), negated=True)))
            found = self._reached(program, walk, found, graph) or found
        return found

    def _reached(
        self, program: Program, walk: ProgramWalk, hypothesis: Hypothesis, graph: IndexedGraph
    ) -> Hypothesis | None:
        """The hypothesis with the text of another program; None if the constraint does not lead to it."""
        segments = program_segments(program, graph)
        if not self.tokenizer.leading_space:
            segments = (segments[0].removeprefix(" "), *segments[1:])
        tokens = tuple(token for ids in self.tokenizer.encode_batch(segments) for token in ids)
        state = walk.start
        try:
            for token in tokens:
                state = walk.advance(state, token)
        except ConstraintError:
            return None
        return replace(hypothesis, tokens=tokens, state=state) if walk.accepts(state) else None


def excepted_names(program: Program) -> Iterator[Nodes]:
    """The names that a program excepts something by."""
    for clause in program.clauses:
        match clause:
            case Combine(Join.BUT_NOT, Program(Named(groups))):
                yield from groups
            case Keep(Is(path, nodes), True) if path:
                yield nodes
