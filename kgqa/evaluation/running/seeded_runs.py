"""The same run with several seeds of its decoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from kgqa.decode import decoder_settings
from kgqa.evaluation.report import Report
from kgqa.evaluation.running.run_settings import RunSettings
from kgqa.pipeline.settings_table import SettingError

__all__ = ["SeededRuns", "with_seeds"]


def with_seeds(settings: RunSettings, count: int) -> dict[int, RunSettings]:
    """The settings with `count` consecutive seeds of the decoder, by seed; the questions stay the same.

    Raises `SettingError` for a decoder that draws nothing.
    """
    name = settings.search.name
    if "seed" not in decoder_settings(name):
        raise SettingError("search.name", f"{name} draws nothing at random, so that seeds change nothing")
    first = settings.seed if settings.search.seed is None else settings.search.seed
    return {seed: settings.but("search.seed", seed) for seed in range(first, first + count)}


@dataclass(frozen=True)
class SeededRuns:
    """The reports of runs that differ only in the seed of their decoder, by seed; at least one."""

    reports: Mapping[int, Report]

    @property
    def mean(self) -> dict[str, float]:
        """The mean of each total over the seeds."""
        return {name: fmean(values) for name, values in self._totals().items()}

    @property
    def deviation(self) -> dict[str, float]:
        """The standard deviation of each total over the seeds (of a sample; 0 for one seed)."""
        return {name: stdev(values) if len(values) > 1 else 0.0 for name, values in self._totals().items()}

    def to_json(self) -> dict[str, Any]:
        """One object: `mean`, `deviation`, and the reports by seed."""
        reports = {str(seed): report.to_json() for seed, report in self.reports.items()}
        return {"mean": self.mean, "deviation": self.deviation, "seeds": reports}

    def _totals(self) -> dict[str, list[float]]:
        rows = [vars(report.totals) for report in self.reports.values()]
        return {name: [row[name] for row in rows] for name in rows[0] if name != "n"}
