"""Classes without a label are called by the words of their IRIs, in graphs whose things have labels."""

from __future__ import annotations

from kgqa.graph import GraphBuilder, IndexedGraph, Name, Triple
from kgqa.graph.naming import Unlabelled
from kgqa.program import Classes, Executor, parse_program, program_text

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
ALBUM, OWL_THING = "https://schema.org/MusicAlbum", "http://www.w3.org/2002/07/owl#NamedIndividual"


def albums(unlabelled: Unlabelled = "auto") -> IndexedGraph:
    builder = GraphBuilder(unlabelled=unlabelled)
    for number, name in enumerate(("Harbour Songs", "Last Line", "Second Winter")):
        album = f"urn:album:{number}"
        builder.add_all([Name(album, name), Triple(album, TYPE, ALBUM), Triple(album, TYPE, OWL_THING)])
    return builder.build()


def test_the_class_is_named_written_and_read() -> None:
    graph = albums()
    assert [(one.name, one.size) for one in Classes.of(graph).named] == [("Music Album", 3)]
    program = parse_program("all Music Album | count", graph)
    assert program_text(program, graph) == "all Music Album | count"
    assert str(Executor.of(graph).execute(program).value) == "3"
    assert graph.label(ALBUM) is None


def test_where_iris_without_labels_are_said_to_be_mediators_classes_are_too() -> None:
    assert Classes.of(albums("mediator")).named == ()
