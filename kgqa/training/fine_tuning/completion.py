"""Training texts as the token ids that the model sees when it answers, and the order of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgqa.constraint.answered import answer_ids
from kgqa.lm.forward.log_probabilities import check_texts
from kgqa.lm.forward.rows import padded
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel
from kgqa.training.fine_tuning.training_text import TrainingText

__all__ = ["IGNORED", "Completion", "completions", "drawn_order", "padded_batch", "trained_places"]

IGNORED = -100
"""The label of a token that is not trained on."""


@dataclass(frozen=True)
class Completion:
    """A prompt and the text behind it, in token ids.

    An encoder reads `prompt` (empty for a causal model), the decoder reads `given`. `wanted` holds the
    token that follows each token of `given`: `IGNORED` inside the prompt, then the text and its end: that of
    a path, or behind an answer the end of sequence.
    """

    prompt: tuple[int, ...]
    given: tuple[int, ...]
    wanted: tuple[int, ...]
    weight: float = 1.0


def completions(
    model: CausalLanguageModel | Seq2SeqLanguageModel, texts: Sequence[TrainingText]
) -> list[Completion]:
    """The training texts of a model.

    Raises `TokenizerError` for a text that its tokenizer does not split, `ModelError` for one that
    does not fit its window.
    """
    tokenizer = model.tokenizer
    rows = [_written(text.segments, tokenizer.leading_space) for text in texts]
    segments = list(dict.fromkeys(segment for row in rows for segment in row))
    ids = dict(zip(segments, tokenizer.encode_batch(segments), strict=True))
    found = []
    for text, row in zip(texts, rows, strict=True):
        said, end = tuple(token for segment in row for token in ids[segment]), tokenizer.end_id
        if text.answer is not None:
            behind = tokenizer.behind_paths()
            said, end = (*said, *answer_ids(behind, text.answer)), behind.end_id
        read = model.renderer.encode(text.prompt)
        if isinstance(model, Seq2SeqLanguageModel):
            prompt, opening, room = tuple(read), tuple(model.opening), model.room()
        else:
            prompt, opening, room = (), tuple(read), model.room(text.prompt)
        check_texts([said], tokenizer.vocabulary_size, room)
        silent = (IGNORED,) * (len(opening) - 1)
        given, wanted = (*opening, *said), (*silent, *said, end)
        found.append(Completion(prompt, given, wanted, text.weight))
    return found


def padded_batch(rows: Sequence[Completion]) -> dict[str, Tensor]:
    """The arguments of a model's forward pass, padded on the right, and `labels`.

    Each label is at the position of the token before it: the loss must not shift them.

    *Shape:* (rows, longest row) each.
    """
    processor = torch.device("cpu")
    given, mask = padded([row.given for row in rows], processor)
    wanted, _ = padded([row.wanted for row in rows], processor)
    labels = wanted.masked_fill(mask == 0, IGNORED)
    if not rows[0].prompt:
        return {"input_ids": given, "attention_mask": mask, "labels": labels}
    prompt, seen = padded([row.prompt for row in rows], processor)
    reading = {"input_ids": prompt, "attention_mask": seen, "labels": labels}
    return {**reading, "decoder_input_ids": given, "decoder_attention_mask": mask}


def trained_places(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same arguments for a model that computes logits only where it is told to: where one is trained on.

    With a large vocabulary the logits of all prompts would take longer than all else together.
    """
    places = (batch["labels"] != IGNORED).any(dim=0).nonzero().squeeze(1)
    return {**batch, "labels": batch["labels"][:, places], "logits_to_keep": places}


def _written(segments: Sequence[str], leading_space: bool) -> list[str]:
    """The segments behind the opening: after `<PATH>` the first one has no leading space."""
    first, *others = segments
    return [first if leading_space else first.removeprefix(" "), *others]


_WINDOW = 64


def drawn_order(
    weights: Sequence[float], lengths: Sequence[int], count: int, batch_size: int, seed: int
) -> NDArray[np.int64]:
    """The indices of `count` texts, batch after batch, texts of similar length in a batch.

    Each text comes as often as its weight says, evenly spread: with equal weights every one comes
    once before any comes again. Texts are sorted by length in windows of 64 batches, and the batches of
    a window are shuffled.
    *Shape:* (count,).
    """
    chance = np.random.default_rng(seed)
    rates = np.asarray(weights, dtype=np.float64) / np.sum(weights)
    # The k-th turn of a text is at a random time in the k-th of equal stretches, `1 / rate` long.
    turns = np.ceil(rates * count).astype(np.int64) + 1
    texts = np.repeat(np.arange(len(rates)), turns)
    turn = np.arange(len(texts)) - np.repeat(np.cumsum(turns) - turns, turns)
    times = (turn + chance.random(len(texts))) / rates[texts]
    order = texts[np.argsort(times, kind="stable")][:count]
    longest = np.asarray(lengths)[order]
    batches: list[NDArray[np.int64]] = []
    for start in range(0, count, _WINDOW * batch_size):
        window = slice(start, start + _WINDOW * batch_size)
        by_length = order[window][np.argsort(longest[window], kind="stable")]
        cut = [by_length[at : at + batch_size] for at in range(0, len(by_length), batch_size)]
        batches += [cut[at] for at in chance.permutation(len(cut))]
    return np.concatenate(batches)
