"""The laws of a language model, as calls that your own model can be tested with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgqa.lm.prompt import Prompt
from kgqa.lm.protocol import LanguageModel, Scores

__all__ = ["SAMPLE_PROMPTS", "check_language_model"]

SAMPLE_PROMPTS = (
    Prompt("what languages are the films directed by Joel Zwick in?", ("Joel Zwick",), "path"),
    Prompt("who acted with Hrithik Roshan in Kismet?", ("Hrithik Roshan", "Kismet"), "chain"),
    Prompt("quel est le genre d'«Amélie»?", ("Amélie",), "relations"),
)
SAMPLE_SEGMENTS = (" Joel Zwick", " <-", " directed_by", " <-", " Kismet", " ->", " in_language")
SAMPLE_TOKENS = 16


def check_language_model(
    model: LanguageModel,
    prompts: Sequence[Prompt] = SAMPLE_PROMPTS,
    *,
    tolerance: float = 1e-3,
) -> None:
    """Hold a model to the laws of `LanguageModel`; raises `AssertionError` naming the law broken.

    *Distribution*: `following` has one log-probability for each token, and their probabilities sum
    to 1. *Independence*: what is scored beside a text does not change its scores. *Chain rule*:
    each of `tokens` is what `following` said after the tokens before it. *Emptiness*: nothing may be
    continued, and no continuations give no scores. *Constancy*: asked again, it says the same.
    `tolerance` is in nats; widen it for half-precision models.
    """
    ids = [token for segment in model.tokenizer.encode_batch(SAMPLE_SEGMENTS) for token in segment]
    ids = ids[:SAMPLE_TOKENS]
    assert ids, "Emptiness: the tokenizer gives no ids for the sample text"
    prefixes = [ids[:end] for end in range(len(ids) + 1)]
    for prompt in prompts:
        together = model.score(prompt, prefixes)
        _check_count(together, len(prefixes))
        for tokens, scores in zip(prefixes, together, strict=True):
            _check_distribution(scores, len(tokens), model.tokenizer.vocabulary_size, tolerance)
            _check_chain_rule(together, tokens, scores, tolerance)
        _check_count(model.score(prompt, []), 0)
        for index in (0, 1, len(ids) // 2, len(ids)):
            alone = model.score(prompt, [prefixes[index]])[0]
            _check_same("Independence", together[index], alone, tolerance)
        backwards = model.score(prompt, [*reversed(prefixes), ids[:1]])
        for first, again in zip(together, reversed(backwards[:-1]), strict=True):
            _check_same("Independence", first, again, tolerance)
    for prompt in prompts:
        first, second = model.score(prompt, [ids])[0], model.score(prompt, [ids])[0]
        for one, other in ((first.tokens, second.tokens), (first.following, second.following)):
            assert np.array_equal(one, other), f"Constancy: {prompt} scored twice differs"


def _check_count(scores: Sequence[Scores], expected: int) -> None:
    assert len(scores) == expected, f"Emptiness: {expected} continuations gave {len(scores)} scores"


def _check_distribution(scores: Scores, length: int, size: int, tolerance: float) -> None:
    for name, row, shape in (("tokens", scores.tokens, length), ("following", scores.following, size)):
        assert row.shape == (shape,), f"Distribution: {name} has shape {row.shape}, not ({shape},)"
        assert row.dtype == np.float32, f"Distribution: {name} is {row.dtype}, not float32"
        assert not np.isnan(row).any(), f"Distribution: {name} holds NaN"
        assert (row <= tolerance).all(), f"Distribution: {name} holds a log-probability above 0"
    total = float(np.exp(scores.following.astype(np.float64)).sum())
    assert abs(total - 1) <= tolerance, f"Distribution: the probabilities sum to {total}, not 1"


def _check_chain_rule(
    together: Sequence[Scores], tokens: Sequence[int], scores: Scores, tolerance: float
) -> None:
    for position, token in enumerate(tokens):
        said = float(together[position].following[token])
        got = float(scores.tokens[position])
        assert abs(said - got) <= tolerance, (
            f"Chain rule: token {token} at position {position} has {got}, but {said} was predicted"
        )


def _check_same(law: str, first: Scores, second: Scores, tolerance: float) -> None:
    for one, other in ((first.tokens, second.tokens), (first.following, second.following)):
        finite = np.isfinite(one)
        assert np.array_equal(finite, np.isfinite(other)), f"{law}: -inf in one and not in the other"
        apart = float(np.abs(one[finite] - other[finite]).max(initial=0))
        assert apart <= tolerance, f"{law}: the scores of a text differ by {apart} nats"
