"""Requests for a constraint, as inference engines get them."""

from __future__ import annotations

import base64
import gc
import json
import weakref
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa import GraphBuilder, Triple
from kgqa.constraint.engines import request_walks
from kgqa.constraint.engines.held_graphs import GRAPHS, HeldGraphs
from kgqa.constraint.engines.request_walks import RequestWalks
from kgqa.constraint.engines.walk_request import MARK, WalkRequest
from kgqa.errors import BudgetError, DataError, KgqaError, NoChainError, UnknownEntityError, UsageError
from kgqa.graph import save_index
from kgqa.lm import MockTokenizer

GOOD: dict[str, Any] = {"graph": "films", "topics": ["Kismet"]}
FACTS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "in_language", "English"),
    Triple("film.1", "sequel_of", "film.2"),
]


def text_of(values: object) -> str:
    return MARK + base64.b64encode(json.dumps(values).encode()).decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graphs") / "films"
    save_index(GraphBuilder.of(FACTS), folder)
    return folder


@pytest.fixture
def walks(folder: Path) -> RequestWalks:
    return RequestWalks(HeldGraphs({"films": str(folder)}), MockTokenizer())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"topics": "Kismet"}, "topics must be a list of names"),
        ({"topics": []}, "topics must name at least one"),
        ({"topics": [3]}, "topics must be a list of names"),
        ({"hops": 0}, "hops must be a whole number"),
        ({"hops": True}, "hops must be a whole number"),
        ({"hops": 99}, "hops must be a whole number"),
        ({"hops": None}, "hops must be a whole number"),
        ({"grammar": "programs"}, "grammar must be one of path, chain, relations"),
        ({"grammar": ["path"]}, "grammar must be one of"),
        ({"inverse": 1}, "inverse must be true or false"),
        ({"graph": None}, "graph must be the name"),
        ({"graph": ""}, "graph must be a text"),
        ({"checksum": 7}, "checksum must be a text"),
        ({"without": {"a": 1}}, "without must be a list of names"),
        ({"hop": 2}, "'hop' is no field"),
    ],
)
def test_a_wrong_field_is_an_error_that_names_it(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        WalkRequest.decode(text_of({**GOOD, **change}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kgqa",
        "(a|b)+",
        "kgqa:",
        "kgqa:abc",
        "kgqa:äöü=",
        "kgqa:" + base64.b64encode(b"\xff\xfe").decode(),
        "kgqa:" + base64.b64encode(b"[" * 20_000).decode(),
        "kgqa:" + "A" * 2**17,
        text_of([]),
        text_of(None),
        text_of({"graph": "films"}),
    ],
)
def test_a_text_that_is_no_request_is_an_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        WalkRequest.decode(text)
    assert len(str(caught.value)) < 400


@given(st.binary(max_size=80))
def test_no_content_is_anything_but_a_request_or_an_error(content: bytes) -> None:
    with pytest.raises(KgqaError):
        WalkRequest.decode(MARK + base64.b64encode(content).decode())


def test_every_field_reaches_the_other_side() -> None:
    changed = WalkRequest(
        topics=("Kismet", "</PATH>"),
        graph="films",
        checksum="1",
        grammar="chain",
        hops=3,
        inverse=False,
        allow_return=True,
        speak_identifiers=True,
        without=("a",),
        only_relation=("b",),
        must_use=("c",),
        answer_type=("d",),
    )
    usual = WalkRequest(topics=("x",), graph="y")
    assert all(getattr(changed, one.name) != getattr(usual, one.name) for one in fields(usual))
    assert WalkRequest.decode(changed.encode()) == changed
    assert WalkRequest.decode(text_of(GOOD)) == WalkRequest(topics=("Kismet",), graph="films")


def written(walks: RequestWalks, **fields: Any) -> set[str]:
    """Every text that a request allows."""
    constraint = walks.prepare(text_of({**GOOD, **fields})).constraint
    states, texts = [(constraint.start, b"")], set()
    while states:
        state, text = states.pop()
        if constraint.accepts(state):
            texts.add(text.decode())
        allowed = constraint.allowed(state).tolist()
        states += [(constraint.advance(state, token), text + bytes([token])) for token in allowed]
    return texts


def test_the_constraint_is_what_the_request_says(walks: RequestWalks, folder: Path) -> None:
    director, language = " Kismet -> directed_by -> William Dieterle", " Kismet -> in_language -> English"
    assert written(walks, hops=1) == {director, language}
    assert written(walks, hops=1, without=["English"]) == {director}
    assert written(walks, hops=1, answer_type=[], must_use=["in_language"]) == {language}
    assert written(walks, hops=1, grammar="relations") == {" -> directed_by", " -> in_language"}
    assert written(walks, hops=1, topics=["English"]) == {" English <- in_language <- Kismet"}
    checksum = HeldGraphs({"films": str(folder)})["films"].checksum
    assert written(walks, hops=1, graph=None, checksum=checksum) == {director, language}


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"graph": "film"}, DataError, r"no graph 'film' here; there are 'films' \(\w+\)"),
        ({"checksum": "1"}, DataError, "'films' here is another version"),
        (
            {"graph": None, "checksum": "1"},
            DataError,
            "no graph with the checksum '1' here; there are 'films'",
        ),
        ({"topics": ["Kissmet"]}, UnknownEntityError, "no entity 'Kissmet'"),
        ({"topics": ["English"], "inverse": False}, NoChainError, "no chain"),
        ({"without": ["x"]}, UnknownEntityError, "in without"),
    ],
)
def test_what_the_graph_does_not_have_is_an_error(
    walks: RequestWalks, fields: dict[str, Any], error: type[KgqaError], message: str
) -> None:
    with pytest.raises(error, match=message):
        walks.find(text_of({**GOOD, **fields}))


def test_equal_requests_share_a_constraint(walks: RequestWalks) -> None:
    first = walks.find(text_of(GOOD))
    assert walks.find(text_of({**GOOD, "hops": 2})).constraint is first.constraint
    other = walks.find(text_of({**GOOD, "hops": 1}))
    assert other.constraint is not first.constraint
    assert other.lock is first.lock, "one part of a graph is used by two threads at once"
    assert walks.find(text_of({**GOOD, "without": ["English"]})).lock is not first.lock


def test_old_constraints_are_forgotten(walks: RequestWalks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_walks, "WALKS", 2)
    first, second = (walks.find(text_of({**GOOD, "hops": hops})) for hops in (1, 2))
    assert walks.find(text_of({**GOOD, "hops": 1})) is first
    walks.find(text_of({**GOOD, "hops": 3}))
    walks.find(text_of({**GOOD, "hops": 4}))
    assert walks.find(text_of({**GOOD, "hops": 2})) is not second


def test_constraints_are_forgotten_with_their_part_of_a_graph(
    walks: RequestWalks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_walks, "SCOPES", 2)
    first = weakref.ref(walks.find(text_of(GOOD)).constraint)
    gc.collect()
    assert first() is not None
    for name in ("English", "film.1", "in_language"):
        walks.find(text_of({**GOOD, "without": [name]}))
    gc.collect()
    assert first() is None, "tables of parts that are kept no longer stay in memory"


def test_a_filter_that_would_hold_up_the_engine_is_an_error() -> None:
    graph = GraphBuilder.of([Triple("hub", f"r{number}", f"leaf {number}") for number in range(2000)])
    graphs = HeldGraphs({"wide": ""})
    graphs._open["wide"] = graph
    request = WalkRequest(graph="wide", topics=("hub",), hops=1, must_use=("hub", "r1999", "r1998"))
    with pytest.raises(BudgetError, match="fewer hops"):
        RequestWalks(graphs, MockTokenizer()).find(request.encode())


@pytest.mark.parametrize("value", ["films={}", " ; other=/nowhere ;films = {} ;"])
def test_graphs_are_named_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, folder: Path, value: str
) -> None:
    monkeypatch.setenv(GRAPHS, value.format(folder))
    assert HeldGraphs.of_environment().of(WalkRequest(topics=("x",), graph="films")).find("Kismet")


def test_without_graphs_the_error_says_how_to_name_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(GRAPHS, raising=False)
    with pytest.raises(DataError, match=GRAPHS):
        HeldGraphs.of_environment().of(WalkRequest(topics=("x",), graph="films"))


def test_a_graph_that_cannot_be_opened_is_an_error_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing"):
        HeldGraphs({"films": str(tmp_path / "nothing")}).open_all()


@pytest.mark.parametrize("value", ["films", "=folder", "films=", "a=b;a=c"])
def test_an_environment_that_names_no_graphs_is_an_error(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(GRAPHS, value)
    with pytest.raises(UsageError, match=GRAPHS):
        HeldGraphs.of_environment()
