"""A server with five graphs and four runs, and a browser at its page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from chromium import CHROMIUM, DRIVER, MISSING, Chromium
from server_process import ServerProcess
from unit.report.made_runs import HOSTILE, record, write_run, wrong

from kgqa.graph import GraphBuilder, Name, Triple, open_index, save_index

HUB = 1_200
"""Neighbours of the hub."""
SPOILED = [text for text in HOSTILE if text.strip("\0 ") and "\0" not in text]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graphs and the runs."""
    place = tmp_path_factory.mktemp("page")
    builder = GraphBuilder()
    for number in range(HUB):
        builder.add(Triple("hub", "links_to", f"n{number}"))
        builder.add(Name(f"n{number}", f"Neighbour {number}"))
    builder.add(Name("hub", "Great Hub"))
    save_index(builder.build(), place / "hub")
    builder = GraphBuilder()
    for number, text in enumerate(SPOILED):
        builder.add(Triple("middle", text, f"e{number}"))
        builder.add(Name(f"e{number}", text))
    builder.add(Name("middle", HOSTILE[0]))
    save_index(builder.build(), place / "hostile")
    for name, director in (("before", "William Dieterle"), ("after", "Vincente Minnelli")):
        facts = [("Kismet", "directed_by", director), ("Juarez", "directed_by", "William Dieterle")]
        save_index(GraphBuilder.of(facts), place / name)
    made = [record(f"q{n}", question=f"Question {n}?", confidence=n / 10) for n in range(5)]
    graph = open_index(place / "before")
    proven = record("q1", chains=((("Kismet", "directed_by", "William Dieterle"),),), hops=1)
    write_run(place / "runs" / "walked", [proven], {"title": "Walked", "graph": graph.checksum})
    write_run(place / "runs" / "films", made, {"title": "Films"})
    write_run(
        place / "runs" / "long",
        [record(f"q{n}", question=f"Record {n}?") for n in range(60)],
        {"title": "Long"},
    )
    bad = [
        wrong(f"q{n}", question=text, answers=(text,), error=text, chains=(((text, text, f"x{text}"),),))
        for n, text in enumerate(HOSTILE)
    ]
    write_run(place / "runs" / "hostile", bad, {"title": HOSTILE[0]})
    return place


def served(folder: Path, *options: str, key: str = "") -> ServerProcess:
    """A server at a port of its own."""
    graphs = [("--graph", str(folder / name)) for name in ("hub", "hostile", "before", "after")]
    runs = ("--runs", str(folder / "runs"))
    return ServerProcess(
        "--graph", "atlas", *chain(*graphs), *runs, *options, environment={"KGQA_API_KEY": key}
    )


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[str]:
    """The URL of the server."""
    with served(folder) as process:
        yield f"http://{process.host}:{process.port}"


@pytest.fixture(scope="session")
def chromium(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all tests."""
    if not (CHROMIUM and DRIVER):
        pytest.skip(MISSING)
    browser = Chromium(server, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def page(chromium: Chromium, server: str) -> Iterator[Chromium]:
    """The browser as new; after the test, its console must be silent and no other host have been asked."""
    chromium.url = server
    chromium.resize(1280, 900)
    chromium.media()
    chromium.open("")
    chromium.run("localStorage.clear(); sessionStorage.clear()")
    chromium.complaints(), chromium.hosts()
    yield chromium
    assert chromium.complaints() == []
    assert chromium.hosts() <= {server.removeprefix("http://")}
