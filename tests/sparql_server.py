"""A real SPARQL server for tests: the binary of oxigraph, with a file in it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["oxigraph_serving"]

_TYPES = {".ttl": "text/turtle", ".nt": "application/n-triples", ".trig": "application/trig"}


@contextmanager
def oxigraph_serving(*contents: Path | tuple[str, bytes]) -> Iterator[str]:
    """The address of the queries of a server with these files in it, or texts with their media types."""
    program = shutil.which("oxigraph", path=sysconfig.get_path("scripts")) or shutil.which("oxigraph")
    if program is None:
        pytest.skip("the server of oxigraph is not installed: pip install oxigraph")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [program, "serve", "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        for content in contents:
            kind, body = content if isinstance(content, tuple) else _read(content)
            _post(f"{base}/store" + ("" if "trig" in kind else "?default"), kind, body)
        yield f"{base}/query"
    finally:
        server.kill()
        server.wait()


def _read(path: Path) -> tuple[str, bytes]:
    return _TYPES[path.suffix], path.read_bytes()


def _post(url: str, kind: str, body: bytes) -> None:
    """Load something, as soon as the server listens."""
    request = urllib.request.Request(url, body, {"Content-Type": kind})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + 30
    while True:
        try:
            opener.open(request, timeout=60).close()
        except (urllib.error.URLError, ConnectionError) as error:
            if isinstance(error, urllib.error.HTTPError) or time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
