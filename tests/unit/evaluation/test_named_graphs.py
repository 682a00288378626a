"""Sets with several graphs: each question is asked of the graph that it names."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.evaluation.slow_run import OneHop

from kgqa.cli import main
from kgqa.datasets import DataFolders, KnownSet, Part, Portion, Question, SourceFile, load_questions
from kgqa.datasets.data_folders import sha256_of
from kgqa.errors import DataError, ParseError, UsageError
from kgqa.evaluation import BatchRunner, Record, RunRecipe, RunSettings, evaluate, read_predictions
from kgqa.evaluation.record_file import read_records, records_of
from kgqa.evaluation.running.named_graphs import NamedGraphs, is_folder_of_graphs
from kgqa.evaluation.running.run import in_batches
from kgqa.graph import GraphBuilder, IndexedGraph, Triple, open_graph, save_index

NAMES = ("east", "north", "south")


def asked(number: int, graph: str | None) -> Question:
    return Question(
        f"q{number}",
        f"where does topic {number} lead?",
        (f"topic {number}",),
        (f"{graph} {number}",),
        operators=("path", "count") if number % 2 else (),
        graph_name=graph,
    )


QUESTIONS = tuple(asked(number, NAMES[number % 3]) for number in range(12))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three graphs in which the same topics lead elsewhere."""
    (tmp_path / "graphs").mkdir()
    for name in NAMES:
        lines = "".join(f"topic {number}\tleads to\t{name} {number}\n" for number in range(12))
        (tmp_path / "graphs" / f"{name}.tsv").write_text(lines, "utf-8")
    return tmp_path / "graphs"


def files(folder: Path) -> NamedGraphs:
    return NamedGraphs({name: str(folder / f"{name}.tsv") for name in NAMES})


@given(st.lists(st.sampled_from([*NAMES, None]), max_size=20), st.integers(1, 5))
def test_batches_have_every_question_once_and_one_graph_each(names: list[str | None], size: int) -> None:
    questions = [asked(number, name) for number, name in enumerate(names)]
    batches = list(in_batches(questions, size))
    flat = [question for batch in batches for question in batch]
    assert sorted(flat, key=lambda q: int(q.id[1:])) == questions
    assert all(len(batch) <= size and len({q.graph_name for q in batch}) == 1 for batch in batches)
    graphs = [batch[0].graph_name for batch in batches]
    assert sum(one != other for one, other in pairwise(graphs)) <= len(set(graphs))


def test_each_question_is_answered_from_the_graph_that_it_names(folder: Path, tmp_path: Path) -> None:
    report = evaluate(QUESTIONS, OneHop(GraphBuilder.of([])), tmp_path / "run", graphs=files(folder))
    records = list(read_records(records_of(tmp_path / "run")).values())
    assert [record.id for record in records] == [question.id for question in QUESTIONS]
    for record, question in zip(records, QUESTIONS, strict=True):
        assert (record.graph, record.operators) == (question.graph_name, question.operators)
        assert record.answers in ((), question.answers)
        assert record.faithful == 1.0
    assert report.totals.denotation == report.totals.hits_at_1 > 0.5
    assert {name: totals.n for name, totals in report.by_graph.items()} == dict.fromkeys(NAMES, 4)
    assert {name: totals.n for name, totals in report.by_operator.items()} == {"count": 6, "path": 6}
    assert report.by_answer_type == {}
    assert set(report.to_json()) >= {"by_graph", "by_operator", "by_answer_type", "denotation"}


def test_each_graph_is_opened_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def open_counted(graphs: NamedGraphs, name: str) -> IndexedGraph:
        opened.append(name)
        return open_graph(graphs.files[name], use_cache=False)

    monkeypatch.setattr(NamedGraphs, "open", open_counted)
    evaluate(QUESTIONS, OneHop(GraphBuilder.of([])), tmp_path / "run", graphs=files(folder), batch_size=2)
    assert sorted(opened) == sorted(NAMES)


def test_a_run_over_other_graphs_is_another_run(folder: Path, tmp_path: Path) -> None:
    evaluate(QUESTIONS, OneHop(GraphBuilder.of([])), tmp_path / "run", graphs=files(folder))
    (folder / "east.tsv").write_text("topic 0\tleads to\telsewhere\n", "utf-8")
    with pytest.raises(UsageError, match="holds a run with other graph"):
        evaluate(QUESTIONS, OneHop(GraphBuilder.of([])), tmp_path / "run", graphs=files(folder))


def test_questions_of_one_graph_are_asked_of_the_answerers_own(folder: Path, tmp_path: Path) -> None:
    east = [question for question in QUESTIONS if question.graph_name == "east"]
    report = evaluate(east, OneHop(open_graph(folder / "east.tsv", use_cache=False)), tmp_path / "one")
    assert report.totals.hits_at_1 > 0
    with pytest.raises(UsageError, match="questions name different graphs"):
        evaluate(QUESTIONS, OneHop(), tmp_path / "several")
    with pytest.raises(UsageError, match=r"graphs is a NamedGraphs of kgqa\.evaluation, not dict"):
        evaluate(QUESTIONS, OneHop(), tmp_path / "several", graphs={})  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"nowhere\.tsv: no such file"):
        evaluate(QUESTIONS, OneHop(), tmp_path / "several", graphs=NamedGraphs({"east": "nowhere.tsv"}))


def test_a_graph_that_cannot_be_opened_fails_its_questions_alone(folder: Path, tmp_path: Path) -> None:
    (folder / "north.tsv").write_text("", "utf-8")
    report = evaluate(QUESTIONS, OneHop(GraphBuilder.of([])), tmp_path / "run", graphs=files(folder))
    records = read_records(records_of(tmp_path / "run")).values()
    assert all("graph" in record.error for record in records if record.graph == "north")
    assert report.by_graph["east"].hits_at_1 > report.by_graph["north"].hits_at_1 == 0
    (record,) = BatchRunner(OneHop(), graphs=NamedGraphs({})).records([asked(0, "west")])
    assert (record.status, record.error) == ("error", "no graph is called 'west'")


def test_a_folder_of_graphs_has_files_and_indexes(folder: Path, tmp_path: Path) -> None:
    save_index(GraphBuilder.of([Triple("topic 2", "leads to", "south 2")]), folder / "indexed.kgqa")
    assert is_folder_of_graphs(folder)
    assert not is_folder_of_graphs(folder / "indexed.kgqa")
    assert not is_folder_of_graphs(folder / "east.tsv")
    found = NamedGraphs.of_folder(folder, ["east", "indexed"], tmp_path / "cache")
    assert len(found.open("east")) == 12
    assert len(found.open("indexed")) == 1
    assert found.checksum == NamedGraphs.of_folder(folder, ["indexed", "east"]).checksum
    assert found.checksum != NamedGraphs.of_folder(folder, ["east"]).checksum
    with pytest.raises(DataError, match="has no file for the graph 'west'"):
        NamedGraphs.of_folder(folder, ["west"])
    (folder / "east.ttl").write_text("", "utf-8")
    with pytest.raises(DataError, match=r"two files for the graph 'east': east\.tsv, east\.ttl"):
        NamedGraphs.of_folder(folder, ["east"])
    assert len(NamedGraphs.of_folder(folder, ["east.tsv"]).open("east.tsv")) == 12


def written(path: Path, questions: tuple[Question, ...] = QUESTIONS) -> Path:
    rows = (
        {
            **{
                name: getattr(q, name)
                for name in ("id", "question", "topic_entities", "answers", "operators")
            },
            **({} if q.graph_name is None else {"graph": q.graph_name}),
        }
        for q in questions
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_the_command_line_takes_a_folder_of_graphs(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = written(tmp_path / "questions.jsonl", QUESTIONS[:6])
    arguments = ["eval", "--questions", str(questions), "--graph", str(folder), "--beams", "2"]
    arguments += ["--cache", str(tmp_path / "cache"), "--out", str(tmp_path / "run")]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["by_graph"]["south"]["n"] == 2
    assert found["denotation"] == 1.0
    assert main(arguments) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split()[-3:] == ["denotation", "faithful", "seconds"]
    assert [line.split("  ")[0] for line in shown[1:-1]] == [
        "all",
        "count",
        "path",
        *(f"graph: {name}" for name in NAMES),
    ]
    assert main(["score", str(tmp_path / "run"), "--as", "strict", "--by", "graph"]) == 0
    assert "south" in capsys.readouterr().out
    assert main(["report", str(tmp_path / "run")]) == 0
    page = (tmp_path / "run" / "report.md").read_text("utf-8")
    assert "## By graph" in page
    assert "## By operator" in page


def test_what_is_missing_is_named(folder: Path, tmp_path: Path) -> None:
    def recipe(questions: Path, graph: Path | None) -> RunRecipe:
        settings = RunSettings(dataset=str(questions), graph=None if graph is None else str(graph))
        return RunRecipe.of(settings, None, None)

    named = written(tmp_path / "named.jsonl")
    with pytest.raises(UsageError, match="questions name graphs, 'east' first; set graph to the folder"):
        recipe(named, None).check()
    assert recipe(named, folder / "east.tsv").named_graphs is None
    assert len(recipe(named, folder / "east.tsv").graph) == 12
    mixed = written(tmp_path / "mixed.jsonl", (*QUESTIONS, asked(12, None)))
    with pytest.raises(UsageError, match="question 'q12' names none of several graphs"):
        recipe(mixed, folder).check()
    settings = RunSettings(dataset=str(named), graph=str(folder)).but("filters.only_relation", ["leads to"])
    with pytest.raises(UsageError, match="these questions name several"):
        RunRecipe.of(settings, None, None).check()


def known(folder: Path, questions: Path, *, clean: bool = False, count: int = 12) -> KnownSet:
    def source(path: Path) -> SourceFile:
        return SourceFile(str(path.relative_to(folder.parent)), path.stat().st_size, sha256_of(path))

    portions: dict[Part | None, Portion] = {
        "dev": Portion(source(questions), count, ("q0", "q9", "q11"), rows=12 if clean else None)
    }
    graphs = {name: source(folder / f"{name}.tsv") for name in NAMES}
    return KnownSet("s", "s", portions, "dev", "", "", graphs=graphs, clean_only=clean)


def test_the_graphs_of_a_known_set_are_checked(folder: Path, tmp_path: Path) -> None:
    one = known(folder, written(tmp_path / "questions.jsonl"))
    folders = DataFolders.of(tmp_path)
    assert list(one.graph_files(folders)) == list(NAMES)
    assert one.graph_files(folders, ["east"]) == {"east": folder / "east.tsv"}
    with pytest.raises(DataError, match="s has no graph 'west'"):
        one.graph_files(folders, ["west"])
    (folder / "east.tsv").write_text("a\tb\tc\n", "utf-8")
    with pytest.raises(DataError, match="is another file"):
        one.graph_files(folders)
    (folder / "east.tsv").unlink()
    with pytest.raises(DataError, match="is in none of"):
        one.graph_files(folders)


def test_rows_that_are_not_clean_are_left_out(folder: Path, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"id": f"q{at}", "question": "?", "topic_entities": [], "answers": [], "clean": clean}
        for at, clean in enumerate([True, False, None, "yes", *[True] * 8])
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = list(known(folder, path, clean=True, count=9).questions(DataFolders.of(tmp_path)))
    assert [question.id for question in found] == ["q0", *(f"q{at}" for at in range(4, 12))]
    with pytest.raises(DataError, match="9 questions, not 8"):
        list(known(folder, path, clean=True, count=8).questions(DataFolders.of(tmp_path)))
    one = known(folder, path, clean=True, count=9)
    more = dataclasses.replace(one.portion("dev"), ids=None, rows=13)
    longer = dataclasses.replace(one, portions={"dev": more})
    with pytest.raises(DataError, match="12 rows, not 13"):
        list(longer.questions(DataFolders.of(tmp_path)))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (
            "answer_type",
            "date",
            "'answer_type' must be one of entity, number, boolean, literal, not \"date\"",
        ),
        ("answer_type", 3, "'answer_type' must be one of"),
        ("operators", "count", "'operators' must be a list, not \"count\""),
        ("answer_ids", [1], "'answer_ids' must be a list of texts"),
        ("answer_ids", ["i", "j"], "'answer_ids' must be one identifier for each of 1 answer"),
        ("graph", " ", "'graph' must be a text that is not empty"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(tmp_path: Path, field: str, value: object, message: str) -> None:
    row = {"id": "1", "question": "?", "topic_entities": [], "answers": ["a"], field: value}
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps(row), "utf-8")
    with pytest.raises(ParseError, match=message):
        list(load_questions(path))


def test_the_fields_of_operator_sets_are_read(tmp_path: Path) -> None:
    row = {
        "id": "1",
        "question": "?",
        "topic_entities": ["t"],
        "answers": ["3"],
        "answer_type": "number",
        "operators": ["count"],
        "topic_ids": ["i"],
        "answer_ids": [],
        "graph": "g",
        "gold_sql": "select",
    }
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps(row), "utf-8")
    (question,) = load_questions(path)
    assert (question.answer_type, question.operators, question.topic_ids) == ("number", ("count",), ("i",))
    assert (question.answer_ids, question.graph_name, dict(question.extras)) == (
        (),
        "g",
        {"gold_sql": "select"},
    )


def records(tmp_path: Path) -> Iterator[Record]:
    evaluate(QUESTIONS[:1], OneHop(open_one()), tmp_path / "one")
    yield from read_records(records_of(tmp_path / "one")).values()


def open_one() -> IndexedGraph:
    return GraphBuilder.of([Triple("topic 0", "leads to", "east 0")])


def test_records_from_before_answers_had_types_are_read(tmp_path: Path) -> None:
    (record,) = records(tmp_path)
    values = json.loads(record.to_json())
    assert Record.from_json(values) == record
    for name in ("answer_type", "operators", "gold_entities", "graph", "denotation"):
        del values[name]
    old = Record.from_json(values)
    assert (old.answer_type, old.operators, old.graph) == ("entity", (), None)
    assert old.denotation == record.denotation == 1.0
    for name, wrong in (("answer_type", "x"), ("graph", 3), ("operators", "x"), ("denotation", "1")):
        with pytest.raises(ValueError, match=name):
            Record.from_json({**json.loads(record.to_json()), name: wrong})


def test_predictions_from_a_run_have_types_and_identifiers(tmp_path: Path) -> None:
    list(records(tmp_path))
    (prediction,) = read_predictions(tmp_path / "one")
    assert (prediction.entities, prediction.graph) == (("east 0",), "east")
    assert prediction.denotation.identifiers == ("east 0",)
