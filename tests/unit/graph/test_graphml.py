"""GraphML: nodes and edges with properties, as several programs write them."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import networkx as nx
import pytest

from kgqa.errors import ParseError
from kgqa.graph import GraphBuilder, NodeKind, Triple, ValueKind, ValueTable
from kgqa.graph.readers import SkipReport, read

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
NEO4J = f"""{HEAD}<key id="name" for="node" attr.name="name"/>
<key id="born" for="node" attr.name="born"/>
<key id="languages" for="node" attr.name="languages" attr.type="string" attr.list="string"/>
<key id="labels" for="node" attr.name="labels"/>
<key id="role" for="edge" attr.name="role"/>
<key id="label" for="edge" attr.name="label"/>
<graph id="G" edgedefault="directed">
<node id="n0" labels=":Person:Actor"><data key="labels">:Person:Actor</data>
<data key="name">Ann &amp; Co</data>
<data key="born">1964</data><data key="languages">["en","fr"]</data></node>
<node id="n1" labels=":Film"><data key="labels">:Film</data><data key="name">Kismet</data></node>
<edge id="e0" source="n0" target="n1" label="ACTED_IN"><data key="label">ACTED_IN</data>
<data key="role">Neo</data></edge>
<edge id="e1" source="n0" target="n1" label="DIRECTED"><data key="label">DIRECTED</data></edge>
</graph></graphml>
"""


def facts(path: Path, content: str) -> set[tuple[str | None, str, str | None]]:
    path.write_text(content, "utf-8")
    graph = GraphBuilder.of(read(path))
    return {(graph.label(t.head), graph.relation_label(t.relation), graph.label(t.tail)) for t in graph}


def test_properties_of_nodes_are_values_and_those_of_edges_are_of_a_mediator(tmp_path: Path) -> None:
    assert facts(tmp_path / "a.graphml", NEO4J) == {
        ("Ann & Co", "type", "Person"),
        ("Ann & Co", "type", "Actor"),
        ("Kismet", "type", "Film"),
        ("Ann & Co", "born", "1964"),
        ("Ann & Co", "languages", "en"),
        ("Ann & Co", "languages", "fr"),
        ("Ann & Co", "acted in", "Kismet"),
        ("Ann & Co", "acted in (statement)", None),
        (None, "acted in", "Kismet"),
        (None, "role", "Neo"),
        ("Ann & Co", "directed", "Kismet"),
    }
    graph = GraphBuilder.of(read(tmp_path / "a.graphml"))
    assert ValueTable.of(graph).relation_kind(graph.relation_id("born")) is ValueKind.DATE
    (node,) = (t.tail for t in graph if t.relation == "ACTED_IN~statement")
    assert graph.kind(node) is NodeKind.BLANK


def test_what_tinkerpop_and_yed_write_is_read(tmp_path: Path) -> None:
    tinker = f"""{HEAD}<key id="labelV" for="node" attr.name="labelV" attr.type="string"/>
<key id="labelE" for="edge" attr.name="labelE" attr.type="string"/>
<key id="age" for="node" attr.name="age" attr.type="int"/>
<graph edgedefault="directed"><node id="1"><data key="labelV">person</data><data key="age">29</data></node>
<node id="2"><data key="labelV">software</data></node>
<edge source="1" target="2"><data key="labelE">created</data></edge></graph></graphml>"""
    assert facts(tmp_path / "a.graphml", tinker) == {
        ("1", "type", "person"),
        ("1", "age", "29"),
        ("2", "type", "software"),
        ("1", "created", "2"),
    }
    yed = (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">'
        '<key for="node" id="d6" yfiles.type="nodegraphics"/>'
        '<key for="edge" id="d10" yfiles.type="edgegraphics"/>'
        '<graph edgedefault="directed">'
        '<node id="n0"><data key="d6"><y:ShapeNode><y:Fill color="#FF"/><y:NodeLabel x="1">Ann</y:NodeLabel>'
        '</y:ShapeNode></data></node><node id="n1"><data key="d6"><y:ShapeNode><y:NodeLabel>Bob</y:NodeLabel>'
        '</y:ShapeNode></data></node><edge source="n0" target="n1"><data key="d10"><y:PolyLineEdge>'
        "<y:EdgeLabel> knows </y:EdgeLabel></y:PolyLineEdge></data></edge></graph></graphml>"
    )
    assert facts(tmp_path / "b.graphml", yed) == {("Ann", "knows", "Bob")}


def test_what_networkx_writes_comes_back(tmp_path: Path) -> None:
    first = GraphBuilder.of([Triple("a", "r", "b"), Triple("a", "s", "b"), Triple("b", "r", "cvt:1")])
    nx.write_graphml(first.to_networkx(), tmp_path / "a.graphml")
    back = GraphBuilder.of(read(tmp_path / "a.graphml"))
    assert set(back) == set(first)
    assert [back.label(entity) for entity in ("a", "b", "cvt:1")] == ["a", "b", None]


def test_defaults_nested_graphs_and_directed_edges_count(tmp_path: Path) -> None:
    content = f"""{HEAD}<key id="k" for="node" attr.name="kind"><default>plain</default></key>
<key id="r" for="edge" attr.name="relation"><default>near</default></key>
<key id="b" for="node" attr.name="open" attr.type="boolean"/>
<graph edgedefault="undirected"><node id="a">
<graph edgedefault="directed"><node id="b"><data key="k">odd</data></node>
<edge source="a" target="b"/></graph><data key="b">True</data></node>
<edge source="b" target="a" directed="true"><data key="r">in</data></edge></graph></graphml>"""
    assert facts(tmp_path / "a.graphml", content) == {
        ("b", "kind", "odd"),
        ("a", "near", "b"),
        ("a", "open", "true"),
        ("a", "kind", "plain"),
        ("b", "in", "a"),
    }


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('<edge source="a" target="b"/>', "has no property 'relation'"),
        ('<edge source="" target="b" label="r"/>', "the head is empty"),
        ('<edge source="a" label="r"/>', "the tail is empty"),
        ("<node/>", "a node has no id"),
        ("<hyperedge/>", "hyperedge"),
    ],
)
def test_a_bad_element_is_named_with_its_line_and_can_be_skipped(
    tmp_path: Path, body: str, reason: str
) -> None:
    path = tmp_path / "a.graphml"
    good = '<edge source="a" target="b" label="r"/>'
    path.write_text(f'{HEAD}<graph edgedefault="directed">\n{body}\n{good}</graph></graphml>', "utf-8")
    with pytest.raises(ParseError, match=reason) as raised:
        list(read(path))
    assert raised.value.line == 4
    report = SkipReport(1)
    assert Triple("a", "r", "b") in list(read(path, report=report))
    assert len(report) == 1


def test_undirected_edges_and_other_xml_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.graphml"
    edge = '<edge source="a" target="b" label="r"/>'
    path.write_text(f'{HEAD}<graph edgedefault="undirected">\n{edge}</graph></graphml>', "utf-8")
    with pytest.raises(ParseError, match="line 4: the edge is undirected"):
        list(read(path))
    path.write_text("<gexf/>", "utf-8")
    with pytest.raises(ParseError, match="not graphml"):
        list(read(path))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(edges: int) -> int:
        path = tmp_path / f"{edges}.graphml"
        with path.open("w") as stream:
            stream.write(f'{HEAD}<graph edgedefault="directed">')
            for number in range(edges):
                stream.write(f'<node id="n{number}"/><edge source="n{number}" target="n0" label="r"/>')
            stream.write("</graph></graphml>")
        tracemalloc.start()
        assert sum(isinstance(one, Triple) for one in read(path)) == edges
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(60_000) < 1.5 * peak(20_000)
