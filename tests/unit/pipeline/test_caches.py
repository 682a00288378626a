"""Caches around linker and finder: used again where nothing that decides the result has changed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from kgqa.answer import Vote
from kgqa.constraint import Without
from kgqa.datasets import Question
from kgqa.decode import BeamSearch
from kgqa.errors import CacheError
from kgqa.evaluation import BatchRunner, Record
from kgqa.finders import ModelFinder
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.linking import Mention, NameLinker
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, Timings
from kgqa.pipeline.caches import CachedFinder

GRAPH = GraphBuilder.of(
    [Triple(f"film {n}", relation, f"{relation} of {n % 5}") for n in range(12) for relation in ("is", "has")]
)
QUESTIONS = [
    Question(f"q{n}", f"what is film {n} like", (f"film {n}",) if n % 3 else (), (f"is of {n % 5}",))
    for n in range(10)
] + [Question("nowhere", "what?", ("nothing",), ("x",)), Question("unnamed", "what?", (), ("x",))]


def answerer(seed: int = 0, beams: int = 3, **settings: object) -> Answerer:
    finder = ModelFinder(MockLanguageModel(seed), BeamSearch(beams=beams))
    return Answerer(GRAPH, finder, **settings)  # type: ignore[arg-type]


def calls(who: Answerer) -> int:
    """How often the model was asked."""
    finder = who.hypothesis_finder
    model = (finder.finder if isinstance(finder, CachedFinder) else finder).model  # type: ignore[attr-defined]
    return int(model.calls)


def timeless(records: list[Record]) -> list[Record]:
    return [dataclasses.replace(record, seconds=0.0, timings=Timings()) for record in records]


def ask(who: Answerer, batch_size: int = 4) -> list[Record]:
    runner = BatchRunner(who)
    batches = [QUESTIONS[at : at + batch_size] for at in range(0, len(QUESTIONS), batch_size)]
    return timeless([record for batch in batches for record in runner.records(batch)])


@pytest.mark.parametrize("batch_size", [1, 4])
def test_with_a_cache_records_are_those_without_one_the_first_time_and_the_second(
    tmp_path: Path, batch_size: int
) -> None:
    expected = ask(answerer(), batch_size)
    assert {record.status for record in expected} == {"answered", "no-entity"}
    assert all(record.passes > 0 and record.tokens > 0 for record in expected if record.answers)
    assert ask(answerer().cached(tmp_path, "code"), batch_size) == expected
    again = answerer().cached(tmp_path, "code")
    assert ask(again, batch_size) == expected
    assert calls(again) == 0


def test_another_aggregator_decodes_nothing(tmp_path: Path) -> None:
    ask(answerer().cached(tmp_path, ""))
    all_of_them = answerer(aggregator=Vote(share=0.0)).cached(tmp_path, "")
    found = ask(all_of_them)
    assert calls(all_of_them) == 0
    assert found == ask(answerer(aggregator=Vote(share=0.0)))
    assert found != ask(answerer())


def test_the_questions_of_a_batch_are_part_of_the_key(tmp_path: Path) -> None:
    ask(answerer().cached(tmp_path, ""), batch_size=4)
    other = answerer().cached(tmp_path, "")
    ask(other, batch_size=5)
    assert calls(other) > 0


def test_whatever_decides_the_hypotheses_is_part_of_the_key(tmp_path: Path) -> None:
    ask(answerer().cached(tmp_path, "code"))
    changed = [
        answerer(beams=4),
        answerer(seed=1),
        answerer(hops=2),
        answerer(inverse=False),
        answerer(allow_return=True),
        answerer(filters=(Without(relations={"has"}),)),
        answerer().over(GraphBuilder.of([*GRAPH, Triple("a", "b", "c")])),
    ]
    for who in changed:
        asked = who.cached(tmp_path, "code")
        assert ask(asked) == ask(who)
        assert calls(asked) > 0
    other_code = answerer().cached(tmp_path, "other code")
    ask(other_code)
    assert calls(other_code) > 0


def test_damage_is_decoded_anew(tmp_path: Path) -> None:
    ask(answerer().cached(tmp_path, ""))
    (file,) = tmp_path.glob("found-*.tsv")
    file.write_bytes(file.read_bytes().replace(b'"hypotheses":[[[', b'"hypotheses":[[[299,'))
    (linked,) = tmp_path.glob("linked-*.tsv")
    linked.write_bytes(linked.read_bytes().replace(b'"candidates"', b'"cand"'))
    asked = answerer().cached(tmp_path, "")
    assert ask(asked) == ask(answerer())
    assert calls(asked) > 0


def test_the_linker_is_asked_once(tmp_path: Path) -> None:
    class Counting:
        def __init__(self) -> None:
            self._asked: list[str] = []

        def link(self, question: str, graph: IndexedGraph) -> list[Mention]:
            self._asked.append(question)
            return NameLinker().link(question, graph)

    first, second = Counting(), Counting()
    expected = ask(answerer(linker=first).cached(tmp_path, ""))
    assert ask(answerer(linker=second).cached(tmp_path, "")) == expected
    assert sorted(first._asked) == sorted(q.question for q in QUESTIONS if not q.topic_entities)
    assert second._asked == []


def test_a_question_with_its_own_graph_is_kept_under_that_graph(tmp_path: Path) -> None:
    one = Question("1", "what?", ("a",), ("b",), graph=(Triple("a", "r", "b"),))
    other = dataclasses.replace(one, graph=(Triple("a", "r", "c"),))
    empty = Answerer(GraphBuilder.of([]), MockLanguageModel()).cached(tmp_path, "")
    for question, answer in ((one, ("b",)), (other, ("c",)), (one, ("b",))):
        (record,) = BatchRunner(empty).records([question])
        assert record.answers == answer
        assert record.timings.graph > 0
        assert record.seconds == pytest.approx(record.timings.total)


def test_a_cache_that_cannot_be_written_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError):
        list(BatchRunner(answerer().cached(tmp_path / "file", "")).records(QUESTIONS[:3]))
    with pytest.raises(CacheError):
        list(BatchRunner(answerer().cached(tmp_path / "file", "")).records(QUESTIONS[:1]))


def test_decoding_times_are_those_of_the_first_time(tmp_path: Path) -> None:
    first = list(BatchRunner(answerer().cached(tmp_path, "")).records(QUESTIONS[:4]))
    second = list(BatchRunner(answerer().cached(tmp_path, "")).records(QUESTIONS[:4]))
    assert [r.timings.decode for r in first] == [r.timings.decode for r in second]
    assert all(r.timings.decode > 0 and r.timings.link > 0 and r.timings.aggregate > 0 for r in second)
    assert all(r.seconds == pytest.approx(r.timings.total) for r in second)


def test_a_cache_does_not_make_another_run(tmp_path: Path) -> None:
    assert answerer().cached(tmp_path, "x").describe() == answerer().describe()
