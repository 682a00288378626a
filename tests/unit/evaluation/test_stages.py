"""Stages: kept, taken again where nothing that decides them changed, and never told from a run without."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from kgqa.answer import Vote
from kgqa.datasets import Question
from kgqa.decode import BeamSearch
from kgqa.errors import CacheError
from kgqa.evaluation import Asker, Caches, Record, Timings
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.linking import EntityCandidate, Mention, NameLinker
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer

GRAPH = GraphBuilder.of(
    [Triple(f"film {n}", relation, f"{relation} of {n % 5}") for n in range(12) for relation in ("is", "has")]
)
QUESTIONS = [
    Question(f"q{n}", f"what is film {n} like", (f"film {n}",) if n % 3 else (), (f"is of {n % 5}",))
    for n in range(10)
] + [Question("nowhere", "what?", ("nothing",), ("x",)), Question("unnamed", "what?", (), ("x",))]


def answerer(seed: int = 0, **settings: object) -> Answerer:
    return Answerer(GRAPH, MockLanguageModel(seed), decoder=BeamSearch(beams=3), **settings)  # type: ignore[arg-type]


def timeless(records: list[Record]) -> list[Record]:
    return [dataclasses.replace(record, seconds=0.0, timings=Timings()) for record in records]


def ask(who: Answerer, caches: Caches | None, together: int = 4) -> list[Record]:
    asker = Asker(who, caches=caches)
    groups = [QUESTIONS[at : at + together] for at in range(0, len(QUESTIONS), together)]
    return timeless([record for group in groups for record in asker.ask(group)])


@pytest.mark.parametrize("together", [1, 4])
def test_with_a_cache_records_are_those_without_one_the_first_time_and_the_second(
    tmp_path: Path, together: int
) -> None:
    expected = ask(answerer(), None, together)
    assert {record.status for record in expected} == {"answered", "no-entity"}
    assert all(record.passes > 0 and record.tokens > 0 for record in expected if record.answers)
    caches = Caches(tmp_path, {})
    assert ask(answerer(), caches, together) == expected
    again = answerer()
    assert ask(again, Caches(tmp_path, {}), together) == expected
    assert isinstance(again.model, MockLanguageModel)
    assert again.model.calls == 0


def test_another_aggregator_decodes_nothing(tmp_path: Path) -> None:
    ask(answerer(), Caches(tmp_path, {}))
    all_of_them = answerer(aggregator=Vote(share=0.0))
    found = ask(all_of_them, Caches(tmp_path, {}))
    assert all_of_them.model.calls == 0  # type: ignore[attr-defined]
    assert found == ask(answerer(aggregator=Vote(share=0.0)), None)
    assert found != ask(answerer(), None)


def test_what_is_asked_beside_is_part_of_the_question(tmp_path: Path) -> None:
    ask(answerer(), Caches(tmp_path, {}), together=4)
    other = answerer()
    ask(other, Caches(tmp_path, {}), together=5)
    assert other.model.calls > 0  # type: ignore[attr-defined]


def test_other_settings_another_graph_and_damage_are_decoded_anew(tmp_path: Path) -> None:
    ask(answerer(), Caches(tmp_path, {"beams": 3}))
    for decided_by, who in (
        ({"beams": 4}, answerer(seed=1)),
        (
            {"beams": 3},
            dataclasses.replace(answerer(seed=1), graph=GraphBuilder.of([*GRAPH, Triple("a", "b", "c")])),
        ),
    ):
        assert ask(who, Caches(tmp_path, decided_by)) == ask(answerer(seed=1), None)
    damaged = tmp_path / "damaged"
    cache = Caches(damaged, {}).decoded
    ask(answerer(), Caches(damaged, {}))
    cache.path.write_bytes(cache.path.read_bytes().replace(b'"hypotheses":[[[', b'"hypotheses":[[[299,'))
    assert ask(answerer(), Caches(damaged, {})) == ask(answerer(), None)


def test_the_linker_is_asked_once(tmp_path: Path) -> None:
    class Linker:
        def __init__(self) -> None:
            self.asked: list[str] = []

        def link(self, question: str, graph: IndexedGraph) -> list[Mention]:
            self.asked.append(question)
            return NameLinker().link(question, graph)

    first, second = Linker(), Linker()
    expected = ask(answerer(linker=first), Caches(tmp_path, {}))
    assert ask(answerer(linker=second), Caches(tmp_path, {})) == expected
    assert sorted(first.asked) == sorted(q.question for q in QUESTIONS if not q.topic_entities)
    assert second.asked == ["what?"]  # nothing was found in it, so nothing was kept


def test_a_question_with_its_own_graph_is_kept_under_that_graph(tmp_path: Path) -> None:
    one = Question("1", "what?", ("a",), ("b",), graph=(Triple("a", "r", "b"),))
    other = dataclasses.replace(one, graph=(Triple("a", "r", "c"),))
    empty = Answerer(GraphBuilder.of([]), MockLanguageModel())
    for question, answer in ((one, ("b",)), (other, ("c",)), (one, ("b",))):
        (record,) = Asker(empty, caches=Caches(tmp_path, {})).ask([question])
        assert record.answers == answer


def test_a_linker_also_links_questions_with_graphs_of_their_own() -> None:
    class First:
        def link(self, question: str, graph: IndexedGraph) -> list[Mention]:
            return [Mention(question, 0, len(question), (EntityCandidate(graph.entity(0), 1.0, "label"),))]

    asked = [Question(name, "what?", (), (), graph=(Triple(name, "r", f"{name}2"),)) for name in ("a", "b")]
    everyone = Answerer(GraphBuilder.of([]), MockLanguageModel(), linker=First())
    records = [record for question in asked for record in Asker(everyone).ask([question])]
    assert [record.topic_entities for record in records] == [("a",), ("b",)]


def test_a_cache_that_cannot_be_written_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError):
        list(Asker(answerer(), caches=Caches(tmp_path / "file", {})).ask(QUESTIONS[:3]))
    with pytest.raises(CacheError):
        list(Asker(answerer(), caches=Caches(tmp_path / "file", {})).ask(QUESTIONS[:1]))


def test_times_are_those_of_the_first_time(tmp_path: Path) -> None:
    asker = Asker(answerer(), caches=Caches(tmp_path, {}))
    first = list(asker.ask(QUESTIONS[:4]))
    second = list(Asker(answerer(), caches=Caches(tmp_path, {})).ask(QUESTIONS[:4]))
    assert [r.timings.decode for r in first] == [r.timings.decode for r in second]
    assert all(r.timings.decode > 0 and r.timings.link > 0 and r.timings.aggregate > 0 for r in second)
    assert all(r.seconds == pytest.approx(sum(dataclasses.astuple(r.timings))) for r in second)
