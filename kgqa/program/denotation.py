"""What a program denotes, and the sets that it goes through."""

from __future__ import annotations

from dataclasses import dataclass, field

from kgqa.graph import Value
from kgqa.graph.adjacency import Ids
from kgqa.program.aggregation import Measured

__all__ = ["Denotation", "Trace"]


@dataclass(frozen=True, eq=False)
class Denotation:
    """What a program denotes: a set of nodes, a value, yes or no, or a table.

    `members` (int32, sorted) is the set, `None` for a program with a final operator. `value` is the number
    or date of a count or summary, `None` where there was nothing to summarise. `truth` is the result of a
    test, `table` the rows of `Each`.
    """

    members: Ids | None = None
    value: Value | None = None
    truth: bool | None = None
    table: Measured | None = None

    def key(self) -> object:
        """Equal for two denotations exactly if they are the same answer."""
        if self.members is not None:
            return self.members.tobytes()
        if self.value is not None:
            return round(self.value.low, 9), round(self.value.high, 9)
        if self.table is not None:
            return self.table.members.tobytes(), self.table.low.tobytes()
        return self.truth

    def __bool__(self) -> bool:
        """Whether it is an answer at all."""
        if self.members is not None:
            return bool(len(self.members))
        if self.table is not None:
            return bool(len(self.table.members))
        return self.value is not None or self.truth is not None


@dataclass(frozen=True, eq=False)
class Trace:
    """A program with the set before and after each clause, and the measures of those that compare."""

    start: Ids
    after: list[Ids] = field(default_factory=list)
    denotation: Denotation = field(default_factory=Denotation)

    @property
    def last(self) -> Ids:
        """The set that the final operator is applied to."""
        return self.after[-1] if self.after else self.start
