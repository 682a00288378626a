"""Relation paths found from answers, against a walk by hand over every path."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.graph import GraphBuilder, IndexedGraph, RelationStep, Triple
from kgqa.training.examples.example import Example, Target, likely_targets
from kgqa.training.examples.weak_supervision import answering_paths, reweighed_by_popularity

Steps = tuple[RelationStep, ...]

TRIPLES = [
    Triple("Justin", "sibling", "Jaxon"),
    Triple("Justin", "sibling", "Jazmyn"),
    Triple("Justin", "gender", "male"),
    Triple("Jaxon", "gender", "male"),
    Triple("Anders", "gender", "male"),
    Triple("Jaxon", "born", "Canada"),
    Triple("Justin", "born", "Canada"),
]


def walked(triples: list[Triple], topic: str) -> Mapping[Steps, set[str]]:
    """All paths of one or two steps with the entities they reach, never the topic again."""

    def onward(entities: set[str]) -> dict[RelationStep, set[str]]:
        found: dict[RelationStep, set[str]] = {}
        for head, relation, tail in triples:
            for source, target, inverse in ((head, tail, False), (tail, head, True)):
                if source in entities and target != topic:
                    found.setdefault(RelationStep(relation, inverse), set()).add(target)
        return found

    first = onward({topic})
    paths: dict[Steps, set[str]] = {(step,): reached for step, reached in first.items()}
    for step, reached in first.items():
        for second, end in onward(reached).items():
            paths[step, second] = end
    return paths


def oracle(triples: list[Triple], topic: str, answers: set[str], likely: set[Steps]) -> dict[Steps, float]:
    scores = {}
    for steps, reached in walked(triples, topic).items():
        right = len(reached & answers)
        precision, recall = right / len(reached), right / len(answers)
        if right:
            scores[steps] = 2 * precision * recall / (precision + recall)
    best = max(scores.values(), default=0)
    weights = {s: f1**3 * (1 + (s in likely)) for s, f1 in scores.items() if f1 >= best / 2 - 1e-9}
    return {steps: weight / sum(weights.values()) for steps, weight in weights.items()}


def graph() -> IndexedGraph:
    return GraphBuilder.of(TRIPLES)


def test_the_gold_path_is_found_and_the_accidental_one_weighs_less() -> None:
    targets = answering_paths(graph(), "Justin", ["Jaxon", "Jazmyn"])
    gold, accident = (RelationStep("sibling"),), (RelationStep("gender"), RelationStep("gender", True))
    weights = dict(targets)
    assert max(weights, key=weights.__getitem__) == gold
    assert 0 < weights[accident] < weights[gold] / 4


def test_answers_that_nothing_reaches_have_no_paths() -> None:
    assert answering_paths(graph(), "Justin", ["Nobody"]) == ()
    assert answering_paths(graph(), "Justin", ["Justin"]) == ()
    assert answering_paths(graph(), "Justin", []) == ()


@given(
    st.lists(
        st.builds(Triple, st.sampled_from("abcd"), st.sampled_from("rs"), st.sampled_from("abcd")),
        min_size=1,
        max_size=10,
        unique=True,
    ),
    st.sets(st.sampled_from("abcd"), min_size=1),
    st.sets(st.sampled_from([(RelationStep("r"),), (RelationStep("r"), RelationStep("s", True))])),
)
def test_weights_are_those_of_a_brute_force_search(
    triples: list[Triple], answers: set[str], likely: set[Steps]
) -> None:
    topic = triples[0].head
    expected = oracle(triples, topic, answers, likely)
    assert dict(answering_paths(GraphBuilder.of(triples), topic, sorted(answers), likely)) == pytest.approx(
        expected
    )


def test_belief_moves_to_the_path_that_answers_many_questions() -> None:
    gold, rare = (RelationStep("sibling"),), (RelationStep("gender"), RelationStep("gender", True))
    open_question = Example("webqsp", "q", ("a",), (Target(gold, 0.5), Target(rare, 0.5)))
    sure = [Example("webqsp", f"q{n}", ("a",), (Target(gold),)) for n in range(5)]
    first, *_ = reweighed_by_popularity([open_question, *sure])
    assert first.targets == (Target(gold, 1.0),)


def test_shared_belief_leaves_every_question_a_path_and_sums_to_one() -> None:
    many = {(RelationStep(f"r{n:02}"),): 1 / 80 for n in range(80)}
    examples = reweighed_by_popularity(
        [Example("webqsp", "q", ("a",), tuple(map(Target._make, many.items())))]
    )
    assert len(examples[0].targets) == 80
    assert sum(target.weight for target in examples[0].targets) == pytest.approx(1)


@given(st.dictionaries(st.integers(0, 99), st.floats(1e-6, 1e6), max_size=70))
def test_likely_targets_keep_the_best_and_sum_to_one(weights: dict[int, float]) -> None:
    by_steps: dict[Steps, float] = {
        (RelationStep(str(number)),): weight for number, weight in weights.items()
    }
    targets = dict(likely_targets(by_steps))
    if not weights:
        assert targets == {}
        return
    assert max(by_steps, key=by_steps.__getitem__) in targets
    assert sum(targets.values()) == pytest.approx(1)
    dropped = [weight for steps, weight in by_steps.items() if steps not in targets]
    assert all(weight <= 0.02 * sum(weights.values()) for weight in dropped)
