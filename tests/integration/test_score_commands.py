"""kgqa score, compare and ceiling, as a user types them, on good files and bad ones."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from kgqa.cli import main

Capture = pytest.CaptureFixture[str]


def write(path: Path, *rows: dict[str, object]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


@pytest.fixture
def predictions(tmp_path: Path) -> str:
    return write(
        tmp_path / "predictions.jsonl",
        {"id": "a", "question": "who?", "prediction": "Oslo", "ground_truth": ["Oslo"]},
        {"id": "b", "question": "where?", "prediction": "It is Bergen.\nOr not.", "ground_truth": ["Bergen"]},
        {"id": "c", "question": "when?", "prediction": "", "ground_truth": ["1969-07-20"]},
    )


def as_json(arguments: list[str], capsys: Capture) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    streams = capsys.readouterr()
    assert streams.err == ""
    found: dict[str, Any] = json.loads(streams.out)
    return found


def test_definitions_stand_side_by_side_and_the_strict_one_apart(predictions: str, capsys: Capture) -> None:
    names = ("tog", "strict", "rog", "subgraphrag", "gnn-rag", "gcr")
    assert main(["score", predictions, *(part for name in names for part in ("--as", name))]) == 0
    text = capsys.readouterr().out
    assert text.index("strict: whole names") < text.index("published definitions")
    strict, published = text.split("published definitions")
    assert "hits_at_1      33.3" in strict
    assert published.splitlines()[1].split() == ["percent", "rog", "gnn-rag", "gcr", "subgraphrag", "tog"]
    hits = next(line for line in published.splitlines() if line.startswith("hit "))
    assert hits.split() == ["hit", "66.7", "66.7", "66.7", "100.0"]


def test_json_has_all_digits_intervals_and_the_printed_line(predictions: str, capsys: Capture) -> None:
    found = as_json(["score", predictions, "--as", "rog"], capsys)
    rog = found["definitions"]["rog"]
    assert rog["totals"]["hit"] == 200 / 3
    assert rog["printed"].startswith("Accuracy: 66.66666666666667 Hit: 66.66666666666667 F1: ")
    low, high = rog["intervals"]["hit"]
    assert 0 <= low < 200 / 3 < high <= 100
    assert found["predictions"] == 3


def test_intervals_and_values_of_questions_are_written_when_asked_for(
    predictions: str, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "values.jsonl"
    assert main(["score", predictions, "--intervals", "--per-question", str(out)]) == 0
    assert " to " in capsys.readouterr().out
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert (rows[1]["strict"]["hit"], rows[1]["rog"]["hit"], rows[1]["rog"]["precision"]) == (0.0, 1.0, 0.5)


def test_reasons_name_line_and_rule(predictions: str, capsys: Capture) -> None:
    assert main(["score", predictions, "--as", "rog", "--as", "strict", "--explain", "b"]) == 0
    text = capsys.readouterr().out
    assert "'Bergen': gold is a substring of the line; line 1 'it is bergen'" in text
    assert "strict: hits_at_1 0" in text
    assert "'Oslo'" not in text
    assert main(["score", predictions, "--explain", "--as", "rog"]) == 0
    assert [line[0] for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")] == list(
        "abc"
    )
    assert main(["score", predictions, "--explain", "z"]) == 2
    assert "has no prediction for 'z'" in capsys.readouterr().err
    assert main(["score", predictions, "b"]) == 2
    assert "unexpected argument 'b'" in capsys.readouterr().err


def test_dropped_questions_are_counted_with_and_without(
    predictions: str, tmp_path: Path, capsys: Capture
) -> None:
    rows: list[dict[str, object]] = [
        {"id": id_, "question": "?", "topic_entities": [], "answers": ["Oslo"]} for id_ in "abxy"
    ]
    gold = write(tmp_path / "gold.jsonl", *rows)
    found = as_json(["score", predictions, "--gold", gold, "--as", "strict"], capsys)
    assert (found["dropped"], found["foreign"], found["changed_gold"]) == (["x", "y"], ["c"], 1)
    strict = found["definitions"]["strict"]
    assert (strict["n"], strict["missing"]) == (2, 2)
    assert (strict["totals"]["hit"], strict["with_dropped"]["hit"]) == (50.0, 25.0)
    assert main(["score", predictions, "--gold", gold, "--as", "strict"]) == 0
    text = capsys.readouterr().out
    notes = "2 questions have no prediction\n1 prediction for another question is left out\n1 has other gold"
    assert notes in text
    assert "with missing as 0: n" in text


def test_results_of_tog_need_gold_and_get_it_by_the_question(tmp_path: Path, capsys: Capture) -> None:
    results = tmp_path / "ToG.json"
    results.write_text(json.dumps([{"question": "who?", "results": "It is {Oslo}."}]), "utf-8")
    assert main(["score", str(results), "--as", "tog"]) == 1
    assert "has no gold answers; name a file of questions that has them (`gold`)" in capsys.readouterr().err
    gold = write(
        tmp_path / "gold.jsonl",
        {"id": "q1", "question": "who?", "topic_entities": [], "answers": ["Oslo (city)"]},
    )
    found = as_json(["score", str(results), "--as", "tog", "--as", "strict", "--gold", gold], capsys)
    assert found["definitions"]["tog"]["printed"] == "Exact Match: 1.0"
    assert found["definitions"]["strict"]["totals"]["hit"] == 0.0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"id": "q"}\n', "line 1: no prediction"),
        (b'{"id": "q", "prediction": "x"}\n\xff\n', "line 2: not UTF-8"),
        (gzip.compress(b'{"id": "q", "prediction": "x"}\n', mtime=0)[:-10], "truncated"),
    ],
)
def test_a_bad_file_is_one_clear_line(content: bytes, message: str, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "bad"
    path.write_bytes(content)
    assert main(["score", str(path)]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_questions_without_gold_answers_are_said_to_have_no_value(tmp_path: Path, capsys: Capture) -> None:
    path = write(
        tmp_path / "p",
        {"id": "a", "prediction": "x", "ground_truth": ["x"]},
        {"id": "b", "prediction": "x", "ground_truth": []},
    )
    assert main(["score", path]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "rog: no value for 1 question without gold answers" in lines
    assert "with missing as 0: n 2" in [" ".join(line.split()) for line in lines]


def test_an_unknown_definition_is_refused(predictions: str, capsys: Capture) -> None:
    assert main(["score", predictions, "--as", "hits"]) == 2
    assert "no definition of scores is called 'hits'" in capsys.readouterr().err


def test_runs_are_compared_and_other_questions_refused(
    predictions: str, tmp_path: Path, capsys: Capture
) -> None:
    other = write(
        tmp_path / "other.jsonl",
        {"id": "a", "prediction": "x", "ground_truth": ["Oslo"]},
        {"id": "b", "prediction": "Bergen", "ground_truth": ["Bergen"]},
    )
    assert main(["compare", predictions, other]) == 2
    assert (
        "1 only in the first (c); compare the 2 questions that both have with --common"
        in capsys.readouterr().err
    )
    assert main(["compare", predictions, other, "--common", "--show", "5"]) == 0
    text = capsys.readouterr().out
    assert "strict, n = 2" in text
    assert "McNemar's exact test on Hits@1: p = 1" in text
    assert "hits_at_1 won: b" in text
    assert "hits_at_1 lost: a" in text
    assert "within noise" in text
    found = as_json(["compare", predictions, other, "--common", "--as", "rog"], capsys)
    assert (found["n"], found["metrics"]["hit"]["lost"]) == (2, ["a"])
    assert main(["compare", predictions, other, predictions, "--common"]) == 0
    text = capsys.readouterr().out
    assert f"A = {predictions}, B = {other}\n" in text
    assert text.endswith("p-values are corrected for 2 comparisons (Holm)\n")
    found = as_json(["compare", predictions, other, predictions, "--common"], capsys)
    assert [(one["b"], one["n"]) for one in found["runs"]] == [(other, 2), (predictions, 3)]


def test_runs_without_gold_answers_are_compared_by_those_of_a_file(tmp_path: Path, capsys: Capture) -> None:
    first, second = (
        write(tmp_path / name, {"question": "who?", "results": name}) for name in ("Oslo", "Rome")
    )
    assert main(["compare", first, second, "--as", "tog"]) == 1
    assert "has no gold answers" in capsys.readouterr().err
    gold = write(
        tmp_path / "gold", {"id": "q", "question": "who?", "topic_entities": [], "answers": ["Oslo"]}
    )
    found = as_json(["compare", first, second, "--as", "tog", "--gold", gold], capsys)
    assert (found["metrics"]["exact_match"]["lost"], found["mcnemar"]) == (["q"], None)
    ours = write(tmp_path / "ours", {"id": "q", "prediction": "Rome", "ground_truth": ["Oslo"]})
    found = as_json(["compare", first, ours, "--as", "tog", "--gold", gold], capsys)
    assert found["metrics"]["exact_match"]["lost"] == ["q"]


def test_the_ceiling_is_told_of_the_atlas(tmp_path: Path, capsys: Capture) -> None:
    questions = write(
        tmp_path / "q.jsonl",
        {
            "id": "q",
            "question": "?",
            "topic_entities": ["King Lear"],
            "answers": ["William Shakespeare", "Nobody"],
        },
    )
    found = as_json(["ceiling", "--questions", questions, "--hops", "2"], capsys)
    assert (found["answers_within"], found["all_within"], found["unknown"]) == (
        [0.5, 0.5],
        [0, 0],
        ["Nobody"],
    )
    assert main(["ceiling", "--questions", questions, "--graph", "atlas"]) == 0
    assert "gold answers reached" in capsys.readouterr().out
    assert main(["ceiling", "--questions", questions, "--hops", "0"]) == 2
    capsys.readouterr()
    assert main(["ceiling", "--questions", write(tmp_path / "none.jsonl")]) == 1
    assert "none.jsonl: holds no questions\n" in capsys.readouterr().err


def test_the_ceiling_of_a_set_by_name(capsys: Capture) -> None:
    found = as_json(["ceiling", "--questions", "atlas", "--part", "test", "--sample", "20"], capsys)
    assert found["n"] == 20
    assert found["any_within"][-1] == 1.0
    assert main(["ceiling", "--questions", "atlass"]) == 2
    assert "did you mean atlas?" in capsys.readouterr().err


def test_scores_are_grouped_by_operator_type_and_graph(tmp_path: Path, capsys: Capture) -> None:
    rows = [
        {"id": "1", "question": "?", "topic_entities": [], "answers": ["54"], "answer_type": "number"},
        {"id": "2", "question": "??", "topic_entities": [], "answers": ["98000"], "answer_type": "number"},
        {"id": "3", "question": "???", "topic_entities": [], "answers": ["Oslo"], "answer_ids": ["o"]},
    ]
    operators = [["count", "filter"], ["filter"], []]
    gold = tmp_path / "gold.jsonl"
    lines = [
        json.dumps({**row, "operators": each, "graph": "g"})
        for row, each in zip(rows, operators, strict=True)
    ]
    gold.write_text("\n".join(lines), "utf-8")
    file = tmp_path / "said.jsonl"
    said = {"1": "53", "2": "98,100", "3": "oslo"}
    file.write_text(
        "\n".join(json.dumps({"id": id_, "prediction": [text]}) for id_, text in said.items()), "utf-8"
    )

    def grouped(by: str) -> dict[str, tuple[int, float]]:
        arguments = ["score", str(file), "--gold", str(gold), "--as", "strict", "--by", by, "--json"]
        assert main(arguments) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["by"] == by
        cards = {name: cards["strict"] for name, cards in found["groups"].items()}
        return {name: (card["n"], card["totals"]["denotation"]) for name, card in cards.items()}

    assert grouped("operator") == {"count": (1, 0.0), "filter": (2, 50.0)}
    assert grouped("answer_type") == {"entity": (1, 100.0), "number": (2, 50.0)}
    assert list(grouped("graph")) == ["g"]
    assert main(["score", str(file), "--gold", str(gold), "--as", "strict", "--by", "operator"]) == 0
    assert capsys.readouterr().out.endswith("\nin no group: 1 question without an operator\n")
    gold.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    assert main(["score", str(file), "--gold", str(gold), "--as", "strict", "--by", "graph"]) == 0
    assert capsys.readouterr().out.endswith("\nin no group: 3 questions without a name of their graph\n")
    assert main(["score", str(file), "--gold", str(gold), "--as", "strict", "--by", "size"]) == 2
    capsys.readouterr()
    explained = ["score", str(file), "2", "--gold", str(gold), "--as", "strict", "--explain"]
    assert main(explained) == 0
    assert "the same number, within the tolerance" in capsys.readouterr().out
