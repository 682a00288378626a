"""Chains in proofs: whether their facts are in the graph and lead along the steps they should."""

from __future__ import annotations

from collections.abc import Iterator

from kgqa.counted import counted
from kgqa.evaluation.proof_check.facts import Facts
from kgqa.evaluation.proof_check.naive_program import Stage
from kgqa.graph import Triple
from kgqa.program.condition import Compare, Nodes
from kgqa.program.measure import Path, Step
from kgqa.program.program import Combine, Extreme, Follow, Instances, Join, Keep

__all__ = ["BadChainError", "ChainCheck", "FactChain"]

FactChain = tuple[Triple, ...]


class BadChainError(Exception):
    """A chain that is not what it should be; the message is the end of a sentence about it."""


class ChainCheck:
    """Walks chains of facts; raises `BadChainError` where one is wrong."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def walk(self, chain: FactChain, start: str, path: Path) -> list[str]:
        """The nodes that a chain visits on its way along a path."""
        nodes = list(self._along(chain, path))
        visited = nodes or [start]
        if visited[0] != start:
            raise BadChainError(f"begins at {visited[0]!r}, not at {start!r}")
        return visited

    def _along(self, chain: FactChain, path: Path) -> Iterator[str]:
        if len(chain) != len(path):
            raise BadChainError(f"has {counted(len(chain), 'fact')} for {counted(len(path), 'step')}")
        here: str | None = None
        for triple, step in zip(chain, path, strict=True):
            source, target = self._over(triple, step)
            if here is not None and source != here:
                raise BadChainError(f"does not lead from {here!r} on: {triple}")
            if here is None:
                yield source
            yield target
            here = target

    def _over(self, triple: Triple, step: Step) -> tuple[str, str]:
        self.known(triple)
        if triple.relation not in self.facts.relations(step.relation):
            raise BadChainError(f"has {triple} where {step.relation!r} is walked")
        return (triple.tail, triple.head) if step.inverse else (triple.head, triple.tail)

    def known(self, triple: Triple) -> None:
        """Refuse a fact that the graph does not hold."""
        if not self.facts.holds(triple):
            raise BadChainError(f"has a fact that is not in the graph: {triple}")

    def to_class(self, chain: FactChain, start: str, classes: Nodes) -> None:
        """Check the way from an instance over its type to one of the classes."""
        here = start
        for place, triple in enumerate(chain):
            self.known(triple)
            of_class = self.facts.is_subclass if place else self.facts.is_type
            if triple.head != here or not of_class(triple.relation):
                raise BadChainError(f"does not lead from {here!r} to its class: {triple}")
            here = triple.tail
        if not chain or here not in classes:
            raise BadChainError(f"ends at {here!r}, not at a class asked for")

    def witness(self, chain: FactChain, stage: Stage, node: str) -> None:
        """Check the way from a start of a program to a member of its last set."""
        rest, here = chain, node
        for place in range(len(stage.program.clauses) - 1, -1, -1):
            clause, before = stage.program.clauses[place], stage.sets[place]
            if isinstance(clause, Combine) and clause.join is Join.OR and here not in before:
                return self.witness(rest, stage.inner[place], here)
            path = _walked(clause)
            if path:
                part, rest = rest[max(0, len(rest) - len(path)) :], rest[: max(0, len(rest) - len(path))]
                nodes = list(self._along(part, path))
                if nodes[-1] != here or nodes[0] not in before:
                    raise BadChainError(f"does not lead to {here!r} from a member of the set before")
                here = nodes[0]
        start = stage.program.start
        if isinstance(start, Instances):
            self.to_class(tuple(reversed(rest)), here, start.nodes)
        elif rest or here not in stage.sets[0]:
            raise BadChainError("does not begin at a start of the program")
        return None


def _walked(clause: object) -> Path:
    match clause:
        case Follow(step):
            return (step,)
        case Keep(Compare(measure)) | Extreme(measure):
            return measure.by
    return ()
