"""Evidence: the facts that a clause of a program was executed on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kgqa.graph import Chain, Triple, Value

__all__ = ["Evidence", "EvidenceKind", "Member", "chain_limit", "value_dict"]


class EvidenceKind(StrEnum):
    """The part of a program that evidence is of."""

    START = "start"
    FOLLOW = "follow"
    KEEP = "keep"
    EXTREME = "extreme"
    COMBINE = "combine"
    COUNT = "count"
    SUMMARY = "summary"
    TEST = "test"
    EACH = "each"


@dataclass(frozen=True)
class Member:
    """A member of a set or a group, with the facts that make it one, and its measure.

    Each of the `chains` is one thing that counts for it, from the member on: the way to its value, to a
    node that a condition asks for, or to a term of its sum. `value` is its measure (of a term of a summary:
    the term's value), `None` where nothing is measured. `terms` is how many chains there are in all, of
    which `chains` may list only the first.
    """

    entity: str
    chains: tuple[Chain, ...] = ()
    value: Value | None = None
    terms: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The member for JSON; chains as lists of triples."""
        found: dict[str, Any] = {
            "entity": self.entity,
            "chains": [[list(triple) for triple in chain.triples] for chain in self.chains],
            "terms": self.terms,
        }
        if self.value is not None:
            found["value"] = value_dict(self.value)
        return found


@dataclass(frozen=True)
class Evidence:
    """What one clause was executed on, and what would have made it false.

    `place` is the clause's place in the program: -1 for the start, the number of clauses for the final
    operator. `before` and `after` are the sizes of the set before and after it.

    `members` are those for which it holds, `total` how many these are in all; the listed ones are bounded by
    `most_facts`:

    - start: the members (of a class with the chain from the class), follow: the nodes reached, each with a
      fact, keep: the members for which the condition holds, also where these are left out (`negated`);
    - extreme: the winners with their values; combine: the members that are also in the other set (of "or":
      only in the other set), with a chain of the other program;
    - count: the members counted, with a chain from the start; summary: the terms; test: the members for
      which the condition holds; each: the rows.

    Where something is compared or summed, `compared` is how many members of the set before have a value (or
    a group with one) and `missing` how many have none; both are `None` elsewhere. A count is never missing:
    it is 0. `groups` is the number of groups measured. `ahead` are the members that rank before the winners
    (`ahead_total` in all), `runner_up` is the one after them. `operands` are the named entities or averages
    compared with, with their values.

    Where nothing holds, `there` are the facts that there are instead (`there_total` in all). `absence` says
    that the result rests on facts that the graph does not hold: it is right if the graph is complete there
    (closed world). `inner` is the evidence of the program combined with.
    """

    kind: EvidenceKind
    place: int
    before: int
    after: int
    members: tuple[Member, ...] = ()
    total: int = 0
    compared: int | None = None
    missing: int | None = None
    groups: int = 0
    ahead: tuple[Member, ...] = ()
    ahead_total: int = 0
    runner_up: Member | None = None
    operands: tuple[Member, ...] = ()
    there: tuple[Member, ...] = ()
    there_total: int = 0
    absence: bool = False
    inner: tuple[Evidence, ...] = ()

    @property
    def coverage(self) -> float:
        """The share of members with a value, also of the program combined with; 1.0 where none is needed."""
        own = 1.0
        if self.compared is not None and self.missing is not None:
            whole = self.compared + self.missing
            own = self.compared / whole if whole else 1.0
        return min([own, *(evidence.coverage for evidence in self.inner)])

    @property
    def facts(self) -> tuple[Triple, ...]:
        """The facts that are listed, each once."""
        more = () if self.runner_up is None else (self.runner_up,)
        members = (*self.members, *self.ahead, *more, *self.operands, *self.there)
        chains = (chain for member in members for chain in member.chains)
        own = (fact for chain in chains for fact in chain.triples)
        return tuple(dict.fromkeys((*own, *(fact for evidence in self.inner for fact in evidence.facts))))

    def to_dict(self) -> dict[str, Any]:
        """The evidence for JSON; what does not apply is left out."""
        found: dict[str, Any] = {
            "kind": str(self.kind),
            "place": self.place,
            "before": self.before,
            "after": self.after,
            "total": self.total,
            "members": [member.to_dict() for member in self.members],
        }
        if self.compared is not None:
            found |= {"compared": self.compared, "missing": self.missing}
        if self.groups:
            found["groups"] = self.groups
        if self.kind is EvidenceKind.EXTREME:
            found |= {"ahead": [member.to_dict() for member in self.ahead], "ahead_total": self.ahead_total}
            found["runner_up"] = None if self.runner_up is None else self.runner_up.to_dict()
        if self.operands:
            found["operands"] = [member.to_dict() for member in self.operands]
        if self.there_total:
            found |= {"there": [member.to_dict() for member in self.there], "there_total": self.there_total}
        if self.absence:
            found["absence"] = True
        if self.inner:
            found["inner"] = [evidence.to_dict() for evidence in self.inner]
        return found


def value_dict(value: Value) -> dict[str, Any]:
    """A value for JSON: its kind and bounds, its text and unit where it has them."""
    found: dict[str, Any] = {"kind": value.kind.name.lower(), "low": value.low, "high": value.high}
    return found | {name: text for name, text in (("text", value.text), ("unit", value.unit)) if text}


def chain_limit(most_facts: int, listed: int) -> int:
    """How many chains each of so many listed members has at most, so that all have about `most_facts`."""
    return max(1, most_facts // max(1, listed))
