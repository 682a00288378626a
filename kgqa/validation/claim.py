"""What a file claims: a chain, a relation path or a program."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kgqa.errors import check_names
from kgqa.graph import Triple

__all__ = ["Claim"]


@dataclass(frozen=True)
class Claim:
    """A chain to check: whether it is in the graph and leads from a topic to an answer.

    `triples` have the names as written in the file; of a line of path text, `text` is that line instead.
    `topics` and `answers` are names, `None` where the file has none. `id` is the question's. `graph` is
    the graph that the question brings (RoG's form), `None` for none. `either_way`: its author does not say in
    which direction the triples are.

    A program is claimed by its text (`program`), its `proof` in JSON, or both, without triples; a relation
    path by its `relations`, which lead somewhere from a topic, over triples in either direction.
    """

    line: int
    triples: tuple[Triple, ...] = ()
    text: str | None = None
    id: str = ""
    topics: tuple[str, ...] | None = None
    answers: tuple[str, ...] | None = None
    graph: tuple[Triple, ...] | None = field(default=None, repr=False)
    program: str | None = None
    proof: dict[str, Any] | None = field(default=None, repr=False)
    relations: tuple[str, ...] | None = None
    either_way: bool = False

    @property
    def is_program(self) -> bool:
        """Whether a program is claimed rather than a chain."""
        return self.program is not None or self.proof is not None

    def __post_init__(self) -> None:
        check_names(self.topics, "topics")
        check_names(self.answers, "answers")
        check_names(self.relations, "relations")
