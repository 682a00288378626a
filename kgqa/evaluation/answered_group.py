"""What a worker has to say of a group of questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

from kgqa.errors import KgqaError
from kgqa.evaluation.asker import Asker
from kgqa.evaluation.crew import Group
from kgqa.evaluation.portable_error import portable
from kgqa.evaluation.record import Record

__all__ = ["AnsweredGroup"]


class AnsweredGroup(NamedTuple):
    """The records of the questions that were answered, and what ended the work, if anything did."""

    records: Sequence[Record]
    ended: BaseException | None = None

    @classmethod
    def of(cls, asker: Asker, group: Group) -> Self:
        """Ask; can be sent to another process."""
        records: list[Record] = []
        try:
            for record in asker.ask(group):
                records.append(record)  # noqa: PERF402  (those before an error are kept)
        except (KgqaError, MemoryError) as error:
            return cls(records, portable(error))
        return cls(records)
