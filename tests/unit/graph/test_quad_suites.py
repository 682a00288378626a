"""Cases of the kinds in the W3C's suites for TriG, N-Quads and RDF-star, written anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.graph.rdf_cases import RDF, facts, refused

from kgqa.errors import ParseError
from kgqa.graph import Quad, Triple
from kgqa.graph.readers import SkipReport, read

# TriG and N-Quads -----------------------------------------------------------------------------------

FACT = "<http://e/a> <http://e/p> <http://e/b>"
ABP = ("e:a", "e:p", "e:b")
TRIG = {
    "a named graph": (f"<http://e/g> {{ {FACT} }}", {(*ABP, "e:g")}),
    "a full stop inside": (f"<http://e/g> {{ {FACT} . }}", {(*ABP, "e:g")}),
    "GRAPH": (f"GRAPH <http://e/g> {{ {FACT} }}", {(*ABP, "e:g")}),
    "the default graph in brackets": (f"{{ {FACT} }}", {ABP}),
    "the default graph": (f"{FACT} .", {ABP}),
    "a blank graph": (f"_:g {{ {FACT} }}", {(*ABP, "_")}),
    "a graph without a name": (f"[] {{ {FACT} }}", {(*ABP, "_")}),
    "an empty graph": (f"<http://e/g> {{ }} {FACT} .", {ABP}),
    "a graph twice": (f"<http://e/g> {{ {FACT} }} <http://e/g> {{ {FACT} }}", {(*ABP, "e:g")}),
    "a prefix between graphs": (
        f"<http://e/g> {{ {FACT} }} @prefix e: <http://e/> . e:h {{ e:a e:p e:b }}",
        {(*ABP, "e:g"), (*ABP, "e:h")},
    ),
    "a statement about a fact of another graph": (
        f"<http://e/g> {{ {FACT} }} <http://e/h> {{ << {FACT} ~ _:r >> <http://e/q> <http://e/c> }}",
        {
            (*ABP, "e:g"),
            ("e:a", "e:p~statement", "_", "e:h"),
            ("_", "rdf:object", "e:b", "e:h"),
            ("_", "e:q", "e:c", "e:h"),
        },
    ),
}


@pytest.mark.parametrize("case", TRIG)
def test_what_trig_allows_is_read(tmp_path: Path, case: str) -> None:
    content, expected = TRIG[case]
    assert facts(tmp_path / "a.trig", content) == expected


def test_graphs_without_a_name_are_sources_of_their_own(tmp_path: Path) -> None:
    found = []
    for name in ("a.trig", "b.trig"):
        path = tmp_path / name
        path.write_text(f"_:g {{ {FACT} }} [] {{ {FACT} }} [] {{ {FACT} }} _:g <http://e/p> _:g .", "utf-8")
        said = list(read(path))
        found.append({one.source for one in said if isinstance(one, Quad)})
        assert {one.head for one in said if isinstance(one, Triple)} < found[-1]
        assert found[-1] == {one.source for one in read(path) if isinstance(one, Quad)}
    assert list(map(len, found)) == [3, 3]
    assert not found[0] & found[1]


BAD_TRIG = {
    "a graph in a graph": f"<http://e/g> {{ <http://e/h> {{ {FACT} }} }}",
    "GRAPH without a name": f"GRAPH {{ {FACT} }}",
    "a literal as a name": f'"g" {{ {FACT} }}',
    "a list as a name": f"(1) {{ {FACT} }}",
    "a bracket that is not closed": f"<http://e/g> {{ {FACT}",
    "a prefix in a graph": "<http://e/g> { @prefix x: <urn:x> . }",
    "a full stop after a graph": f"<http://e/g> {{ {FACT} }} .",
    "an equals sign": f"<http://e/g> = {{ {FACT} }}",
}


@pytest.mark.parametrize("case", BAD_TRIG)
def test_what_is_no_trig_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    assert refused(tmp_path / "a.trig", f"\n{BAD_TRIG[case]}\n").line in (2, 3)


def test_quads_are_read_with_and_without_a_graph(tmp_path: Path) -> None:
    content = (
        f"{FACT} .\n{FACT} <http://e/g> .\n{FACT} _:g .\n{FACT.replace('b>', 'c>')} <http://e/h> . # x\n"
    )
    expected = {ABP, (*ABP, "e:g"), (*ABP, "_"), ("e:a", "e:p", "e:c", "e:h")}
    assert facts(tmp_path / "a.nq", content) == expected


@pytest.mark.parametrize(
    "line", [f"{FACT} <http://e/g> <http://e/h> .", f'{FACT} "g" .', f"{FACT} <g> .", f"{FACT} <http://e/g>"]
)
def test_what_is_no_quad_is_a_bad_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.nq"
    path.write_text(f"{FACT} .\n{line}\n", "utf-8")
    with pytest.raises(ParseError) as raised:
        list(read(path))
    assert raised.value.line == 2


# RDF-star -------------------------------------------------------------------------------------------

STAR = {
    "an annotation": f"{FACT} {{| <http://e/q> 1 |}} .",
    "two annotations in one": f"{FACT} {{| <http://e/q> 1 ; <http://e/r> 2 |}} .",
    "a named annotation": f"{FACT} ~ <http://e/n> {{| <http://e/q> 1 |}} .",
    "a statement as a subject": f"<< {FACT} >> <http://e/q> 1 . {FACT} .",
    "a named statement as a subject": f"<< {FACT} ~ <http://e/n> >> <http://e/q> 1 . {FACT} .",
    "a reifier of its own": f"{FACT} . _:r <{RDF}reifies> <<( {FACT} )>> ; <http://e/q> 1 .",
}


@pytest.mark.parametrize("name", ["a.ttl", "a.trig"])
@pytest.mark.parametrize("case", STAR)
def test_what_is_said_about_facts_is_read(tmp_path: Path, case: str, name: str) -> None:
    report = SkipReport()
    found = facts(tmp_path / name, STAR[case], report)
    assert {("e:a", "e:p", "e:b"), ("e:a", "e:p~statement", "_"), ("_", "rdf:object", "e:b")} <= found
    assert ("_", "e:q", '"1"^^<xsd:integer>') in found
    assert report.notes == []


@pytest.mark.parametrize("name", ["a.ttl", "a.trig"])
@pytest.mark.parametrize(
    "content",
    [
        f"<http://e/a> << {FACT} >> <http://e/b> .",
        "<< (1) <http://e/p> <http://e/b> >> <http://e/q> 1 .",
        f"<<( {FACT} )>> <http://e/q> 1 .",
        f"{FACT} {{| |}} .",
        f"{FACT} {{| <http://e/q> 1 .",
        "<http://e/a> {| <http://e/q> 1 |} <http://e/p> <http://e/b> .",
        '<< "a" <http://e/p> <http://e/b> >> <http://e/q> 1 .',
        f"<< {FACT} <http://e/q> 1 .",
        '<http://e/a> <http://e/p> "x"@ar--up .',
    ],
)
def test_what_is_no_statement_about_a_fact_is_refused(tmp_path: Path, content: str, name: str) -> None:
    assert refused(tmp_path / name, f"\n{content}\n").line in (2, 3)
