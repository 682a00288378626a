"""What is counted before a model runs, against chains listed one by one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import graphs

from kgqa.constraint.grammars.listing import list_paths, list_relation_paths
from kgqa.datasets import Question, load_questions
from kgqa.errors import DataError, UsageError
from kgqa.evaluation import Ceiling
from kgqa.evaluation.statistics.path_counts import PathCounter
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Triple
from kgqa.graph.readers import read


@st.composite
def dense_graphs(draw: st.DrawFn) -> IndexedGraph:
    """Few entities, many parallel relations, loops and returns, some of them unnamed."""
    entities = [f"e{number}" for number in range(draw(st.integers(1, 5)))]
    ends = st.sampled_from(entities)
    facts = draw(st.lists(st.builds(Triple, ends, st.sampled_from("rst"), ends), min_size=1, max_size=14))
    blank = draw(st.sets(ends))
    return GraphBuilder(mediators="|".join(sorted(blank)) or "(?!)").add_all(facts).build()


@given(
    graph=dense_graphs() | graphs(8).filter(len),
    data=st.data(),
    hops=st.integers(1, 3),
    inverse=st.booleans(),
    allow_return=st.booleans(),
)
def test_chains_and_relation_paths_are_as_many_as_can_be_listed(
    graph: IndexedGraph, data: st.DataObject, hops: int, inverse: bool, allow_return: bool
) -> None:
    everything = [graph.entity(number) for number in range(graph.entity_count)]
    topics = data.draw(st.lists(st.sampled_from(everything), min_size=0, max_size=2, unique=True))
    counts = PathCounter(graph, hops, inverse, allow_return).of([graph.entity_id(topic) for topic in topics])
    paths = [listed.chain for listed in list_paths(graph, topics, hops, inverse, allow_return)]
    relations = list_relation_paths(graph, topics, hops, inverse, allow_return)
    assert counts.chains == len(paths)
    assert counts.relation_paths == len({_steps(listed.chain.hops) for listed in relations})
    nearest: dict[str, int] = {}
    for chain in sorted(paths, key=lambda chain: len(chain.hops)):
        nearest.setdefault(chain.end, len(chain.hops))
    found = {entity: counts.distance(graph.entity_id(entity)) for entity in everything}
    assert found == {entity: nearest.get(entity) for entity in everything}


def _steps(hops: Sequence[object]) -> tuple[tuple[str, bool], ...]:
    return tuple((hop.relation, hop.inverse) for hop in hops)  # type: ignore[attr-defined]


FILMS = GraphBuilder.of(
    [
        Triple("Kismet", "directed_by", "Dieterle"),
        Triple("Juarez", "directed_by", "Dieterle"),
        Triple("Juarez", "written_by", "Dieterle"),
        Triple("Juarez", "year", "1939"),
        Triple("m.1", "year", "1950"),
        Name("m.1", "Sunset"),
    ]
)


def asked(topic: str, *answers: str, **others: object) -> Question:
    return Question(f"{topic}-{answers}", "?", (topic,), answers, **others)  # type: ignore[arg-type]


def test_shares_are_of_answers_and_of_questions_by_hops() -> None:
    questions = [asked("Kismet", "Dieterle", "1939"), asked("1939", "Kismet"), asked("Kismet")]
    found = Ceiling.of(questions, FILMS, hops=3)
    assert (found.n, found.answers) == (3, 3)
    assert found.answers_within == (1 / 3, 1 / 3, 1.0)
    assert found.any_within == (0.5, 0.5, 1.0)
    assert found.all_within == (0.0, 0.0, 1.0)
    assert found.hubs == (("1939", 1), ("Kismet", 1))
    assert found.parallel == 1 - 4 / 5


def test_what_the_graph_does_not_have_is_counted_and_named() -> None:
    questions = [asked("Nobody", "Dieterle"), asked("Kismet", "Nothing"), Question("q", "?", (), ("1939",))]
    found = Ceiling.of(questions, FILMS, hops=2)
    assert (found.unknown_topics, found.unknown_answers, found.topicless) == (1, 1, 2)
    assert found.unknown == ("Nobody", "Nothing")
    assert found.answers_within == (0.0, 0.0)
    assert "'Nobody', 'Nothing'" in found.describe()


def test_an_answer_counts_under_its_name_and_not_under_its_identifier() -> None:
    """Strict scores compare names, so an answer that is only an identifier can never be right."""
    named, bare = (Ceiling.of([asked("1950", answer)], FILMS, hops=1) for answer in ("sunset", "m.1"))
    assert (named.answers_within, bare.answers_within) == ((1.0,), (0.0,))
    assert bare.unknown_answers == 1


def test_a_question_is_looked_at_in_its_own_graph() -> None:
    own = (Triple("Oslo", "in", "Norway"), Triple("Bergen", "in", "Norway"))
    found = Ceiling.of([asked("Oslo", "Bergen", graph=own), asked("Kismet", "Dieterle")], FILMS, hops=2)
    assert found.all_within == (0.5, 1.0)
    assert found.parallel == 1 - 6 / 7


def test_a_graph_that_cannot_be_built_is_named_with_its_question() -> None:
    with pytest.raises(DataError, match=r"Oslo-.*: the question's own graph cannot be built"):
        Ceiling.of([asked("Oslo", "Bergen", graph=(Triple("", "in", "Norway"),))], FILMS)


def test_a_topic_answers_itself_only_where_chains_return() -> None:
    there_and_back = asked("Kismet", "Kismet")
    assert Ceiling.of([there_and_back], FILMS, hops=2).all_within == (0.0, 0.0)
    assert Ceiling.of([there_and_back], FILMS, hops=2, allow_return=True).all_within == (0.0, 1.0)
    assert Ceiling.of([there_and_back], FILMS, hops=2, allow_return=True, inverse=False).all_within == (
        0.0,
        0.0,
    )


def test_the_page_is_json_too() -> None:
    found = json.loads(json.dumps(Ceiling.of([asked("Kismet", "1939")], FILMS, hops=3).to_json()))
    assert found["chains"] == {"median": 9.0, "p95": 9.0, "largest": 9.0}
    assert found["all_within"] == [0.0, 0.0, 1.0]
    empty = Ceiling.of([], FILMS)
    assert (empty.n, empty.answers_within, empty.parallel) == (0, (0.0, 0.0, 0.0), 0.0)
    assert "0 questions" in empty.describe()


def test_no_hops_are_refused() -> None:
    with pytest.raises(UsageError, match="hops must be a whole number of at least 1, not 0"):
        Ceiling.of([], FILMS, hops=0)


def test_a_question_without_a_graph_needs_one_that_is_given() -> None:
    own = Question("own", "?", ("a",), ("b",), graph=(Triple("a", "r", "b"),))
    found = Ceiling.of([own])
    assert (found.own_graphs, found.all_within[0]) == (1, 1.0)
    assert "1 question, 1 with graphs of their own" in found.describe()
    with pytest.raises(DataError, match="'q' brings no graph, and none was given"):
        Ceiling.of([own, Question("q", "?", ("a",), ("b",))])


@pytest.mark.data
def test_every_metaqa_answer_is_within_its_hops(data_folder: Path) -> None:
    graph = GraphBuilder().add_all(read(data_folder / "metaqa" / "kb.tsv.gz")).build()
    for hops in (1, 2):
        questions = list(load_questions(data_folder / "metaqa" / f"questions_{hops}hop.jsonl.gz"))[:1000]
        found = Ceiling.of(questions, graph, hops=hops)
        assert found.any_within[-1] == 1.0
        assert found.all_within[-1] > 0.99
