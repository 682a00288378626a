"""A server that was started for a measurement or a test."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["ServerProcess"]

_URL = re.compile(r"at http://([\w.]+):(\d+)")


class ServerProcess:
    """`kgqa serve` with these arguments, at a free port; what it logs is in `log`."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.log: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kgqa", "serve", "--port", "0", *arguments],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if found := _URL.search(line):
                self.host, self.port = found[1], int(found[2])
                break
        else:
            self.process.wait()
            self.process.stderr.close()
            raise RuntimeError("".join(self.log))
        self._reader = threading.Thread(target=self.log.extend, args=(self.process.stderr,), daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(10)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def terminate(self, seconds: float) -> int:
        """Send SIGTERM; the exit code. Raises `TimeoutExpired` unless it ends within so many seconds."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    @property
    def megabytes(self) -> float:
        """The resident memory of the server and its workers."""
        return sum(map(_megabytes, self._processes([self.process.pid])))

    def _processes(self, found: Sequence[int]) -> list[int]:
        """Processes, and all that they started."""
        children = []
        for number in found:
            for task in Path(f"/proc/{number}/task").glob("*/children"):
                children += [int(text) for text in task.read_text().split()]
        return [*found, *(self._processes(children) if children else [])]


def _megabytes(process: int) -> float:
    try:
        said = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+) kB", said)
    return int(found[1]) / 1024 if found else 0.0
