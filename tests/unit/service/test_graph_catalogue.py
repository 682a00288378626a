import logging
from pathlib import Path

import pytest

from kgqa.errors import ChatEndpointError, UnknownGraphError, UsageError
from kgqa.graph import GraphBuilder, add_facts, open_graph, save_index
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer
from kgqa.pipeline.settings import AnswererSettings
from kgqa.service import GraphCatalogue, HostedGraph, graph_sources


def hosted(folder: Path) -> GraphCatalogue:
    graph = open_graph(folder)
    return GraphCatalogue(
        [HostedGraph("films", Answerer(graph, MockLanguageModel()), graph.checksum)], {"films": str(folder)}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_index(GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")]), tmp_path / "films")
    return tmp_path / "films"


def test_a_graph_that_got_facts_is_answered_from_in_its_new_version(folder: Path) -> None:
    catalogue = hosted(folder)
    old = catalogue.graph("films")
    assert catalogue.refresh() == []
    add_facts(folder, [("Juarez", "directed_by", "William Dieterle")])
    assert catalogue.refresh() == ["films"]
    new = catalogue.graph("films")
    assert new.version != old.version
    assert new.queue is old.queue
    assert new.ask("Who directed Juarez?", ["Juarez"]).result(10).unwrap().names == ("William Dieterle",)
    assert old.ask("Who directed Juarez?", ["Juarez"]).result(10).error is not None
    assert catalogue.refresh() == []


def test_a_model_in_a_vllm_server_is_asked_for_each_graph(folder: Path) -> None:
    settings = AnswererSettings.of({"model": "vllm:http://127.0.0.1:9#m"})
    graph = GraphCatalogue.open({"films": str(folder)}, settings).graph("films")
    assert graph.version == open_graph(folder).checksum
    error = graph.ask("Who directed Kismet?", ["Kismet"]).result(10).error
    assert isinstance(error, ChatEndpointError), "no server was asked"


def test_a_folder_that_was_replaced_is_a_new_version(folder: Path) -> None:
    catalogue = hosted(folder)
    save_index(GraphBuilder.of([("Emma", "written_by", "Jane Austen")]), folder)
    assert catalogue.refresh() == ["films"]
    assert catalogue.graph("films").graph.find("Emma")


def test_a_version_that_cannot_be_prepared_leaves_the_old_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*given: object) -> None:
        raise ValueError("no such class")

    catalogue = hosted(folder)
    add_facts(folder, [("Juarez", "directed_by", "William Dieterle")])
    with monkeypatch.context() as changed:
        changed.setattr("kgqa.service.graph_catalogue.graph_schema", broken)
        assert catalogue.refresh() == []
    assert "the old one stays: no such class" in caplog.text
    assert not catalogue.graph("films").graph.find("Juarez")


def test_a_version_that_cannot_be_opened_leaves_the_old_one(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    catalogue = hosted(folder)
    good = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text("{")
    with caplog.at_level(logging.WARNING):
        assert catalogue.refresh() == []
    assert "the old one stays" in caplog.text
    assert catalogue.graph("films").graph.find("Kismet")
    (folder / "manifest.json").write_text(good)
    assert catalogue.refresh() == []
    save_index(GraphBuilder.of([("Emma", "written_by", "Jane Austen")]), folder)
    assert catalogue.refresh() == ["films"]


def test_an_unknown_name_is_an_error(folder: Path) -> None:
    with pytest.raises(UnknownGraphError, match="'books'"):
        hosted(folder).graph("books")


def test_sources_are_named_after_themselves_or_as_told() -> None:
    assert graph_sources(
        ["films", "b=x.ttl", "atlas", "dir/my films.tsv.gz", "e=http://localhost/sparql"]
    ) == {
        "films": "films",
        "b": "x.ttl",
        "atlas": "atlas",
        "my_films": "dir/my films.tsv.gz",
        "e": "http://localhost/sparql",
    }
    for wrong in (["films", "other/films"], ["http://localhost/sparql"], ["a=x", "a=y"]):
        with pytest.raises(UsageError):
            graph_sources(wrong)
