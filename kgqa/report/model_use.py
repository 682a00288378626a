"""What general language models said and took over a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from kgqa.chat import Usage
from kgqa.evaluation import Record

__all__ = ["ModelUse"]


@dataclass(frozen=True)
class ModelUse:
    """The sum of a run's testimonies.

    `asked` questions were put to a model. `agreement` counts how its own answers stood to the graph's,
    where it was asked for them; `outside` the questions in which it named answers that no chain holds.
    """

    models: tuple[str, ...]
    asked: int
    usage: Usage
    agreement: Mapping[str, int]
    outside: int

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self | None:
        """What the models of these records took; `None` where none was asked."""
        said = [record.testimony for record in records if record.testimony is not None]
        if not said:
            return None
        return cls(
            models=tuple(sorted({each.model for each in said})),
            asked=len(said),
            usage=sum((each.usage for each in said), Usage()),
            agreement=dict(sorted(Counter(each.agreement for each in said if each.agreement).items())),
            outside=sum(bool(each.outside) for each in said),
        )
