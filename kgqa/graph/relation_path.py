"""Relation paths: the relations of a chain without its entities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from kgqa.errors import check_names
from kgqa.graph.chain import Chain

__all__ = ["RelationPath", "RelationStep"]


class RelationStep(NamedTuple):
    """A relation walked along its triples (head to tail), or `inverse` (tail to head)."""

    relation: str
    inverse: bool = False


@dataclass(frozen=True, order=True)
class RelationPath:
    """The relation steps from `start`, without the entities in between.

    `kgqa.graph.ground` gives the entities that the path reaches and its chains.

    >>> RelationPath.parse("Joel Zwick", ["~directed_by", "in_language"]).steps[0]
    RelationStep(relation='directed_by', inverse=True)
    """

    start: str
    steps: tuple[RelationStep, ...]

    @classmethod
    def parse(cls, start: str, steps: list[str] | tuple[str, ...]) -> Self:
        """Read steps in the form of question files, where `~r` is the inverse of `r`."""
        check_names(steps, "steps")
        return cls(start, tuple(RelationStep(s.removeprefix("~"), s.startswith("~")) for s in steps))

    @classmethod
    def of(cls, chain: Chain) -> Self:
        """The relation path of a chain that does not branch."""
        if not chain.is_path:
            raise ValueError("a branching chain has no relation path")
        return cls(chain.start, tuple(RelationStep(h.relation, h.inverse) for h in chain.hops))
