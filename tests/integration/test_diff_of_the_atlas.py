"""With the shipped model, a diff finds what asking every question of both graphs finds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgqa.datasets import Question, load_questions
from kgqa.diff import AnswerDiff, GivenAnswer, ModelMemory
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    RelationName,
    Statement,
    Triple,
    open_graph,
)
from kgqa.lm import load_language_model
from kgqa.pipeline import Answerer, Query

DATA = Path(__file__).parents[2] / "data" / "atlas"


def said_by(graph: IndexedGraph) -> Iterator[Statement]:
    for entity in graph.entities:
        yield Node(entity, graph.kind(entity))
        yield Name(entity, graph.label(entity) or "")
        yield from (Name(entity, alias, alias=True) for alias in graph.alias_texts(entity))
    for relation in graph.relation_names:
        yield RelationName(relation, graph.relation_label(relation))
    yield from graph


@pytest.mark.slow
def test_random_edits_of_the_atlas_are_found_exactly() -> None:
    chance, model, atlas = random.Random(7), load_language_model(), open_graph("atlas")
    pools = [list(load_questions(DATA / f"{name}.jsonl")) for name in ("dev", "operators_dev")]
    questions = [one for pool in pools for one in chance.sample(pool, 10)]

    def answerer(graph: IndexedGraph) -> Answerer:
        return Answerer(graph, model, "auto", min_confidence=0.02)

    def query(question: Question) -> Query:
        return Query(question.question)

    def full_run(of: Answerer) -> list[GivenAnswer]:
        return [GivenAnswer.of(one, of.graph) for one in of.run(map(query, questions))]

    old = answerer(atlas)
    before = full_run(old)
    proving = sorted({fact for given in before for fact in given.facts[:3]})
    statements = list(said_by(atlas))
    memory, changed = ModelMemory(), 0
    for _ in range(6):
        gone = chance.choice(proving)
        tails = [one.tail for one in statements if isinstance(one, Triple) and one.relation == gone.relation]
        added = Triple(gone.head, gone.relation, chance.choice(tails))
        renamed = Name(chance.choice(proving).head, "Zebulon Quince")
        edited = [renamed, *(one for one in statements if one != gone), added]
        new = answerer(GraphBuilder.of(edited))
        found = AnswerDiff.of(old, new, questions, memory, query=query)
        now = full_run(new)
        different = {
            one.id for one, was, is_now in zip(questions, before, now, strict=True) if was.said != is_now.said
        }
        assert {change.question.id for change in found.changes if change.is_changed} == different
        changed += len(different)
    assert changed > 0
