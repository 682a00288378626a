"""Fetching from a hub: a server on this machine that breaks off, lies and has nothing."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants

from kgqa.datasets import DataFolders, HubFiles, KnownSet, Portion
from kgqa.datasets.hub import fetch
from kgqa.errors import DataError

FILES = HubFiles("owner/set", "data/test-*")


def rows(first: int, count: int) -> bytes:
    lines = (
        {"id": f"q{n}", "question": "?" * 200, "q_entity": ["a"], "answer": ["b"], "graph": [["a", "r", "b"]]}
        for n in range(first, first + count)
    )
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


@dataclass
class Hub:
    """What the server has, and how it behaves."""

    files: dict[str, bytes]
    sent: list[tuple[str, int]] = field(default_factory=list)
    break_off_after: int | None = None
    wrong: bool = False


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            path = unquote(urlsplit(self.path).path)
            if path.startswith("/api/datasets/owner/set/tree/main"):
                tree = [
                    {
                        "type": "file",
                        "path": name,
                        "size": len(content),
                        "oid": "0" * 40,
                        "lfs": {
                            "oid": hashlib.sha256(content).hexdigest(),
                            "size": len(content),
                            "pointerSize": 1,
                        },
                    }
                    for name, content in hub.files.items()
                ]
                self.send(json.dumps(tree).encode(), body, {"Content-Type": "application/json"})
                return
            name = path.removeprefix("/datasets/owner/set/resolve/main/")
            if name not in hub.files:
                self.send(b"{}", body, {"X-Error-Code": "RepoNotFound"}, 404)
                return
            content = hub.files[name]
            etag = {"ETag": f'"{sha256(content)}"', "X-Repo-Commit": "c" * 40}
            if not body:
                self.send(content, False, etag)
                return
            first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
            hub.sent.append((name, first))
            part = content[first:]
            if hub.wrong:
                part = bytes(byte ^ 1 for byte in part)
            self.send(part, True, etag, 206 if first else 200, hub.break_off_after)

        def send(
            self, content: bytes, body: bool, headers: dict[str, str], code: int = 200, cut: int | None = None
        ) -> None:
            self.send_response(code)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(content[:cut])
            if cut is not None:
                self.close_connection = True

    return Handler


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    hub = Hub({"data/test-0.jsonl": rows(0, 400), "data/test-1.jsonl": rows(400, 3), "README.md": b"x"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(hub))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield hub
    server.shutdown()
    server.server_close()
    thread.join()


def questions(folder: Path) -> list[str]:
    known = KnownSet("s", "s", {"test": Portion(FILES, 403)}, "test", "", "", own_graphs=True)
    return [question.id for question in known.questions(DataFolders((folder,)))]


def test_a_set_is_fetched_checked_and_can_be_read(hub: Hub, tmp_path: Path) -> None:
    said: list[str] = []
    found = fetch(FILES, tmp_path, said.append)
    assert [path.name for path in found] == ["test-0.jsonl", "test-1.jsonl"]
    assert [text.split(",")[0] for text in said] == ["data/test-0.jsonl", "data/test-1.jsonl"]
    assert questions(tmp_path) == [f"q{n}" for n in range(403)]
    assert {name for name, _ in hub.sent} == {"data/test-0.jsonl", "data/test-1.jsonl"}


def test_what_is_there_is_not_fetched_again(hub: Hub, tmp_path: Path) -> None:
    fetch(FILES, tmp_path)
    hub.sent.clear()
    fetch(FILES, tmp_path)
    assert hub.sent == []


def test_a_file_that_was_changed_after_it_was_fetched_is_refused(hub: Hub, tmp_path: Path) -> None:
    (first, _) = fetch(FILES, tmp_path)
    first.write_bytes(rows(1, 400))
    with pytest.raises(DataError, match="is another file"):
        questions(tmp_path)


def test_what_arrives_damaged_is_dropped_and_said(hub: Hub, tmp_path: Path) -> None:
    hub.wrong = True
    with pytest.raises(DataError):
        fetch(FILES, tmp_path)
    assert not list(tmp_path.rglob("test-*.jsonl"))
    hub.wrong = False
    fetch(FILES, tmp_path)
    assert len(questions(tmp_path)) == 403


def test_a_hub_without_the_set_or_its_files_is_one_line(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(DataError, match=r"has no files data/dev-\* on the hub"):
        fetch(HubFiles("owner/set", "data/dev-*"), tmp_path)
    with pytest.raises(DataError, match="owner/other cannot be downloaded"):
        fetch(HubFiles("owner/other", "data/dev-*"), tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DataError, match=r"owner/set cannot be downloaded.*`kgqa data`"):
        fetch(FILES, tmp_path)


def test_a_download_that_broke_off_goes_on_where_it_was(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    monkeypatch.setattr("time.sleep", lambda _: None)
    whole = len(hub.files["data/test-0.jsonl"])
    hub.break_off_after = whole // 2
    fetched: Any = None
    for _ in range(8):
        try:
            fetched = fetch(FILES, tmp_path)
        except DataError:
            continue
        break
    assert fetched is not None
    starts = [first for name, first in hub.sent if name == "data/test-0.jsonl"]
    assert starts[0] == 0
    assert any(0 < first < whole for first in starts)
    assert len(questions(tmp_path)) == 403
