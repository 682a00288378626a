"""Verdicts on disk, the queue, agreement, and what was accepted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.errors import DataError, ParseError
from kgqa.evaluation import Record
from kgqa.graph import GraphBuilder, Name, RelationName, Triple
from kgqa.review import (
    Judgement,
    ReviewFile,
    Verdict,
    accepted_questions,
    agreements,
    review_file,
    waiting,
)

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
JUDGEMENTS = st.builds(Judgement, TEXTS, TEXTS, st.sampled_from(Verdict), TEXTS, TEXTS, TEXTS)
ACCEPT, REJECT = Verdict.ACCEPT, Verdict.REJECT


def record(id_: str, answers: tuple[str, ...] = ("e1", "e2"), confidence: float | None = 0.5) -> Record:
    chains = tuple((("q1", "directed", answer),) for answer in answers)
    return Record(
        id=id_,
        question=f"question {id_}",
        topic_entities=("Kismet",),
        status="answered",
        answers=answers,
        entities=answers,
        vote_shares=(0.5,) * len(answers),
        chains=(*chains, *((("q1", "other", answer),) for answer in answers)),
        proves=(*range(len(answers)), *range(len(answers))),
        gold=(),
        hops=1,
        hits_at_1=0.0,
        hit=0.0,
        precision=0.0,
        recall=0.0,
        f1=0.0,
        faithful=1.0,
        seconds=0.0,
        confidence=confidence,
    )


@examples(30)
@given(st.lists(JUDGEMENTS, max_size=5), st.lists(JUDGEMENTS, max_size=3))
def test_what_is_added_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, first: list[Judgement], second: list[Judgement]
) -> None:
    file = ReviewFile(tmp_path_factory.mktemp("reviews"))
    file.add(first)
    file.add(second)
    assert file.read() == ReviewFile(file.path.parent).read() == [*first, *second]


def test_a_line_that_a_kill_left_unfinished_is_dropped_and_others_stay(tmp_path: Path) -> None:
    file = ReviewFile(tmp_path)
    one, two = Judgement("1", "a", ACCEPT, "Ann"), Judgement("2", "b", REJECT, "Ann")
    file.add([one])
    whole = file.path.read_bytes()
    for length in range(1, len(two.to_json())):
        file.path.write_bytes(whole + two.to_json().encode()[:length])
        assert file.read() == [one]
        file.add([two])
        assert file.read() == [one, two]


@pytest.mark.parametrize("line", [b"{}", b"[]", b"\xff", b'{"id": "1"}', b"nonsense"])
def test_damage_is_named_with_its_line(tmp_path: Path, line: bytes) -> None:
    file = ReviewFile(tmp_path)
    file.add([Judgement("1", "a", ACCEPT, "Ann")])
    file.path.write_bytes(file.path.read_bytes() + line + b"\n")
    with pytest.raises(ParseError, match="line 2"):
        file.read()


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "reviews.jsonl").mkdir()
    with pytest.raises(DataError, match="cannot be written"):
        ReviewFile(tmp_path).add([Judgement("1", "a", ACCEPT, "Ann")])
    with pytest.raises(DataError, match="cannot be read"):
        ReviewFile(tmp_path).read()


def test_a_file_that_somebody_holds_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_file, "PATIENCE", 0.01)
    with FileLock(tmp_path / "reviews.jsonl.lock"), pytest.raises(DataError, match="held by somebody else"):
        ReviewFile(tmp_path).add([Judgement("1", "a", ACCEPT, "Ann")])


def test_the_last_verdict_of_a_reviewer_counts(tmp_path: Path) -> None:
    file = ReviewFile(tmp_path)
    file.add([Judgement("1", "a", ACCEPT, "Ann"), Judgement("1", "a", ACCEPT, "Bo")])
    file.add([Judgement("1", "a", REJECT, "Ann", "on second thought")])
    assert {(one.reviewer, one.verdict) for one in file.latest()} == {("Ann", REJECT), ("Bo", ACCEPT)}


def test_the_queue_has_what_is_left_and_the_least_confident_first() -> None:
    records = [record("1", confidence=0.9), record("2", confidence=None), record("3", confidence=0.1)]
    records += [record("4", answers=())]
    assert [one.id for one in waiting(records, [], "Ann")] == ["3", "1", "2"]
    judged = [Judgement("3", "e1", ACCEPT, "Ann"), Judgement("1", "e1", ACCEPT, "Bo")]
    assert [one.id for one in waiting(records, judged, "Ann")] == ["1", "2"]


def test_kappa_is_that_of_the_textbook() -> None:
    """Twenty yes from both, fifteen no from both, five and ten of each kind apart: 0.4."""
    pairs = (
        [(ACCEPT, ACCEPT)] * 20 + [(ACCEPT, REJECT)] * 5 + [(REJECT, ACCEPT)] * 10 + [(REJECT, REJECT)] * 15
    )
    judged = []
    for number, (ann, bo) in enumerate(pairs):
        judged += [Judgement(str(number), "a", ann, "Ann"), Judgement(str(number), "a", bo, "Bo")]
    (found,) = agreements(judged)
    assert (found.reviewers, found.questions, found.same) == (("Ann", "Bo"), 50, 35)
    assert found.kappa == pytest.approx(0.4)
    sklearn = pytest.importorskip("sklearn.metrics")
    assert found.kappa == pytest.approx(
        sklearn.cohen_kappa_score([a is ACCEPT for a, _ in pairs], [b is ACCEPT for _, b in pairs])
    )


def test_kappa_says_nothing_where_all_is_the_same_or_nothing_is_common() -> None:
    same = [Judgement(n, "a", ACCEPT, who) for n in "12" for who in ("Ann", "Bo")]
    assert agreements(same)[0].kappa is None
    assert agreements([Judgement("1", "a", ACCEPT, "Ann"), Judgement("2", "a", ACCEPT, "Bo")]) == []


def test_accepted_questions_have_the_answers_and_chains_of_the_best_path_by_names() -> None:
    graph = GraphBuilder.of(
        [
            Name("q1", "Kismet"),
            Name("e1", "William Dieterle"),
            RelationName("directed", "directed by"),
            Triple("q1", "directed", "e1"),
        ]
    )
    records = {id_: record(id_) for id_ in "123"}
    judged = [
        Judgement("1", "e1", ACCEPT, "Ann"),
        Judgement("2", "e1", ACCEPT, "Ann"),
        Judgement("2", "e1", REJECT, "Bo"),
        Judgement("3", "another", ACCEPT, "Ann"),
        Judgement("9", "e1", ACCEPT, "Ann"),
    ]
    (row,) = accepted_questions(records, judged, graph)
    assert row["id"] == "1"
    assert row["answers"] == ["e1", "e2"]
    assert row["gold_paths"] == [
        [["Kismet", "directed by", "William Dieterle"]],
        [["Kismet", "directed by", "e2"]],
    ]
    computed = replace(records["1"], proof={"program": "x"}, answers=("e1",), entities=("e1",))
    (row,) = accepted_questions({"1": computed}, judged, graph)
    assert "gold_paths" not in row
