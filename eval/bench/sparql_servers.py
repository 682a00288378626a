"""Real SPARQL servers with a file in them: oxigraph from PyPI, and Virtuoso where it is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["MissingServerError", "oxigraph_serving", "virtuoso_serving"]

_TYPES = {".ttl": "text/turtle", ".nt": "application/n-triples", ".trig": "application/trig"}

_GRAPH = "http://kgqa.example/tested"
_VIRTUOSO = """[Database]
DatabaseFile = v.db
ErrorLogFile = v.log
LockFile = v.lck
TransactionFile = v.trx
xa_persistent_file = v.pxa
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = 127.0.0.1:{}
DirsAllowed = .
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
CheckpointInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{}
ServerRoot = .
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = 1000
"""
"""Answers have at most 1,000 rows, so that those of the tests do not fit."""


class MissingServerError(Exception):
    """A server that is not installed."""


@contextmanager
def oxigraph_serving(*contents: Path | tuple[str, bytes]) -> Iterator[str]:
    """The address of the queries of a server with these files in it, or texts with their media types."""
    program = shutil.which("oxigraph", path=sysconfig.get_path("scripts")) or shutil.which("oxigraph")
    if program is None:
        raise MissingServerError("the server of oxigraph is not installed: pip install oxigraph")
    port = _free_port()
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


@contextmanager
def virtuoso_serving(content: Path, *, text_index: bool = False) -> Iterator[str]:
    """The address of a Virtuoso 7 with a file (Turtle, N-Triples) as its graph."""
    program, client = shutil.which("virtuoso-t"), shutil.which("isql-vt") or shutil.which("isql-v")
    if program is None or client is None:
        raise MissingServerError("Virtuoso 7 is not installed: apt-get install virtuoso-opensource-7")
    load = f"TTLP(file_to_string_output('content.ttl'), '', '{_GRAPH}');"
    if text_index:
        load = f"DB.DBA.RDF_OBJ_FT_RULE_ADD(null, null, 'All'); {load} DB.DBA.VT_INC_INDEX_DB_DBA_RDF_OBJ();"
    ports = [_free_port(), _free_port()]
    with tempfile.TemporaryDirectory(prefix="kgqa-virtuoso-") as folder:
        (Path(folder) / "virtuoso.ini").write_text(_VIRTUOSO.format(*ports), "utf-8")
        shutil.copy(content, Path(folder) / "content.ttl")
        server = subprocess.Popen(
            [program, "-f", "-c", "virtuoso.ini"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            end = time.monotonic() + 60
            command = [client, f"127.0.0.1:{ports[0]}", "dba", "dba", f"exec={load}"]
            while subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
                if time.monotonic() > end:
                    raise RuntimeError("Virtuoso 7 is installed, but does not start")
                time.sleep(0.3)
            yield f"http://127.0.0.1:{ports[1]}/sparql?default-graph-uri={_GRAPH}"
        finally:
            server.kill()
            server.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


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
