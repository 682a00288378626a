"""Names that a question excepts are no answers themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kgqa.answer.programs.rewritten import program_of, rewritten
from kgqa.constraint import Tokenizer
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph
from kgqa.program import Combine, Follow, Is, Join, Keep, Named, Nodes, Program

__all__ = ["NamedExceptions", "excepted_names"]

_OTHERS = re.compile(r"\b(?:other|others|another|else)\b.*\bsame [\w -]+? (?:as|like)\b", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class NamedExceptions:
    """Leaves out of a set what the question excepts by its name.

    "Countries that border France, but not Germany" asks for countries that do not border Germany; Germany,
    which does not border itself, is not meant, nor is Ann who else has the same boss as Ann. Where a program
    excepts what a name leads to, or goes there and back, and denotes that name's node as well, the program
    with `where not is NAME` takes its place, if the constraint allows it.
    """

    tokenizer: Tokenizer

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses in their order, each with the names that it excepts left out."""
        others = _OTHERS.search(question) is not None
        return [self._without_names(hypothesis, graph, others=others) for hypothesis in hypotheses]

    def _without_names(self, hypothesis: Hypothesis, graph: IndexedGraph, *, others: bool) -> Hypothesis:
        program = program_of(hypothesis)
        found = hypothesis
        excepted = [*excepted_names(program), *(_gone_back_to(program) if others else ())]
        for nodes in dict.fromkeys(excepted):
            program = replace(program, clauses=(*program.clauses, Keep(Is((), nodes), negated=True)))
            found = rewritten(found, program, graph, self.tokenizer) or found
        return found


def _gone_back_to(program: Program) -> Iterator[Nodes]:
    """The name from which a program goes a step, and the same step back."""
    match program:
        case Program(Named((nodes,)), (Follow(step), Follow(back)), None) if back == step.turned():
            yield nodes


def excepted_names(program: Program) -> Iterator[Nodes]:
    """The names that a program excepts something by."""
    for clause in program.clauses:
        match clause:
            case Combine(Join.BUT_NOT, Program(Named(groups))):
                yield from groups
            case Keep(Is(path, nodes), True) if path:
                yield nodes
