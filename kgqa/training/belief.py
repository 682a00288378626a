"""Which of the paths that reach an answer is meant, as a trained model sees it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection

import torch
from torch import Tensor

from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.precision import mixed_precision
from kgqa.training.batches import Batch, EncodedExamples
from kgqa.training.example import likely_targets

__all__ = ["believe_model", "log_probabilities"]


def believe_model(
    model: PathWriter, encoded: EncodedExamples, sources: Collection[str], batch_size: int = 128
) -> int:
    """Weigh the targets of `sources` anew: old weight times the model's probability, normalised.

    The expectation step of hard-to-tell supervision: a path that fits the question's words gains, one
    that reaches the answer by accident loses. Returns how many examples have more than one target.
    """
    model.eval()
    open_examples = [i for i, e in enumerate(encoded.examples) if e.source in sources and len(e.targets) > 1]
    rows = [(i, encoded.pieces(t.steps)) for i in open_examples for t in encoded.examples[i].targets]
    known = torch.tensor(encoded.known_pieces())
    scores: list[float] = []
    for start in range(0, len(rows), batch_size):
        scores += log_probabilities(model, encoded.batch(rows[start : start + batch_size]), known).tolist()
    remaining = iter(scores)
    for index in open_examples:
        example = encoded.examples[index]
        logs = [math.log(t.weight) + next(remaining) for t in example.targets]
        shares = {t.steps: math.exp(log - max(logs)) for t, log in zip(example.targets, logs, strict=True)}
        encoded.examples[index] = dataclasses.replace(example, targets=likely_targets(shares))
    return len(open_examples)


@torch.no_grad()
def log_probabilities(model: PathWriter, batch: Batch, known: Tensor) -> Tensor:
    """The log-probability of each row's whole target among all that consist of `known` pieces, in nats.

    *Shape:* known (pieces,), sorted; result (examples,).
    """
    given, wanted = batch.pieces[:, :-1], batch.pieces[:, 1:]
    with mixed_precision():
        states, _ = model.decode(given, model.read(batch.memory, batch.attention_mask), batch.attention_mask)
        logits = states @ model.piece_embeddings[known].to(states.dtype).T
    real = wanted != 0
    places = torch.searchsorted(known, wanted.masked_fill(~real, int(known[0])))
    chosen = logits.float().log_softmax(-1).gather(-1, places[..., None])[..., 0]
    return (chosen * real).sum(dim=1)
