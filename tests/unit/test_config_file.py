"""Configuration files of users: what is wrong with one is one line that names it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from mutations import TOKENS, mutants

from kgqa.answer import Calibration
from kgqa.chat import EndpointFile
from kgqa.config_file import parse_toml, read_json_object, read_toml
from kgqa.errors import KgqaError, ParseError
from kgqa.evaluation import read_run_file, read_run_settings
from kgqa.report import read_run

REPOSITORY = Path(__file__).parents[2]
KEY = "sk-0123456789abcdef"

LLM = f"""[llm]
default = "local"

[llm.local]
base_url = "http://user:pass-{KEY}@localhost:8000/v1"
model = "Qwen/Qwen3-4B"
concurrency = 16

[llm."hosted one"]
model = 'gpt-5-mini'
api_key = "{KEY}"
prompt_price = 0.25
completion_price = 2.0
requests_per_minute = 500
timeout = 120 # seconds
"""


def endpoints(file: Path) -> None:
    read = EndpointFile.read(file)
    faults = 0
    for name in read.tables:
        try:
            read.endpoint(name)
        except KgqaError as error:
            check_message(error, file)
            faults += 1


def run_file(file: Path) -> None:
    settings = read_run_file(file)
    json.dumps(settings.to_json()).encode("utf-8")


def manifest(file: Path) -> None:
    read_run(file.parent)


def check_message(error: KgqaError, file: Path) -> None:
    message = str(error)
    assert len(message.splitlines()) == 1, message
    assert str(file) in message or str(file.parent) in message, message
    assert error.exit_code in (1, 2)
    assert KEY not in message


RUN_FILES = tuple(file.read_bytes() for file in sorted((REPOSITORY / "eval" / "runs").glob("*.toml")))
KINDS: dict[str, tuple[str, tuple[bytes, ...], Callable[[Path], object]]] = {
    "LLMs": ("config.toml", (LLM.encode(),), endpoints),
    "a run": ("run.toml", RUN_FILES, run_file),
    "a calibration": (
        "calibration.json",
        (b'{\n "bias": 1.5,\n "score": 0.25,\n "lead": 2e-3\n}\n',),
        Calibration.load,
    ),
    "a manifest": (
        "run.json",
        tuple(file.read_bytes() for file in sorted((REPOSITORY / "eval" / "results").rglob("run.json"))[:4]),
        manifest,
    ),
}


VALUES = (
    *TOKENS,
    b"0x" + b"f" * 5000,
    b"a." * 3000,
    b"2024-01-01",
    b"12:30:00",
    b"inf",
    b"[llm]",
    b"{a = 1}",
)


def with_other_values(content: bytes) -> list[bytes]:
    """The content, and copies in which one line has another value behind its key."""
    lines = content.split(b"\n")
    separator = b"=" if b"=" in content else b":"
    keyed = [at for at, line in enumerate(lines) if separator in line]
    return [content] + [
        b"\n".join([*lines[:at], lines[at].partition(separator)[0] + separator + value, *lines[at + 1 :]])
        for number, value in enumerate(VALUES)
        for at in keyed[number % 3 :: 3]
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_that_are_damaged_below_are_valid(kind: str, tmp_path: Path) -> None:
    name, valid, read = KINDS[kind]
    assert valid
    for content in valid:
        (tmp_path / name).write_bytes(content)
        (tmp_path / "records.jsonl").touch()
        read(tmp_path / name)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_20000_damaged_files_are_read_or_refused_in_one_line(kind: str, tmp_path: Path) -> None:
    name, valid, read = KINDS[kind]
    file, refused = tmp_path / name, 0
    (tmp_path / "records.jsonl").touch()
    known = [damaged for content in valid for damaged in with_other_values(content)]
    encoded = [content.decode().encode(other, "replace") for content in valid for other in ENCODINGS]
    for content in mutants(known + encoded * (len(known) // len(encoded) // 10 + 1), 20_000):
        file.write_bytes(content)
        try:
            read(file)
        except KgqaError as error:
            check_message(error, file)
            refused += 1
        except Exception as error:
            pytest.fail(f"{content[:500]!r}: {error!r}")
    assert 2_000 < refused < 20_000


ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp037", "latin-1")
HUGE = "9" * 5000
TOML_FAULTS = {
    f"a = 1\nb = {HUGE}": (2, "64 bits"),
    f"a = 0x{'f' * 400}": (1, "64 bits"),
    "a = " + "[" * 5000: (0, "nested too deeply"),
    "a." * 5000 + "b = 1": (0, "nested too deeply"),
    'a = "\\u0000"': (0, "null character"),
    "a = 2024-01-01": (0, "date or time"),
    "a = 1\n\n=": (3, "not TOML"),
    "a = 1\0": (1, "not TOML"),
}


@pytest.mark.parametrize("text", TOML_FAULTS)
def test_a_fault_in_toml_is_named_with_its_line(text: str, tmp_path: Path) -> None:
    line, reason = TOML_FAULTS[text]
    file = tmp_path / "a.toml"
    file.write_text(text, "utf-8", newline="")
    with pytest.raises(ParseError, match=reason) as caught:
        read_toml(file)
    assert caught.value.line == line
    assert str(file) in str(caught.value)
    assert len(str(caught.value)) < 300
    assert caught.value.__context__ is None, "the parser's error holds values of the file, such as keys"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (f'{{"a":\n{HUGE}}}', 2, "64 bits"),
        ('{"a":' * 5000, 0, "nested too deeply"),
        ("[" * 40 + "]" * 40, 0, "a JSON object is needed, not list"),
        ('{"a": "\\ud800"}', 0, "surrogate"),
        ('{"a":\n}', 2, "not JSON"),
        ("", 1, "not JSON"),
    ],
)
def test_a_fault_in_json_is_named_with_its_line(text: str, line: int, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ParseError, match=reason) as caught:
        read_json_object(file)
    assert caught.value.line == line


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    for read in (read_toml, read_json_object):
        with pytest.raises(ParseError, match="cannot be read"):
            read(tmp_path)
        with pytest.raises(ParseError, match="cannot be read"):
            read(file)
        file.write_bytes('{"a": "é"}'.encode("utf-16"))
        with pytest.raises(ParseError, match="not UTF-8"):
            read(file)
        file.unlink()


def test_the_mark_that_windows_puts_first_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("\ufeffa = 1\r\n", "utf-8", newline="")
    assert read_toml(file)[0] == {"a": 1}
    file.write_text('\ufeff{"a": 1}', "utf-8")
    assert read_json_object(file) == {"a": 1}


@pytest.mark.parametrize("value", [HUGE, f"0x{'f' * 5000}", "[" * 5000, "2024-01-01", "\0"])
def test_a_value_on_the_command_line_that_no_setting_can_be_is_one_short_line(
    value: str, tmp_path: Path
) -> None:
    file = tmp_path / "run.toml"
    file.write_bytes(RUN_FILES[0])
    with pytest.raises(KgqaError) as caught:
        read_run_settings(file, {}, [f"hops={value}"])
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", '"nan"', "true and false", "[]", "null"])
def test_a_calibration_has_finite_numbers_only(number: str, tmp_path: Path) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(f'{{"bias": 1.5, "score": {number}, "lead": 2}}', "utf-8")
    with pytest.raises(KgqaError, match="holds no calibration"):
        Calibration.load(file)


def test_a_text_is_parsed_as_a_file_is() -> None:
    assert parse_toml("--set", "a.b = [1, {c = 2.5}]") == {"a": {"b": [1, {"c": 2.5}]}}
