"""Triples in JSON, and OBO: what is read, how the format is told, and what is said of broken files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgqa.errors import ParseError, UsageError
from kgqa.graph import GraphBuilder, Name, RelationName, Triple
from kgqa.graph.readers import SkipReport, detect_format, read

FACTS = [Triple("Kismet", "directed_by", "William Dieterle"), Triple("Kismet", "release_year", "1944")]
ROWS: list[list[Any]] = [["Kismet", "directed_by", "William Dieterle"], ["Kismet", "release_year", 1944]]
OBJECTS = [dict(zip(("subject", "predicate", "object"), row, strict=True)) for row in ROWS]
OTHERS = [{"weight": 1.0, "target": row[2], "type": row[1], "source": row[0]} for row in ROWS]


def lines(items: object) -> str:
    assert isinstance(items, list)
    return "".join(json.dumps(item) + "\n" for item in items)


FORMS = {
    "lists": json.dumps(ROWS),
    "objects": json.dumps(OBJECTS),
    "other keys": json.dumps(OTHERS),
    "indented": json.dumps(OBJECTS, indent=2),
    "a mark": "\ufeff\n " + json.dumps(ROWS),
    "lines of lists": lines(ROWS),
    "lines of objects": lines(OBJECTS),
    "lines of other keys": lines(OTHERS),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["kb.json", "kb.jsonl"])
def test_json_triples_are_told_by_content_and_read(tmp_path: Path, name: str, form: str) -> None:
    path = tmp_path / name
    path.write_text(FORMS[form], "utf-8")
    assert detect_format(path) == "json-triples"
    assert list(read(path)) == FACTS


def test_other_json_keeps_its_format(tmp_path: Path) -> None:
    path = tmp_path / "kb.json"
    for content, form in (
        ('{"nodes": [], "links": []}', "node-link"),
        ("[]", "node-link"),
        ('{"@context": {}}', "jsonld"),
        ('[{"@id": "urn:a"}]', "jsonld"),
    ):
        path.write_text(content)
        assert detect_format(path) == form
    (tmp_path / "kb.jsonl").write_text('{"id": "1", "question": "who?", "graph": [["a", "r", "b"]]}\n')
    assert detect_format(tmp_path / "kb.jsonl") == "rog"


def test_numbers_and_truth_values_keep_their_texts(tmp_path: Path) -> None:
    path = tmp_path / "kb.json"
    path.write_text('[["a", "r", 1.50], ["a", "s", true], ["a", "t", ' + "9" * 5000 + "]]")
    assert [triple.tail for triple in read(path) if isinstance(triple, Triple)] == [
        "1.50",
        "true",
        "9" * 5000,
    ]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (["a", "r"], "no list of three"),
        (["a", "r", None], "None is no text and no number"),
        (["a", "r", ["b"]], "no text and no number"),
        (["", "r", "b"], "head is empty"),
        ({"head": "a", "tail": "b"}, "keys"),
        ("arb", "no list of three"),
        (["a", "r", "\ud800"], "surrogate"),
        (7, "no list of three"),
    ],
)
def test_an_item_that_is_no_fact_is_named_with_its_line_and_can_be_skipped(
    tmp_path: Path, item: object, reason: str
) -> None:
    path = tmp_path / "kb.json"
    for content in (
        "[" + ",\n".join(json.dumps(part) for part in (*ROWS, item, ROWS[0])) + "]",
        lines([*ROWS, item, ROWS[0]]),
    ):
        path.write_text(content, "utf-8")
        with pytest.raises(ParseError, match=reason) as raised:
            list(read(path, "json-triples"))
        assert raised.value.line == 3
        report = SkipReport(limit=1)
        assert list(read(path, "json-triples", report=report)) == [*FACTS, FACTS[0]]


@pytest.mark.parametrize(
    "content", ['[["a", "r", "b"]', '[["a", "r", "b"] ["a"]]', '[["a", "r", NaN]]', '[["a"]] x', "[[" * 5000]
)
def test_a_list_that_is_not_whole_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "kb.json").write_text(content)
    with pytest.raises(ParseError, match="not JSON"):
        list(read(tmp_path / "kb.json", "json-triples", skip_bad=5))


def test_columns_are_of_tables_only(tmp_path: Path) -> None:
    from kgqa import Columns

    (tmp_path / "kb.json").write_text(json.dumps(ROWS))
    with pytest.raises(UsageError, match="json-triples files have no columns"):
        read(tmp_path / "kb.json", columns=Columns(head=1))


ONTOLOGY = """format-version: 1.4
ontology: cells

[Term]
id: GO:0005618
name: cell wall
namespace: cellular_component
def: "The rigid wall." [GOC:giardia]
synonym: "wall of the \\"cell\\"" EXACT [x:1, y:2]
synonym: "Wand" RELATED GERMAN []
xref: Wikipedia:Cell_wall
is_a: GO:0030312 {source="x"} ! external structure
relationship: part_of GO:0071944 ! cell periphery

[Term]
id: GO:0030312
name: external structure

[Term]
id: GO:0000001
name: gone
is_obsolete: true
is_a: GO:0030312

[Typedef]
id: part_of
name: part of
xref: BFO:0000050

[Instance]
id: X:1
name: a wall
instance_of: GO:0005618
"""


def test_an_ontology_gives_names_synonyms_and_relations(tmp_path: Path) -> None:
    path = tmp_path / "go.obo"
    path.write_text(ONTOLOGY, "utf-8")
    found = list(read(path))
    assert set(found) == {
        Name("GO:0005618", "cell wall"),
        Name("GO:0005618", 'wall of the "cell"', alias=True),
        Name("GO:0005618", "Wand", alias=True),
        Triple("GO:0005618", "is_a", "GO:0030312"),
        Triple("GO:0005618", "part_of", "GO:0071944"),
        Name("GO:0030312", "external structure"),
        RelationName("part_of", "part of"),
        Name("X:1", "a wall"),
        Triple("X:1", "instance_of", "GO:0005618"),
        RelationName("is_a", "is a"),
    }
    graph = GraphBuilder.of(found)
    assert graph.relation_label("part_of") == "part of"
    assert graph.find("wand") == ("GO:0005618",)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("hello", "no tag and value"),
        ("is_a:", "tail is empty"),
        ("relationship: part_of", "tail is empty"),
        ("synonym: wall EXACT []", "a synonym without quotes"),
        ("[Term]\nname: nobody", "a \\[Term\\] without an id"),
    ],
)
def test_a_bad_line_of_an_ontology_is_named_and_can_be_skipped(tmp_path: Path, bad: str, reason: str) -> None:
    path = tmp_path / "go.obo"
    path.write_text(f"[Term]\nid: A:1\nis_a: A:2\n{bad}\n", "utf-8")
    with pytest.raises(ParseError, match=reason) as raised:
        list(read(path))
    assert raised.value.line == 4
    assert Triple("A:1", "is_a", "A:2") in list(read(path, skip_bad=1))
