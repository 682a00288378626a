"""RDF: facts, names by language, literals, blank nodes, syntax errors."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import rdflib

from kgqa.errors import ParseError, StatementError
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Node, NodeKind, Quad, RelationName, Statement, Triple
from kgqa.graph.readers import SkipReport, read, read_rdflib

EX = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

TURTLE = f"""@prefix ex: <{EX}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <{XSD}> .
ex:Q1 a ex:Film ;
    rdfs:label "Die Fabelwesen"@de, "Kismet"@en-US ;
    skos:altLabel "K."@en ;
    ex:year "01944"^^xsd:integer ;
    ex:director ex:Q2 .
ex:Q2 skos:prefLabel "William Dieterle" .
ex:director rdfs:label "directed by"@en .
ex:year rdfs:label "Jahr"@de .
"""

N_TRIPLES = f"""# films
<{EX}Q1> <{TYPE}> <{EX}Film> .
<{EX}Q1> <http://www.w3.org/2000/01/rdf-schema#label> "Die Fabelwesen"@de .
<{EX}Q1> <http://www.w3.org/2000/01/rdf-schema#label> "Kismet"@en-US .

<{EX}Q1> <http://www.w3.org/2004/02/skos/core#altLabel> "K."@en .
<{EX}Q1> <{EX}year> "01944"^^<{XSD}integer> .
<{EX}Q1> <{EX}director> <{EX}Q2> .
<{EX}Q2> <http://www.w3.org/2004/02/skos/core#prefLabel> "William Dieterle" .
<{EX}director> <http://www.w3.org/2000/01/rdf-schema#label> "directed by"@en .
<{EX}year> <http://www.w3.org/2000/01/rdf-schema#label> "Jahr"@de .
"""

RDF_XML = f"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:ex="{EX}"
  xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
<ex:Film rdf:about="{EX}Q1">
  <rdfs:label xml:lang="de">Die Fabelwesen</rdfs:label><rdfs:label xml:lang="en-US">Kismet</rdfs:label>
  <skos:altLabel xml:lang="en">K.</skos:altLabel>
  <ex:year rdf:datatype="{XSD}integer">01944</ex:year>
  <ex:director rdf:resource="{EX}Q2"/>
</ex:Film>
<rdf:Description rdf:about="{EX}Q2"><skos:prefLabel>William Dieterle</skos:prefLabel></rdf:Description>
<rdf:Description rdf:about="{EX}director"><rdfs:label xml:lang="en">directed by</rdfs:label></rdf:Description>
<rdf:Description rdf:about="{EX}year"><rdfs:label xml:lang="de">Jahr</rdfs:label></rdf:Description>
</rdf:RDF>
"""

YEAR = f'"01944"^^<{XSD}integer>'
QUADS = N_TRIPLES.replace(" .\n", f" <{EX}graph> .\n")
FILES = {
    "a.ttl": TURTLE,
    "a.nt": N_TRIPLES,
    "a.rdf": RDF_XML,
    "a.nq": QUADS,
    "a.trig": TURTLE.replace("ex:Q1 a", "ex:graph { ex:Q1 a") + "}",
}


def statements(path: Path, content: str, **settings: object) -> list[Statement]:
    path.write_text(content, "utf-8")
    return list(read(path, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FILES)
def test_every_syntax_says_the_same(tmp_path: Path, name: str) -> None:
    found = statements(tmp_path / name, FILES[name])
    facts = {
        Triple(EX + "Q1", TYPE, EX + "Film"),
        Triple(EX + "Q1", EX + "year", YEAR),
        Triple(EX + "Q1", EX + "director", EX + "Q2"),
    }
    has_graphs = name in ("a.nq", "a.trig")
    quads = {Quad(*fact, EX + "graph") for fact in facts}
    assert {s for s in found if isinstance(s, Triple | Quad)} == (quads if has_graphs else facts)
    assert {s for s in found if isinstance(s, Node)} == {Node(YEAR, NodeKind.LITERAL)}
    assert {s for s in found if isinstance(s, RelationName)} == {
        RelationName(EX + "director", "directed by"),
        RelationName(EX + "year", "Jahr"),
    }
    assert [s for s in found if isinstance(s, Name) and s.entity == EX + "Q1"] == [
        Name(EX + "Q1", "Kismet"),
        Name(EX + "Q1", "Die Fabelwesen", alias=True),
        Name(EX + "Q1", "K.", alias=True),
    ]
    assert Name(YEAR, "01944") in found
    assert Name(EX + "Q2", "William Dieterle") in found


@pytest.mark.parametrize("name", FILES)
def test_every_syntax_makes_the_same_graph(tmp_path: Path, name: str) -> None:
    graph = GraphBuilder.of(statements(tmp_path / name, FILES[name]))
    assert graph.label(EX + "Q1") == "Kismet"
    assert graph.relation_label(TYPE) == "type"
    assert graph.kind(YEAR) is NodeKind.LITERAL
    assert EX + "director" not in {graph.entity(i) for i in range(graph.entity_count)}


@pytest.mark.parametrize(
    ("languages", "label"),
    [
        (("en",), "E"),
        (("de",), "D"),
        (("fr",), "F"),
        (("fr", "en"), "F"),
        (("nl", "en"), "E"),
        (("nl",), "N"),
    ],
)
def test_the_label_is_in_the_first_language_there_is_then_in_none(
    tmp_path: Path, languages: tuple[str, ...], label: str
) -> None:
    content = "".join(
        f'<{EX}a> <http://www.w3.org/2000/01/rdf-schema#label> "{text}" .\n'.replace('@"', '"@')
        for text in ("D", "N", "E", "F")
    )
    for text, tag in (("D", "de"), ("E", "en"), ("F", "fr-CA")):
        content = content.replace(f'"{text}"', f'"{text}"@{tag}')
    names = statements(tmp_path / "a.nt", content, languages=languages)
    assert names[0] == Name(EX + "a", label)
    assert {name.text for name in names if isinstance(name, Name) and name.alias} == set("DNEF") - {label}


def test_a_label_in_a_language_nobody_asked_for_is_better_than_none(tmp_path: Path) -> None:
    content = f'<{EX}a> <http://www.w3.org/2000/01/rdf-schema#label> "東京"@ja .\n'
    assert statements(tmp_path / "a.nt", content) == [Name(EX + "a", "東京")]


def test_relations_with_many_dots_are_read(tmp_path: Path) -> None:
    content = (
        "@prefix ns: <http://rdf.freebase.com/ns/> .\n"
        "ns:m.03_r3 ns:location.country.languages_spoken ns:m.01 ."
    )
    (fact,) = statements(tmp_path / "a.ttl", content)
    assert isinstance(fact, Triple)
    assert fact.relation == "http://rdf.freebase.com/ns/location.country.languages_spoken"


def test_blank_nodes_are_apart_by_file_and_the_same_every_time(tmp_path: Path) -> None:
    content = f"_:x <{EX}r> _:y .\n_:x <{EX}r> <{EX}a> .\n"
    ends = []
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        for name, text in (("a.nt", content), ("a.ttl", content + f"[] <{EX}r> [] .")):
            path = tmp_path / folder / name
            found = statements(path, text)
            assert found == statements(path, text)
            blanks = {s.entity for s in found if isinstance(s, Node) and s.kind is NodeKind.BLANK}
            assert len(blanks) == (2 if name == "a.nt" else 4)
            assert all(blank.startswith("_:") for blank in blanks)
            ends.append(blanks)
    assert len(set().union(*ends)) == sum(map(len, ends))


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.nt", f"<{EX}a> <{EX}r> <{EX}b> .\n<{EX}a> <{EX}r>\n", 2),
        ("a.nt", f"<{EX}a> <{EX}r> <{EX}b> .\n<{EX}a> <{EX}r> <not an iri> .\n", 2),
        ("a.nq", f"<{EX}a> <{EX}r> <{EX}b> .\nhello\n", 2),
        ("a.ttl", f"@prefix ex: <{EX}> .\n\nex:a ex:r .\n", 3),
        ("a.ttl", "ex:a ex:r ex:b .\n", 1),
        ("a.rdf", "<rdf:RDF>\n\n<open>", 1),
        ("a.rdf", RDF_XML.replace("</ex:Film>", ""), 10),
    ],
)
def test_a_syntax_error_is_named_with_its_line(tmp_path: Path, name: str, content: str, line: int) -> None:
    with pytest.raises(ParseError) as raised:
        statements(tmp_path / name, content)
    assert raised.value.line == line
    assert raised.value.source == str(tmp_path / name)
    assert "\n" not in str(raised.value)
    assert raised.value.reason.split("(")[1] != ")"


def test_bad_lines_of_n_triples_can_be_skipped(tmp_path: Path) -> None:
    report = SkipReport(limit=2)
    found = statements(tmp_path / "a.nt", "what\n" + N_TRIPLES + "is this\n", report=report)
    assert sum(isinstance(s, Triple) for s in found) == 3
    assert [skip.line for skip in report] == [1, 13]


def test_packed_turtle_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl.gz"
    path.write_bytes(gzip.compress(TURTLE.encode()))
    assert sum(isinstance(s, Triple) for s in read(path)) == 3


def test_an_rdf_xml_entity_from_a_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    attack = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]>\n'
    content = RDF_XML.replace('<?xml version="1.0"?>\n', attack).replace("Kismet", "&e;")
    try:
        found = statements(tmp_path / "a.rdf", content)
    except ParseError:
        return
    assert "secret" not in str(found)


# rdflib graphs ----------------------------------------------------------------------------------------

FILMS = """
@prefix ex: <http://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
ex:kismet ex:directedBy ex:dieterle ; ex:year 1944 ; ex:cast [ ex:role "Jamilla" ] .
ex:kismet rdfs:label "Kismet"@en, "Kismet (Film)"@de ; skos:altLabel "Oriental Dream" .
ex:dieterle rdfs:label "William Dieterle" . ex:directedBy rdfs:label "directed by" .
"""


def test_an_rdflib_graph_says_the_same_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "films.ttl").write_text(FILMS, "utf-8")
    from_file = GraphBuilder.of(read(tmp_path / "films.ttl"))
    parsed = rdflib.Graph().parse(data=FILMS, format="turtle")
    found = read_rdflib(parsed)

    def facts(graph: IndexedGraph) -> set[tuple[str | None, str, str | None]]:
        return {(graph.label(t.head), graph.relation_label(t.relation), graph.label(t.tail)) for t in graph}

    assert facts(found) == facts(from_file)
    assert found.alias_texts("http://example.org/kismet") == from_file.alias_texts(
        "http://example.org/kismet"
    )
    assert read_rdflib(parsed, languages=("de",)).label("http://example.org/kismet") == "Kismet (Film)"


def test_a_dataset_of_rdflib_is_read_over_all_its_graphs() -> None:
    dataset = rdflib.Dataset()
    first = "<urn:a> <urn:r> <urn:b>"
    quads = f"{first} <urn:g> .\n<urn:b> <urn:r> <urn:c> .\n{first} .\n{first} _:h .\n"
    dataset.parse(data=quads, format="nquads")
    graph = read_rdflib(dataset)
    assert len(graph) == 2
    blank, named = graph.sources(("urn:a", "urn:r", "urn:b"))
    assert (blank[:2], named) == ("_:", "urn:g")
    assert graph.sources(("urn:b", "urn:r", "urn:c")) == ()


def test_what_is_no_fact_in_an_rdflib_graph_is_refused() -> None:
    graph = rdflib.Graph()
    graph.add((rdflib.Variable("x"), rdflib.URIRef("urn:r"), rdflib.URIRef("urn:a")))
    with pytest.raises(StatementError, match="a Variable cannot be part of a fact"):
        read_rdflib(graph)
