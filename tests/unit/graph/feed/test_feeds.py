"""An index follows a folder of patches: none is missed, none is applied twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from killed_work import killed_at
from property_examples import examples

from kgqa.errors import DataError, ParseError, UsageError
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    RelationName,
    Triple,
    add_facts,
    compact_index,
    open_index,
    save_index,
)
from kgqa.graph.feed import Feed, Patch, read_patch

OLD = Triple("urn:ann", "urn:knows", "urn:bo")
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    save_index(
        GraphBuilder.of(
            [OLD, Name("urn:ann", "Ann"), Name("urn:bo", "Bo"), RelationName("urn:knows", "knows")]
        ),
        tmp_path / "index",
    )
    (tmp_path / "patches").mkdir()
    return Feed(tmp_path / "patches", tmp_path / "index")


def put(feed: Feed, name: str, *rows: str) -> None:
    (feed.folder / name).write_text("".join(f"{row} .\n" for row in rows), "utf-8")


def fact(number: int) -> str:
    return f"<urn:ann> <urn:knows> <urn:e{number}>"


def applied(feed: Feed) -> list[str]:
    return [patch.name for patch in feed.apply_new()]


def known(feed: Feed) -> set[str]:
    return {hop.entity for hop in open_index(feed.index).hops("urn:ann")}


def test_patches_are_applied_once_in_the_order_of_their_numbers(feed: Feed) -> None:
    put(feed, "p10.rdfp", f"A {fact(1)}", "D <urn:ann> <urn:knows> <urn:bo>", f"D {fact(9)}")
    put(feed, "p9.rdfp", f"D {fact(1)}", f"A {fact(2)}")
    first, second = feed.apply_new()
    assert (first.name, first.added, first.removed, first.unchanged) == ("p9.rdfp", 1, 0, 1)
    assert (second.name, second.added, second.removed, second.unchanged) == ("p10.rdfp", 1, 1, 1)
    assert known(feed) == {"urn:e1", "urn:e2"}
    assert applied(feed) == []
    (feed.folder / "p11.ru").write_text(f"DELETE DATA {{ {fact(1)} }}", "utf-8")
    assert applied(feed) == ["p11.ru"]
    assert known(feed) == {"urn:e2"}


def test_other_updates_and_compacting_keep_the_position_and_a_new_build_forgets_it(feed: Feed) -> None:
    put(feed, "1.rdfp", f"A {fact(1)}")
    assert applied(feed) == ["1.rdfp"]
    add_facts(feed.index, [Triple("urn:ann", "urn:knows", "urn:e2")])
    compact_index(feed.index)
    assert not open_index(feed.index).changed
    assert applied(feed) == []
    put(feed, "2.rdfp", f"A {fact(1)}")  # nothing new
    assert applied(feed) == ["2.rdfp"]
    assert not open_index(feed.index).changed
    assert applied(feed) == []
    save_index(GraphBuilder.of([OLD]), feed.index)
    assert applied(feed) == ["1.rdfp", "2.rdfp"]


def test_a_wrong_patch_stops_and_nothing_of_it_is_applied(feed: Feed) -> None:
    put(feed, "1.rdfp", f"A {fact(1)}")
    put(feed, "2.rdfp", f"A {fact(2)}", "A <urn:ann> <urn:knows>")
    for names in (["1.rdfp"], []):
        found: list[str] = []
        with pytest.raises(ParseError, match=r"2\.rdfp, line 2") as error:
            found.extend(patch.name for patch in feed.apply_new())
        assert error.value.line == 2
        assert found == names
    assert known(feed) == {"urn:bo", "urn:e1"}
    put(feed, "2.rdfp", f"A {fact(2)}")
    assert applied(feed) == ["2.rdfp"]


def test_a_patch_that_comes_late_is_an_error(feed: Feed) -> None:
    put(feed, "2.rdfp", f"A {fact(2)}")
    assert applied(feed) == ["2.rdfp"]
    put(feed, "1.rdfp", f"A {fact(1)}")
    with pytest.raises(DataError, match="one came late"):
        applied(feed)
    (feed.folder / "1.rdfp").rename(feed.folder / "3.rdfp")
    assert applied(feed) == ["3.rdfp"]
    for name in ("2.rdfp", "3.rdfp"):  # what was applied may be thrown away
        (feed.folder / name).unlink()
    put(feed, "4.rdfp", f"A {fact(4)}")
    assert applied(feed) == ["4.rdfp"]


def test_a_patch_follows_the_one_that_it_names(feed: Feed) -> None:
    put(feed, "1.rdfp", "H id <uuid:1>", "H prev <uuid:0>", f"A {fact(1)}")
    put(feed, "2.rdfp", "H id <uuid:2>", "H prev <uuid:1>", f"A {fact(2)}")
    put(feed, "4.rdfp", "H prev <uuid:3>", f"A {fact(4)}")
    with pytest.raises(ParseError, match=r"4\.rdfp, line 1: follows uuid:3, but 2\.rdfp"):
        applied(feed)
    put(feed, "3.rdfp", "H id <uuid:3>", "H prev <uuid:2>", f"A {fact(3)}")
    assert applied(feed) == ["3.rdfp", "4.rdfp"]


def test_a_feed_may_begin_behind_a_patch(feed: Feed) -> None:
    for number in (1, 2, 3):
        put(feed, f"{number}.rdfp", f"A {fact(number)}")
    with pytest.raises(UsageError, match="no patch '4'"):
        feed.start_after("4")
    feed.start_after("2.rdfp")
    assert applied(feed) == ["3.rdfp"]
    assert known(feed) == {"urn:bo", "urn:e3"}
    with pytest.raises(UsageError, match=r"is at 3\.rdfp"):
        feed.start_after("1.rdfp")


def test_feeds_have_positions_of_their_own(feed: Feed, tmp_path: Path) -> None:
    put(feed, "1.rdfp", f"A {fact(1)}")
    other = Feed(tmp_path / "others", feed.index)
    other.folder.mkdir()
    put(other, "1.rdfp", f"A {fact(2)}")
    assert applied(feed) == applied(other) == ["1.rdfp"]
    assert applied(feed) == applied(other) == []


def test_two_processes_that_follow_apply_each_patch_once(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    put(feed, "1.rdfp", f"A {fact(1)}")
    put(feed, "2.rdfp", f"D {fact(1)}")
    others: list[str] = []

    def read_slowly(path: Path) -> Patch:
        if not others:
            others.append("begun")
            others.extend(applied(feed))  # the other one is done before this one has read its first patch
        return read_patch(path)

    monkeypatch.setattr("kgqa.graph.feed.feed.read_patch", read_slowly)
    assert applied(feed) == []
    assert others == ["begun", "1.rdfp", "2.rdfp"]
    assert known(feed) == {"urn:bo"}


def test_renamed_things_are_found_by_their_new_names_only(feed: Feed) -> None:
    put(feed, "1.rdfp", f'D <urn:ann> {LABEL} "Ann"', f'A <urn:ann> {LABEL} "Anna"@en')
    put(feed, "2.rdfp", f'D <urn:knows> {LABEL} "knows"@en', f'A <urn:knows> {LABEL} "is a friend of"')
    put(feed, "3.rdfp", f'D <urn:bo> {LABEL} "Bo"@fr')  # may be "Bo" in English, too
    applied(feed)
    graph = open_index(feed.index)
    assert (graph.label("urn:ann"), graph.alias_texts("urn:ann")) == ("Anna", ())
    assert (graph.find("ann"), graph.find("anna")) == ((), ("urn:ann",))
    assert graph.relation_label("urn:knows") == "is a friend of"
    assert graph.label("urn:bo") == "Bo"
    compacted = compact_index(feed.index)
    assert (compacted.label("urn:ann"), compacted.find("ann")) == ("Anna", ())
    put(feed, "4.rdfp", f'D <urn:ann> {LABEL} "Anna"', f'D <urn:knows> {LABEL} "is a friend of"')
    applied(feed)
    graph = open_index(feed.index)
    assert graph.naming is not None
    assert graph.label("urn:ann") == (graph.naming.name("urn:ann", graph.kind("urn:ann")) or None)
    assert graph.relation_label("urn:knows") == "urn:knows"


def test_an_entity_whose_last_name_and_fact_go_is_not_found(feed: Feed) -> None:
    put(feed, "1.rdfp", "D <urn:ann> <urn:knows> <urn:bo>", f'D <urn:bo> {LABEL} "Bo"')
    applied(feed)
    graph = open_index(feed.index)
    assert "urn:bo" not in graph.entities
    assert graph.find("Ann") == ("urn:ann",)  # it has a name
    assert set(compact_index(feed.index).entities) == {"urn:ann"}


def names_of(graph: IndexedGraph) -> dict[str, object]:
    names = {name: graph.find_ranked(name) for name in set(graph.names.iterkeys())}
    return {
        "facts": set(graph),
        "labels": {one: (graph.label(one), set(graph.alias_texts(one))) for one in graph.entities},
        "found": names,
        "relations": {relation: graph.relation_label(relation) for _, relation, _ in graph},
    }


ROWS = st.tuples(
    st.sampled_from("AD"),
    st.sampled_from(["<urn:ann>", "<urn:bo>", "<urn:knows>"]),
    st.one_of(
        st.tuples(st.just("<urn:knows>"), st.sampled_from(["<urn:bo>", "<urn:cy>", '"5"', "_:b"])),
        st.tuples(st.just(LABEL), st.sampled_from(['"Ann"', '"Bo"', '"Anna"', '"Zed"', '"knows"'])),
    ),
)


@examples(60)
@given(st.lists(st.lists(ROWS, max_size=5), max_size=5))
def test_a_graph_that_followed_is_the_same_after_compacting(
    tmp_path_factory: pytest.TempPathFactory, patches: list[list[tuple[str, str, tuple[str, str]]]]
) -> None:
    folder = tmp_path_factory.mktemp("feeds")
    (folder / "patches").mkdir()
    save_index(GraphBuilder.of([OLD, Name("urn:ann", "Ann"), Name("urn:ann", "Anna")]), folder / "index")
    feed = Feed(folder / "patches", folder / "index")
    facts = {OLD}
    for number, rows in enumerate(patches):
        put(
            feed, f"{number}.rdfp", *(f"{code} {subject} {rest[0]} {rest[1]}" for code, subject, rest in rows)
        )
        applied(feed)
        for code, subject, (relation, value) in rows:
            if relation != LABEL:
                triple = Triple(*(part.strip("<>") for part in (subject, relation, value)))
                facts = facts | {triple} if code == "A" else facts - {triple}
    graph = open_index(feed.index)
    assert set(graph) == facts
    before = names_of(graph)
    compacted = compact_index(feed.index)
    assert graph.naming is not None
    assert compacted.naming is not None
    if (graph.naming.speaks, graph.naming.hides_iris) == (
        compacted.naming.speaks,
        compacted.naming.hides_iris,
    ):
        assert names_of(compacted) == before


@pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")
def test_a_kill_at_any_step_loses_no_patch_and_repeats_none(feed: Feed) -> None:
    put(feed, "1.rdfp", f"A {fact(1)}")
    applied(feed)
    step, states = 2, set()
    while True:
        names = [f"{step}.a.rdfp", f"{step}.b.rdfp"]
        put(feed, names[0], f"A {fact(2)}")
        put(feed, names[1], f"D {fact(2)}", f"A {fact(3)}")
        killed = killed_at(step, lambda: list(feed.apply_new()))
        position = feed.position
        assert position is not None
        done = names.index(position.last) + 1 if position.last in names else 0
        states.add(done)
        assert known(feed) - {"urn:bo", "urn:e1"} == [set(), {"urn:e2"}, {"urn:e3"}][done]
        open_index(feed.index, verify=True)
        assert applied(feed) == names[done:]
        put(feed, f"{step}.c.rdfp", f"D {fact(3)}")
        assert applied(feed) == [f"{step}.c.rdfp"]
        if not killed:
            break
        step += 3
    assert states == {0, 1, 2}
