"""Counts a model's forward passes and their time."""

from __future__ import annotations

import time
from typing import Any, Self

__all__ = ["Meter"]


class Meter:
    """While it is open: how many forward passes a transformer makes, and how long they take."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._hooks: list[Any] = []
        self._began = 0.0
        self.passes = 0
        self.seconds = 0.0

    def __enter__(self) -> Self:
        self._hooks = [
            self._model.register_forward_pre_hook(self._before),
            self._model.register_forward_hook(self._after),
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def _before(self, *_: Any) -> None:
        self._began = time.perf_counter()

    def _after(self, *_: Any) -> None:
        self.passes += 1
        self.seconds += time.perf_counter() - self._began
