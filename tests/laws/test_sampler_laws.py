"""What all samplers keep, and the plain one against the shares that it should draw from."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter

import pytest
from sampled_language import CASES, MOST, NEVER, PROMPT, QUICK, SURE, Text, case, counts, fit
from tiny_models import CAUSAL, tiny_model

from kgqa.constraint import Walk
from kgqa.constraint.testing import language
from kgqa.decode import (
    AlignedSampler,
    Decoder,
    Engine,
    Sampler,
    StochasticBeam,
    Task,
    WeightedRejection,
    decode,
)
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel, Prompt
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel

pytestmark = pytest.mark.slow  # minutes


# The plain sampler


@pytest.mark.parametrize("number", CASES)
@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_sampler_draws_from_the_renormalised_steps(number: int, temperature: float) -> None:
    found = case(number).decode(Sampler(samples=20_000, temperature=temperature))
    drawn = counts(found, 20_000)
    assert drawn.total() == 20_000
    assert fit(drawn, case(number).masked(temperature)) > SURE
    assert math.isclose(sum(h.weight for h in found), 1)


def test_the_sampler_of_another_temperature_fails_the_test() -> None:
    found = case(0).decode(Sampler(samples=20_000, temperature=1.3))
    assert fit(counts(found, 20_000), case(0).masked()) < NEVER


@pytest.mark.parametrize("number", MOST)
def test_seeds_are_independent_draws(number: int) -> None:
    drawn = Counter(case(number).decode(Sampler(samples=1, seed=seed))[0].tokens for seed in range(800))
    assert fit(drawn, case(number).masked()) > SURE


def test_more_samples_keep_those_that_there_were() -> None:
    few = counts(case(0).decode(Sampler(samples=10, seed=3)), 10)
    many = counts(case(0).decode(Sampler(samples=50, seed=3)), 50)
    assert few <= many


# All of them

ALL: dict[str, Decoder] = {
    "sampler": Sampler(samples=30, seed=5),
    "stochastic beam": StochasticBeam(samples=4, seed=5),
    "aligned": AlignedSampler(samples=30, seed=5),
    "adaptive": AlignedSampler(samples=30, seed=5, prefixes=5),
    "weighted rejection": WeightedRejection(lambda draft: sum(draft.tokens) % 3 != 0, samples=8, seed=5),
}


def shown(found: object) -> list[tuple[Text, float, float, bool]]:
    assert isinstance(found, list), found
    return [(h.tokens, round(h.log_probability, 3), round(h.log_weight, 3), h.exact) for h in found]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("lookahead", [0, 7, 500])
@pytest.mark.parametrize("questions", [1, 4])
def test_what_is_drawn_does_not_depend_on_the_engine(name: str, lookahead: int, questions: int) -> None:
    model = MockLanguageModel(3)
    tasks = [Task(Prompt("what?", (str(number),)), case(number).constraint) for number in QUICK]
    alone = [shown(decode(ALL[name], model, task.prompt, task.constraint)) for task in tasks]
    assert [shown(f) for f in Engine(model, questions, lookahead).run(ALL[name], tasks)] == alone


@pytest.mark.parametrize("name", ALL)
def test_what_is_drawn_depends_on_the_seed(name: str) -> None:
    settings = {
        field.name: getattr(ALL[name], field.name)
        for field in dataclasses.fields(ALL[name])  # type: ignore[arg-type]
    }
    drawn = {
        str([shown(case(number).decode(type(ALL[name])(**{**settings, "seed": seed}))) for number in QUICK])
        for seed in range(8)
    }
    assert len(drawn) > 1


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("number", CASES)
def test_every_text_is_in_the_language_with_its_probability_and_comes_once(name: str, number: int) -> None:
    model, constraint, _ = case(number)
    truth = case(number).log_probabilities()
    found = decode(ALL[name], model, PROMPT, constraint)
    assert found == sorted(found, key=lambda h: h.rank)
    assert len({h.tokens for h in found}) == len(found) > 0
    for h in found:
        assert math.isclose(h.log_probability, truth[h.tokens], abs_tol=1e-3)
        assert set(h.chains()) <= set(language(constraint)[h.tokens])


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("architecture", ["llama", "t5"])
def test_transformers_are_sampled_alike_whatever_the_engine(name: str, architecture: str) -> None:
    kind = CausalLanguageModel if architecture in CAUSAL else Seq2SeqLanguageModel
    model = kind(*tiny_model(architecture))
    graph = GraphBuilder.of(Triple("Kismet", relation, end) for relation in "rs" for end in "abcd")
    constraint = Walk.of(graph, ["Kismet"], model.tokenizer, hops=2)
    prompt = Prompt("what?", ("Kismet",))
    (few,), (many,) = (
        [shown(f) for f in Engine(model, 1, lookahead).run(ALL[name], [Task(prompt, constraint)])]
        for lookahead in (0, 48)
    )
    assert [(tokens, exact) for tokens, _, _, exact in few] == [(t, exact) for t, _, _, exact in many]
    for one, other in zip(few, many, strict=True):
        assert one[1:3] == pytest.approx(other[1:3], abs=5e-3)
