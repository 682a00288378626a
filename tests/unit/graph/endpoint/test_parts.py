"""The part of a graph that is fetched: nodes without names, blank nodes, hubs, literals, pages."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest
from lying_endpoint import at_most, lying

from kgqa.graph import GraphBuilder, IndexedGraph, NodeKind, subgraph
from kgqa.graph.endpoint import EndpointGraph, EndpointUsage, FetchLimits, HubCap
from kgqa.graph.readers import read

PREFIXES = "@prefix : <http://a/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"


def in_file(facts: str, folder: Path) -> IndexedGraph:
    path = folder / "facts.ttl"
    path.write_text(facts, "utf-8")
    return GraphBuilder().add_all(read(path)).build()


def names(graph: IndexedGraph) -> dict[str, object]:
    return {e: (graph.label(e), graph.alias_texts(e), graph.kind(e)) for e in graph.entities}


@pytest.mark.parametrize(
    "facts",
    [
        ":kenya :capital :nairobi . :nairobi :in :kenya .",
        ':kenya rdfs:label "Kenya" ; :capital :nairobi . :nairobi rdfs:label "Nairobi" ; :mayor :m1 .',
        ':kenya rdfs:label "Kenya" ; :capital :nairobi . :nairobi :mayor :m1 . :m1 :born :n .',
        ':kenya :capital :NairobiCity . :x :y :z . :x rdfs:label "X" . :z :y :w .',
        ':kenya rdfs:label "Kenia"@de , "Kenya"@en , "republic" ; :says "pull \\"it\\"\\n"@SW , 7 , 7.5 .',
        ":kenya :area 580367 ; :size 580367.5 . :congo :area 580367 . :chad :area 580367.5 .",
    ],
)
def test_names_are_those_of_the_file(facts: str, tmp_path: Path) -> None:
    local = in_file(PREFIXES + facts, tmp_path)
    with lying(PREFIXES + facts) as server:
        part = EndpointGraph.at(server.url).around(["http://a/kenya"], 2)
    expected = subgraph(local, ["http://a/kenya"], 2)
    assert set(part) == set(expected)
    assert names(part) == {entity: known for entity, known in names(local).items() if entity in part.entities}


BLANK = """
:kismet rdfs:label "Kismet" ; :cast [ :actor :colman ; :role "Hafiz" ] , [ :actor :dietrich ; :role "Zia" ] .
:colman rdfs:label "Ronald Colman" . :dietrich rdfs:label "Marlene Dietrich" ; :born [ :year 1901 ] .
"""


def test_a_blank_node_is_one_node_from_both_sides(tmp_path: Path) -> None:
    local = in_file(PREFIXES + BLANK, tmp_path)
    with lying(PREFIXES + BLANK) as server:
        usage = EndpointUsage()
        part = EndpointGraph.at(server.url).around(["http://a/kismet"], 4, usage)
    assert len(part) == len(local)
    assert part.entity_count == local.entity_count
    blank = [entity for entity in part.entities if part.kind(entity) is NodeKind.BLANK]
    assert len(blank) == 3
    assert {part.label(entity) for entity in blank} == {None}
    assert {hop.entity for node in blank for hop in part.hops(node)} >= {"http://a/kismet", "http://a/colman"}
    assert usage.warnings == ()


HUB = (
    "".join(f":e{n} :in :hub . :hub :of :o{n} . " for n in range(40)) + ":hub :rare :one ; rdfs:label 'Hub' ."
)


def test_a_hub_gives_an_equal_share_of_its_relations_and_says_so() -> None:
    with lying(PREFIXES + HUB) as server:
        usage = EndpointUsage()
        graph = EndpointGraph.at(server.url, limits=FetchLimits(hub=22)).around(["http://a/hub"], 1, usage)
    taken = [relation.rpartition("/")[2] for _, relation, _ in graph]
    assert {name: taken.count(name) for name in set(taken)} == {"in": 10, "of": 10, "rare": 1}
    assert usage.warnings == ("Hub Hub: 22 of 82 facts looked at.",)
    assert graph.label("http://a/hub") == "Hub"


def test_of_many_hubs_the_nearest_are_named() -> None:
    hubs = [HubCap(f"http://a/{size}", f"h{size}", 1, size) for size in range(8, 1, -1)]
    said = EndpointUsage(hubs=hubs).warnings
    assert said[0] == "Hub h8: 1 of 8 facts looked at."
    assert said[4:] == ("Hub h4: 1 of 4 facts looked at.", "2 more hubs were looked at in part.")


@pytest.mark.parametrize("rows", [9, 30])
def test_a_node_with_more_facts_than_a_page_is_read_page_by_page(rows: int) -> None:
    with lying(PREFIXES + HUB, at_most(rows)) as server:
        usage = EndpointUsage()
        graph = EndpointGraph.at(server.url).around(["http://a/hub"], 1, usage)
    assert len(graph) == 81
    assert usage.warnings == ()


@pytest.mark.parametrize("rows", [10_000, 70, 50, 9])
def test_nodes_whose_count_an_answer_leaves_out_are_counted_all_the_same(rows: int) -> None:
    facts = PREFIXES + "".join(f":hub :of :o{n} . :o{n} :in :c{n} . " for n in range(60))
    with lying(facts, at_most(rows)) as server:
        usage = EndpointUsage()
        assert len(EndpointGraph.at(server.url).around(["http://a/hub"], 2, usage)) == 120
    assert usage.warnings == ()


def test_no_more_nodes_are_looked_at_than_allowed_and_it_is_said() -> None:
    with lying(PREFIXES + HUB) as server:
        usage = EndpointUsage()
        EndpointGraph.at(server.url, limits=FetchLimits(nodes=10)).around(["http://a/hub"], 2, usage)
    assert usage.warnings == ("10 of 81 nodes were looked at that are 1 hop away.",)


@pytest.mark.parametrize("rows", [9, 10_000])
def test_all_facts_are_those_of_the_file(rows: int, tmp_path: Path) -> None:
    facts = PREFIXES + HUB + BLANK
    local = in_file(facts, tmp_path)
    with lying(facts, at_most(rows) if rows > 20 else at_most(60)) as server:
        usage = EndpointUsage()
        endpoint = EndpointGraph.at(server.url, limits=FetchLimits(rows=rows))
        built = GraphBuilder().add_all(endpoint.facts(usage)).build()
    assert len(built) == len(local)
    assert usage.warnings == ()
    named = {entity for entity in local.entities if not entity.startswith("_:")}
    assert named == {entity for entity in built.entities if not entity.startswith("_:")}
    assert {e: built.label(e) for e in named} == {e: local.label(e) for e in named}


WIKIDATA = """
@prefix wd: <http://www.wikidata.org/entity/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .
wd:Q114 rdfs:label "Kenya"@en ; wdt:P36 wd:Q3870 . wd:Q3870 rdfs:label "Nairobi"@en .
wd:P36 <http://wikiba.se/ontology#directClaim> wdt:P36 ; rdfs:label "capital"@en , "Hauptstadt"@de .
"""


@pytest.mark.parametrize(("language", "name"), [("en", "capital"), ("de", "Hauptstadt")])
def test_relations_of_wikidata_are_named_after_their_properties(language: str, name: str) -> None:
    with lying(PREFIXES + WIKIDATA) as server:
        endpoint = EndpointGraph.at(server.url, languages=(language,))
        graph = endpoint.around(["http://www.wikidata.org/entity/Q114"], 1)
    assert graph.relation_label("http://www.wikidata.org/prop/direct/P36") == name


def test_the_queries_are_sparql() -> None:
    with lying(PREFIXES + BLANK + HUB) as server:
        endpoint = EndpointGraph.at(server.url, limits=FetchLimits(hub=20))
        part = endpoint.part()
        part.grow(part.resolve(["kismet", "http://a/hub"]), 2)
        part.classes("all hubs")
        list(endpoint.facts())
        assert len(server.queries) > 10
        for query in server.queries:
            pyoxigraph.Store().query(query)
