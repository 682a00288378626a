"""A search that is watched finds the same, and says where it gave up what it did not find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.constraint import Constraint, Walk
from kgqa.decode import BeamSearch, Decoder, Engine, Greedy, Hypothesis, Task
from kgqa.diagnosis.traced_search import TracedSearch
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel, Prompt

NAMES = ["ann", "ann b", "bo", "cy", "di"]
GRAPH = GraphBuilder.of(
    Triple(head, relation, tail)
    for number, head in enumerate(NAMES)
    for relation, tail in [("knows", NAMES[number - 1]), ("likes", NAMES[number - 2])]
)
MODEL = MockLanguageModel()
PROMPT = Prompt("who?", ("ann",), "path")


def walk() -> Constraint:
    return Walk.of(GRAPH, ["ann"], MODEL.tokenizer, grammar="path", hops=2)


def run(decoder: Decoder) -> list[Hypothesis]:
    (found,) = Engine(MODEL).run(decoder, [Task(PROMPT, walk())])
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    "decoder", [BeamSearch(3), BeamSearch(4, masked=True), BeamSearch(3, margin=2.0), Greedy()]
)
def test_a_watched_search_finds_what_it_finds_alone(decoder: Decoder) -> None:
    watched = TracedSearch(decoder)
    assert watched.renormalises == decoder.renormalises
    assert run(watched) == run(decoder)
    assert watched.steps


@given(st.integers(1, 6))
def test_what_was_found_was_never_given_up_and_all_else_was(beams: int) -> None:
    everything = run(BeamSearch(1000))
    watched = TracedSearch(BeamSearch(beams))
    found = {hypothesis.tokens for hypothesis in run(watched)}
    assert len(found) == beams < len(everything)
    for hypothesis in everything:
        if hypothesis.tokens in found:
            assert watched.given_up(hypothesis) is None
            continue
        stopped = watched.given_up(hypothesis)
        if stopped is None:  # all its tokens were kept, and its end was less probable than others
            assert hypothesis.log_probability <= min(
                h.log_probability for h in everything if h.tokens in found
            )
            continue
        length, least = stopped
        assert 0 < length <= len(hypothesis.tokens)
        if least is not None:
            kept = {prefix.tokens for step in watched.steps for prefix in step}
            assert hypothesis.tokens[:length] not in kept
            assert length == 1 or hypothesis.tokens[: length - 1] in kept
