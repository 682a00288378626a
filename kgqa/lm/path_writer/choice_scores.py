"""The scores of a few tokens of the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from kgqa.errors import ModelError
from kgqa.lm.request import renormalised

__all__ = ["choice_scores"]

_COLUMNS = 4096
"""So many distinct tokens are multiplied at a time, which bounds the memory."""


def choice_scores(
    states: Tensor, embeddings: Tensor, choices: Sequence[NDArray[np.int32]]
) -> list[NDArray[np.float64]]:
    """For each state the log-probabilities of its choices, renormalised; a single choice needs no product.

    A logit is the dot product of the state and the token's embedding. It does not depend on what else is
    scored: products are in double precision and then rounded, which hides the order of the sums.
    *Shape:* states (texts, hidden), embeddings (vocabulary, hidden). Raises `ModelError` for NaN.
    """
    counts = np.array([len(tokens) for tokens in choices])
    several = np.flatnonzero(counts > 1)
    found = [np.zeros(1)] * len(choices)
    if not len(several):
        return found
    distinct, columns = np.unique(
        np.concatenate([choices[at] for at in several.tolist()]), return_inverse=True
    )
    rows = np.repeat(np.arange(len(several)), counts[several])
    logits = np.empty(len(rows), dtype=np.float32)
    chosen = states[torch.from_numpy(several)].double()
    for start in range(0, len(distinct), _COLUMNS):
        part = torch.from_numpy(distinct[start : start + _COLUMNS])
        product = (chosen @ functional.embedding(part, embeddings).double().T).numpy()
        (inside,) = np.nonzero((columns >= start) & (columns < start + _COLUMNS))
        logits[inside] = product[rows[inside], columns[inside] - start]
    if not np.isfinite(logits).all():
        raise ModelError(
            "the model gives no numbers (NaN or infinite logits); load it with dtype float32, "
            "or check that its weights are not damaged"
        )
    scores = renormalised(np.split(logits.astype(np.float64), np.cumsum(counts[several])[:-1]))
    for at, gains in zip(several.tolist(), scores, strict=True):
        found[at] = gains
    return found
