"""Wikidata's dumps: JSON, full RDF and truthy RDF say the same, as far as each one goes."""

from __future__ import annotations

import bz2
import gzip
import json
import random
from pathlib import Path

import pyoxigraph
import pytest
from wikidata_extract import PREFIXES, PROPERTIES
from wikidata_json import json_dump
from wikidata_rdf import full_rdf, truthy_rdf

from kgqa.cli import main
from kgqa.graph import GraphBuilder, IndexedGraph, Triple, ValueTable, open_index
from kgqa.graph.readers import SkipReport, detect_format, read

WD, WDT = PREFIXES["wd"], PREFIXES["wdt"]
XSD = PREFIXES["xsd"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wikidata")
    (folder / "dump.json").write_text(json_dump(), "utf-8")
    (folder / "full.nt").write_text(full_rdf(), "utf-8")
    (folder / "truthy.nt").write_text(truthy_rdf(), "utf-8")
    return folder


def graph_of(path: Path, *languages: str) -> IndexedGraph:
    return GraphBuilder.of(read(path, languages=languages or ("en",)))


def facts(graph: IndexedGraph) -> set[tuple[str | None, str, str | None]]:
    return {(graph.label(t.head), graph.relation_label(t.relation), graph.label(t.tail)) for t in graph}


def names(graph: IndexedGraph) -> dict[str, tuple[str | None, tuple[str, ...]]]:
    entities = map(graph.entity, range(graph.entity_count))
    return {entity: (graph.label(entity), graph.alias_texts(entity)) for entity in entities}


def without_identifiers(graph: IndexedGraph) -> set[Triple]:
    """Only the JSON form says which values are identifiers elsewhere."""
    return {triple for triple in graph if triple.relation != f"{WDT}P214"}


@pytest.mark.parametrize("languages", [("en",), ("de", "en"), ("ja",)])
def test_json_and_rdf_make_the_same_graph(folder: Path, languages: tuple[str, ...]) -> None:
    from_json = graph_of(folder / "dump.json", *languages)
    from_rdf = graph_of(folder / "full.nt", *languages)
    assert set(from_json) == without_identifiers(from_rdf)
    assert len(from_json) > 150
    known = names(from_rdf)
    assert all(known[entity] == named for entity, named in names(from_json).items())
    labels = {
        graph: {graph.relation(i): graph.relation_labels[i] for i in range(graph.relation_count)}
        for graph in (from_json, from_rdf)
    }
    assert labels[from_json].items() <= labels[from_rdf].items()


@pytest.mark.parametrize("form", ["turtle", "rdfxml", "jsonld", "shuffled"])
def test_every_syntax_of_rdf_says_the_same(folder: Path, form: str) -> None:
    content = full_rdf()
    path = folder / f"again.{form}"
    if form == "shuffled":  # of a small file the order does not matter
        lines = content.splitlines(keepends=True)
        random.Random(1).shuffle(lines)
        path.write_text("".join(lines), "utf-8")
        form = "ntriples"
    else:
        syntax = {"turtle": "TURTLE", "rdfxml": "RDF_XML", "jsonld": "JSON_LD"}[form]
        triples = list(pyoxigraph.parse(content.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES))
        pyoxigraph.serialize(triples, path, format=getattr(pyoxigraph.RdfFormat, syntax))
    graph = GraphBuilder.of(read(path, form))
    assert set(graph) == set(graph_of(folder / "full.nt"))
    assert names(graph) == names(graph_of(folder / "full.nt"))


def test_truthy_rdf_has_the_facts_of_the_best_rank_without_their_details(folder: Path) -> None:
    truthy, full = facts(graph_of(folder / "truthy.nt")), facts(graph_of(folder / "full.nt"))
    assert {fact for fact in full if "(statement)" in fact[1]}
    assert truthy - full == {
        ("Julius Caesar", "date of birth", "1 July 100 BC"),  # a month, which truthy dates do not tell
        ("Berlin", "inception", "1200"),  # a century
    }
    about = {fact for fact in full if fact[0] is not None and "(statement)" not in fact[1]}
    assert about - truthy == {
        ("Julius Caesar", "date of birth", "July 100 BC"),
        ("Berlin", "inception", "12th century"),
    }


def test_relations_are_named_by_their_property_in_the_first_language(folder: Path) -> None:
    for name in ("dump.json", "full.nt", "truthy.nt"):
        graph = graph_of(folder / name, "de")
        assert graph.relation_label(f"{WDT}P19") == "Geburtsort"
        assert graph.label(f"{WD}Q1741") == "Wien"
        assert graph.find("Vienna") == ()
        assert graph_of(folder / name).relation_label(f"{WDT}P19") == "place of birth"
        assert f"{WD}P19" not in names(graph)


def test_a_label_in_another_language_is_better_than_none(folder: Path) -> None:
    for name in ("dump.json", "full.nt"):
        assert graph_of(folder / name).find("Schlossgespenst") == (f"{WD}Q999999",)


def test_bookkeeping_is_left_out(folder: Path) -> None:
    for name in ("dump.json", "full.nt", "truthy.nt"):
        graph = graph_of(folder / name)
        relations = {graph.relation(i) for i in range(graph.relation_count)}
        assert {relation.rpartition("/")[0] for relation in relations} <= {
            "http://www.wikidata.org/prop",
            "http://www.wikidata.org/prop/direct",
            "http://www.wikidata.org/prop/statement",
            "http://www.wikidata.org/prop/qualifier",
        }
        assert not any("(article)" in str(label) for label, _ in names(graph).values())


def test_qualifiers_are_facts_of_a_mediator(folder: Path) -> None:
    graph = graph_of(folder / "dump.json")
    (node,) = [t.tail for t in graph.match(f"{WD}Q42", f"{PREFIXES['p']}P69")]
    assert graph.label(node) is None
    assert graph.relation_label(f"{PREFIXES['p']}P69") == "educated at (statement)"
    assert {(graph.relation_label(t.relation), graph.label(t.tail)) for t in graph.match(node)} == {
        ("educated at", "St John's College"),
        ("start time", "1971"),
        ("end time", "1974"),
    }
    assert [t.tail for t in graph.match(f"{WD}Q42", f"{WDT}P69")] == [f"{WD}Q691283"]
    assert f"{PREFIXES['p']}P19" not in graph.relation_names  # nothing more is said about it


def test_ranks_choose_the_fact_and_deprecated_statements_are_left_out(folder: Path) -> None:
    for name in ("dump.json", "full.nt"):
        graph = graph_of(folder / name)
        (fact,) = graph.match(f"{WD}Q64", f"{WDT}P1082")
        assert graph.label(fact.tail) == "3755251"
        nodes = [t.tail for t in graph.match(f"{WD}Q64", f"{PREFIXES['p']}P1082")]
        years = {graph.label(t.tail) for node in nodes for t in graph.match(node, f"{PREFIXES['pq']}P585")}
        assert years == {"2022-12-31", "2000-12-31"}
        assert not any(graph.label(i).startswith("1727") for i in names(graph) if graph.label(i))  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["dump.json", "full.nt"])
def test_dates_are_as_exact_as_the_dump_says_and_quantities_have_units(folder: Path, name: str) -> None:
    graph = graph_of(folder / name)
    table = ValueTable.of(graph)

    def value(item: str, prop: str) -> str:
        relation = graph.relation_id(f"{WDT}{prop}")
        (fact,) = graph.match(f"{WD}{item}", f"{WDT}{prop}")
        return str(table.value(relation, graph.entity_id(fact.tail)))

    assert value("Q42", "P569") == "1952-03-11"
    assert value("Q5064", "P577") == "1791"
    assert value("Q868", "P569") == "384 BC"
    assert value("Q1048", "P570") == "15 March 44 BC"
    assert value("Q1048", "P569") == "July 100 BC"
    assert value("Q935", "P569") == "1643-01-04"  # 25 December 1642 in the Julian calendar
    assert value("Q64", "P571") == "12th century"
    assert value("Q1653", "P2043") == "2,850 km"
    assert value("Q583", "P2044") == "4,805.59 m"
    assert value("Q183", "P1082") == "83149300"


@pytest.mark.parametrize("name", ["dump.json", "full.nt"])
def test_what_is_left_out_is_said(folder: Path, name: str) -> None:
    report = SkipReport()
    list(read(folder / name, report=report))
    (note,) = report.notes
    assert "deprecated statements: 1, unknown values: 2" in note
    report = SkipReport()
    list(read(folder / "truthy.nt", report=report))
    assert "5 dates of 1 January are read as years" in report.notes[1]


def test_properties_without_a_label_are_said(tmp_path: Path) -> None:
    lines = json_dump().splitlines(keepends=True)
    path = tmp_path / "items.json"
    path.write_text("".join(line for line in lines if '"type": "property"' not in line), "utf-8")
    report = SkipReport()
    graph = GraphBuilder.of(read(path, report=report))
    assert graph.relation_label(f"{WDT}P19") == "P19"
    assert f"{len(PROPERTIES) - 1} properties have no name" in report.notes[-1]  # no identifiers


def test_a_packed_dump_and_one_without_brackets_are_found_out_and_read(folder: Path) -> None:
    expected = set(graph_of(folder / "dump.json"))
    (folder / "dump.json.bz2").write_bytes(bz2.compress(json_dump().encode()))
    (folder / "dump.json.gz").write_bytes(gzip.compress(json_dump().encode()))
    lines = [line.removesuffix(",") for line in json_dump().splitlines()[1:-1]]
    (folder / "lines.json").write_text("\n".join(lines), "utf-8")
    for name in ("dump.json.bz2", "dump.json.gz", "lines.json"):
        assert detect_format(folder / name) == "wikidata"
        assert set(graph_of(folder / name)) == expected


def test_one_entity_as_the_web_serves_it_is_read(tmp_path: Path) -> None:
    item = json.loads(json_dump().splitlines()[ITEM_LINE].removesuffix(","))
    path = tmp_path / "Q5.json"
    for served in (item, {"entities": {"Q5": item}}):
        path.write_text(json.dumps(served), "utf-8")
        assert detect_format(path) == "wikidata"
        assert graph_of(path).find("human") == (f"{WD}Q5",)


ITEM_LINE = 1


def test_languages_are_given_in_one_option_or_several(folder: Path, tmp_path: Path) -> None:
    for options in (["--language", "de,en"], ["--language", "de", "--language", "en"]):
        out = tmp_path / "index"
        assert main(["build", str(folder / "dump.json"), "-o", str(out), *options]) == 0
        graph = open_index(out)
        assert graph.label(f"{WD}Q40") == "Österreich"
        assert graph.alias_texts(f"{WD}Q40") == ("Austria",)
