"""An event loop for code that has none: network calls that can be cancelled at any moment."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

__all__ = ["start"]

Result = TypeVar("Result")

_LOCK = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}


def start(work: Coroutine[Any, Any, Result]) -> Future[Result]:
    """Run a coroutine in the process's background loop; cancelling the future cancels it there.

    Works in threads, in notebooks whose own loop is running, and in a child that was forked.
    """
    return asyncio.run_coroutine_threadsafe(work, _loop())


def _loop() -> asyncio.AbstractEventLoop:
    with _LOCK:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="kgqa-chat", daemon=True).start()
        return loop


def _after_fork() -> None:
    """A child has the parent's lock, perhaps held by a thread that it does not have."""
    global _LOCK
    _LOCK = threading.Lock()


if hasattr(os, "register_at_fork"):  # Windows cannot fork
    os.register_at_fork(after_in_child=_after_fork)
