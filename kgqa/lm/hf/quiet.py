"""Silences the logs and progress bars of transformers and its hub client."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import CRITICAL, getLogger

__all__ = ["quiet", "quiet_logs"]


@contextmanager
def quiet() -> Iterator[None]:
    """No logs, progress bars or warnings while a model loads."""
    with quiet_logs(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def quiet_logs() -> Iterator[None]:
    """No logs and progress bars, but warnings; safe in several threads at once."""
    _SILENCE.enter()
    try:
        yield
    finally:
        _SILENCE.leave()


class _Silence:
    """A reference count: the first user saves the log settings, the last one restores them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted = 0
        self._restore: Callable[[], None] = lambda: None

    def enter(self) -> None:
        with self._lock:
            if not self._wanted:
                self._restore = _silence()
            self._wanted += 1

    def leave(self) -> None:
        with self._lock:
            self._wanted -= 1
            if not self._wanted:
                self._restore()


_SILENCE = _Silence()


def _silence() -> Callable[[], None]:
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    hub = getLogger("huggingface_hub")
    hub_level = hub.level
    hub.setLevel(CRITICAL)
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()

    def restore() -> None:
        logging.set_verbosity(level)
        hub.setLevel(hub_level)
        if bars:
            logging.enable_progress_bar()

    return restore
