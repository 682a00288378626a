from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.chat import Endpoint, EndpointFile, Prices, Secret, choose_endpoint, chosen_name
from kgqa.chat.endpoint_file import config_file
from kgqa.errors import KgqaError, ParseError, UsageError
from kgqa.web import scrubbed

GOOD = """
[llm]
default = "local"

[llm.local]
base_url = "http://localhost:8000/v1/"
model = "Qwen/Qwen3-4B"
concurrency = 2
timeout = 5

[llm.hosted]
model = "gpt-5-mini"
prompt_price = 0.25
completion_price = 2
requests_per_minute = 500

[llm.keyed]
base_url = "https://anna:pass-word@llm.example.org"
model = "m"
api_key = "sk-from-file"
"""


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "KGQA_LLM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "llm.toml"
    path.write_text(text, "utf-8")
    return path


def test_endpoints_have_what_the_file_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-environment")
    file = EndpointFile.read(written(tmp_path, GOOD))
    assert file.default == "local"
    assert file.endpoint("local") == Endpoint(
        "http://localhost:8000/v1", "Qwen/Qwen3-4B", concurrency=2, timeout=5
    )
    assert file.endpoint("hosted") == Endpoint(
        "https://api.openai.com/v1",
        "gpt-5-mini",
        Secret("sk-from-environment"),
        prices=Prices(0.25, 2.0),
        requests_per_minute=500,
    )
    keyed = file.endpoint("keyed")
    assert keyed is not None
    assert (keyed.base_url, keyed.key, keyed.login) == (
        "https://llm.example.org",
        Secret("sk-from-file"),
        Secret("anna:pass-word"),
    )
    assert file.endpoint("other") is None
    assert "sk-from" not in repr(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[llm.a\n", "llm.toml, line 1: not TOML"),
        ("\n[llm.a]\nmodel = sk-secret\n", "llm.toml, line 3: not TOML"),
        ("llm = 3", "llm must be a table"),
        ("[llm.a]\nmodel = 'm'\n[lmm.b]\nmodel = 'm'", "line 3: unknown table 'lmm'"),
        ("\ndefault = 'a'\n[llm.a]\nmodel = 'm'", "line 2: unknown table 'default'"),
        ("[llm]\na = 3", "llm.a must be a table"),
        ("\n\n[llm.a]\nbase_url = 'http://x'", "line 3: \\[llm.a\\] has no model"),
        (
            "[llm.a]\nmodel = 'm'\nbase_uri = 'x'",
            "line 1: \\[llm.a\\] has no option 'base_uri'; known are base_url",
        ),
        ("[llm.a]\nmodel = 3", "model of \\[llm.a\\] must be a text"),
        ("[llm.a]\nmodel = 'm'\ntimeout = '3'", "timeout of \\[llm.a\\] must be a number"),
        ("[llm.a]\nmodel = 'm'\ntimeout = nan", "timeout of \\[llm.a\\] must be a number"),
        ("[llm.a]\nmodel = 'm'\nretries = 1.5", "retries of \\[llm.a\\] must be a whole number"),
        ("[llm.a]\nmodel = 'm'\nretries = true", "retries of \\[llm.a\\] must be a whole number"),
        ("[llm.a]\nmodel = 'm'\nprompt_price = 1", "has one price"),
        ("[llm]\ndefault = 'b'\n[llm.a]\nmodel = 'm'", "the default LLM is 'b'"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        EndpointFile.read(written(tmp_path, text))
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("base_url = 'localhost:8000'", "must begin with http"),
        ("base_url = 'http://x/v1'\ntimeout = 0", "timeout is a number of seconds above zero"),
        ("base_url = 'http://x/v1'\nconcurrency = 0", "concurrency must be 1 or more"),
        ("base_url = 'http://x/v1'\nprompt_price = -1\ncompletion_price = 0", "price is an amount"),
        ("base_url = 'http://x/v1'\nkey_env = 'NO_SUCH_KEY'", "the environment variable NO_SUCH_KEY"),
        ("", "the environment variable OPENAI_API_KEY"),
    ],
)
def test_an_endpoint_that_makes_no_sense_is_named(tmp_path: Path, option: str, message: str) -> None:
    file = EndpointFile.read(written(tmp_path, f"[llm.a]\nmodel = 'm'\n{option}\n"))
    with pytest.raises(UsageError, match=rf"llm.toml, \[llm.a\]: .*{message}"):
        file.endpoint("a")


def test_only_the_users_own_file_may_be_missing(tmp_path: Path) -> None:
    assert EndpointFile.read().tables == {}
    with pytest.raises(UsageError, match="no such file"):
        EndpointFile.read(tmp_path / "missing.toml")
    with pytest.raises(ParseError, match="Is a directory"):
        EndpointFile.read(tmp_path)
    config_file().parent.mkdir(parents=True)
    config_file().write_bytes(b"\xff")
    with pytest.raises(ParseError, match="not UTF-8"):
        EndpointFile.read()
    config_file().write_text(GOOD, "utf-8")
    assert EndpointFile.read().default == "local"


@given(st.text(max_size=60))
def test_no_file_is_anything_but_read_or_refused(text: str) -> None:
    path = config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", errors="replace")
    try:
        EndpointFile.read()
    except ParseError as error:
        assert str(path) in str(error)  # noqa: PT017


def test_the_name_is_given_or_in_the_environment_or_the_files_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = EndpointFile.read(written(tmp_path, GOOD))
    assert chosen_name(None, file) == "local"
    monkeypatch.setenv("KGQA_LLM", "hosted")
    assert chosen_name(None, file) == "hosted"
    assert chosen_name("keyed", file) == "keyed"
    monkeypatch.delenv("KGQA_LLM")
    told = r"no LLM is named; give its name \(--llm\), set KGQA_LLM.*config\.toml"
    with pytest.raises(UsageError, match=told):
        chosen_name(None, EndpointFile.read())


def test_a_model_is_asked_for_at_the_nearest_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, empty = EndpointFile.read(written(tmp_path, GOOD)), EndpointFile.read()
    with pytest.raises(UsageError, match=r"there is no LLM 'm' in .*config\.toml.*base_url"):
        choose_endpoint("m", empty)
    at_default = choose_endpoint("m", file)
    assert (at_default.base_url, at_default.model, at_default.concurrency) == (
        "http://localhost:8000/v1",
        "m",
        2,
    )
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    assert choose_endpoint("m", empty) == Endpoint("https://api.openai.com/v1", "m", Secret("sk-env"))
    monkeypatch.setenv("OPENAI_BASE_URL", "http://env/v1")
    assert choose_endpoint("m", file) == Endpoint("http://env/v1", "m", Secret("sk-env"))
    assert choose_endpoint("m", file, "http://arg/v1").base_url == "http://arg/v1"
    assert choose_endpoint("local", file).base_url == "http://localhost:8000/v1"
    assert choose_endpoint("local", file).key is None, "OpenAI's key is not sent to a named address"
    moved = choose_endpoint("keyed", file, "http://arg/v1")
    assert (moved.base_url, moved.login) == ("http://arg/v1", None)


@pytest.mark.parametrize(
    "url",
    [
        "http://anna:pass-word@[half",
        "ftp://anna:pass-word@host/v1",
        "http://anna:pass-word@host/v1?key=pass-word",
        "http://anna:pass-word@host:port/v1",
        "http://anna:pass-word@",
        "anna:pass-word@host",
        "http://anna:pass-word@host\u2100/v1",
    ],
)
def test_an_address_that_is_refused_does_not_show_its_password(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Endpoint(url, "m")
    link: BaseException | None = caught.value
    while link is not None:
        assert "pass-word" not in f"{link!r}{link}"
        link = link.__cause__ or link.__context__


def test_an_address_is_shown_without_its_login_and_keeps_the_rest() -> None:
    endpoint = Endpoint("HTTPS://anna:p%40ss@[::1]:8000/a/v1/", "m", Secret("sk-123456"))
    assert endpoint.base_url == "https://[::1]:8000/a/v1"
    assert endpoint.login == Secret("anna:p@ss")
    assert dataclasses.replace(endpoint, model="n").login == endpoint.login
    for shown in (repr(endpoint), json.dumps(dataclasses.asdict(endpoint), default=str), str(vars(endpoint))):
        assert "sk-123456" not in shown
        assert "p@ss" not in shown


def test_a_secret_survives_copies_and_shows_in_none() -> None:
    secret = Secret(" sk-123456\n")
    for copied in (copy.deepcopy(secret), pickle.loads(pickle.dumps(secret))):
        assert copied == secret
        assert (copied.reveal(), str(copied), f"{copied!r}") == ("sk-123456", "***", "***")
    for unusable in ("", " ", "sk\nx-secret", "schlüssel-secret"):
        with pytest.raises(UsageError) as caught:
            Secret(unusable)
        assert "secret" not in str(caught.value)


@given(st.text(alphabet="ab:%@ /é&", max_size=6), st.sampled_from(["sk-a/b+c=d", "anna:p@ss:word"]))
def test_a_scrubbed_text_has_no_secret_left(text: str, value: str) -> None:
    assert value not in scrubbed(f"{text}{value}{text}{value}", [None, Secret(value)])
    assert scrubbed("nothing here", [Secret(value)]) == "nothing here"
    assert isinstance(UsageError("x"), KgqaError)
