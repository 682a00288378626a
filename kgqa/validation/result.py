"""The result of checking a chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from kgqa.counted import counted
from kgqa.evaluation import Flaw
from kgqa.graph import Triple, clean_name
from kgqa.validation.nearest import NearTriple

__all__ = ["ChainResult", "Problem", "ProblemKind"]

NO_SOURCE = "no source"

ProblemKind = Literal[
    "unreadable",
    "empty",
    "not in the graph",
    "not connected",
    "no topic entity",
    "no answer",
    "no program",
    "other answers",
    "wrong proof",
    "leads nowhere",
]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a chain, at which triple (from 0), and the nearest facts to a missing one.

    `unknown` are the names in the triple that the graph does not have. `detail` says more, for programs.
    """

    kind: ProblemKind
    position: int
    triple: Triple | None = None
    unknown: tuple[str, ...] = ()
    nearest: tuple[NearTriple, ...] = ()
    detail: str = ""

    def describe(self) -> str:
        """One line for people, free of control characters."""
        text = _REASONS[self.kind]
        if self.detail:
            text += f": {' '.join(filter(str.isprintable, self.detail.split()))}"
        if self.triple:
            text = f"triple {self.position + 1} {_show(self.triple)} {text}"
        if self.unknown:
            text += f"; unknown: {', '.join(map(_quote, self.unknown))}"
        if self.nearest:
            near = self.nearest[0]
            text += f"; nearest ({near.way}): {_show(near.names)}"
        return text


@dataclass(frozen=True)
class ChainResult:
    """A chain or a program and its problems; none: it holds. `line` is that of its file, 0 for no file.

    `chain` is what was checked: by identifiers where the names are known, else as written. `program` is the
    text of a program instead.
    """

    line: int
    id: str
    chain: tuple[Triple, ...]
    problems: tuple[Problem, ...] = ()
    program: str = ""
    sources: tuple[tuple[Triple, tuple[str, ...]], ...] = ()
    """Its facts that the graph holds, each with its sources; none of a graph that keeps no sources."""

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.problems

    def describe(self) -> str:
        """One line for people, free of control characters."""
        found = "; ".join([*(problem.describe() for problem in self.problems), *self._said_by()])
        if self.holds:
            found = f"holds: {found}" if found else "holds"
        if not self.line:
            return found
        return f"line {self.line}" + (f" ({clean_name(self.id)})" if self.id else "") + f": {found}"

    __str__ = describe

    def to_dict(self) -> dict[str, Any]:
        """The result for JSON; each problem is a line."""
        found: dict[str, Any] = {
            "line": self.line,
            "id": self.id,
            "chain": [list(triple) for triple in self.chain],
        }
        if self.program:
            found["program"] = self.program
        if self.sources:
            found["sources"] = [{"fact": list(fact), "sources": list(said)} for fact, said in self.sources]
        return {**found, "problems": [problem.describe() for problem in self.problems]}

    def _said_by(self) -> Iterator[str]:
        """The sources of each triple of a chain; of a program, how many of its facts each source says."""
        said = dict(self.sources)
        if self.chain:
            for at, fact in enumerate(self.chain, 1):
                if fact in said:
                    yield f"triple {at} from {', '.join(map(clean_name, said[fact])) or NO_SOURCE}"
            return
        counts = Counter(source for sources in said.values() for source in sources or (NO_SOURCE,))
        for source, count in counts.items():
            yield f"{count:,} of {counted(len(said), 'fact')} from {clean_name(source)}"


_REASONS: dict[ProblemKind, str] = {
    "unreadable": "is not a path: `name -> relation -> name` or `name <- relation <- name` is needed",
    "empty": "has no triples",
    "not in the graph": "is not in the graph",
    "not connected": "has no entity in common with the triples before it",
    "no topic entity": "has no topic entity",
    "no answer": "does not end at the answer",
    "no program": "is no program of the graph",
    "other answers": "has other answers than stated",
    "wrong proof": "has a wrong proof",
    "leads nowhere": "leads nowhere from the topics",
}


def problem_of(flaw: Flaw, chain: tuple[Triple, ...]) -> Problem:
    """A flaw with its triple."""
    return Problem(flaw.kind, flaw.triple, chain[flaw.triple] if chain else None)


def _quote(name: str) -> str:
    return repr(clean_name(name))


def _show(triple: Triple) -> str:
    return "[" + ", ".join(map(_quote, triple)) + "]"
