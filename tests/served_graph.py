"""A server of its own process, as a user starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["served"]


@contextmanager
def served(command: str, *options: str) -> Iterator[str]:
    """The address that `kgqa COMMAND` says it listens at; it must end well when it is told to."""
    started = [sys.executable, "-m", "kgqa", command, "--port", "0", *options]
    with subprocess.Popen(started, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        try:
            assert process.stderr is not None
            said = ""
            while not (found := re.search(r"at (http://\S+)", said)):
                line = process.stderr.readline()
                assert line, said
                said += line
            yield found[1]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert "Traceback" not in process.stderr.read()
