"""Small languages whose texts have known shares, and how far draws are from them."""

from __future__ import annotations

import functools
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from kgqa.constraint import GRAMMARS, Constraint, GrammarName, Walk
from kgqa.constraint.testing import language
from kgqa.decode import Branches, Decoder, Hypothesis, Prefix
from kgqa.errors import NoChainError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import MockLanguageModel, Prompt, Request
from kgqa.lm.testing import log_probability

__all__ = [
    "CASES",
    "MOST",
    "NEVER",
    "PROMPT",
    "QUICK",
    "SURE",
    "Shares",
    "Text",
    "case",
    "counts",
    "deviation",
    "distance",
    "even",
    "fit",
    "normal",
]

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
