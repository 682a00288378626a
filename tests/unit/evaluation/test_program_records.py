"""Runs whose answers programs gave: values, tables, sets, topics by identifier, re-checked proofs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from given_programs import GivenPrograms

from kgqa.datasets import Question
from kgqa.evaluation import BatchRunner, Record
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.pipeline import Answerer
from kgqa.report import write_report
from kgqa.validation import check_chains, check_proof

FACTS = [
    ("Danube", "flows through", "Austria"),
    ("Danube", "flows through", "Hungary"),
    ("Rhine", "flows through", "Austria"),
    ("Danube", "length", "2850"),
    ("Rhine", "length", "1230"),
    ("Danube", "type", "river"),
    ("Rhine", "type", "river"),
    ("Austria", "type", "country"),
    ("Hungary", "type", "country"),
]
PROGRAMS = {
    "how many countries does the Danube flow through?": ["Danube -> flows through | count"],
    "which river is the longest?": ["all river | most -> length"],
    "does the Danube flow through Austria?": ["Danube | test -> flows through is Austria"],
    "how long is each river?": ["all river | each -> length"],
    "how long is the Rhine?": ["Rhine -> length"],
}


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    return GraphBuilder.of(FACTS)


def records(graph: IndexedGraph, questions: Sequence[Question]) -> list[Record]:
    answerer = Answerer(graph, GivenPrograms(PROGRAMS), grammar="programs", calibration=None)
    return list(BatchRunner(answerer).records(questions))


def test_a_computed_value_is_the_answer_that_is_scored(graph: IndexedGraph) -> None:
    question = "how many countries does the Danube flow through?"
    (record,) = records(graph, [Question("1", question, ("Danube",), ("2",), answer_type="number")])
    assert (record.value, record.answers, record.entities) == ("2", ("2",), ())
    assert (record.status, record.denotation, record.hits_at_1, record.f1) == ("answered", 1.0, 1.0, 1.0)
    assert record.faithful == 1.0
    assert record.program == "Danube -> flows through | count"
    assert record.proof is not None
    assert record.proof["result"]["value"]["low"] == 2.0
    assert record.proof_text.splitlines()[1] == "= 2"


def test_yes_and_sets_and_tables_are_scored_by_what_they_denote(graph: IndexedGraph) -> None:
    asked = [
        Question("1", "does the Danube flow through Austria?", ("Danube",), ("yes",), answer_type="boolean"),
        Question("2", "which river is the longest?", (), ("Danube",)),
        Question("3", "how long is each river?", (), ("Danube", "Rhine")),
        Question("4", "how long is the Rhine?", ("Rhine",), ("1,230",), answer_type="number"),
    ]
    found = records(graph, asked)
    assert [record.denotation for record in found] == [1.0] * 4
    assert [record.faithful for record in found] == [1.0] * 4
    assert [record.status for record in found] == ["answered"] * 4
    assert [record.value for record in found] == ["yes", None, None, None]


def test_a_question_that_names_no_entity_starts_at_a_class(graph: IndexedGraph) -> None:
    (record,) = records(graph, [Question("2", "which river is the longest?", (), ("Danube",))])
    assert record.topic_entities == ()
    assert record.answers == ("Danube",)


def test_topics_by_identifier_decide_between_equal_names_and_are_recorded_by_name() -> None:
    from kgqa.graph import Name

    graph = GraphBuilder.of(
        [
            ("s/ms", "borders", "s/la"),
            ("r/ms", "flows into", "gulf"),
            ("gulf", "type", "sea"),
            Name("s/ms", "Mississippi"),
            Name("r/ms", "Mississippi"),
        ]
    )
    asked = Question("1", "what does it reach?", ("Mississippi",), ("gulf",), topic_ids=("r/ms",))
    finder = GivenPrograms({asked.question: ["Mississippi -> flows into"]})
    answerer = Answerer(graph, finder, grammar="programs", calibration=None)
    query = BatchRunner(answerer).query(asked)
    assert query.topics == ("r/ms",)
    assert BatchRunner(answerer, link=True).query(asked).topics == ()
    (record,) = BatchRunner(answerer).records([asked])
    assert record.topic_entities == ("Mississippi",)
    assert record.answers == ("gulf",)


def test_records_of_programs_are_read_back_as_they_were_written(graph: IndexedGraph) -> None:
    asked = [Question(question, question, ("Danube", "Rhine"), ("2",)) for question in PROGRAMS]
    for record in records(graph, asked):
        read = Record.from_json(json.loads(record.to_json()))
        assert read.to_json() == record.to_json()
        assert read.program == record.program != ""


def test_a_value_that_is_no_single_answer_is_refused(graph: IndexedGraph) -> None:
    question = "how many countries does the Danube flow through?"
    (record,) = records(graph, [Question("1", question, ("Danube",), ("2",))])
    broken = json.loads(replace(record, vote_shares=()).to_json())
    with pytest.raises(ValueError, match="as long as entities"):
        Record.from_json(broken)


def test_a_report_shows_programs_and_their_evidence(graph: IndexedGraph, tmp_path: Path) -> None:
    asked = [Question(question, question, ("Danube", "Rhine"), ("2",)) for question in PROGRAMS]
    (tmp_path / "records.jsonl").write_text(
        "".join(record.to_json() + "\n" for record in records(graph, asked)), encoding="utf-8"
    )
    (tmp_path / "run.json").write_text(json.dumps({"n": len(asked)}), encoding="utf-8")
    page = write_report(tmp_path, graph).read_text(encoding="utf-8")
    assert "counted 2: Austria, Hungary" in page
    assert "<bdi>Danube -&gt; flows through | count</bdi>" in page
    table = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "## Programs" in table
    assert "counted 2: Austria, Hungary" in table


def test_chains_of_program_records_hold_wherever_the_program_starts(
    graph: IndexedGraph, tmp_path: Path
) -> None:
    asked = [Question(question, question, ("Danube", "Rhine"), ("2",)) for question in PROGRAMS]
    file = tmp_path / "records.jsonl"
    file.write_text("".join(record.to_json() + "\n" for record in records(graph, asked)), encoding="utf-8")
    results = list(check_chains(file, graph))
    assert results
    assert all(result.holds for result in results), [result.describe() for result in results]


def test_the_proof_of_a_large_result_lists_some_of_it_counts_all_and_still_holds() -> None:
    large = GraphBuilder.of(
        fact
        for at in range(250)
        for fact in ((f"town {at:03}", "lies in", "Austria"), (f"town {at:03}", "height", f"{at}"))
    )
    programs = {
        "which towns are in Austria?": ["Austria <- lies in"],
        "how high is each town in Austria?": ["Austria <- lies in | each -> height"],
    }
    answerer = Answerer(large, GivenPrograms(programs), grammar="programs", calibration=None)
    towns = tuple(f"town {at:03}" for at in range(250))
    asked = [Question(f"{at}", text, ("Austria",), towns) for at, text in enumerate(programs)]
    for record, listed in zip(BatchRunner(answerer).records(asked), ("entities", "rows"), strict=True):
        assert (len(record.answers), record.denotation, record.faithful) == (250, 1.0, 1.0)
        assert record.proof is not None
        assert record.proof["result"]["size"] == 250
        assert len(record.proof["result"][listed]) == record.proof["most_results"] == 100
        assert check_proof(record.proof, large) == []
        longer = {**record.proof, "most_results": 101}
        assert check_proof(longer, large) == ["result: 101 entities must be listed, not 100"]
