"""Which relations of RDF say names, and which of several names is best."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgqa.cli import main
from kgqa.errors import UsageError
from kgqa.graph import GraphBuilder, Name, RelationName, Triple, open_index
from kgqa.graph.readers import NAME_RELATIONS, read
from kgqa.graph.readers.names import held_names

FACT = "<urn:a> <urn:r> <urn:b> .\n"


def file_of(folder: Path, *facts: str) -> Path:
    path = folder / "a.nt"
    path.write_text(FACT + "".join(f"{fact} .\n" for fact in facts), "utf-8")
    return path


@pytest.mark.parametrize("relation", NAME_RELATIONS.labels)
def test_each_label_relation_names_its_subject(tmp_path: Path, relation: str) -> None:
    found = list(read(file_of(tmp_path, f'<urn:a> <{relation}> "it"')))
    assert found == [Triple("urn:a", "urn:r", "urn:b"), Name("urn:a", "it")]


@pytest.mark.parametrize("relation", NAME_RELATIONS.aliases)
def test_each_alias_relation_says_another_name(tmp_path: Path, relation: str) -> None:
    label = NAME_RELATIONS.labels[0]
    found = list(read(file_of(tmp_path, f'<urn:a> <{relation}> "aaa"', f'<urn:a> <{label}> "it"')))
    assert found[1:] == [Name("urn:a", "it"), Name("urn:a", "aaa", alias=True)]


def test_the_language_comes_before_the_relation_and_this_before_the_alphabet(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        '<urn:a> <http://purl.org/dc/terms/title> "A"@en',
        '<urn:a> <http://schema.org/name> "B"@en',
        '<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "C"@en',
        '<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "D"@de',
    )
    assert [s.text for s in read(path) if isinstance(s, Name)] == ["C", "B", "A", "D"]
    assert next(s.text for s in read(path, languages=("de",)) if isinstance(s, Name)) == "D"


def test_what_is_no_text_is_no_name(tmp_path: Path) -> None:
    found = list(read(file_of(tmp_path, "<urn:a> <http://xmlns.com/foaf/0.1/name> <urn:x>")))
    assert Triple("urn:a", "http://xmlns.com/foaf/0.1/name", "urn:x") in found


def test_the_table_can_be_extended_and_what_is_given_comes_first(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        '<urn:a> <urn:called> "zzz"',
        '<urn:a> <urn:nick> "bbb"',
        '<urn:a> <http://xmlns.com/foaf/0.1/name> "aaa"',
    )
    out = tmp_path / "index"
    options = ["--label", "urn:called", "--alias", "urn:nick", "--alias", "http://xmlns.com/foaf/0.1/name"]
    assert main(["build", str(path), "-o", str(out), *options]) == 0
    graph = open_index(out)
    assert graph.label("urn:a") == "zzz"
    assert graph.alias_texts("urn:a") == ("bbb", "aaa")
    assert len(graph) == 1
    with pytest.raises(UsageError, match="labels"):
        NAME_RELATIONS.with_more("urn:called")


def test_names_of_one_entity_in_several_places_are_compared_while_few_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = NAME_RELATIONS.labels[0]
    others = [f'<urn:x{n}> <{label}> "x{n}"' for n in range(30)]
    path = file_of(tmp_path, f'<urn:a> <{label}> "es"@de', *others, f'<urn:a> <{label}> "it"@en')
    graph = GraphBuilder.of(read(path))
    assert graph.label("urn:a") == "it"
    monkeypatch.setattr(held_names, "MOST_NAMES", 10)
    graph = GraphBuilder.of(read(path))
    assert graph.label("urn:a") == "es"
    assert graph.alias_texts("urn:a") == ("it",)
    assert {graph.label(f"urn:x{n}") for n in range(30)} == {f"x{n}" for n in range(30)}


def test_relations_keep_their_names_when_few_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_names, "MOST_NAMES", 3)
    label = NAME_RELATIONS.labels[0]
    others = [f'<urn:x{n}> <{label}> "x{n}"' for n in range(9)]
    path = file_of(tmp_path, f'<urn:r> <{label}> "knows"', f'<urn:late> <{label}> "likes"', *others)
    with path.open("a", encoding="utf-8") as stream:
        stream.write("<urn:a> <urn:late> <urn:b> .\n")
    found = list(read(path))
    assert RelationName("urn:r", "knows") in found
    graph = GraphBuilder.of(found)
    assert (graph.relation_label("urn:r"), graph.relation_label("urn:late")) == ("knows", "likes")
