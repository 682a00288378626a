"""What an endpoint answered is used again while it is young and of the same version, and offline."""

from __future__ import annotations

from pathlib import Path

import pytest
from lying_endpoint import Asked, at_most, lying

from kgqa.errors import EndpointError
from kgqa.graph.endpoint import EndpointCache, EndpointGraph, EndpointUsage
from kgqa.graph.endpoint.name_search import NameSearch

FACTS = """
@prefix : <http://a/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:kenya rdfs:label "Kenya" ; :capital :nairobi . :nairobi rdfs:label "Nairobi" .
"""
VERSION = (
    """:data a <http://rdfs.org/ns/void#Dataset> ; <http://purl.org/dc/terms/modified> "2026-01-0{}" ."""
)


class Clock:
    """Seconds that pass as a test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def requests(url: str, cache: EndpointCache, entity: str = "http://a/kenya") -> int:
    usage = EndpointUsage()
    graph = EndpointGraph.at(url, cache=cache).around([entity], 1, usage)
    assert len(graph) == 1
    return usage.requests


def test_answers_are_kept_while_they_are_young(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "c"
    with lying(FACTS) as server:
        asked = requests(server.url, EndpointCache(file, max_age=60, clock=clock))
        assert asked > 2
        clock.now += 59
        assert requests(server.url, EndpointCache(file, max_age=60, clock=clock)) == 1  # for the version
        assert requests(server.url, EndpointCache(file, max_age=60, clock=clock, version="2")) == asked - 1
        clock.now += 2
        assert requests(server.url, EndpointCache(file, max_age=60, clock=clock, version="")) == asked - 1


def test_what_a_graph_says_of_its_version_counts(tmp_path: Path) -> None:
    counted = []
    for day in (1, 1, 2):
        with lying(FACTS + VERSION.format(day)) as server:
            cache = EndpointCache(tmp_path / "c")
            graph = EndpointGraph.at(server.url, cache=cache)
            graph.around(["http://a/kenya"], 1)
            assert cache.version == f"2026-01-0{day}"
            counted.append(len(server.queries))
    assert counted[0] == counted[2]  # servers have ports of their own, and with them keys of their own


def test_offline_an_answer_of_any_age_is_used_and_nothing_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "c"
    clock = Clock()
    with lying(FACTS) as server:
        url = server.url
        requests(url, EndpointCache(file, clock=clock))
    clock.now += 1e9
    offline = EndpointCache(file, offline=True, clock=clock)
    assert requests(url, offline) == 0
    with pytest.raises(EndpointError, match=r"not asked \(offline\).*not in the cache"):
        EndpointGraph.at(url, cache=offline).around(["http://a/nairobi"], 1)


def cutting(asked: Asked) -> None:
    """No answers with many rows: of questions after facts the beginning, of others none."""
    if asked.query.startswith("SELECT ?n ?p ?o ?s"):
        at_most(20)(asked)
    elif len(asked.body) > 9000:
        asked.send(504, b"")
    else:
        asked.send(server="Virtuoso/07")


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_was_asked_for_in_parts_is_replayed_in_parts(tmp_path: Path, concurrency: int) -> None:
    facts = "@prefix : <http://a/> . " + "".join(
        f":hub :of :o{n} . :o{n} :in :c{n % 7} . :c{n % 7} :has :d{n} . " for n in range(100)
    )
    with lying(facts, cutting) as server:
        cache = EndpointCache(tmp_path / "c")
        endpoint = EndpointGraph.at(server.url, cache=cache, concurrency=concurrency)
        endpoint.around(["http://a/o3"], 1)  # what one question finds out changes nothing that another asks
        first = endpoint.around(["http://a/hub"], 3)
        assert len(first) == 300
    offline = EndpointGraph.at(server.url, cache=EndpointCache(tmp_path / "c", offline=True))
    usage = EndpointUsage()
    assert set(offline.around(["http://a/hub"], 3, usage)) == set(first)
    assert usage.requests == 0
    assert offline.client.server == "Virtuoso/07"


def test_names_that_are_not_in_the_cache_are_no_index_of_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGQA_CACHE", str(tmp_path))
    with lying(FACTS) as server:
        cache = EndpointCache(tmp_path / "c")
        client = EndpointGraph.at(server.url, cache=cache).client
        NameSearch(client, EndpointUsage(), ["en"]).in_text("kenia")
        offline = EndpointGraph.at(server.url, cache=EndpointCache(tmp_path / "c", offline=True))
        assert not offline.part().named("kenia").entity_count
        assert EndpointGraph.at(server.url, cache=cache).part().named("kenia").find("Kenya")


def test_a_damaged_cache_is_asked_again(tmp_path: Path) -> None:
    file = tmp_path / "c"
    with lying(FACTS) as server:
        asked = requests(server.url, EndpointCache(file))
        file.write_bytes(b"not a database" * 1000)
        assert requests(server.url, EndpointCache(file)) == asked
