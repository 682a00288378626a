"""Patches: RDF Patch and SPARQL Update, what they say and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kgqa.errors import ParseError
from kgqa.graph.feed import read_patch

KNOWS = "<urn:ann> <urn:knows>"


def changes(path: Path, content: str) -> list[tuple[object, ...]]:
    path.write_text(content, "utf-8")
    return [
        (*(term.identifier.replace(f"@{path.name}", "@") for term in fact), *filter(None, [source]), is_added)
        for (fact, source), is_added in read_patch(path).changes.items()
    ]


def test_rows_are_added_and_deleted_and_the_last_one_of_a_fact_counts(tmp_path: Path) -> None:
    content = f"""H id <uuid:2> .
H prev <uuid:1> .
# a comment
TX .
PA "ex" "http://example/" .
A {KNOWS} <urn:bo> .
D {KNOWS} "Cy \\"the\\" <_:x>"@en <urn:graph> .
A {KNOWS} <urn:dan> .
TC .
TX .
D {KNOWS} <urn:dan> .
A <_:b0-1> <urn:knows> _:b0-1 .
TC .
"""
    assert changes(tmp_path / "1.rdfp", content) == [
        ("urn:ann", "urn:knows", "urn:bo", True),
        ("urn:ann", "urn:knows", '"Cy \\"the\\" <_:x>"@en', "urn:graph", False),
        ("urn:ann", "urn:knows", "urn:dan", False),
        ("_:b0-1", "urn:knows", "_:b0-1", True),
    ]
    patch = read_patch(tmp_path / "1.rdfp")
    assert (patch.id, patch.previous, patch.previous_line) == ("uuid:2", "uuid:1", 2)


def test_aborted_transactions_change_nothing_and_rows_need_none(tmp_path: Path) -> None:
    content = f"A {KNOWS} <urn:bo> .\nTX .\nA {KNOWS} <urn:cy> .\nD {KNOWS} <urn:bo> .\nTA .\n"
    assert changes(tmp_path / "1.patch", content) == [("urn:ann", "urn:knows", "urn:bo", True)]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (f"TX .\nA {KNOWS} <urn:bo> .\n", 1, "not ended"),
        (f"TX .\nA {KNOWS} <urn:bo> .\nTX .\n", 3, "line 1 is not ended"),
        (f"A {KNOWS} <urn:bo> .\nTC .\n", 2, "TC without TX"),
        (f"A {KNOWS} <urn:bo> .\nX {KNOWS} <urn:cy> .\n", 2, "no row"),
        (f"A {KNOWS} <urn:bo> .\nA {KNOWS} ex:cy .\n", 2, "no fact"),
        (f"\nA {KNOWS} <urn:bo>\n", 2, "dot"),
        (f'A "Ann" <urn:knows> <urn:bo> .\nA {KNOWS} .\n', 1, "no fact"),
        (f"A <urn:ann> <urn:says> <<( {KNOWS} <urn:bo> )>> .\n", 1, "RDF-star"),
        (f"A # {KNOWS} <urn:bo> .\n", 1, "no fact"),
        ("H id\n", 1, "header"),
    ],
)
def test_what_is_no_rdf_patch_is_refused_with_its_line(
    tmp_path: Path, content: str, line: int, reason: str
) -> None:
    path = tmp_path / "1.rdfp"
    path.write_text(content, "utf-8")
    with pytest.raises(ParseError, match=reason) as error:
        read_patch(path)
    assert (error.value.source, error.value.line) == (str(path), line)


def test_a_long_patch_is_parsed_in_parts_and_errors_keep_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "1.rdfp.gz"
    rows = [f"A {KNOWS} <urn:e{number}> .\n" for number in range(1200)]
    path.write_bytes(gzip.compress("".join(rows).encode()))
    assert len(read_patch(path).changes) == 1200
    rows[1100] = "A <urn:a> .\n"
    path.write_bytes(gzip.compress("".join(rows).encode()))
    with pytest.raises(ParseError, match="line 1101"):
        read_patch(path)


def test_updates_insert_and_delete_data(tmp_path: Path) -> None:
    content = """# a log } of {
PREFIX : <urn:>
prefix x: <urn:x#>
INSERT DATA { :ann :knows :bo , "}" , '''{ "it's' ''' ; :is x:a\\-b . # not } this
  GRAPH x:g { <urn:#x> :knows :bo } } ;
BASE <http://example/>
delete  data
{ <ann> :knows :cy }
INSERT DATA { _:n :knows _:m . _:m :likes _:n }
"""
    assert changes(tmp_path / "1.ru", content) == [
        ("urn:#x", "urn:knows", "urn:bo", "urn:x#g", True),
        ("urn:ann", "urn:is", "urn:x#a-b", True),
        ("urn:ann", "urn:knows", '"{ \\"it\'s\' "', True),
        ("urn:ann", "urn:knows", '"}"', True),
        ("urn:ann", "urn:knows", "urn:bo", True),
        ("http://example/ann", "urn:knows", "urn:cy", False),
        ("_:0.2@", "urn:knows", "_:1.2@", True),
        ("_:1.2@", "urn:likes", "_:0.2@", True),
    ]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("PREFIX : <urn:>\n\nCLEAR ALL", 3, "not 'CLEAR ALL'"),
        ("INSERT DATA { <urn:a> <urn:b> 1 } ;\nDELETE WHERE { ?s ?p ?o }", 2, "only INSERT DATA"),
        ("\nINSERT { ?s <urn:b> 1 } WHERE { ?s <urn:c> 2 }", 2, "only INSERT DATA"),
        ("INSERT DATA {\n<urn:a> <urn:b> 1 .\n<urn:a> <urn:b> ?x }", 3, "Variables"),
        ("\nDELETE DATA\n{\n<urn:a> <urn:b> _:x }", 4, "blank nodes"),
        ("INSERT DATA { <urn:a> <urn:b> 1 ;\n", 1, "not closed"),
        ("INSERT DATA {\n <urn:a> x:b 1 }", 2, "no SPARQL Update"),
    ],
)
def test_other_updates_are_refused_with_their_line(
    tmp_path: Path, content: str, line: int, reason: str
) -> None:
    path = tmp_path / "1.ru"
    path.write_text(content, "utf-8")
    with pytest.raises(ParseError, match=reason) as error:
        read_patch(path)
    assert error.value.line == line


def test_other_files_are_no_patches(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="must end with"):
        read_patch(tmp_path / "facts.tsv")
    with pytest.raises(ParseError):
        read_patch(tmp_path / "missing.rdfp")
