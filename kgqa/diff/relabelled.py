"""An entity or relation of which the names were changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kgqa.graph import clean_name

__all__ = ["Relabelled"]


@dataclass(frozen=True)
class Relabelled:
    """An entity or relation of other names: its label, and the aliases of an entity."""

    kind: Literal["entity", "relation"]
    identifier: str
    old: str
    new: str
    old_aliases: tuple[str, ...] = ()
    new_aliases: tuple[str, ...] = ()

    def describe(self) -> str:
        """One line for people."""
        own = clean_name(self.old)
        shown = (
            f"{own!r}" if own == self.identifier or not own else f"{own!r} ({clean_name(self.identifier)})"
        )
        return f"{self.kind} {shown} {'; '.join(self._said())}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "kind": self.kind,
            "identifier": self.identifier,
            "old": self.old,
            "new": self.new,
            "old_aliases": list(self.old_aliases),
            "new_aliases": list(self.new_aliases),
        }

    def _said(self) -> Iterator[str]:
        if self.old != self.new:
            yield f"is called {clean_name(self.new)!r} now" if self.new else "has no name now"
        if gained := _without(self.new_aliases, self.old_aliases):
            yield f"is also called {', '.join(gained)}"
        if lost := _without(self.old_aliases, self.new_aliases):
            yield f"is no longer called {', '.join(lost)}"


def _without(names: Sequence[str], others: Sequence[str]) -> list[str]:
    return [repr(clean_name(name)) for name in names if name not in others]
