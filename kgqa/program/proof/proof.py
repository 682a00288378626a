"""Proofs: what was executed for an answer, and the facts that it used."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

from kgqa.errors import UnknownEntityError, check_count
from kgqa.graph import Chain, IndexedGraph, Triple
from kgqa.graph.adjacency import holds
from kgqa.program.execution import Executor
from kgqa.program.json_form import program_to_dict
from kgqa.program.program import Program
from kgqa.program.proof.evidence import Evidence
from kgqa.program.proof.notes import proof_lines, proof_notes
from kgqa.program.proof.result import Result
from kgqa.program.text import program_text
from kgqa.program.witness import Run, Witnesses

__all__ = ["Proof"]


@dataclass(frozen=True, eq=False)
class Proof:
    """A program that was executed, its result, and the facts used: one `Evidence` a clause; made by `prove`.

    `most_facts` bounds the facts that each piece of evidence lists, `most_results` the members of the result.
    """

    program: Program
    result: Result
    evidence: tuple[Evidence, ...]
    most_facts: int
    most_results: int
    graph: IndexedGraph = field(repr=False)
    run: Run = field(repr=False)

    @property
    def coverage(self) -> float:
        """The lowest share of members with a value over all that is compared or summed; 1.0 without that."""
        return min((evidence.coverage for evidence in self.evidence), default=1.0)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for people: ties, members without values, what rests on facts that the graph has not."""
        return tuple(proof_notes(self.program, self.evidence, self.graph))

    @property
    def facts(self) -> tuple[Triple, ...]:
        """The facts that the evidence lists, each once."""
        return tuple(dict.fromkeys(fact for evidence in self.evidence for fact in evidence.facts))

    def witness(self, entity: str) -> Chain | None:
        """A chain of facts from a start of the program to a member of its last set; else `None`.

        The last set is what the final operator is applied to. It may have no hops. A class is the start of a
        program over its instances.
        """
        try:
            node = self.graph.entity_id(entity)
        except UnknownEntityError:
            return None
        if not holds(self.run.sets[-1], node):
            return None
        return Witnesses(Executor.of(self.graph)).of_run(self.run, node)

    def shortened(self, most_results: int) -> Self:
        """The same proof, with at most so many members of the result listed; all numbers are of all members.

        Raises `UsageError` for a bad bound.
        """
        check_count(most_results, "most_results")
        most = min(self.most_results, most_results)
        return replace(self, result=self.result.shortened(most), most_results=most)

    def to_dict(self) -> dict[str, Any]:
        """The proof for JSON, by identifiers; `kgqa.validation.check_proof` checks it.

        `program` is the program's text, `form` that of `program_to_dict`.
        """
        return {
            "program": program_text(self.program, self.graph),
            "form": program_to_dict(self.program),
            "result": self.result.to_dict(),
            "coverage": self.coverage,
            "most_facts": self.most_facts,
            "most_results": self.most_results,
            "evidence": [evidence.to_dict() for evidence in self.evidence],
            "notes": list(self.notes),
        }

    def to_text(self, graph: IndexedGraph | None = None, *, verbose: bool = False) -> str:
        """The proof for a terminal, by the names of its own graph or of `graph`: about 8 lines.

        With `verbose`, all the facts that it lists.
        """
        return "\n".join(proof_lines(self, graph or self.graph, verbose=verbose))

    def __str__(self) -> str:
        return self.to_text()
