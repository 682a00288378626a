"""Programs negate as often as their question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kgqa.answer.programs.asked_names import NEGATIONS
from kgqa.answer.programs.named_exceptions import excepted_names
from kgqa.answer.programs.rewritten import program_of
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph
from kgqa.program import Combine, Join, Keep, Named, Program

__all__ = ["AskedNegation"]

_NEGATIONS = re.compile(
    rf"\b(?:{NEGATIONS}|no|neither|nobody|nothing|lack\w*|miss\w*|only|alone|still|yet|un\w{{3,}}|\w{{3,}}less)\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)
"""What may mean a negation: "only", "unmarried" and "still" may, too."""


@dataclass(frozen=True, eq=False)
class AskedNegation:
    """Lowers the score of programs that negate more often than the question, by `more` nats each time.

    Names that are excepted share a word: "not in Sales or Support". So "from Basel but not treated by Jonas
    Brandt" does not ask for those without a supervisor as well.
    """

    more: float = 3.0

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], _graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first."""
        said = len(_NEGATIONS.findall(question))
        scored = []
        for hypothesis in hypotheses:
            program = program_of(hypothesis)
            negated, names = _negated(program), len(list(excepted_names(program)))
            extra = negated - names - max(0, said - bool(names))
            scored.append(
                hypothesis.rescored(hypothesis.score - self.more * extra) if extra > 0 else hypothesis
            )
        return sorted(scored, key=lambda hypothesis: hypothesis.rank)


def _negated(program: Program) -> int:
    """How often a program negates, also within those that it is combined with; each excepted name once."""
    count = 0
    for clause in program.clauses:
        match clause:
            case Keep(_, negated):
                count += negated
            case Combine(Join.BUT_NOT, Program(Named(groups)) as inner):
                count += len(groups) + _negated(inner)
            case Combine(join, inner):
                count += (join is Join.BUT_NOT) + _negated(inner)
    return count
