"""Prediction files of systems, and what is wrong with them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kgqa.datasets import Question
from kgqa.errors import DataError, ParseError, UsageError
from kgqa.evaluation import DEFINITIONS, FileScores, Matched, Prediction, Scorecard, read_predictions


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def row(**fields: object) -> dict[str, object]:
    return {"id": "q1", "prediction": "Oslo\nBergen", "ground_truth": ["Oslo"], **fields}


def test_texts_and_lists_stay_apart(tmp_path: Path) -> None:
    text, samples = read_predictions(write(tmp_path / "p", row(), row(id="q2", prediction=["a", "b"])))
    assert (text.output, text.form, text.line) == ("Oslo\nBergen", "lines", 1)
    assert (samples.output, samples.form, samples.line) == (("a", "b"), "list", 2)
    assert text.gold_paths is None


def test_records_of_kgqa_keep_their_names_whole(tmp_path: Path) -> None:
    record = {
        "id": "q",
        "question": "?",
        "answers": ["New\nYork", " x "],
        "gold": ["new york"],
        "status": "answered",
    }
    (found,) = read_predictions(write(tmp_path / "records.jsonl", record))
    assert (found.form, found.answers) == ("names", ("New\nYork", " x "))
    assert DEFINITIONS["strict"].score(found) == DEFINITIONS["strict"].score(read_predictions(tmp_path)[0])
    assert Scorecard.of(DEFINITIONS["strict"], [found]).totals["hits_at_1"] == 100.0


def test_detailed_results_are_put_together_again(tmp_path: Path) -> None:
    detailed = row(prediction=["Oslo", "", "Oslo"], acc=1.0, hit=1)
    (found,) = read_predictions(write(tmp_path / "p", detailed))
    assert (found.output, found.form) == ("Oslo\n\nOslo", "lines")
    (sampled,) = read_predictions(write(tmp_path / "p", detailed | {"prediction": ["a\nb", "c"]}))
    assert (sampled.output, sampled.form) == (("a\nb", "c"), "list")


def test_marked_answers_are_known_by_most_of_the_file(tmp_path: Path) -> None:
    marked = [row(id=str(n), prediction="it is\nans: Oslo") for n in range(3)]
    found = read_predictions(write(tmp_path / "p", *marked, row(id="refused", prediction="no idea")))
    assert {one.form for one in found} == {"ans"}
    names = [row(id=str(n), prediction="Titans: the movie") for n in range(3)]
    assert {one.form for one in read_predictions(write(tmp_path / "p", *names))} == {"lines"}


def test_a_number_may_be_an_id_and_fields_may_be_more(tmp_path: Path) -> None:
    (found,) = read_predictions(
        write(tmp_path / "p", row(id=7, question="?", ground_truth_paths=["p"], input="x"))
    )
    assert (found.id, found.question, found.gold_paths) == ("7", "?", ("p",))


@pytest.mark.parametrize("packed", [False, True])
def test_results_of_tog_come_as_an_array_or_as_lines(tmp_path: Path, packed: bool) -> None:
    rows = [
        {"question": "who?", "results": "{Oslo}", "reasoning_chains": []},
        {"question": "b", "results": "x"},
    ]
    for number, text in enumerate((json.dumps(rows, indent=1), "\n".join(map(json.dumps, rows)))):
        path = tmp_path / f"{number}.json"
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
        found = read_predictions(path)
        assert [(one.id, one.question, one.form) for one in found] == [
            ("who?", "who?", "braces"),
            ("b", "b", "braces"),
        ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no predictions"),
        ("[]", "holds no predictions"),
        ("not json\n", "line 1: not JSON"),
        (json.dumps(row()) + "\n{]\n", "line 2: not JSON"),
        (json.dumps(row()) + "\n\n" + json.dumps(row()), r"line 3: 'q1' came before, on line 1"),
        ('{"id": "q", "answer": "x"}', r"line 1: no prediction: .*\(fields: id, answer\)"),
        (json.dumps(row(prediction=3)), "line 1: 'prediction' must be a text or a list of texts, not '3'"),
        (json.dumps(row(prediction=["a", None])), "line 1: 'prediction' must be a text or a list of texts"),
        (json.dumps(row(prediction=[["r"]])), "line 1: 'prediction' has relation paths, .* `kgqa validate`"),
        (json.dumps(row(ground_truth="Oslo")), "line 1: 'ground_truth' must be a list of texts, not 'Oslo'"),
        (json.dumps(row(id=None)), "line 1: 'id' must be a text"),
        (json.dumps(row(id=True)), "line 1: 'id' must be a text"),
        ('[\n{"question": "a", "results": "x"},\n{"question": "b"\n', "line 3: not JSON"),
        ('[\n{"question": "a", "results": "x"},\n7]', "line 3: a JSON object is needed, not int"),
        ('[{"question": "a", "results": "x"}', "line 1: not JSON"),
        ('{"question": "a", "results": ["x"]}', "line 1: 'results' must be a text"),
        (
            '{"id": "q", "answers": [], "gold": ["a", "b"], "gold_entities": ["x"]}',
            "line 1: 'gold_entities' must be one identifier for each of 2 gold answers",
        ),
        (
            '{"id": "q", "answers": [], "gold": ["a"], "gold_aliases": [["x"], []]}',
            "line 1: 'gold_aliases' must be a list of texts for each of 1 gold answer",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(ParseError, match=message):
        read_predictions(path)


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="no such file"):
        read_predictions(tmp_path / "nothing")
    with pytest.raises(ParseError, match=r"records\.jsonl: no such file"):
        read_predictions(tmp_path)
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b'{"id": "q"}' * 99)[:-9])
    with pytest.raises(ParseError, match="truncated"):
        read_predictions(cut)


def asked(id_: str, *answers: str, text: str = "?") -> Question:
    return Question(id_, text, (), answers)


def said(id_: str, output: str, *gold: str, question: str = "") -> Prediction:
    return Prediction(id_, output, gold, question)


def test_dropped_questions_count_as_nothing_and_foreign_ones_not_at_all() -> None:
    predictions = [said("a", "Oslo"), said("b", "Bergen", "Molde"), said("z", "Oslo", "Oslo")]
    matched = Matched.of(
        predictions, [asked("a", "Oslo"), asked("b", "Bergen"), asked("c", "x"), asked("d", "y")]
    )
    assert [one.id for one in matched.dropped] == ["c", "d"]
    assert matched.foreign == ("z",)
    assert matched.changed == 1
    card = Scorecard.of(DEFINITIONS["rog"], matched.predictions, matched.dropped)
    assert (card.totals["hit"], card.with_dropped and card.with_dropped["hit"]) == (50.0, 25.0)
    assert (len(card.scored), card.missing) == (2, 2)


def test_questions_are_matched_by_their_text_where_no_id_agrees() -> None:
    predictions = [said("who?", "Oslo", question="who?")]
    matched = Matched.of(predictions, [asked("q7", "Oslo", text="who?")])
    assert matched.predictions[0].gold == ("Oslo",)
    with pytest.raises(DataError, match="1 prediction and 1 question have nothing in common"):
        Matched.of(predictions, [asked("q7", "Oslo", text="when?")])
    with pytest.raises(DataError, match="two questions have the text 'who\\?'"):
        Matched.of(predictions, [asked("q7", text="who?"), asked("q8", text="who?")])
    with pytest.raises(DataError, match="two predictions are for the question 'who\\?'"):
        Matched.of([*predictions, said("again", "x", question="who?")], [asked("q7", text="who?")])


def test_a_question_without_gold_is_unscored_and_said_to_be() -> None:
    card = Scorecard.of(DEFINITIONS["rog"], [said("a", "Oslo", "Oslo"), said("b", "Oslo")])
    assert card.unscored == ("b",)
    assert (card.totals["hit"], card.with_dropped and card.with_dropped["hit"]) == (100.0, 50.0)
    nothing = Scorecard.of(DEFINITIONS["rog"], [said("b", "Oslo")])
    assert (nothing.totals, nothing.printed, nothing.intervals) == ({}, "", {})
    assert json.loads(json.dumps(nothing.to_json()))["unscored"] == ["b"]


def test_the_scores_of_a_file_are_a_table_with_a_row_a_metric(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    gold = ["Bergen", "Oslo", "Oslo", "Oslo"]
    rows = [row(id=f"q{n}", prediction=["Oslo"], ground_truth=[name]) for n, name in enumerate(gold)]
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    scores = FileScores.read(str(file), definitions=["gcr", "strict"])
    table = scores.to_frame().set_index(["definition", "metric"])
    assert list(table.index.unique("definition")) == ["strict", "gcr"]
    strict = table.loc[("strict", "hits_at_1"), :].to_dict()
    assert (strict["value"], strict["n"], strict["missing"], strict["with_missing"]) == (75.0, 4, 0, 75.0)
    assert strict["low"] < 75 < strict["high"]
    assert [each["strict"]["hit"] for each in scores.per_question()] == [0, 1, 1, 1]
    ((prediction, explained),) = scores.explain(["q0"])
    assert (prediction.id, [each.missed for each in explained]) == ("q0", [("Bergen",), ("Bergen",)])
    with pytest.raises(UsageError, match="has no prediction for 'z'"):
        list(scores.explain(["z"]))
