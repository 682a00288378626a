"""`kgqa ask --graph http://...` at a real SPARQL server: the same answers as from the graph in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nearly_equal import nearly_equal
from sparql_servers import MissingServerError, oxigraph_serving, virtuoso_serving

from kgqa.answer import Answer
from kgqa.cli import main
from kgqa.constraint import named_filters
from kgqa.graph import GraphBuilder, IndexedGraph, atlas_source, open_graph, open_index, subgraph
from kgqa.graph.endpoint import EndpointGraph, EndpointUsage, FetchLimits, loose_names
from kgqa.lm import load_language_model
from kgqa.pipeline import Answerer, EndpointAnswerer, Query
from kgqa.validation import check_chains, check_chains_at

ATLAS = "https://kgqa.example/atlas/"

QUESTIONS = [
    "Which countries does the Danube flow through?",
    "Who wrote Emma?",
    "Where was the author of Emma born?",
    "How many countries does the Danube flow through?",
    "what flows into the Danube?",
]


@pytest.fixture(scope="module", params=["oxigraph", pytest.param("virtuoso", marks=pytest.mark.slow)])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "oxigraph":
        serving = oxigraph_serving(atlas_source())
    else:
        serving = virtuoso_serving(atlas_source(), text_index=True)
    with ExitStack() as stack:
        try:
            url = stack.enter_context(serving)
        except MissingServerError as error:
            pytest.skip(str(error))
        # what a server can is asked once a process, before a test counts its requests
        EndpointGraph.at(url).around([ATLAS + "Danube"], 1, EndpointUsage())
        yield url


@pytest.fixture(scope="module")
def atlas() -> IndexedGraph:
    return open_graph()


@pytest.fixture(scope="module")
def local(atlas: IndexedGraph) -> Answerer:
    return Answerer(atlas, load_language_model(None), "auto", 2)


def over(local: Answerer, endpoint: EndpointGraph) -> EndpointAnswerer:
    return EndpointAnswerer(replace(local, graph=GraphBuilder.of([])), endpoint)


def said(answer: Answer) -> object:
    found = answer.to_dict()
    return [found[name] for name in ("entities", "value", "program", "table", "confidence")]


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_the_part_around_a_topic_is_that_of_the_file(server: str, atlas: IndexedGraph, hops: int) -> None:
    topic = ATLAS + "Danube"
    usage = EndpointUsage()
    part = EndpointGraph.at(server).around([topic], hops, usage)
    expected = subgraph(atlas, [topic], hops)
    assert set(expected) <= set(part)
    assert set(part) <= set(atlas)
    for entity in expected.entities:
        assert part.label(entity) == atlas.label(entity)
        assert part.alias_texts(entity) == atlas.alias_texts(entity)
        assert part.kind(entity) == atlas.kind(entity)
    for relation in expected.relation_names:
        assert part.relation_label(relation) == atlas.relation_label(relation)
    assert not usage.warnings
    assert usage.requests
    assert usage.rows >= len(expected)


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_and_chains_are_those_of_the_file(server: str, local: Answerer, question: str) -> None:
    (outcome,) = over(local, EndpointGraph.at(server)).run([question])
    assert nearly_equal(said(outcome.unwrap()), said(local.answer(question)))
    assert outcome.usage is not None
    assert outcome.usage.requests < 50


def test_a_topic_is_given_by_label_or_identifier(server: str, local: Answerer) -> None:
    remote = over(local, EndpointGraph.at(server))
    for topic in ("jane austen", ATLAS + "Jane_Austen"):
        expected = local.answer("what did she write?", [topic])
        assert nearly_equal(said(remote.answer("what did she write?", [topic])), said(expected))
    (outcome,) = remote.run([Query("what did she write?", ["Nobody Known"])])
    assert "no such label" in str(outcome.error)


@pytest.mark.parametrize(
    "question", ["what countries does the dannube flow through?", "when was lovelace born?"]
)
def test_names_are_found_as_in_the_file(server: str, local: Answerer, question: str) -> None:
    (outcome,) = over(local, EndpointGraph.at(server)).run([question])
    assert outcome.topics == tuple(local.link(question))
    assert nearly_equal(said(outcome.unwrap()), said(local.answer(question)))


def test_a_text_index_finds_parts_of_names_where_there_are_too_many_for_an_index(
    server: str, local: Answerer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KGQA_CACHE", str(tmp_path))
    monkeypatch.setattr(loose_names, "MOST_LABELS", 100)
    (outcome,) = over(local, EndpointGraph.at(server)).run(["when was Lovelace born?"])
    if "kgqa.example" in server:  # Virtuoso, which has its graph in its address
        assert outcome.topics == (ATLAS + "Ada_Lovelace",)
    else:
        assert "no entity of" in str(outcome.error)


@pytest.mark.parametrize(
    "filters",
    [
        {"without": ["Austria"]},
        {"only_relation": ["flows through country", "capital"]},
        {"must_use": ["Hungary"]},
        {"answer_type": ["Country"]},
        {"without": ["capital"], "answer_type": ["Country"]},
    ],
    ids=str,
)
def test_filters_hold_as_in_the_file(server: str, local: Answerer, filters: dict[str, Any]) -> None:
    question = "Which countries does the Danube flow through?"
    there = replace(local, grammar="relations", hops=1)
    plain = there.answer(question)
    expected = replace(there, filters=named_filters(local.graph, **filters)).answer(question)
    remote = EndpointAnswerer(replace(there, graph=GraphBuilder.of([])), EndpointGraph.at(server), filters)
    assert nearly_equal(said(remote.answer(question)), said(expected))
    assert expected.entities
    if "Austria" in str(filters) or "Hungary" in str(filters):
        assert said(expected) != said(plain)


def test_names_of_filters_that_are_not_around_are_said(server: str, local: Answerer) -> None:
    question = "Which countries does the Danube flow through?"
    there = replace(local, graph=GraphBuilder.of([]), grammar="relations", hops=1)

    def over(**filters: list[str]) -> EndpointAnswerer:
        return EndpointAnswerer(there, EndpointGraph.at(server), filters)

    told = "Nothing within 1 hop of the topics is called 'Zog'"
    assert f"{told} (without)." in over(without=["Zog"]).answer(question).warnings
    some = over(only_relation=["Zog", "flows through country"]).answer(question)
    assert some.entities
    assert f"{told} (only_relation)." in some.warnings
    for filters in ({"must_use": ["Zog"]}, {"answer_type": ["Zog"]}):
        (outcome,) = over(**filters).run([question])
        assert str(outcome.error) == f"{told} ({next(iter(filters))})."


def test_a_hub_is_capped_and_the_answer_says_so(server: str, local: Answerer) -> None:
    remote = over(local, EndpointGraph.at(server, limits=FetchLimits(hub=20)))
    (outcome,) = remote.run(["Which countries does the Danube flow through?"])
    assert outcome.usage is not None
    hubs = [hub for hub in outcome.usage.hubs if hub.name == "Danube"]
    assert [(hub.taken, hub.total) for hub in hubs] == [(20, 30)]
    assert "Hub Danube: 20 of 30 facts looked at." in outcome.unwrap().notes


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("How many rivers are there?", "the program gives 226."),
        (
            "How many countries does the Danube flow through?",
            "The endpoint gives the same on its whole graph.",
        ),
    ],
)
def test_a_program_on_a_part_is_executed_by_the_endpoint_too(
    server: str, local: Answerer, question: str, note: str
) -> None:
    capped = EndpointGraph.at(server, limits=FetchLimits(hub=100))
    assert over(local, capped).answer(question).warnings[-1].endswith(note)


def test_the_command_prints_requests_and_rows(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "Who wrote Emma?", "--graph", server, "--hops", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found["answers"]] == ["Jane Austen"]
    assert found["endpoint"]["requests"] > 2
    assert found["endpoint"]["rows"] > 10


def test_an_endpoint_that_is_down_is_an_error_that_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "Who wrote Emma?", "--graph", "http://127.0.0.1:9/sparql"]) == 1
    out, err = capsys.readouterr()
    assert "does not say" not in out
    assert "kgqa: the endpoint http://127.0.0.1:9/sparql cannot be reached" in err


def test_an_index_of_an_endpoint_is_that_of_the_file(
    server: str, atlas: IndexedGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "built"
    assert main(["build", "--from", server, "-o", str(folder)]) == 0
    assert open_index(folder).checksum == atlas.checksum
    assert [path.name for path in tmp_path.iterdir()] == ["built"]
    around = tmp_path / "around"
    arguments = ["build", "--from", server, "--around", "danube", "--hops", "1", "-o", str(around), "--json"]
    capsys.readouterr()
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == []
    assert set(subgraph(atlas, [ATLAS + "Danube"], 1)) <= set(open_index(around)) <= set(atlas)


def test_info_shows_what_an_endpoint_has(
    server: str, atlas: IndexedGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", server, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["triples"] == len(atlas)
    assert found["labels"] > 9_000
    assert set(found["relation_counts"]) == set(atlas.relation_names)
    assert main(["info", server]) == 0
    assert "relation/country" in capsys.readouterr().out


def test_eval_asks_an_endpoint(server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = tmp_path / "questions.jsonl"
    asked = {"id": "1", "question": "Who wrote Emma?", "topic_entities": ["Emma"], "answers": ["Jane Austen"]}
    questions.write_text(json.dumps(asked), "utf-8")
    arguments = ["eval", "--questions", str(questions), "--graph", server, "--hops", "1", "--json"]
    assert main([*arguments, "--out", str(tmp_path / "run")]) == 0
    (record,) = (tmp_path / "run" / "records.jsonl").read_text("utf-8").splitlines()
    assert json.loads(record)["answers"] == ["Jane Austen"]
    assert json.loads(record)["faithful"] == 1.0
    capsys.readouterr()
    arguments[4] = "http://127.0.0.1:9/sparql"
    assert main([*arguments, "--out", str(tmp_path / "other")]) == 1
    assert "cannot be reached" in capsys.readouterr().err


def test_chains_are_checked_as_against_the_file(server: str, atlas: IndexedGraph, tmp_path: Path) -> None:
    path = tmp_path / "paths.txt"
    paths = [
        "Emma -> author -> Jane Austen -> place of birth -> Steventon",
        "Danube -> flows through country -> Austria -> capital -> Vienna",
        "Kenya -> population -> 55300000",
        "Kenya -> population -> 55300001",
        "Vienna -> capital -> Austria",
        "Kenya -> capital -> Mombasa",
        "Kenja -> capital -> Nairobi",
        "Danube -> flows through -> Austria",
    ]
    path.write_text("\n".join(paths), "utf-8")
    found = list(check_chains_at(path, EndpointGraph.at(server)))
    assert [one.describe() for one in found] == [one.describe() for one in check_chains(path, atlas)]
    assert [one.holds for one in found] == [True] * 3 + [False] * 5


@pytest.mark.parametrize("command", [["train", "-o", "m", "--graph"]])
def test_commands_that_need_a_whole_graph_say_how_to_get_one(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "http://127.0.0.1:9/sparql"]) == 2
    assert "kgqa build --from http://127.0.0.1:9/sparql" in capsys.readouterr().err


FILMS = b"""
@prefix : <http://films/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:a { :kismet rdfs:label "Kismet" ; :directed_by :dieterle . :dieterle rdfs:label "William Dieterle" . }
:b { :kismet rdfs:label "Kismet" ; :directed_by :minnelli . :minnelli rdfs:label "Vincente Minnelli" . }
"""


def test_only_the_named_graph_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with oxigraph_serving(("application/trig", FILMS)) as url:
        for graph, name in (("a", "William Dieterle"), ("b", "Vincente Minnelli")):
            arguments = [
                "ask",
                "Who directed Kismet?",
                "--graph",
                url,
                "--named-graph",
                f"http://films/{graph}",
            ]
            assert main([*arguments, "--json"]) == 0
            assert [one["name"] for one in json.loads(capsys.readouterr().out)["answers"]] == [name]
        both = ["--named-graph", "http://films/a", "--named-graph", "http://films/b"]
        for graphs, counts in ((both[:2], {"http://films/a": 1}), (both, {})):
            assert main(["build", "--from", url, *graphs, "-o", str(tmp_path / "index")]) == 0
            assert open_index(tmp_path / "index").source_counts() == counts
