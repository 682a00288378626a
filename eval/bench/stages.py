"""The time in the stages of a pipeline, by the functions that belong to each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

__all__ = ["Places", "StageClocks"]

Places = Mapping[str, Sequence[tuple[Any, str]]]
"""The functions of each stage: their owners and names."""


class _Stages:
    """The seconds in each stage since the last `reset`, without those of the stages called from it."""

    def __init__(self, names: Sequence[str], clock: Callable[[], float]) -> None:
        self._names = names
        self._clock = clock
        self._inner = [0.0]
        self.reset()

    def reset(self) -> None:
        """Start anew."""
        self.seconds = dict.fromkeys(self._names, 0.0)

    def measured(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time counted."""

        @wraps(function)
        def call(*given: Any, **named: Any) -> Any:
            began = self._clock()
            self._inner.append(0.0)
            try:
                return function(*given, **named)
            finally:
                taken = self._clock() - began
                self.seconds[stage] += taken - self._inner.pop()
                self._inner[-1] += taken

        return call


class StageClocks:
    """Two clocks of the stages: of the wall, and of the processor (the time of all threads)."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._wall = _Stages(list(places), time.perf_counter)
        self._processor = _Stages(list(places), time.process_time)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what the functions of the stages take in here."""
        with ExitStack() as stack:
            for stage, places in self._places.items():
                for owner, name in places:
                    function = self._processor.measured(stage, getattr(owner, name))
                    stack.enter_context(patch.object(owner, name, self._wall.measured(stage, function)))
            yield

    def times(self, work: Callable[[], object], processor: str = "processor: ") -> dict[str, float]:
        """The milliseconds of each stage and of the whole of some work, and the same in processor time."""
        self._wall.reset()
        self._processor.reset()
        began, used = time.perf_counter(), time.process_time()
        work()
        times = {**self._wall.seconds, "whole": time.perf_counter() - began}
        times |= {processor + stage: seconds for stage, seconds in self._processor.seconds.items()}
        times[f"{processor}whole"] = time.process_time() - used
        return {name: 1000 * seconds for name, seconds in times.items()}
