"""The page about the server says what the server does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from served_graph import served
from starlette.testclient import TestClient
from unit.server.conftest import films_catalogue

from kgqa.cli import main
from kgqa.server import create_app

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "serve.md").read_text("utf-8")
CURLS = re.findall(r"^curl (?:.*\\\n)*.*$", PAGE, re.MULTILINE)


def test_every_route_of_the_page_is_there() -> None:
    app = create_app(films_catalogue())
    routes = {(method.upper(), path) for path, found in app.openapi()["paths"].items() for method in found}
    named = re.findall(r"`(GET|POST) (/[\w/]*)", PAGE)
    assert len(named) > 9
    for method, path in named:
        short = path in ("/metrics", "/health") or path.startswith("/api")
        assert (method, path if short else f"/api/v1/graphs/{{graph}}{path}") in routes


def test_every_metric_of_the_page_is_counted() -> None:
    client = TestClient(create_app(films_catalogue()), base_url="http://127.0.0.1:8000")
    client.post("/api/v1/graphs/films/ask", json={"question": "Who directed Kismet?"})
    text = client.get("/metrics").text
    for name in set(re.findall(r"kgqa_\w+", PAGE)):
        assert name in text, name


def test_every_option_of_the_page_has_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for option in set(re.findall(r"`(--[\w-]+)", PAGE)):
        assert option in said, option
    for option, default in re.findall(r"^\| `(--[\w-]+)` \| (\d+) ", PAGE, re.MULTILINE):
        (own,) = re.findall(rf"{option} <.*?default: (\d+)", said)
        if option != "--most-bytes":
            assert own == default, option


@pytest.mark.slow
def test_the_commands_of_the_page_get_answers() -> None:
    with served("serve", "--graph", "atlas") as address:
        said = []
        for command in CURLS:
            if "127.0.0.1:8000" in command:
                asked = command.replace("http://127.0.0.1:8000", address)
                said.append(subprocess.check_output(["sh", "-c", asked], text=True, timeout=60))
    graphs, answer, stream, checked = said
    assert json.loads(graphs)["graphs"][0]["name"] == "atlas"
    assert [one["name"] for one in json.loads(answer)["answers"]] == ["Austria", "Croatia", "Germany"]
    kinds = re.findall(r"^event: (\w+)$", stream, re.MULTILINE)
    assert (kinds[0], kinds[-1]) == ("topics", "answer")
    assert "chain" in kinds
    assert json.loads(stream.strip().rpartition("data: ")[2])["value"] == "11"
    assert json.loads(checked)["hold"] == 0


@pytest.mark.slow
def test_the_code_of_the_page_gets_an_answer() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    said = subprocess.check_output([sys.executable, "-c", code], text=True, timeout=120)
    assert "Danube -[flows through country]-> Austria" in said
