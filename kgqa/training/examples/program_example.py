"""What a writer of programs learns from: a question and the program that answers it."""

from __future__ import annotations

from dataclasses import dataclass

from kgqa.program import Program

__all__ = ["ProgramExample"]


@dataclass(frozen=True)
class ProgramExample:
    """A question, the names of its topic entities, and its program.

    `source` names the set that it comes from; `topics` are the names as the graph has them, in the order of
    the program, none where the program starts at a class.
    """

    source: str
    question: str
    topics: tuple[str, ...]
    program: Program
