"""When an answer rests on too few values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kgqa.errors import UsageError, check_number

__all__ = ["CoverageAction", "CoverageRule"]

CoverageAction = Literal["abstain", "warn"]


@dataclass(frozen=True)
class CoverageRule:
    """What is done with an answer that compares or sums members of which many have no value.

    `least_coverage` (0 to 1) is the lowest share of members with a value (`Proof.coverage`) with which an
    answer counts as sure; below it, the `action` is taken. From the default on, superlatives over randomly
    missing values are more often right than wrong (eval/results/missing-values.md).

    >>> CoverageRule(0.5, "warn").action_for(0.4), CoverageRule(0.5, "warn").action_for(0.5)
    ('warn', None)
    """

    least_coverage: float = 0.7
    action: CoverageAction = "warn"

    def __post_init__(self) -> None:
        check_number(self.least_coverage, "least_coverage", least=0, most=1)
        if self.action not in ("abstain", "warn"):
            raise UsageError(f"action must be 'abstain' or 'warn', not {self.action!r:.80}")

    def action_for(self, coverage: float) -> CoverageAction | None:
        """What is done at this coverage; `None` where the answer counts as sure."""
        return self.action if coverage < self.least_coverage else None
