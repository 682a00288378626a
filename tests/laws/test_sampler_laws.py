"""Samplers against brute force: enumerate the language, compute what should be drawn, compare."""

from __future__ import annotations

import dataclasses
import functools
import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]
from tiny_models import CAUSAL, tiny_model

from kgqa.constraint import GRAMMARS, Constraint, GrammarName, Walk
from kgqa.constraint.testing import language
from kgqa.decode import (
    AlignedSampler,
    Branches,
    Decoder,
    Draft,
    Engine,
    Hypothesis,
    Prefix,
    Sampler,
    StochasticBeam,
    Task,
    WeightedRejection,
    aligned,
)
from kgqa.errors import NoChainError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import MockLanguageModel, Prompt, Request
from kgqa.lm.causal import CausalLanguageModel
from kgqa.lm.seq2seq import Seq2SeqLanguageModel
from kgqa.lm.testing import log_probability

pytestmark = pytest.mark.slow  # minutes

Text = tuple[int, ...]
Shares = dict[Text, float]

PROMPT = Prompt("what?", ("a",))
SURE = 1e-3
"""The seeds are fixed: a right sampler passes at this level once and for ever."""
NEVER = 1e-9
"""What a sampler of another distribution does not reach."""


class Remembering:
    """A constraint that is asked the same things thousands of times."""

    def __init__(self, constraint: Constraint) -> None:
        self.topics = constraint.topics
        self.start = constraint.start
        self.ends = constraint.ends
        self.chains = constraint.chains
        self.allowed = functools.cache(constraint.allowed)
        self.advance = functools.cache(constraint.advance)
        self.accepts = functools.cache(constraint.accepts)


class Case(NamedTuple):
    """A small language and a model that writes it often enough to be measured."""

    model: MockLanguageModel
    constraint: Constraint
    known: dict[Text, Branches]

    def decode(self, decoder: Decoder) -> list[Hypothesis]:
        """What the decoder finds, without an engine, for the sake of speed."""
        search = decoder.search(self.constraint)
        try:
            wanted = next(search)
            while True:
                for prefix in wanted:
                    if prefix.tokens not in self.known:
                        self.known[prefix.tokens] = self._branches(prefix)
                wanted = search.send([self.known[prefix.tokens] for prefix in wanted])
        except StopIteration as stop:
            return cast(list[Hypothesis], stop.value)

    def _branches(self, prefix: Prefix) -> Branches:
        (follows,) = self.model.score([Request(PROMPT, [prefix.tokens])])
        allowed = self.constraint.allowed(prefix.state)
        end = np.array([self.model.tokenizer.end_id], dtype=np.int32)
        accepts = self.constraint.accepts(prefix.state)
        return Branches(allowed, follows.of(0, allowed), float(follows.of(0, end)[0]) if accepts else None)

    def log_probabilities(self) -> Shares:
        """The model's own, unnormalised."""
        return {text: log_probability(self.model, PROMPT, text) for text in language(self.constraint)}

    def aligned(self) -> Shares:
        """p(text | the text is in the language)."""
        return normal(self.log_probabilities())

    def masked(self, temperature: float = 1.0) -> Shares:
        """The product of the step-by-step renormalised probabilities."""
        return dict(self._masked((), self.constraint.start, 1.0, temperature))

    def _masked(self, text: Text, state: object, share: float, t: float) -> Iterator[tuple[Text, float]]:
        allowed = self.constraint.allowed(state).tolist()
        here = log_probability(self.model, PROMPT, text, ends=False)
        ways: dict[int | None, float] = {
            token: log_probability(self.model, PROMPT, (*text, token), ends=False) - here for token in allowed
        }
        if self.constraint.accepts(state):
            ways[None] = log_probability(self.model, PROMPT, text) - here
        total = sum(math.exp(gain / t) for gain in ways.values())
        for token, gain in ways.items():
            onward = share * math.exp(gain / t) / total
            if token is None:
                yield text, onward
            else:
                yield from self._masked((*text, token), self.constraint.advance(state, token), onward, t)


def normal(log_shares: Shares) -> Shares:
    most = max(log_shares.values())
    total = sum(math.exp(share - most) for share in log_shares.values())
    return {text: math.exp(share - most) / total for text, share in log_shares.items()}


@functools.cache
def case(number: int) -> Case:
    """A random small graph; its texts are what the model likes, some more than others."""
    chance = random.Random(number)
    while True:
        names = ["a", "ab", "b", "abc", "c d", "é"]
        triples = [
            Triple(chance.choice(names), chance.choice("rs"), chance.choice(names))
            for _ in range(chance.randint(3, 6))
        ]
        graph: IndexedGraph = GraphBuilder.of(triples)
        grammar = cast(GrammarName, sorted(GRAMMARS)[number % 3])
        plain = MockLanguageModel()
        try:
            constraint = Walk.of(graph, [triples[0].head], plain.tokenizer, grammar=grammar, hops=2)
        except NoChainError:
            continue
        texts = sorted(language(constraint))
        if not 4 <= len(texts) <= 40 or max(map(len, texts)) > 45:
            continue
        # Some texts are all but ignored, so that whole branches lead to little.
        liked = {plain.tokenizer.decode(text): chance.choice([3.0, 5.0, 7.0]) for text in texts}
        found = Case(MockLanguageModel(number, preferences=liked), Remembering(constraint), {})
        if sum(share > 0.02 for share in found.aligned().values()) >= 3:
            return found


@functools.cache
def even(number: int) -> Case:
    """The same language and a model that likes nothing in it, so that all its texts have a fair chance."""
    return Case(MockLanguageModel(number), case(number).constraint, {})


CASES = range(9)
QUICK = [2, 5, 8]
"""Those with short texts, for what needs thousands of runs; the others are for the slow tests."""
MOST = [number if number in QUICK else pytest.param(number, marks=pytest.mark.slow) for number in CASES]


def fit(counts: Mapping[Text, float], expected: Shares) -> float:
    """The p-value of counts under shares: a chi-square test, rare texts taken together."""
    assert counts.keys() <= expected.keys(), "a text outside the language"
    total = sum(counts.values())
    common = [text for text, share in expected.items() if share * total >= 8]
    observed = [counts.get(text, 0) for text in common]
    should = [expected[text] * total for text in common]
    if (rest := total - sum(should)) > 1e-6 * total:
        observed.append(total - sum(observed))
        should.append(rest)
    if len(should) < 2:
        return 1.0
    return float(stats.chisquare(observed, np.array(should) * (sum(observed) / sum(should))).pvalue)


def counts(found: Iterable[Hypothesis], samples: int) -> Counter[Text]:
    return Counter({h.tokens: round(h.weight * samples) for h in found})


def distance(found: Iterable[Hypothesis], expected: Shares) -> float:
    """Total variation between weights and shares."""
    weights = {h.tokens: h.weight for h in found}
    return sum(abs(weights.get(text, 0) - share) for text, share in expected.items()) / 2


def deviation(estimates: list[float] | NDArray[np.float64], truth: float) -> float:
    """How far the mean of independent estimates is from what it should be, in standard errors.

    A thousandth is the model's rounding.
    """
    values = np.array(estimates)
    apart = max(0.0, abs(float(values.mean()) - truth) - 1e-3 * truth)
    return apart / (float(values.std()) / math.sqrt(len(values)) + 1e-12)


# Ancestral sampling


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


# Aligned sampling


@pytest.mark.parametrize("number", CASES)
def test_the_aligned_sampler_draws_from_the_models_own_distribution(number: int) -> None:
    found = case(number).decode(AlignedSampler(samples=4000))
    assert all(h.exact for h in found)
    assert fit(counts(found, 4000), case(number).aligned()) > SURE


@pytest.mark.parametrize("number", CASES)
def test_the_plain_sampler_fails_the_aligned_samplers_test(number: int) -> None:
    found = case(number).decode(Sampler(samples=4000))
    assert fit(counts(found, 4000), case(number).aligned()) < NEVER


@pytest.mark.parametrize("number", CASES)
@pytest.mark.parametrize("prefixes", [0, 10])
def test_without_the_prefixes_for_it_the_weights_still_converge(number: int, prefixes: int) -> None:
    truth = case(number).aligned()
    found = {
        samples: case(number).decode(AlignedSampler(samples=samples, prefixes=prefixes))
        for samples in (4, 3000)
    }
    assert not any(h.exact for h in found[3000])
    assert distance(found[3000], truth) < 0.04
    assert distance(found[4], truth) > distance(found[3000], truth)


@pytest.mark.parametrize("number", CASES)
def test_without_the_prefixes_for_it_the_draws_themselves_converge(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last round of draws, unweighted."""
    merged = aligned._merged
    monkeypatch.setattr(
        aligned, "_merged", lambda drawn, _, c: merged([d for d in drawn if d.numbers[0] >= 2048], True, c)
    )
    late = case(number).decode(AlignedSampler(samples=4096, prefixes=0))
    assert distance(late, case(number).aligned()) < 0.05
    assert distance(late, case(number).masked()) > 0.1


@pytest.mark.parametrize("number", MOST)
def test_few_adaptive_samples_estimate_means_better_than_plain_ones(number: int) -> None:
    truth = case(number).aligned()
    adaptive = [case(number).decode(AlignedSampler(40, seed, prefixes=0)) for seed in range(20)]
    plain = [case(number).decode(Sampler(40, seed)) for seed in range(20)]
    assert np.mean([distance(f, truth) for f in adaptive]) < np.mean([distance(f, truth) for f in plain])


# Sampling without replacement


@pytest.mark.parametrize("number", MOST)
def test_texts_drawn_without_replacement_come_in_the_order_that_they_should(number: int) -> None:
    """With one more sample one more text is drawn, so two runs of one seed show the order."""
    shares = even(number).masked()
    expected = {
        (*first, -1, *second): p * q / (1 - p)
        for first, p in shares.items()
        for second, q in shares.items()
        if first != second
    }
    drawn: Counter[Text] = Counter()
    for seed in range(1500):
        (first,) = (h.tokens for h in even(number).decode(StochasticBeam(1, seed)))
        pair = [h.tokens for h in even(number).decode(StochasticBeam(2, seed))]
        pair.remove(first)
        drawn[(*first, -1, *pair[0])] += 1
    assert fit(drawn, expected) > SURE
    if number == QUICK[0]:
        with_replacement = {pair: share * (1 - shares[_first(pair)]) for pair, share in expected.items()}
        total = sum(with_replacement.values())
        assert fit(drawn, {pair: share / total for pair, share in with_replacement.items()}) < SURE


def _first(pair: Text) -> Text:
    return pair[: pair.index(-1)]


@pytest.mark.parametrize("number", MOST)
@pytest.mark.parametrize("samples", [1, 3])
def test_importance_weights_estimate_every_share_without_bias(number: int, samples: int) -> None:
    shares = even(number).masked()
    weights: dict[Text, NDArray[np.float64]] = {text: np.zeros(1500) for text in shares}
    for seed in range(1500):
        for h in even(number).decode(StochasticBeam(samples, seed)):
            weights[h.tokens][seed] = h.weight
    for text, share in shares.items():
        if share > 0.01:
            assert deviation(weights[text], share) < 4
    assert deviation(np.array(list(weights.values())).sum(axis=0), 1) < 4


@pytest.mark.parametrize("number", CASES)
def test_with_samples_enough_the_whole_language_comes_out_and_weights_are_probabilities(number: int) -> None:
    shares = case(number).masked()
    found = case(number).decode(StochasticBeam(samples=len(shares)))
    assert {h.tokens for h in found} == shares.keys()
    for h in found:
        assert math.isclose(h.weight, shares[h.tokens], rel_tol=1e-3)


# A constraint that can only be asked


def random_judge(number: int, prefixes: bool) -> Callable[[Draft], bool]:
    """Keeps about half of what is said; of beginnings those of a text that is kept, or all."""
    chance = random.Random(number)
    aligned, masked = case(number).aligned(), case(number).masked()
    while True:
        kept = {text for text in sorted(aligned) if chance.random() < 0.5}
        # What is likely among them must not be all but never proposed, or no number of runs would do.
        share = sum(aligned[text] for text in kept)
        if 0.05 < sum(masked[text] for text in kept) < 0.99 and all(
            aligned[text] < 20 * share * masked[text] for text in kept
        ):
            break
    begun = {text[:end] for text in kept for end in range(len(text) + 1)}
    return lambda draft: draft.tokens in kept if draft.ended else not prefixes or draft.tokens in begun


def kept_by(judge: Callable[[Draft], bool], constraint: Constraint, texts: Iterable[Text]) -> list[Text]:
    return [text for text in texts if judge(Draft(text, True, None, constraint))]


@pytest.mark.parametrize("number", MOST)
@pytest.mark.parametrize("prefixes", [True, False])
@pytest.mark.parametrize("samples", [2, 8])
def test_weighted_rejection_estimates_the_probability_of_all_that_is_kept(
    number: int, prefixes: bool, samples: int
) -> None:
    constraint = case(number).constraint
    judge = random_judge(number, prefixes)
    truth = case(number).log_probabilities()
    kept = {text: truth[text] for text in kept_by(judge, constraint, truth)}
    total = max(kept.values()) + math.log(sum(math.exp(v - max(kept.values())) for v in kept.values()))
    weights: dict[Text, NDArray[np.float64]] = {text: np.zeros(400) for text in kept}
    for seed in range(400):
        for h in case(number).decode(WeightedRejection(judge, samples, seed)):
            weights[h.tokens][seed] = math.exp(h.log_weight - total)
    assert deviation(np.array(list(weights.values())).sum(axis=0), 1) < 4
    for text, share in normal(kept).items():
        if share > 0.02:
            assert deviation(weights[text], share) < 4


@pytest.mark.parametrize("number", MOST)
def test_with_many_particles_the_normalised_weights_are_the_distribution(number: int) -> None:
    constraint = case(number).constraint
    judge = random_judge(number, prefixes=True)
    truth = case(number).log_probabilities()
    kept = normal({text: truth[text] for text in kept_by(judge, constraint, truth)})
    found = case(number).decode(WeightedRejection(judge, samples=3000))
    total = np.logaddexp.reduce([h.log_weight for h in found])
    weights = {h.tokens: math.exp(h.log_weight - total) for h in found}
    assert sum(abs(weights.get(text, 0) - share) for text, share in kept.items()) / 2 < 0.05


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
    alone = [shown(ALL[name].decode(model, task.prompt, task.constraint)) for task in tasks]
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
    found = ALL[name].decode(model, PROMPT, constraint)
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
