"""Runs: one record a question whatever happens, and the same records after a kill."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from unit.evaluation.slow_run import GRAPH, QUESTIONS, OneHop, run

from kgqa.answer import Answer, RankedEntity, Vote
from kgqa.datasets import Question
from kgqa.errors import DataError, ParseError, UsageError
from kgqa.evaluation import FileScores, Record, Report, evaluate
from kgqa.graph import Chain, GraphBuilder, Hop, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, Timings

RECORD = "records.jsonl"


def records(out: Path) -> list[Record]:
    """The records of a folder, without their times."""
    lines = (out / RECORD).read_text("utf-8").splitlines()
    found = [Record.from_json(json.loads(line)) for line in lines]
    return [dataclasses.replace(record, seconds=0.0, timings=Timings()) for record in found]


def timeless(report: Report) -> dict[str, object]:
    values = report.to_json()
    for totals in (values, *values["by_hops"].values(), *values["by_answers"].values()):
        totals["seconds"] = 0.0
    return values


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Record], dict[str, object]]:
    out = tmp_path_factory.mktemp("whole")
    report = run(out)
    return records(out), timeless(report)


def test_every_question_has_one_record_in_order_and_counts(
    whole: tuple[list[Record], dict[str, object]],
) -> None:
    found, report = whole
    assert [record.id for record in found] == [question.id for question in QUESTIONS]
    assert report["n"] == len(QUESTIONS)
    counts = {"answered": 0, "abstained": 0, "no-entity": 0, "no-chain": 0, "timeout": 0, "error": 0}
    for record in found:
        counts[record.status] += 1
    assert report["by_status"] == counts
    assert sum(counts.values()) == len(QUESTIONS)
    assert min(counts[status] for status in ("answered", "abstained", "no-chain", "timeout", "error")) > 0
    right = sum(record.answers[:1] == record.gold for record in found)
    assert report["hits_at_1"] == pytest.approx(right / len(QUESTIONS))
    assert report["faithful"] == 1.0


def test_a_defect_in_one_question_is_its_record_and_one_line(
    whole: tuple[list[Record], dict[str, object]],
) -> None:
    (record, *_) = [record for record in whole[0] if record.status == "error"]
    assert record.error == "ZeroDivisionError: a defect with two lines"
    assert (record.answers, record.chains, record.hit, record.faithful) == ((), (), 0.0, 1.0)


def test_an_answered_record_holds_names_identifiers_scores_and_chains_as_the_graph_has_them(
    whole: tuple[list[Record], dict[str, object]],
) -> None:
    record = next(record for record in whole[0] if record.status == "answered")
    number = record.id.removeprefix("q")
    assert record.answers == record.entities == (f"answer {number}",)
    assert record.chains == (((f"topic {number}", "leads to", f"answer {number}"),),)
    assert (record.proves, record.vote_shares, record.f1) == ((0,), (0.5,), 1.0)


def test_a_run_that_is_killed_goes_on_and_ends_with_the_same_records(
    tmp_path: Path, whole: tuple[list[Record], dict[str, object]]
) -> None:
    script = Path(__file__).with_name("slow_run.py")
    process = subprocess.Popen([sys.executable, str(script), str(tmp_path), "0.05"])
    path = tmp_path / RECORD
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (path.exists() and path.read_bytes().count(b"\n") >= 4):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    left = path.read_bytes().count(b"\n")
    assert 4 <= left < len(QUESTIONS)
    answerer = OneHop()
    report = evaluate(QUESTIONS, answerer, tmp_path, batch_size=1)
    assert len(answerer.asked) <= len(QUESTIONS) - left
    assert (records(tmp_path), timeless(report)) == whole


@pytest.mark.parametrize("batch_size", [2, 7, 100])
def test_questions_answered_together_have_the_records_they_have_alone(
    tmp_path: Path, whole: tuple[list[Record], dict[str, object]], batch_size: int
) -> None:
    report = run(tmp_path, batch_size=batch_size)
    assert (records(tmp_path), timeless(report)) == whole


def test_a_full_disk_ends_a_run_with_one_line_and_it_goes_on_when_there_is_room(
    tmp_path: Path, whole: tuple[list[Record], dict[str, object]]
) -> None:
    resource = pytest.importorskip("resource")
    code = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
        f"sys.argv = ['', {str(tmp_path)!r}, '0']; sys.path.insert(0, {str(Path(__file__).parent)!r});"
        "runpy.run_module('slow_run', run_name='__main__')"
    )
    assert resource
    stopped = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert stopped.returncode == 1
    assert re.search(
        r"DataError: .*records\.jsonl: cannot be written \(.*\); run again to go on", stopped.stderr
    )
    assert (tmp_path / RECORD).stat().st_size <= 2000
    assert timeless(run(tmp_path)) == whole[1]
    assert records(tmp_path) == whole[0]


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_half_a_line_at_the_end_is_answered_again(
    tmp_path: Path, whole: tuple[list[Record], dict[str, object]], cut: int
) -> None:
    run(tmp_path)
    path = tmp_path / RECORD
    path.write_bytes(path.read_bytes()[:-cut])
    assert timeless(run(tmp_path)) == whole[1]
    assert records(tmp_path) == whole[0]


def test_records_taken_out_are_answered_again_and_put_where_they_belong(
    tmp_path: Path, whole: tuple[list[Record], dict[str, object]]
) -> None:
    run(tmp_path)
    path = tmp_path / RECORD
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[3:7] + lines[9:]))
    assert timeless(run(tmp_path)) == whole[1]
    assert records(tmp_path) == whole[0]


def test_a_finished_run_asks_nothing_and_leaves_its_file_alone(tmp_path: Path) -> None:
    run(tmp_path)
    before = (tmp_path / RECORD).read_bytes()
    answerer = OneHop()
    evaluate(QUESTIONS, answerer, tmp_path)
    assert answerer.asked == []
    assert (tmp_path / RECORD).read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda lines: [lines[0][:40] + b"\n", *lines[1:]], 1),
        (lambda lines: [lines[0], b"[]\n", *lines[2:]], 2),
        (lambda lines: [lines[0], b"\xff\n", *lines[2:]], 2),
        (lambda lines: [lines[0], lines[1].replace(b'"hit":', b'"hat":'), *lines[2:]], 2),
        (lambda lines: [lines[0], lines[0], *lines[2:]], 2),
    ],
)
def test_damage_that_no_kill_does_is_refused_with_its_line(tmp_path: Path, damage: object, line: int) -> None:
    run(tmp_path)
    path = tmp_path / RECORD
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(keepends=True))))  # type: ignore[operator]
    before = path.read_bytes()
    with pytest.raises(ParseError) as caught:
        run(tmp_path)
    assert caught.value.line == line
    assert path.read_bytes() == before


def test_another_run_does_not_go_on_in_the_same_folder(tmp_path: Path) -> None:
    run(tmp_path)
    before = (tmp_path / RECORD).read_bytes()
    other_graph = OneHop(GraphBuilder.of([Triple("topic 0", "leads to", "x")]))
    with pytest.raises(UsageError, match="two hops"):
        evaluate(QUESTIONS, OneHop(name="two hops"), tmp_path)
    with pytest.raises(UsageError, match="more='x'"):
        evaluate(QUESTIONS, OneHop(), tmp_path, settings={"more": "x"})
    with pytest.raises(UsageError, match="other graph"):
        evaluate(QUESTIONS, other_graph, tmp_path)
    with pytest.raises(UsageError, match="other questions"):
        evaluate(QUESTIONS[:-1], OneHop(), tmp_path)
    with pytest.raises(UsageError, match="other link"):
        evaluate(QUESTIONS, OneHop(), tmp_path, link=True)
    assert (tmp_path / RECORD).read_bytes() == before


def test_folders_that_are_no_run_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError):
        run(tmp_path / "file")
    (tmp_path / RECORD).write_text("")
    with pytest.raises(UsageError, match=r"no run\.json"):
        run(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(UsageError, match="is not the"):
        run(tmp_path)


@pytest.mark.parametrize(("batch_size", "kept"), [(1, 5), (2, 4)])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError])
def test_what_ends_a_run_keeps_what_was_finished(
    tmp_path: Path, kind: type[BaseException], batch_size: int, kept: int
) -> None:
    class Stopping(OneHop):
        def answer(self, question: str, topics: Sequence[str] = ()) -> Answer:
            if len(self.asked) == 5:
                raise kind
            self.asked.append(question)
            return Answer(question)

    with pytest.raises(kind):
        evaluate(QUESTIONS, Stopping(), tmp_path, batch_size=batch_size)
    assert [record.id for record in records(tmp_path)] == [question.id for question in QUESTIONS[:kept]]


def test_with_link_topics_come_from_the_question_and_gold_never_reaches_the_answerer(tmp_path: Path) -> None:
    answerer = OneHop()
    question = Question("1", "where does topic 3 lead?", ("topic 5",), ("answer 3",))
    nowhere = Question("2", "where does nothing lead?", ("topic 5",), ("answer 5",))
    evaluate([question, nowhere], answerer, tmp_path, link=True, batch_size=1)
    linked, lost = records(tmp_path)
    assert linked.topic_entities == ("topic 3",)
    assert linked.hits_at_1 == 1.0
    assert (lost.status, lost.topic_entities) == ("no-entity", ())
    assert answerer.given == [("topic 3",)]


def test_a_chain_that_is_not_in_the_graph_is_not_faithful(tmp_path: Path) -> None:
    class Lying(OneHop):
        def answer(self, question: str, topics: Sequence[str] = ()) -> Answer:
            true = Chain(topics[0], (Hop("leads to", topics[0].replace("topic", "answer")),))
            false = Chain(topics[0], (Hop("was led by", "answer 9"),))
            return Answer(
                question, (RankedEntity(true.end, 0.9, (true,)), RankedEntity("answer 9", 0.1, (false,)))
            )

    report = evaluate(QUESTIONS[:4], Lying(), tmp_path)
    assert report.totals.faithful == 0.5


def test_a_question_with_its_own_graph_is_answered_from_that(tmp_path: Path) -> None:
    own = Question(
        "1", "where does topic 3 lead?", ("topic 3",), ("home",), graph=(Triple("topic 3", "r", "home"),)
    )
    broken = dataclasses.replace(own, id="2", graph=(Triple("", "r", "home"),))
    evaluate([own, broken], OneHop(), tmp_path)
    good, bad = records(tmp_path)
    assert (good.answers, good.hits_at_1, good.faithful) == (("home",), 1.0, 1.0)
    assert bad.status == "error"
    assert "own graph" in bad.error


def test_a_failure_is_never_right_not_even_where_there_is_no_answer(tmp_path: Path) -> None:
    unanswerable = Question("1", "where does topic 3 lead?", ("topic 3",), (), graph=(Triple("a", "r", "b"),))
    broken = dataclasses.replace(unanswerable, id="2", graph=(Triple("", "r", "b"),))
    report = evaluate([unanswerable, broken, QUESTIONS[0]], OneHop(), tmp_path)
    refused, failed, answered = records(tmp_path)
    assert answered.denotation == 1.0
    assert (refused.status, refused.answers, failed.status, failed.answers) == ("no-entity", (), "error", ())
    for name in ("hits_at_1", "hit", "f1", "precision", "recall", "denotation"):
        assert (getattr(refused, name), getattr(failed, name)) == (1.0, 0.0), name
    assert (report.totals.denotation, report.totals.exact_match) == (2 / 3, 2 / 3)
    (card,) = FileScores.read(tmp_path, definitions=["strict"]).cards
    assert card.scored["2"] == dict.fromkeys(card.scored["2"], 0.0)
    assert card.scored["1"] == dict.fromkeys(card.scored["2"], 1.0)


def test_hostile_names_survive_the_records(tmp_path: Path) -> None:
    name = 'a -> b\n"</PATH>"\x1b[31m\u2028\u202e'
    graph = GraphBuilder.of([Triple("topic", name, name)])
    evaluate([Question(name, name, ("topic",), (name,))], OneHop(graph), tmp_path)
    (record,) = records(tmp_path)
    assert (record.id, record.question, record.entities, record.hit) == (name, name, (name,), 1.0)
    assert record.chains == ((("topic", name, name),),)


def test_a_topic_that_no_graph_can_hold_costs_its_own_question_only(tmp_path: Path) -> None:
    questions = [Question("1", "q", ("a\0b",), ("x",)), QUESTIONS[1]]
    report = evaluate(questions, OneHop(), tmp_path)
    assert report.totals.n == 2
    assert report.by_status["answered"] == 1


def test_two_questions_with_one_id_are_refused_before_any_is_asked(tmp_path: Path) -> None:
    answerer = OneHop()
    with pytest.raises(UsageError, match="'q0'"):
        evaluate([*QUESTIONS, QUESTIONS[0]], answerer, tmp_path)
    assert answerer.asked == []


def test_no_questions_give_an_empty_report(tmp_path: Path) -> None:
    totals = evaluate([], OneHop(), tmp_path).totals
    assert (totals.n, totals.f1, totals.faithful) == (0, 0.0, 1.0)


def test_questions_that_can_be_read_only_once_are_fine(tmp_path: Path) -> None:
    assert evaluate(iter(QUESTIONS[:3]), OneHop(GRAPH), tmp_path).totals.n == 3


def test_a_run_with_another_model_does_not_take_over_the_records_of_the_first(tmp_path: Path) -> None:
    graph = GraphBuilder.of([("a", "r", "b"), ("a", "s", "c")])
    questions = [Question("1", "which?", ("a",), ("b",))]
    evaluate(questions, Answerer(graph, MockLanguageModel(seed=1)), tmp_path)
    evaluate(questions, Answerer(graph, MockLanguageModel(seed=1)), tmp_path)
    for other in (
        Answerer(graph, MockLanguageModel(seed=2)),
        Answerer(graph, MockLanguageModel(seed=1), hops=1),
        Answerer(graph, MockLanguageModel(seed=1), aggregator=Vote(share=0.1)),
    ):
        with pytest.raises(UsageError, match="holds a run with other settings"):
            evaluate(questions, other, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"questions": ["who?"]}, "questions are Question objects, not 'who\\?'"),
        ({"answerer": GRAPH}, "answerer is an Answerer"),
        ({"batch_size": "8"}, "batch_size must be a whole number"),
        ({"settings": {"x": {1}}}, "settings are names with JSON values"),
    ],
)
def test_something_else_than_questions_answerer_and_settings_is_refused(
    tmp_path: Path, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        evaluate(**{"questions": QUESTIONS, "answerer": OneHop(), "out": tmp_path / "o", **arguments})
    assert not (tmp_path / "o" / RECORD).exists()
