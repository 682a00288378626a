"""Reports for CI systems say what failed, at which line, and hold together whatever names contain."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.errors import DataError
from kgqa.graph import Triple
from kgqa.validation import ChainResult, CiCase, CiReport, Finding, Problem

GOOD = ChainResult(1, "a", (Triple("Kismet", "directed_by", "William Dieterle"),))
BAD = ChainResult(
    3,
    "b",
    (Triple("Kismet", "directed_by", "Billy Wilder"),),
    (
        Problem("not in the graph", 0, Triple("Kismet", "directed_by", "Billy Wilder"), ("Billy Wilder",)),
        Problem("no answer", 0),
    ),
)
PROGRAM = ChainResult(
    4, "c", (), (Problem("other answers", 0, detail="12, not 13"),), "Kismet -> year | count"
)


def report(results: list[ChainResult], source: str = "paths.txt") -> CiReport:
    return CiReport.of_chains(results, source)


def test_junit_has_a_case_for_each_chain_and_a_failure_for_each_that_fails() -> None:
    suites = ElementTree.fromstring(report([GOOD, BAD, PROGRAM]).junit())
    (suite,) = suites
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    assert [case.get("line") for case in suite] == ["1", "3", "4"]
    assert [len(case) for case in suite] == [0, 1, 1]
    (failure,) = suite[1]
    assert failure.get("type") == "not in the graph"
    assert (failure.text or "").splitlines() == [problem.describe() for problem in BAD.problems]
    assert suite[2].get("name") == "Kismet -> year | count"


def test_sarif_has_a_result_for_each_problem_at_its_line() -> None:
    log = json.loads(report([GOOD, BAD, PROGRAM], "data/paths.txt").sarif())
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert [one["ruleId"] for one in run["results"]] == ["not-in-the-graph", "no-answer", "other-answers"]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert [place["region"]["startLine"] for place in places] == [3, 3, 4]
    assert {place["artifactLocation"]["uri"] for place in places} == {"data/paths.txt"}
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {
        one["ruleId"] for one in run["results"]
    }


def test_sarif_names_a_file_by_a_uri_whatever_it_is_called() -> None:
    (run,) = json.loads(report([BAD], "my paths/50%.txt").sarif())["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20paths/50%25.txt"


def test_markdown_lists_what_fails_and_not_without_end() -> None:
    assert report([GOOD]).markdown() == "**1 of 1 chain** of `paths.txt` holds.\n"
    many = report([GOOD, *[BAD] * 60]).markdown()
    assert "**1 of 61 chains** of" in many
    assert many.count("| 3 |") == 50
    assert many.endswith("... and 10 more.\n")


def test_markdown_lists_what_fails_before_any_number_of_notes() -> None:
    notes = [CiCase("a note", at, (Finding("answer gained", "is answered now", "note"),)) for at in range(60)]
    failed = CiCase("a failure", 61, (Finding("answer lost", "is not answered any more"),))
    shown = CiReport("kgqa diff", "q.jsonl", (*notes, failed), "", "question").markdown().splitlines()
    assert shown[4].startswith("| 61 | a failure")
    assert shown[5].startswith("| 0 | a note")


@given(st.text(min_size=1), st.text())
def test_no_name_breaks_a_report(name: str, detail: str) -> None:
    triple = Triple(name, name, name)
    result = ChainResult(
        2, name, (triple,), (Problem("not in the graph", 0, triple, (name,), detail=detail),)
    )
    ((case,),) = ElementTree.fromstring(report([result], "f.txt").junit())
    assert len(case) == 1
    assert len(json.loads(report([result], "f.txt").sarif())["runs"][0]["results"]) == 1
    *_, row, end = report([result], "f.txt").markdown().split("\n")
    assert end == ""
    assert row.replace("\\|", "").count("|") == 4


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none/report\.xml: cannot be written"):
        report([GOOD]).write("junit", tmp_path / "none" / "report.xml")
