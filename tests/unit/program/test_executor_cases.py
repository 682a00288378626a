"""Cases of the executor that questions people asked brought up."""

from __future__ import annotations

import numpy as np
import pytest

from kgqa.graph import GraphBuilder, IndexedGraph, Value, ValueKind
from kgqa.program import (
    Aggregate,
    Comparator,
    Compare,
    Constant,
    Executor,
    Extreme,
    Follow,
    Instances,
    Keep,
    Measure,
    Program,
    Step,
    StepIndex,
    execution,
    parse_program,
)
from kgqa.program.steps import RDF_TYPE


def labels(graph: IndexedGraph, program: Program) -> list[str]:
    members = Executor.of(graph).execute(program).members
    assert members is not None
    return sorted(graph.labels[int(node)] for node in members)


def friends() -> IndexedGraph:
    return GraphBuilder.of(
        [
            ("Ann", RDF_TYPE, "Person"),
            ("Bob", RDF_TYPE, "Person"),
            ("Cyd", RDF_TYPE, "Person"),
            ("Ann", "friend", "Bob"),
            ("Ann", "friend", "Cyd"),
            ("Bob", "friend", "Ann"),
        ]
    )


def test_fewer_than_two_friends_has_those_without_any() -> None:
    count = Measure((Step("friend"),), Aggregate.COUNT)
    two = Constant(Value(ValueKind.NUMBER, 2.0, 2.0, "2"))
    few = Program(Instances(("Person",)), (Keep(Compare(count, Comparator.BELOW, two)),))
    assert labels(friends(), few) == ["Bob", "Cyd"]


def test_the_one_with_the_fewest_friends_has_none() -> None:
    count = Measure((Step("friend"),), Aggregate.COUNT)
    assert labels(friends(), Program(Instances(("Person",)), (Extreme(count, least=True),))) == ["Cyd"]


def schools() -> IndexedGraph:
    return GraphBuilder.of(
        [
            ("North", RDF_TYPE, "School"),
            ("South", RDF_TYPE, "School"),
            ("North", "type", "Public"),
            ("Fay", RDF_TYPE, "Pupil"),
        ]
    )


def test_a_relation_called_type_leads_to_no_class() -> None:
    graph = schools()
    # the readers give rdf:type the label "type"
    assert StepIndex.of(graph).texts[graph.relation_id(RDF_TYPE)] == "type"
    types = Program(Instances(("School",)), (Follow(Step("type")),))
    assert labels(graph, types) == ["Public"]


def test_the_ends_of_a_relation_called_type_are_no_classes_beside_rdf_type() -> None:
    names = [named.name for named in Executor.of(schools()).classes.named]
    assert names == ["Pupil", "School"]


def test_a_step_is_offered_only_to_those_who_have_it() -> None:
    graph = schools()
    index = StepIndex.of(graph)
    for name, steps in (("South", []), ("North", [Step("type")])):
        members = np.array([graph.entity_id(name)], dtype=np.int32)
        assert [step for step in index.onward(members) if not step.inverse] == steps


def test_pairs_are_kept_up_to_a_number_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = GraphBuilder.of([(f"a{head}", "knows", f"b{tail}") for head in range(20) for tail in range(10)])
    executor, path = Executor(graph), (Step("knows"),)
    monkeypatch.setattr(execution, "_KEPT_PAIRS", 600)
    for head in range(20):
        members = np.array([graph.entity_id(f"a{head}")], dtype=np.int32)
        assert len(executor.pairs(members, path).ends) == 10
        assert executor.pairs(members, path) is executor.pairs(members, path)
    assert 0 < len(executor._pairs) < 10


def test_a_single_average_is_neither_above_nor_below_the_average() -> None:
    facts = [*(("Ann", "score", text) for text in ("-2", "6", "40")), ("Ann", "type", "Player")]
    graph = GraphBuilder.of(facts)
    found = {}
    for word in ("above", "below", "equals"):
        program = parse_program(f"all Player | where average -> score {word} the average", graph)
        found[word] = labels(graph, program)
    assert found == {"above": [], "below": [], "equals": ["Ann"]}
