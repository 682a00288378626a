"""The laws of a language model, as functions that test your own model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.lm.protocol import LanguageModel
from kgqa.lm.request import Distributions, Prompt, Request, Text

__all__ = ["SAMPLE_PROMPTS", "check_language_model", "log_probability"]

SAMPLE_PROMPTS = (
    Prompt("what languages are the films directed by Joel Zwick in?", ("Joel Zwick",), "path"),
    Prompt("who acted with Hrithik Roshan in Kismet?", ("Hrithik Roshan", "Kismet"), "chain"),
    Prompt("quel est le genre d'«Amélie»?", ("Amélie",), "relations"),
)
SAMPLE_SEGMENTS = (" Joel Zwick", " <-", " directed_by", " <-", " Kismet", " ->", " in_language")
SAMPLE_TOKENS = 16


def log_probability(model: LanguageModel, prompt: Prompt, text: Sequence[int], ends: bool = True) -> float:
    """The log-probability of a text after a prompt, with `ends` including that of its end token."""
    prefixes = [tuple(text[:end]) for end in range(len(text) + 1)]
    (follows,) = model.score([Request(prompt, prefixes)])
    tokens = [*text, model.tokenizer.end_id] if ends else list(text)
    return float(sum(follows.of(at, np.array([token]))[0] for at, token in enumerate(tokens)))


def check_language_model(
    model: LanguageModel,
    prompts: Sequence[Prompt] = SAMPLE_PROMPTS,
    *,
    tolerance: float = 1e-3,
) -> None:
    """Check a model by the laws of `LanguageModel`; raises `AssertionError` with the law that is broken.

    *Distribution*: there is one log-probability for each token, and the probabilities sum to 1.
    *Independence*: a distribution does not depend on the other texts of the request, on the other
    requests of the pass, on the order of either, or on earlier calls. *Emptiness*: the empty text has a
    distribution, and a request without texts has an empty result. *Constancy*: a repeated call gives
    the same, to a tenth of `tolerance`. `tolerance` is in nats; widen it for half-precision models.
    """
    ids = [token for segment in model.tokenizer.encode_batch(SAMPLE_SEGMENTS) for token in segment]
    ids = ids[:SAMPLE_TOKENS]
    assert ids, "Emptiness: the tokenizer gives no ids for the sample text"
    line = [tuple(ids[:end]) for end in range(len(ids) + 1)]
    tree = [*line, *((*text, token) for text, token in zip(line, reversed(ids), strict=False))]
    truth = [{text: _alone(model, prompt, text) for text in line} for prompt in prompts]
    for prompt, expected in zip(prompts, truth, strict=True):
        for texts in (line, [*reversed(line)], tree, [line[-1], line[0], line[-1]]):
            (follows,) = model.score([Request(prompt, texts)])
            _check_distributions(follows, len(texts), model.tokenizer.vocabulary_size, tolerance)
            for at, text in enumerate(texts):
                if text in expected:
                    _check_same("Independence", follows[at], expected[text], tolerance)
        (nothing,) = model.score([Request(prompt, [])])
        _check_distributions(nothing, 0, model.tokenizer.vocabulary_size, tolerance)
    assert model.score([]) == [], "Emptiness: no requests gave an answer"
    for order in (1, -1):
        together = model.score([Request(prompt, line[-3:]) for prompt in prompts[::order]])
        for follows, expected in zip(together, truth[::order], strict=True):
            for at, text in enumerate(line[-3:]):
                _check_same("Independence", follows[at], expected[text], tolerance)
    for prompt in prompts:
        first, second = (_alone(model, prompt, line[-1]) for _ in range(2))
        _check_same("Constancy", first, second, tolerance / 10)


def _alone(model: LanguageModel, prompt: Prompt, text: Text) -> NDArray[np.float32]:
    (follows,) = model.score([Request(prompt, [text])])
    assert len(follows) == 1, f"Distribution: {len(follows)} distributions for one text"
    return follows[0]


def _check_distributions(follows: Distributions, texts: int, size: int, tolerance: float) -> None:
    shape = follows.log_probabilities.shape
    assert shape == (texts, size), f"Distribution: shape {shape} for {texts} texts of {size}"
    for at in range(texts):
        row = follows[at]
        assert row.dtype == np.float32, f"Distribution: {row.dtype}, not float32"
        assert not np.isnan(row).any(), "Distribution: holds NaN"
        assert (row <= tolerance).all(), "Distribution: holds a log-probability above 0"
        total = float(np.exp(row.astype(np.float64)).sum())
        assert abs(total - 1) <= tolerance, f"Distribution: the probabilities sum to {total}, not 1"


def _check_same(law: str, one: NDArray[np.float32], other: NDArray[np.float32], tolerance: float) -> None:
    finite = np.isfinite(one)
    assert np.array_equal(finite, np.isfinite(other)), f"{law}: -inf in one and not in the other"
    apart = float(np.abs(one[finite] - other[finite]).max(initial=0))
    assert apart <= tolerance, f"{law}: the distribution after a text differs by {apart} nats"
