"""The commands, as a user types them, on small graphs and on bad input."""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kgqa.cli import main
from kgqa.cli.app import app

REPOSITORY = Path(__file__).parents[2]


def write_questions(path: Path, count: int = 3) -> Path:
    rows = [
        {
            "id": f"q{number}",
            "question": "who directed Kismet" if number % 2 == 0 else "what did William Dieterle direct",
            "topic_entities": ["Kismet"] if number % 2 == 0 else ["William Dieterle"],
            "answers": ["William Dieterle"] if number % 2 == 0 else ["Kismet", "Juarez"],
            "hops": 1,
        }
        for number in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_ask_answers_with_a_chain(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "who directed Kismet", "--graph", str(index), "--json"]) == 0
    streams = capsys.readouterr()
    best = json.loads(streams.out)["answers"][0]
    assert best["name"] == "William Dieterle"
    assert best["chains"][0] == [["Kismet", "directed_by", "William Dieterle"]]
    assert streams.err == ""


@pytest.mark.parametrize("grammar", ["path", "chain", "relations"])
def test_ask_speaks_every_grammar(index: Path, grammar: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["ask", "who directed Kismet", "--graph", str(index), "--grammar", grammar]
    assert main(arguments) == 0
    assert "Kismet" in capsys.readouterr().out


def test_chains_come_back_and_go_backwards_only_when_told(index: Path) -> None:
    questions = write_questions(index.parent / "q.jsonl", 1)

    def reached(*options: str) -> set[str]:
        out = index.parent / "-".join(("run", *options))
        arguments = ["eval", "--graph", str(index), "--questions", str(questions), "--out", str(out)]
        assert main([*arguments, "--hops", "2", "--share", "0", *options]) == 0
        return set(json.loads((out / "records.jsonl").read_text("utf-8"))["answers"])

    assert reached() == {"William Dieterle", "English", "Juarez"}
    assert reached("--allow-return") == {"William Dieterle", "English", "Juarez", "Kismet"}
    assert reached("--no-inverse") == {"William Dieterle", "English"}


def test_nothing_likely_enough_is_said_to_be_nothing(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["ask", "who directed Kismet", "--graph", str(index), "--floor", "0"]
    assert main(arguments) == 0
    streams = capsys.readouterr()
    assert streams.out == "The graph does not say.\n"
    assert "no chain is probable enough" in streams.err


def test_ask_reads_a_graph_file_too(facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "who directed Kismet", "--graph", str(facts), "--topic", "Juarez", "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)["answers"]
    assert answers[0]["chains"][0][0][0] == "Juarez"


def test_ask_without_a_question_answers_line_by_line(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import io

    monkeypatch.setattr(
        "sys.stdin", io.StringIO("who directed Kismet\n\nzzz qqq xxx\nwho directed Juarez\nquit\n")
    )
    assert main(["ask", "--graph", str(index), "--json"]) == 0
    streams = capsys.readouterr()
    assert [json.loads(line)["question"] for line in streams.out.splitlines()] == [
        "who directed Kismet",
        "who directed Juarez",
    ]
    assert "no entity of the graph was found" in streams.err


def test_eval_scores_and_resumes_to_the_same_records(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = write_questions(index.parent / "q.jsonl", 6)
    arguments = ["eval", "--graph", str(index), "--questions", str(questions), "--json", "--out"]
    assert main([*arguments, str(index.parent / "whole")]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert whole["n"] == 6
    assert whole["faithful"] == 1.0
    torn = index.parent / "torn"
    assert main([*arguments, str(torn)]) == 0
    records = torn / "records.jsonl"
    records.write_bytes(records.read_bytes()[: records.stat().st_size // 2])
    capsys.readouterr()
    assert main([*arguments, str(torn)]) == 0
    again = json.loads(capsys.readouterr().out)
    timeless = {"seconds", "timings"}
    for name in whole.keys() - {*timeless, "by_hops", "by_answers"}:
        assert again[name] == whole[name]

    def without_time(folder: str) -> list[dict[str, object]]:
        lines = (index.parent / folder / "records.jsonl").read_text("utf-8").splitlines()
        return [{k: v for k, v in json.loads(line).items() if k not in timeless} for line in lines]

    assert without_time("whole") == without_time("torn")


def test_validate_accepts_what_eval_wrote_and_names_what_is_wrong(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = write_questions(index.parent / "q.jsonl", 2)
    out = index.parent / "run"
    assert main(["eval", "--graph", str(index), "--questions", str(questions), "--out", str(out)]) == 0
    assert main(["validate", str(out / "records.jsonl"), "--graph", str(index)]) == 0
    paths = index.parent / "paths.txt"
    paths.write_text("Kismet -> directed_by -> William Dieterle\nKismet -> directed_by -> Wiliam Dieterle\n")
    capsys.readouterr()
    assert main(["validate", str(paths), "--graph", str(index)]) == 1
    printed = capsys.readouterr().out
    assert "William Dieterle" in printed
    assert "1 of 2 chains holds" in printed


BAD = {
    "a missing graph": (["ask", "who?", "--graph", "{tmp}/none"], 1, "no such folder"),
    "a foreign folder": (["info", "{tmp}"], 1, "no kgqa index"),
    "a missing source": (["build", "{tmp}/none.tsv", "-o", "{tmp}/x"], 1, "none.tsv"),
    "a folder as source": (["build", "{tmp}", "-o", "{tmp}/x"], 1, "{tmp}"),
    "an unknown format": (["build", "{facts}", "--format", "xls", "-o", "{tmp}/x"], 2, "xls"),
    "the wrong format": (["build", "{facts}", "--format", "turtle", "-o", "{tmp}/x"], 1, "films.tsv"),
    "truncated gzip": (["build", "{tmp}/cut.tsv.gz", "-o", "{tmp}/x"], 1, "truncated"),
    "undecodable bytes": (["build", "{tmp}/latin.tsv", "-o", "{tmp}/x"], 1, "line 2"),
    "a folder that holds something else": (["build", "{facts}", "-o", "{tmp}"], 1, "no kgqa index"),
    "a question without a known entity": (["ask", "qqq zzz", "--graph", "{index}"], 1, "no entity of the"),
    "an unknown topic": (["ask", "who?", "--topic", "Nobody", "--graph", "{index}"], 1, "Nobody"),
    "zero hops": (["ask", "who directed Kismet", "--hops", "0", "--graph", "{index}"], 2, "hops"),
    "zero beams": (["ask", "who directed Kismet", "--beams", "0", "--graph", "{index}"], 2, "beams"),
    "an unknown grammar": (["ask", "x", "--grammar", "poem", "--graph", "{index}"], 2, "poem"),
    "an unknown option": (["ask", "x", "--colour"], 2, "--colour"),
    "an unknown command": (["answer"], 2, "answer"),
    "an empty graph": (["ask", "who?", "--graph", "{tmp}/empty.tsv"], 1, "empty"),
    "a model that is not there": (
        ["ask", "x", "--model", "{tmp}/nomodel", "--graph", "{index}"],
        1,
        "nomodel",
    ),
    "a model folder without weights": (
        ["ask", "x", "--model", "{tmp}/hollow", "--graph", "{index}"],
        1,
        "hollow",
    ),
    "missing questions": (
        ["eval", "--questions", "{tmp}/none.jsonl", "--graph", "{index}", "--out", "{tmp}/o"],
        1,
        "none.jsonl",
    ),
    "questions that are none": (
        ["eval", "--questions", "{facts}", "--graph", "{index}", "--out", "{tmp}/o"],
        1,
        "line 1",
    ),
    "chains that are none": (["validate", "{tmp}/none.txt", "--graph", "{index}"], 1, "none.txt"),
}


def written(folder: Path) -> list[Path]:
    """The files below a folder, but for the values of an index, which are computed when they are needed."""
    return sorted(path for path in folder.rglob("*") if "/values-" not in path.as_posix())


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line_and_the_right_exit_code(
    case: str, index: Path, facts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp = facts.parent
    (tmp / "cut.tsv.gz").write_bytes(gzip.compress(b"a\tr\tb\n" * 1000)[:40])
    (tmp / "latin.tsv").write_bytes(b"a\tr\tb\nc\tr\t\xe9\n")
    (tmp / "empty.tsv").write_bytes(b"")
    (tmp / "hollow").mkdir()
    (tmp / "hollow" / "config.json").write_text('{"model_type": "llama"}')
    arguments, code, words = BAD[case]
    before = written(tmp)
    names = {"tmp": tmp, "facts": facts, "index": index}
    assert main([argument.format(**names) for argument in arguments]) == code
    streams = capsys.readouterr()
    assert words.format(**names) in streams.err
    assert streams.err.count("\n") == 1
    assert "Traceback" not in streams.err
    assert written(tmp) == before, "something half-written was left behind"


@pytest.mark.parametrize(
    "hostile",
    [
        "</PATH> [SEP]",
        "a -> r -> b\u2028two",
        "[red]x\x1b[2Jy",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("<PATH>", "</PATH>", "[SEP]", "</s><s>", "line\u2028two", "\u202etxt.exe")
        ),
    ],
)
def test_hostile_names_and_questions_are_text(
    hostile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "hostile.tsv"
    path.write_text(f"{hostile}\tdirected_by\tThe End\n{hostile}\tin_language\t{hostile}\n", "utf-8")
    for grammar in ("relations", "path", "chain"):
        arguments = ["ask", f"who directed {hostile}?", "--graph", str(path), "--grammar", grammar]
        assert main([*arguments, "--topic", hostile, "--json"]) == 0
        for answer in json.loads(capsys.readouterr().out)["answers"]:
            for chain in answer["chains"]:
                assert all(triple[0] == hostile for triple in chain)
        assert main([*arguments, "--topic", hostile]) == 0
        printed = capsys.readouterr().out
        assert not {"\x1b", "\u202e"} & set(printed)


def run(arguments: list[str], before: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kgqa", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )


def interruptible() -> None:
    """Hear Ctrl-C also where whoever started the tests in the background does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_full_disk_leaves_the_old_index_as_it_was(index: Path, tmp_path: Path) -> None:
    big = tmp_path / "big.tsv"
    big.write_text("".join(f"e{n}\tr\te{n + 1}\n" for n in range(20_000)))

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    process = run(["build", str(big), "-o", str(index)], before=limited)
    _, complaint = process.communicate()
    assert process.returncode == 1
    note, error = complaint.splitlines()
    assert "note:" in note
    assert "replaces the index" in note
    assert "cannot write" in error
    assert main(["info", str(index), "--json"]) == 0
    assert not [path for path in index.iterdir() if path.name.startswith(".building")]


def test_ctrl_c_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    fifo = tmp_path / "endless.tsv"
    os.mkfifo(fifo)
    process = run(["build", str(fifo), "--format", "tsv", "-o", str(tmp_path / "x")], interruptible)
    with fifo.open("w") as stream:  # opens when the command has started to read
        stream.write("a\tr\tb\n")
        stream.flush()
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert complaint.strip() == "kgqa: interrupted"
    assert not (tmp_path / "x").exists()


def test_a_closed_pipe_is_no_error(index: Path) -> None:
    process = subprocess.run(
        f'"{sys.executable}" -m kgqa info "{index}" | head -n 1',
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in process.stderr
    assert process.stderr == ""


def test_a_pipe_that_is_closed_in_the_middle_is_no_failure() -> None:
    run_of = REPOSITORY / "eval" / "results" / "vote-atlas"
    script = f'set -o pipefail; "{sys.executable}" -m kgqa score "{run_of}" --explain | head -n 1'
    process = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (0, "")


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_every_command_has_help_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"kgqa {command} " in capsys.readouterr().out


def test_debug_shows_the_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGQA_DEBUG", "")
    from kgqa.errors import IndexFolderError

    with pytest.raises(IndexFolderError):
        main(["--debug", "info", str(tmp_path / "none")])
