"""Which paths lead to a whole clause."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kgqa.constraint.programs.path_level import Bools, PathLevel
from kgqa.constraint.programs.path_table import PathTable
from kgqa.constraint.programs.reached import Reached

__all__ = ["Leads"]

MayStand = Callable[[PathLevel], Bools | None]
Stands = Callable[[Reached], bool]


class Leads:
    """The paths of a table that a clause may end at, now or after more steps.

    `may_stand` says which paths of a level a clause may end at (`None`: perhaps at any), and `stands` whether
    it does end at one of them; without it, all that may stand do.
    """

    def __init__(self, table: PathTable, may_stand: MayStand, stands: Stands | None) -> None:
        self._table = table
        self._may_stand = may_stand
        self._stands = stands
        self._levels: dict[int, Bools] = {}
        self._leading: dict[tuple[int, int], bool] = {}

    def begins(self) -> bool:
        """Whether some path of at least one step stands."""
        depth = 1
        while len(self._table.level(depth)):
            if any(
                self._standing(depth, number) for number in np.flatnonzero(self._possible(depth)).tolist()
            ):
                return True
            depth += 1
        return False

    def after(self, reached: Reached) -> list[Reached]:
        """The paths with one more step that lead to a whole clause."""
        depth = reached.depth + 1
        return [
            self._table.reached(depth, number)
            for number in self._table.children(reached.depth, reached.number)
            if self._leads(depth, number)
        ]

    def _leads(self, depth: int, number: int) -> bool:
        key = depth, number
        found = self._leading.get(key)
        if found is None:
            found = (bool(self._possible(depth)[number]) and self._standing(depth, number)) or any(
                self._leads(depth + 1, child) for child in self._table.children(depth, number)
            )
            self._leading[key] = found
        return found

    def _possible(self, depth: int) -> Bools:
        found = self._levels.get(depth)
        if found is None:
            level = self._table.level(depth)
            found = self._may_stand(level)
            if found is None:
                found = np.ones(len(level), dtype=np.bool_)
            self._levels[depth] = found
        return found

    def _standing(self, depth: int, number: int) -> bool:
        """Whether a path that may stand does."""
        return self._stands is None or self._stands(self._table.reached(depth, number))
