"""The curve of a training."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgqa.training.curve import Curve


def test_the_best_is_the_first_of_the_highest() -> None:
    assert Curve([(1, 2.0)]).best is None
    assert Curve(dev_scores=[(0, 5.0), (10, 7.0), (20, 7.0), (30, 6.0)]).best == (10, 7.0)


@pytest.mark.parametrize("scores", [[], [(0, 12.5), (100, 50.0)]])
def test_a_curve_is_drawn(scores: list[tuple[int, float]], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    Curve([(100, 1.5), (200, 0.5)], scores).draw(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
