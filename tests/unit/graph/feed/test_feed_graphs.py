"""Patches that name graphs: a feed adds sources to facts and takes them away."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.graph import GraphBuilder, Quad, Triple, compact_index, open_index, save_index
from kgqa.graph.feed import Feed

FACT = "<urn:ann> <urn:knows> <urn:bo>"
ANN_BO = Triple("urn:ann", "urn:knows", "urn:bo")


def said(feed: Feed) -> dict[Triple, tuple[str, ...]]:
    graph = open_index(feed.index)
    return {fact: graph.sources(fact) for fact in graph}


ROWS = st.tuples(st.sampled_from("AD"), st.sampled_from(["bo", "cy", "dan"]), st.sampled_from(["g", "h"]))


@examples(40)
@given(st.lists(st.lists(ROWS, max_size=6), max_size=5), st.booleans())
def test_a_fact_is_there_as_long_as_one_graph_has_it(
    tmp_path_factory: pytest.TempPathFactory, patches: list[list[tuple[str, str, str]]], as_sparql: bool
) -> None:
    folder = tmp_path_factory.mktemp("feeds")
    (folder / "patches").mkdir()
    feed = Feed(folder / "patches", folder / "index")
    quads = {("zoe", "g")}
    save_index(GraphBuilder.of([Quad("urn:ann", "urn:knows", "urn:zoe", "urn:g")]), feed.index)
    for number, rows in enumerate(patches):
        facts = [(code, f"<urn:ann> <urn:knows> <urn:{name}>", source) for code, name, source in rows]
        if as_sparql:
            words = {"A": "INSERT", "D": "DELETE"}
            lines = [
                f"{words[code]} DATA {{ GRAPH <urn:{source}> {{ {fact} }} }} ;"
                for code, fact, source in facts
            ]
        else:
            lines = [f"{code} {fact} <urn:{source}> ." for code, fact, source in facts]
        (feed.folder / f"{number}{'.ru' if as_sparql else '.rdfp'}").write_text("\n".join(lines), "utf-8")
        (done,) = feed.apply_new()
        before = set(quads)
        for code, name, source in rows:
            quads = quads | {(name, source)} if code == "A" else quads - {(name, source)}
        assert done.removed == len(before - quads)
        assert done.added == len(quads - before)
    expected = {
        Triple("urn:ann", "urn:knows", f"urn:{name}"): tuple(
            sorted(f"urn:{source}" for one, source in quads if one == name)
        )
        for name, _ in quads
    }
    assert said(feed) == expected
    compact_index(feed.index)
    assert said(feed) == expected


def test_graphs_do_not_matter_for_facts_of_which_no_source_is_known(tmp_path: Path) -> None:
    (tmp_path / "patches").mkdir()
    feed = Feed(tmp_path / "patches", tmp_path / "index")
    save_index(GraphBuilder.of([ANN_BO, Triple("urn:bo", "urn:knows", "urn:ann")]), feed.index)
    (feed.folder / "1.rdfp").write_text(f"D {FACT} <urn:g> .\n", "utf-8")
    assert [done.removed for done in feed.apply_new()] == [1]
    (feed.folder / "2.rdfp").write_text(f"A {FACT} <urn:g> .\nA {FACT} <urn:h> .\n", "utf-8")
    list(feed.apply_new())
    assert said(feed)[ANN_BO] == ("urn:g", "urn:h")
    (feed.folder / "3.rdfp").write_text(f"D {FACT} <urn:i> .\n", "utf-8")
    assert [(done.removed, done.unchanged) for done in feed.apply_new()] == [(0, 1)]
    (feed.folder / "4.rdfp").write_text(f"D {FACT} .\n", "utf-8")
    assert [done.removed for done in feed.apply_new()] == [1]
    assert ANN_BO not in said(feed)
