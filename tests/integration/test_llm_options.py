"""What `--llm` and the options beside it mean, in a command that only asks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from misbehaving_server import answer, hang, http, serving
from tiny_models import tiny_model
from typer.testing import CliRunner

from kgqa.chat import CachedChat, EndpointFile, Message, OpenAIChat
from kgqa.cli.settings_options import with_settings
from kgqa.errors import KgqaError
from kgqa.lm import load_chat
from kgqa.pipeline.settings import LlmSettings

app = typer.Typer()


@app.command()
@with_settings(LlmSettings)
def say(text: Annotated[str, typer.Argument()], cache: bool = True, *, given: Mapping[str, Any]) -> None:
    """Say something to an LLM."""
    chat = load_chat(**given, device="cpu", cache=cache)
    print(chat.reply([Message("user", text)], max_tokens=4).text)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "KGQA_LLM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["hello", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def refused(message: str, *arguments: str) -> KgqaError:
    with pytest.raises(KgqaError, match=message) as caught:
        said(*arguments)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_model_of_an_endpoint_is_asked_once_and_then_remembered() -> None:
    with serving(answer("Servus")) as server:
        asked = ("--llm", "m", "--base-url", server.url)
        assert [said(*asked) for _ in range(3)] == ["Servus"] * 3
        assert len(server.requests) == 1
        assert said(*asked, "--no-cache") == "Servus"
        assert len(server.requests) == 2
        said("--llm", "n", "--base-url", server.url)
        assert len(server.requests) == 3
    assert said(*asked) == "Servus", "a kept reply needs no server"


def test_the_environment_and_the_config_file_name_endpoints(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config" / "kgqa" / "config.toml"
    config.parent.mkdir(parents=True)
    with serving(answer("Servus")) as server:
        config.write_text(
            f'[llm]\ndefault = "here"\n[llm.here]\nmodel = "m"\nbase_url = "{server.url}"\n', "utf-8"
        )
        assert said() == "Servus"
        monkeypatch.setenv("KGQA_LLM", "another")
        said()
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-from-environment")
        said("--llm", "third")
    assert [body["model"] for body in server.bodies] == ["m", "another", "third"]
    assert ["sk-from-environment" in request for request in server.requests] == [False, False, True]


def test_a_folder_is_a_model_in_this_process_or_with_a_base_url_one_of_a_server(tmp_path: Path) -> None:
    for part in tiny_model("gpt2"):
        part.save_pretrained(tmp_path / "model")
    folder = str(tmp_path / "model")
    assert said("--llm", folder) == said("--llm", folder, "--no-cache")
    refused("max_cost is for LLMs with prices", "--llm", folder, "--max-cost", "1")
    with serving(answer("Servus")) as server:
        assert said("--llm", folder, "--base-url", server.url) == "Servus"
    assert server.bodies[0]["model"] == folder


def test_limits_are_kept(tmp_path: Path) -> None:
    config = tmp_path / "llm.toml"
    with serving(answer(), hang) as server:
        config.write_text(
            f"[llm.dear]\nmodel='m'\nbase_url='{server.url}'\nprompt_price=1e4\ncompletion_price=1e4", "utf-8"
        )
        dear = ("--llm", "dear", "--llm-config", str(config), "--no-cache")
        refused(r"may exceed max_cost=0\.1", *dear, "--max-cost", "0.1")
        assert said(*dear, "--max-cost", "10") == "Vienna"
        refused(r"within 0\.2 seconds", *dear, "--llm-timeout", "0.2")
        refused(r"max_seconds=0\.2", *dear, "--max-seconds", "0.2")
    assert len(server.requests) <= 3


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        ((), "no LLM is named", 2),
        (("--llm", "m"), "there is no LLM 'm'", 2),
        (("--llm", "m", "--base-url", "localhost"), "must begin with http", 2),
        (("--llm", "m", "--llm-config", "missing.toml"), "no such file", 2),
        (
            ("--llm", "m", "--base-url", "http://localhost:9/v1", "--max-cost", "1"),
            "needs the prices of m",
            2,
        ),
        (
            ("--llm", "m", "--base-url", "http://localhost:9/v1", "--llm-timeout", "0"),
            "timeout is a number",
            2,
        ),
        (
            ("--llm", "m", "--base-url", "http://localhost:9/v1", "--llm-concurrency", "0"),
            "concurrency must be",
            2,
        ),
        (
            ("--llm", "m", "--base-url", "http://localhost:9/v1", "--max-seconds", "-1"),
            "must be above zero",
            2,
        ),
        (("--llm", "m", "--base-url", "http://127.0.0.1:9/v1"), "is the server running", 1),
    ],
)
def test_what_makes_no_sense_is_one_clear_error(arguments: tuple[str, ...], message: str, code: int) -> None:
    assert refused(message, *arguments).exit_code == code


def test_a_wrong_key_is_asked_once() -> None:
    with serving(http(401, {"error": {"message": "Incorrect API key"}})) as server:
        refused("no key was given: Incorrect", "--llm", "m", "--base-url", server.url)
    assert len(server.requests) == 1


def test_concurrency_and_timeout_go_to_the_endpoint() -> None:
    cached = load_chat("m", base_url="http://localhost/v1", timeout=7, concurrency=3)
    assert isinstance(cached, CachedChat)
    assert isinstance(cached.model, OpenAIChat)
    assert (cached.model.endpoint.timeout, cached.model.endpoint.concurrency) == (7, 3)


def test_without_the_client_the_error_says_how_to_install_it_and_nothing_else_needs_it() -> None:
    script = (
        "import sys; sys.modules['openai'] = None\n"
        "import kgqa.chat\n"
        "assert not {'torch', 'transformers', 'httpx', 'httpx2', 'asyncio', 'pydantic'} & set(sys.modules)\n"
        "kgqa.chat.OpenAIChat(kgqa.chat.Endpoint('http://localhost/v1', 'm'))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=dict(os.environ)
    )
    assert "kgqa.errors.ModelError" in result.stderr.splitlines()[-1]
    assert "pip install 'kgqa[llm]'" in result.stderr.splitlines()[-1]


def code_of(page: str, language: str) -> str:
    """The one block of a language in a page of the documentation."""
    text = (Path(__file__).parents[2] / "docs" / "how-to" / page).read_text("utf-8")
    (block,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return str(block)


def test_the_documentation_works(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-environment")
    config = tmp_path / "llm.toml"
    config.write_text(code_of("use-an-llm.md", "toml"), "utf-8")
    file = EndpointFile.read(config)
    assert [endpoint.model for endpoint in map(file.endpoint, file.tables) if endpoint] == [
        "Qwen/Qwen3-4B",
        "gpt-5-mini",
    ]
    with serving(answer("Vienna")) as server:
        exec(code_of("use-an-llm.md", "python").replace("http://localhost:8000/v1", server.url), {})
    assert re.fullmatch(r"Vienna\n0\.000\d+\nVienna\n", capsys.readouterr().out)
