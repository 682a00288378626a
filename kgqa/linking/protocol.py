"""What finds the topic entities of a question."""

from __future__ import annotations

from typing import Protocol

from kgqa.linking.mention import Mention

__all__ = ["Linker"]


class Linker(Protocol):
    """Finds the entities of one graph in the text of a question."""

    def link(self, question: str) -> list[Mention]:
        """The mentions, the surest first, none overlapping another; empty when there is none."""
        ...
