"""The learning curve of a training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kgqa.errors import UsageError

__all__ = ["Curve"]


@dataclass(frozen=True)
class Curve:
    """Points of (step, mean training loss in nats a token) and of (step, dev score in percent)."""

    losses: Sequence[tuple[int, float]] = ()
    dev_scores: Sequence[tuple[int, float]] = ()

    @property
    def best(self) -> tuple[int, float] | None:
        """The first step with the best dev score, and that score; `None` without dev scores.

        >>> Curve(dev_scores=[(0, 40.0), (100, 62.5), (200, 62.5)]).best
        (100, 62.5)
        """
        return max(self.dev_scores, key=lambda point: (point[1], -point[0]), default=None)

    def draw(self, file: str | Path) -> None:
        """Draw both as a PNG. Raises `UsageError` when matplotlib is not installed."""
        try:
            from matplotlib.figure import Figure
        except ImportError as error:
            raise UsageError("drawing the curve needs matplotlib: pip install 'kgqa[train]'") from error
        figure = Figure(figsize=(6, 3.4), layout="constrained")
        axes = figure.subplots()
        axes.plot(*zip(*self.losses, strict=True), color="tab:blue", marker=".")
        axes.set_xlabel("step")
        axes.set_ylabel("training loss (nats a token)", color="tab:blue")
        axes.set_ylim(bottom=0)
        if self.dev_scores and self.best:
            scores = axes.twinx()
            scores.plot(*zip(*self.dev_scores, strict=True), color="tab:orange", marker=".")
            scores.set_ylabel("dev Hits@1 (%)", color="tab:orange")
            scores.set_ylim(0, 100)
            scores.annotate(f"{self.best[1]:.1f}", self.best, textcoords="offset points", xytext=(0, 6))
        figure.savefig(file, dpi=120)
