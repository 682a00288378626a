"""Names by the text indexes of servers: which is asked, how, and what becomes of its answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lying_endpoint import Asked, instead, lying, truth

from kgqa.errors import EndpointError
from kgqa.graph.endpoint import EndpointGraph, EndpointUsage, loose_names

FACTS = """
@prefix : <http://www.wikidata.org/entity/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:Q1 rdfs:label "Danube"@en . :Q2 rdfs:label "William Dieterle"@en . :Q1 :flows :Q2 .
"""
WIKIDATA = FACTS + ":P31 <http://wikiba.se/ontology#directClaim> <http://www.wikidata.org/prop/direct/P31> ."
NAMED = "?n <http://www.w3.org/2000/01/rdf-schema#label> ?l FILTER("


def as_jena(query: str) -> str:
    """What Fuseki with a text index of labels makes of a query."""
    found = re.search(r'\?n <http://jena\.apache\.org/text#query> \("([^"]*)" 500\)', query)
    if found is None:
        return query
    words = [word.removesuffix("~1") for word in found[1].split(" OR ")]
    tests = " || ".join(f'CONTAINS(LCASE(?l), "{word[:4]}")' for word in words)
    return query.replace(found[0], f"{NAMED}{tests})")


def as_wikidata(query: str) -> str:
    """What the query service of Wikidata makes of a query."""

    def search(found: re.Match[str]) -> str:
        return f'{NAMED}STRSTARTS(LCASE(?l), "{found[1]}"))'

    service = r'SERVICE <http://wikiba\.se/ontology#mwapi> \{[^}]*API/search> "([^"]*)"[^}]*\}'
    return re.sub(service, search, query)


@pytest.fixture(autouse=True)
def no_label_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KGQA_CACHE", str(tmp_path))
    monkeypatch.setattr(loose_names, "MOST_LABELS", 0)


def found(url: str, *words: str) -> set[str]:
    part = EndpointGraph.at(url).part()
    part.named("")  # as for a question: the server has said what it is
    return set(part.named_by_words(words).entities)


@pytest.mark.parametrize(
    ("facts", "server", "understood", "words", "entities", "asked"),
    [
        (
            FACTS,
            "Apache Jena Fuseki (5.0.0)",
            as_jena,
            ["danubb", "dieterle", "a+b", "of"],
            ["Q1", "Q2"],
            '?n <http://jena.apache.org/text#query> ("danubb~1 OR dieterle~1 OR a\\\\+b OR of" 500)',
        ),
        (
            WIKIDATA,
            "nginx/1.18.0",
            as_wikidata,
            ["william", "dieterle"],
            ["Q2"],
            '<http://wikiba.se/ontology#endpoint> "www.wikidata.org" ; '
            '<http://wikiba.se/ontology#api> "EntitySearch" ; '
            '<https://www.mediawiki.org/ontology#API/search> "william dieterle" ; '
            '<https://www.mediawiki.org/ontology#API/language> "en" ; '
            "<http://wikiba.se/ontology#limit> 166 . "
            "?n <http://wikiba.se/ontology#apiOutputItem> <https://www.mediawiki.org/ontology#API/item> . }",
        ),
    ],
)
def test_the_index_that_a_server_has_is_asked(
    facts: str,
    server: str,
    understood: Callable[[str], str],
    words: list[str],
    entities: list[str],
    asked: str,
) -> None:
    with lying(facts, truth, understood, server) as endpoint:
        assert found(endpoint.url, *words) == {f"http://www.wikidata.org/entity/{one}" for one in entities}
    assert any(asked in query for query in endpoint.queries), endpoint.queries


def test_a_server_of_no_known_kind_is_asked_once_whether_it_is_wikidata() -> None:
    with lying(FACTS) as endpoint:
        graph = EndpointGraph.at(endpoint.url)
        for _ in range(2):
            assert not graph.part().named_by_words(["danube"]).entity_count
    assert sum("directClaim" in query for query in endpoint.queries) == 1
    assert not any("SERVICE" in query or "text#query" in query for query in endpoint.queries)


def test_a_service_that_is_refused_finds_nothing_and_one_that_fails_is_an_error() -> None:
    def lie(status: int) -> Callable[[Asked], None]:
        def tell(asked: Asked) -> None:
            (instead(status, "no such service") if "SERVICE" in asked.query else truth)(asked)

        return tell

    with lying(WIKIDATA, lie(400), as_wikidata) as endpoint:
        assert found(endpoint.url, "danube") == set()
    with lying(WIKIDATA, lie(500), as_wikidata) as endpoint, pytest.raises(EndpointError):
        EndpointGraph.at(endpoint.url, timeout=0.3).part(EndpointUsage()).named_by_words(["danube"])
