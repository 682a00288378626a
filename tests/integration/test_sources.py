"""Named graphs as sources on the command line: built, shown, changed, and answered from alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgqa.cli import main

E = "http://e/"
REGISTER, PRESS = f"{E}register", f"{E}press"
FACTS = f"""
@prefix e: <{E}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
e:register rdfs:label "Company register" .
e:kismet rdfs:label "Kismet" . e:dieterle rdfs:label "William Dieterle" . e:wyler rdfs:label "William Wyler" .
e:ann rdfs:label "Ann Sothern" . e:bob rdfs:label "Bob Hope" . e:cy rdfs:label "Cy Kendall" .
e:directed_by rdfs:label "directed by" . e:starred_actors rdfs:label "starred actors" .
e:register {{ e:kismet e:directed_by e:dieterle ; e:starred_actors e:ann, e:bob . }}
e:press {{ e:kismet e:directed_by e:wyler ; e:starred_actors e:bob, e:cy . }}
e:kismet e:released "1944" .
"""


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    (tmp_path / "films.trig").write_text(FACTS, "utf-8")
    assert main(["build", str(tmp_path / "films.trig"), "-o", str(tmp_path / "films")]) == 0
    return tmp_path / "films"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0) -> Any:
    capsys.readouterr()
    assert main([*map(str, arguments), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def asked(
    capsys: pytest.CaptureFixture[str], graph: Path, question: str, *options: str
) -> tuple[set[str], dict[tuple[str, ...], list[str]]]:
    """The names of the answers, and the facts with their sources."""
    found = printed(capsys, "ask", question, "--graph", graph, "--min-confidence", "0", *options)
    names = {answer["name"] for answer in found["answers"]} or {found["value"]}
    return names, {tuple(one["fact"]): one["sources"] for one in found["sources"]}


def test_the_sources_of_an_index_are_shown_with_their_facts(
    graph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = printed(capsys, "info", graph)
    assert found["sources"] == {PRESS: 3, REGISTER: 3}
    assert (found["triples"], found["triples_without_source"]) == (6, 1)
    assert main(["info", str(graph)]) == 0
    shown = capsys.readouterr().out
    assert f"{REGISTER}  3" in shown
    assert "sources                 2" in shown


def test_an_answer_says_from_which_sources_its_facts_are(
    graph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names, sources = asked(capsys, graph, "who directed Kismet")
    assert names == {"William Dieterle", "William Wyler"}
    assert sources == {
        (f"{E}kismet", f"{E}directed_by", f"{E}dieterle"): [REGISTER],
        (f"{E}kismet", f"{E}directed_by", f"{E}wyler"): [PRESS],
    }
    names, sources = asked(capsys, graph, "how many actors starred in Kismet?")
    assert names == {"3"}
    assert sources[f"{E}kismet", f"{E}starred_actors", f"{E}bob"] == [PRESS, REGISTER]
    assert main(["ask", "when was Kismet released", "--graph", str(graph), "--show", "source"]) == 0
    assert "from no source:\n        Kismet -[released]-> 1944" in capsys.readouterr().out


def test_no_fact_of_another_source_is_used_or_counted(
    graph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, director in (
        (REGISTER, "William Dieterle"),
        ("company register", "William Dieterle"),
        ("press", "William Wyler"),
    ):
        names, sources = asked(capsys, graph, "who directed Kismet", "--only-source", name)
        assert names == {director}
        assert len(sources) == 1
        names, sources = asked(capsys, graph, "how many actors starred in Kismet?", "--only-source", name)
        assert names == {"2"}
        assert len(sources) == 2
    both = ("--only-source", "press", "--only-source", "register")
    assert asked(capsys, graph, "how many actors starred in Kismet?", *both)[0] == {"3"}
    capsys.readouterr()
    arguments = ["ask", "who directed Kismet", "--graph", str(graph), "--only-source", "register"]
    assert main([*arguments, "--show", "source"]) == 0
    shown = capsys.readouterr()
    assert f"    from {REGISTER}:\n        Kismet -[directed by]-> William Dieterle" in shown.out
    assert "no program" not in shown.err


@pytest.mark.parametrize(
    ("graph_name", "source", "message"),
    [
        (None, "registry", f"no source 'registry'; it has Company register ({REGISTER}), {PRESS}"),
        (None, "pres", f"no source 'pres'; it has {PRESS}, Company register ({REGISTER})"),
        ("atlas", "register", "no source 'register'; it keeps no sources of its facts"),
        (
            "http://127.0.0.1:9/sparql",
            REGISTER,
            "--only-source: the sources of an endpoint are its graphs; set --named-graph",
        ),
    ],
)
def test_an_unknown_source_is_one_line(
    graph: Path, capsys: pytest.CaptureFixture[str], graph_name: str | None, source: str, message: str
) -> None:
    named = graph_name or str(graph)
    assert main(["ask", "who directed Kismet", "--graph", named, "--only-source", source]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_show_source_says_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["ask", "Which countries does the Danube flow through?", "--show", "source", "--limit", "1"])
        == 0
    )
    assert "the graph keeps no sources of its facts" in capsys.readouterr().err
    found = printed(capsys, "ask", "Which countries does the Danube flow through?", "--limit", "1")
    assert found["sources"] is None


def test_facts_are_added_with_their_sources_and_removed_whole(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fact, released = f"<{E}kismet> <{E}directed_by> <{E}wyler>", f'<{E}kismet> <{E}released> "1944"'
    (tmp_path / "more.nq").write_text(
        f"{fact} <{REGISTER}> .\n{released} <{E}blog> .\n{fact} <{PRESS}> .\n", "utf-8"
    )
    added = printed(capsys, "add", graph, tmp_path / "more.nq")
    assert (added["added"], added["already_there"], added["sources_added"]) == (0, 1, 2)
    assert printed(capsys, "info", graph)["sources"] == {REGISTER: 4, PRESS: 3, f"{E}blog": 1}
    assert main(["compact", str(graph)]) == 0
    assert printed(capsys, "info", graph)["sources"] == {REGISTER: 4, PRESS: 3, f"{E}blog": 1}
    (tmp_path / "wrong.nq").write_text(f"{fact} <{E}blog> .\n", "utf-8")
    assert printed(capsys, "remove", graph, tmp_path / "wrong.nq")["removed"] == 1
    assert printed(capsys, "info", graph)["sources"] == {REGISTER: 3, PRESS: 2, f"{E}blog": 1}
    assert main(["add", str(graph), str(tmp_path / "more.nq")]) == 0
    assert "1 fact added, 1 already there, 1 source of facts that were there" in capsys.readouterr().out


def test_validate_says_the_source_of_each_fact(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "paths.txt"
    file.write_text("Kismet -> directed by -> William Wyler\nKismet -> released -> 1944\n", "utf-8")
    assert main(["validate", str(file), "--graph", str(graph), "--all"]) == 0
    shown = capsys.readouterr().out
    assert f"line 1: holds: triple 1 from {PRESS}" in shown
    assert "line 2: holds: triple 1 from no source" in shown
    found = printed(capsys, "validate", file, "--graph", graph, "--all")
    assert [one["sources"][0]["sources"] for one in found["held"]] == [[PRESS], []]
    found = printed(capsys, "validate", file, "--graph", graph, "--only-source", "press", code=1)
    assert (found["hold"], [one["line"] for one in found["failed"]]) == (1, [2])


def test_validate_counts_the_sources_of_a_program(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = printed(capsys, "ask", "how many actors starred in Kismet?", "--graph", graph)
    file = tmp_path / "proofs.jsonl"
    file.write_text(json.dumps({"id": "count", "proof": found["proof"]}) + "\n", "utf-8")
    assert main(["validate", str(file), "--graph", str(graph), "--all"]) == 0
    shown = capsys.readouterr().out
    assert f"2 of 3 facts from {REGISTER}" in shown
    assert f"2 of 3 facts from {PRESS}" in shown
    assert main(["validate", str(file), "--graph", str(graph), "--only-source", "press"]) == 1
    assert "wrong proof" in capsys.readouterr().out


def test_a_run_on_one_source_holds_on_that_source(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = [
        {
            "id": "who",
            "question": "who directed Kismet",
            "topic_entities": ["Kismet"],
            "answers": ["William Wyler"],
        },
        {
            "id": "count",
            "question": "how many actors starred in Kismet?",
            "topic_entities": ["Kismet"],
            "answers": ["2"],
        },
    ]
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in questions), "utf-8")
    out = tmp_path / "run"
    run = ["eval", "--graph", str(graph), "--questions", str(tmp_path / "questions.jsonl"), "--out", str(out)]
    assert main([*run, "--grammar", "auto", "--only-source", "press", "--no-cache"]) == 0
    records = [json.loads(line) for line in (out / "records.jsonl").read_text("utf-8").splitlines()]
    assert [one["status"] for one in records] == ["answered", "answered"]
    found = printed(
        capsys, "validate", out / "records.jsonl", "--graph", graph, "--only-source", "press", "--all"
    )
    assert found["hold"] == found["checked"] > 1
    assert {source for one in found["held"] for said in one["sources"] for source in said["sources"]} >= {
        PRESS
    }
    assert (
        main(["validate", str(out / "records.jsonl"), "--graph", str(graph), "--only-source", "register"])
        == 1
    )
    capsys.readouterr()
    assert main([*run[:-1], str(tmp_path / "none"), "--only-source", "blog"]) == 2
    assert "no source 'blog'" in capsys.readouterr().err


def test_files_without_named_graphs_are_given_a_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ann", "bob", "cy"):
        (tmp_path / f"{name}.tsv").write_text(f"{name}\tknows\tzoe\nzoe\tknows\tdan\n", "utf-8")
    files = [str(tmp_path / f"{name}.tsv") for name in ("ann", "bob")]
    (tmp_path / "graphs.trig").write_text(
        "<urn:g> { <urn:a> <urn:b> <urn:c> } <urn:a> <urn:b> <urn:d> .", "utf-8"
    )
    index = str(tmp_path / "index")
    each = ("--source", "first", "--source", "second")
    assert main(["build", *files, "-o", index, *each]) == 0
    assert printed(capsys, "info", index)["sources"] == {"first": 2, "second": 2}
    more = [str(tmp_path / "cy.tsv"), str(tmp_path / "graphs.trig")]
    assert printed(capsys, "add", index, *more, "--source", "third")["sources_added"] == 1
    assert printed(capsys, "info", index)["sources"] == {"third": 3, "first": 2, "second": 2, "urn:g": 1}
    assert main(["build", *files, more[1], "-o", index, "--source", "all"]) == 0
    assert printed(capsys, "info", index)["sources"] == {"all": 4, "urn:g": 1}
    for command in (["build", *files, *more, "-o", index], ["add", index, *files, *more]):
        assert main([*command, *each]) == 2
        assert "--source is given 2 times for 4 files" in capsys.readouterr().err
        assert main([*command, "--source", " "]) == 2
        assert "--source needs a name" in capsys.readouterr().err
