"""`kgqa mcp` as clients use it: over stdin and stdout, and over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextResourceContents
from served_graph import served

from kgqa.cli import main

FILMS = """<http://ex.org/Kismet> <http://ex.org/directed_by> <http://ex.org/William_Dieterle> .
<http://ex.org/Juarez> <http://ex.org/directed_by> <http://ex.org/William_Dieterle> .
"""
QUESTION = "Who directed Kismet?"
KEY = "a key of some length"


@pytest.fixture
def films(tmp_path: Path) -> Path:
    file = tmp_path / "films.nt"
    file.write_text(FILMS)
    return file


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "kgqa", "mcp", *options]


async def asked(client: Client) -> dict[str, Any]:
    tools = [tool.name for tool in (await client.list_tools()).tools]
    assert tools == ["ask", "find", "neighbours", "schema", "validate", "why"]
    found = await client.call_tool("ask", {"question": QUESTION})
    refused = await client.call_tool("ask", {"question": QUESTION, "graph": "x"})
    assert refused.is_error
    answer: dict[str, Any] = found.structured_content
    return answer


@pytest.mark.slow
def test_a_client_talks_to_it_over_stdin_and_stdout(films: Path) -> None:
    async def talk() -> dict[str, Any]:
        program, *arguments = command("--graph", str(films), "--graph", f"more={films}")
        parameters = StdioServerParameters(command=program, args=arguments, env=dict(os.environ))
        async with Client(parameters) as client:
            with pytest.raises(MCPError, match="kgqa://graphs/x/schema"):
                await client.read_resource("kgqa://graphs/x/schema")
            (content,) = (await client.read_resource("kgqa://graphs/more/schema")).contents
            assert isinstance(content, TextResourceContents)
            assert json.loads(content.text)["facts"] == 2
            found = await client.call_tool("ask", {"question": QUESTION, "graph": "more"})
            answer: dict[str, Any] = found.structured_content
            return answer

    found = anyio.run(talk)
    assert found["answers"][0]["entity"] == "http://ex.org/William_Dieterle"
    assert found["text"] == "William Dieterle\n    Kismet -[directed_by]-> William Dieterle"


@pytest.mark.slow
def test_stdout_has_nothing_but_the_protocol(films: Path) -> None:
    messages: list[dict[str, Any]] = [
        {
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        },
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": QUESTION}}},
        {"id": 3, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": "\0"}}},
    ]
    lines = [json.dumps({"jsonrpc": "2.0", **message}) for message in messages]
    with subprocess.Popen(
        command("--graph", str(films)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write("\n".join([*lines, "no JSON at all", ""]))
        process.stdin.flush()
        replies: dict[int | None, Any] = {}
        while {1, 2, 3} - replies.keys():
            reply = json.loads(process.stdout.readline())
            replies[reply.get("id")] = reply
        process.stdin.close()
        assert process.wait(10) == 0
        for line in process.stdout:
            assert json.loads(line)["jsonrpc"] == "2.0"
        assert "Traceback" not in process.stderr.read()
    assert replies[2]["result"]["structuredContent"]["answers"][0]["name"] == "William Dieterle"
    assert replies[3]["result"]["isError"]


@pytest.mark.slow
def test_a_client_talks_to_it_over_http_with_a_key(films: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)

    async def talk(address: str) -> dict[str, Any]:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            return await asked(client)

    with served("mcp", "--graph", str(films), "--http", "--api-key-file", str(tmp_path / "key")) as address:
        assert anyio.run(talk, address)["answers"][0]["name"] == "William Dieterle"
        body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        for headers in ({}, {"Authorization": "Bearer other"}):
            assert httpx2.post(address, json=body, headers=headers).status_code == 401
        hostile = {"Authorization": f"Bearer {KEY}", "Host": "evil.example"}
        assert httpx2.post(address, json=body, headers=hostile).status_code == 400
        hostile = {"Authorization": f"Bearer {KEY}", "Origin": "http://evil.example"}
        assert httpx2.post(address, json=body, headers=hostile).status_code == 403
        large = httpx2.post(address, content=b"x" * 2**21, headers={"Authorization": f"Bearer {KEY}"})
        assert large.status_code == 413


def test_another_address_than_loopback_needs_a_key(
    films: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KGQA_API_KEY", raising=False)
    assert main(["mcp", "--graph", str(films), "--http", "--host", "0.0.0.0"]) == 2
    assert "set a key" in capsys.readouterr().err


def test_options_of_http_need_http(capsys: pytest.CaptureFixture[str]) -> None:
    for options in (
        ["--port", "9000"],
        ["--host", "0.0.0.0"],
        ["--no-key"],
        ["--allow-host", "x"],
        ["--api-key-file", "x"],
    ):
        assert main(["mcp", *options]) == 2
        assert "add --http" in capsys.readouterr().err


def test_what_is_not_installed_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(sys.modules):
        if name.startswith("kgqa.agents"):
            monkeypatch.delitem(sys.modules, name)
        elif name.startswith("mcp."):
            monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert main(["mcp"]) == 2
    assert "needs mcp: pip install 'kgqa[mcp]'" in capsys.readouterr().err
