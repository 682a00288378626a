"""Conditions: what members of a set are kept by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from kgqa.graph import Value
from kgqa.program.measure import Measure, Path

__all__ = [
    "Average",
    "Comparator",
    "Compare",
    "Condition",
    "Constant",
    "Has",
    "InClass",
    "Is",
    "Nodes",
    "Operand",
    "OwnValue",
    "TextMatch",
    "TextTest",
]

Nodes: TypeAlias = tuple[str, ...]
"""Identifiers of the nodes that one name stands for; never none."""


class Comparator(StrEnum):
    """How a value is compared; for dates these are after, before, since, until and in."""

    ABOVE = "above"
    BELOW = "below"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    EQUALS = "equals"


@dataclass(frozen=True)
class Constant:
    """A value from the question."""

    value: Value


@dataclass(frozen=True)
class OwnValue:
    """What the same measure gives for a named entity: "larger than France".

    Of a measure with groups the entity is one of the groups. Where the name stands for several nodes, or a
    node has several values, it is the highest.
    """

    nodes: Nodes


@dataclass(frozen=True)
class Average:
    """The mean of the measure over the whole set: "above average".

    Of a measure that is a value, the mean of all values, each of a member's several ones once. Dates and
    truth values have no mean: nothing is above or below it.
    """


Operand: TypeAlias = Constant | OwnValue | Average


@dataclass(frozen=True)
class Is:
    """The path reaches one of the nodes; over the empty path: the member is one of them."""

    path: Path
    nodes: Nodes


@dataclass(frozen=True)
class InClass:
    """The member is an instance of the class or of one of its subclasses."""

    nodes: Nodes


@dataclass(frozen=True)
class Has:
    """The path reaches something."""

    path: Path


@dataclass(frozen=True)
class Compare:
    """The measure compares so with the operand, or (`upper`) lies between two, both included.

    Of a member with several values one that compares so is enough. Dates are compared as the intervals that
    they cover: "after 2010" begins when 2010 has ended, "in 2010" lies within it. A value of another kind
    than the measure's compares with nothing. A member without a value is left out, and is in where the
    condition is negated. With groups, the result is the set of the groups for which it holds, or (negated) of
    the other groups.
    """

    measure: Measure
    comparator: Comparator
    operand: Operand
    upper: Operand | None = None


class TextTest(StrEnum):
    """How a name or text is compared, without case."""

    CONTAINS = "contains"
    STARTS = "starts with"
    ENDS = "ends with"


@dataclass(frozen=True)
class TextMatch:
    """A name at the end of the path (over the empty path: the member's own) passes the test."""

    path: Path
    test: TextTest
    text: str


Condition: TypeAlias = Is | InClass | Has | Compare | TextMatch
