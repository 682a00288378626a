"""The examples on the page about agents and chat clients do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from served_graph import served

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "use-from-agents.md").read_text("utf-8")
SCRIPTS = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def run(code: str) -> str:
    path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_entry_of_a_client_is_json() -> None:
    (entry,) = map(json.loads, blocks("json"))
    assert entry["mcpServers"]["films"]["args"][:2] == ["mcp", "--graph"]


@pytest.mark.slow
def test_the_mcp_client_of_the_page_gets_an_answer() -> None:
    said = run(blocks("python")[0])
    assert "Danube -[flows through country]-> Austria" in said


@pytest.mark.slow
def test_the_openai_client_and_curl_of_the_page_get_answers() -> None:
    with served("serve", "--graph", "atlas") as address:
        said = run(blocks("python")[1].replace("http://127.0.0.1:8000", address))
        assert "**Austria**" in said
        assert "flows_through_country" in said
        (command,) = [one for one in blocks("sh") if one.startswith("curl")]
        asked = command.replace("http://127.0.0.1:8000", address)
        done = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, timeout=60, check=True)
        assert json.loads(done.stdout)["kgqa"]["answers"][0]["name"] == "Jane Austen"
