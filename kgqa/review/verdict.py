"""What a reviewer says of an answer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from kgqa.evaluation import Record

__all__ = ["Judgement", "Verdict"]


class Verdict(StrEnum):
    """Whether an answer and its chain are right, and if not, what is wrong."""

    ACCEPT = "accept"
    REJECT = "reject"
    WRONG_LINK = "wrong link"
    WRONG_RELATION = "wrong relation"
    MISSING_FACT = "missing fact"

    @property
    def meaning(self) -> str:
        """What a reviewer says by it."""
        return _MEANINGS[self]


_MEANINGS = {
    Verdict.ACCEPT: "the answer is right, and its chain says why",
    Verdict.REJECT: "the answer is wrong for another reason",
    Verdict.WRONG_LINK: "the chain starts from another entity than the question means",
    Verdict.WRONG_RELATION: "the chain says something else than what is asked",
    Verdict.MISSING_FACT: "the graph lacks a fact that the answer needs",
}


@dataclass(frozen=True)
class Judgement:
    """The verdict of a reviewer on the first answer to a question, in the time zone UTC.

    `answer` is the name that was judged, empty where there was none.
    """

    id: str
    answer: str
    verdict: Verdict
    reviewer: str
    note: str = ""
    time: str = ""

    @classmethod
    def of(cls, record: Record, verdict: Verdict, reviewer: str, note: str = "") -> Self:
        """The verdict on the first answer of a record, given now."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(record.id, next(iter(record.answers), ""), verdict, reviewer, note, now)

    def to_json(self) -> str:
        """One line, without its end; half a surrogate pair becomes `?`."""
        text = json.dumps(asdict(self), ensure_ascii=True)
        return text.encode("utf-8", "replace").decode("utf-8")

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Read what `to_json` wrote. Raises `ValueError` for anything else."""
        names = [field.name for field in fields(cls)]
        if wrong := [name for name in names if not isinstance(values.get(name), str)]:
            raise ValueError(f"{wrong[0]!r} must be a text")
        if values["verdict"] not in set(Verdict):
            raise ValueError(f"'verdict' is {values['verdict'][:80]!r}, not one of {', '.join(Verdict)}")
        return cls(**{name: values[name] for name in names} | {"verdict": Verdict(values["verdict"])})
