"""Where an index is built by default, and what it would replace."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgqa.errors import UsageError
from kgqa.graph.building.fetched_graph import fetched_graph, host_name
from kgqa.graph.building.graph_files import GraphFiles
from kgqa.graph.building.index_build import IndexBuild, default_folder
from kgqa.graph.building.read_settings import ReadSettings
from kgqa.graph.readers import NAME_RELATIONS, SkipReport

URL = "https://example.org:8890/sparql"


def test_an_index_without_a_folder_is_built_again_and_not_over_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    facts = tmp_path / "example-org.tsv"
    facts.write_text("a\tr\tb\n", "utf-8")
    folder = default_folder(host_name(URL), [URL])
    assert folder == Path("example-org.kgqa")
    files = GraphFiles([facts], ["mine"])
    with IndexBuild(folder, files, SkipReport()) as made:
        made.read()
        assert made.replaces() is None
        graph = made.save()
    assert graph.facts_about["sources"] == [str(facts)]
    assert default_folder(Path(facts.name), files.names) == folder
    with pytest.raises(UsageError, match=r"holds the index of .*example-org.tsv.*; name a folder with -o"):
        default_folder(host_name(URL), [URL])
    with IndexBuild(folder, GraphFiles([facts, facts], [None, None]), SkipReport()) as made:
        assert made.replaces() == f"the index of {facts} with 1 triple"


def test_what_cannot_be_said_of_an_address_is_refused(tmp_path: Path) -> None:
    named = ReadSettings(names=NAME_RELATIONS.with_more(["urn:name"], []))
    some = {"named_graphs": (), "around": (), "hops": 2}
    for url, settings, more, told in (
        ("bolt://host:7687", ReadSettings(), {"named_graphs": ["urn:g"]}, "--named-graph is of SPARQL"),
        ("bolt://host:7687", named, {}, "--around, --label and --alias are of SPARQL"),
        (URL, named, {"around": ["Kenya"]}, "leave --around out"),
    ):
        with pytest.raises(UsageError, match=told):
            fetched_graph(url, tmp_path, None, settings, **{**some, **more})  # type: ignore[arg-type]
