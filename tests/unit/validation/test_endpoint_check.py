"""Chains against a SPARQL endpoint: the same report as against an index of the same facts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lying_endpoint import LyingEndpoint, at_most, instead, lying

from kgqa.cli import main
from kgqa.errors import EndpointError, UsageError
from kgqa.graph import GraphBuilder
from kgqa.graph.endpoint import EndpointGraph, EndpointUsage, FetchLimits
from kgqa.graph.readers import read
from kgqa.validation import ChainResult, check_chains, check_chains_at

FACTS = """
@prefix : <http://f/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:kismet rdfs:label "Kismet" ; :directed_by :dieterle ; :year 1944 ; :title "Kismet the film"@en ;
  :cast :m1 , :m2 .
:other rdfs:label "Kismet" ; :directed_by :minnelli .
:m1 :actor :colman . :m2 :actor :dietrich .
:dieterle rdfs:label "William Dieterle" ; :born :germany . :minnelli rdfs:label "Vincente Minnelli" .
:colman rdfs:label "Ronald Colman" . :dietrich rdfs:label "Marlene Dietrich" ; :born :germany .
:germany rdfs:label "Germany" . :born rdfs:label "was born in" .
:hub rdfs:label "Hub" . """ + " ".join(f":hub :has :h{number} ." for number in range(40))
HUBS = ':h39 rdfs:label "Last" . :h38 :near :hub .'

CHAINS: list[object] = [
    "Kismet -> directed_by -> William Dieterle",
    "kismet -> directed_by -> Vincente Minnelli -> was born in -> Germany",
    "Kismet -> directed_by -> William Dieterle -> was born in -> Germany <- was born in <- Marlene Dietrich",
    "Kismet -> cast -> -> actor -> Ronald Colman",
    "Kismet -> year -> 1944",
    "Kismet -> year -> 1945",
    "Kismet -> title -> Kismet the film",
    "William Dieterle -> directed_by -> Kismet",
    "William Dieterl -> was born in -> Germany",
    "Kismet -> starring -> Germany",
    "William Dieterle -> was born in -> Germany <- knows <- Nobody",
    "Kismet -> ->",
    {"id": "q", "topic_entities": ["Kismet"], "answers": ["Germany"], "chains": [
        [["http://f/kismet", "http://f/directed_by", "http://f/dieterle"],
         ["http://f/dieterle", "http://f/born", "http://f/germany"]],
        [["http://f/kismet", "http://f/directed_by", "http://f/dieterle"]],
        [["http://f/other", "http://f/directed_by", "http://f/dieterle"]],
        [["http://f/none", "http://f/r", "http://f/germany"]],
        [["http://f/kismet", "http://f/year", '"1944"^^<http://www.w3.org/2001/XMLSchema#integer>']],
    ]},
    {"chain": [["a", "r", "b"]], "graph": [["a", "r", "b"]]},
]  # fmt: skip


def lines_of(chains: list[object], folder: Path) -> list[Path]:
    """Files, because texts and JSON are not in one."""
    texts, objects = folder / "paths.txt", folder / "records.jsonl"
    texts.write_text("".join(f"{one}\n" for one in chains if isinstance(one, str)), "utf-8")
    objects.write_text("".join(json.dumps(one) + "\n" for one in chains if isinstance(one, dict)), "utf-8")
    return [path for path in (texts, objects) if path.read_text("utf-8")]


def at(server: LyingEndpoint, hub: int = 10_000) -> EndpointGraph:
    return EndpointGraph.at(server.url, limits=FetchLimits(hub=hub))


def test_the_report_is_that_of_an_index(tmp_path: Path) -> None:
    source = tmp_path / "facts.ttl"
    source.write_text(FACTS + HUBS, "utf-8")
    graph = GraphBuilder.of(read(source))
    checked: list[ChainResult] = []
    with lying(FACTS + HUBS) as server:
        for path in lines_of(CHAINS, tmp_path):
            local = list(check_chains(path, graph))
            found = list(check_chains_at(path, at(server)))
            assert [one.describe() for one in found] == [one.describe() for one in local]
            assert [one.chain for one in found] == [one.chain for one in local]
            checked += found
    assert 5 < sum(one.holds for one in checked) < len(checked) - 6


def test_what_holds_costs_few_requests_and_a_hub_is_not_fetched(tmp_path: Path) -> None:
    (path,) = lines_of(["Hub -> has -> Last", "Kismet -> directed_by -> William Dieterle"] * 20, tmp_path)
    usage = EndpointUsage()
    with lying(FACTS + HUBS) as server:
        assert all(one.holds for one in check_chains_at(path, at(server, hub=5), usage))
    assert usage.requests < 10
    assert not usage.warnings


def test_that_a_hub_was_not_looked_at_whole_is_said(tmp_path: Path) -> None:
    (path,) = lines_of(["Hub -> has -> Germany"], tmp_path)
    usage = EndpointUsage()
    with lying(FACTS + HUBS) as server:
        (found,) = check_chains_at(path, at(server, hub=5), usage)
    assert not found.holds  # no fact is between the two, whatever else the hub has
    assert "Hub Hub: " in usage.warnings[0]


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_facts_that_an_answer_leaves_out_are_asked_for_again(tmp_path: Path, rows: int) -> None:
    chains: list[object] = [
        "William Dieterle -> was born in -> Germany <- was born in <- Marlene Dietrich",
        "Germany -> was born in -> William Dieterle",
    ]
    (path,) = lines_of(chains, tmp_path)
    usage = EndpointUsage()
    with lying(FACTS, at_most(rows)) as server:
        found = [one.holds for one in check_chains_at(path, at(server), usage)]
    assert found == [True, False] or usage.warnings


def test_an_endpoint_that_fails_is_no_chain_that_fails(tmp_path: Path) -> None:
    (path,) = lines_of(["Kismet -> directed_by -> William Dieterle"], tmp_path)
    with lying(FACTS, instead(500, "no")) as server, pytest.raises(EndpointError):
        list(check_chains_at(path, EndpointGraph.at(server.url, timeout=0.5)))


@pytest.mark.parametrize(
    "claim", ["Kismet -> directed_by | count", {"program": "Kismet -> directed_by | count"}]
)
def test_programs_need_a_whole_graph(tmp_path: Path, claim: object) -> None:
    (path,) = lines_of(["Kismet -> directed_by -> William Dieterle", claim][1:], tmp_path)
    with (
        lying(FACTS) as server,
        pytest.raises(UsageError, match=r"line 1: a program .* kgqa build --from http"),
    ):
        list(check_chains_at(path, at(server)))


def test_the_command_takes_an_endpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = lines_of(CHAINS[:2], tmp_path)
    with lying(FACTS) as server:
        assert main(["validate", str(path), "--graph", server.url]) == 1
        shown = capsys.readouterr().out
        assert "1 of 2 chains holds" in shown
        assert "line 2: triple 2 ['Vincente Minnelli', 'was born in', 'Germany'] is not in the graph" in shown
        assert main(["validate", str(path), "--graph", server.url, "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["endpoint"]["requests"] > 0
    assert main(["validate", str(path), "--graph", server.url]) == 1
    assert "cannot be reached" in capsys.readouterr().err
    assert main(["validate", str(path), "--graph", str(tmp_path), "--named-graph", "urn:g"]) == 2
    assert "--named-graph is about a SPARQL endpoint" in capsys.readouterr().err
