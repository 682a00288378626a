"""Gold answers, gathered one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["GoldAnswers"]


class GoldAnswers:
    """The gold answers of one question: names with identifiers and aliases, or values; each once."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, bool, tuple[str, ...]]] = {}

    def add(self, name: str, identifier: str | None, aliases: Sequence[str] = ()) -> None:
        """Add an entity, or with the identifier `None` a value."""
        self._found.setdefault(identifier or name, (name, identifier is not None, tuple(aliases)))

    def fields(self) -> dict[str, Any]:
        """The fields of a `Question`: identifiers only where every answer has one."""
        names = tuple(name for name, _, _ in self._found.values())
        aliases = tuple(others for _, _, others in self._found.values())
        are_entities = all(is_entity for _, is_entity, _ in self._found.values())
        return {
            "answers": names,
            "answer_type": "entity" if are_entities else "literal",
            "answer_ids": tuple(self._found) if are_entities else (),
            "answer_aliases": aliases if any(aliases) else (),
        }
