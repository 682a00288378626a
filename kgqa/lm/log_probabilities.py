"""From a model's logits to log-probabilities, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from kgqa.errors import ModelError
from kgqa.lm.protocol import Scores

__all__ = ["batches", "check_continuations", "padded", "scores"]


def check_continuations(continuations: Sequence[Sequence[int]], size: int, room: int | None) -> None:
    """Raise `ModelError` for a token out of range, or a text longer than what the model has room for."""
    for tokens in continuations:
        for token in tokens:
            if not 0 <= token < size:
                raise ModelError(f"token {token} is outside the model's vocabulary of {size} tokens")
        if room is not None and len(tokens) > room:
            raise ModelError(
                f"a text of {len(tokens)} tokens does not fit: the model's window leaves {room} after "
                "the prompt; allow fewer hops or use a model with a longer window"
            )


def batches(continuations: Sequence[Sequence[int]], size: int) -> Iterator[list[int]]:
    """The positions of continuations in batches of at most `size`, those of like length together."""
    order = sorted(range(len(continuations)), key=lambda index: (len(continuations[index]), index))
    for at in range(0, len(order), size):
        yield order[at : at + size]


def padded(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Token ids padded on the right, and the mask that is 1 where there is a token.

    *Shape:* (rows, longest row) each.
    """
    longest = max(map(len, rows))
    ids = torch.tensor([[*row, *([0] * (longest - len(row)))] for row in rows], device=device)
    lengths = torch.tensor([len(row) for row in rows], device=device)
    mask = (torch.arange(longest, device=device)[None] < lengths[:, None]).long()
    return ids, mask


def scores(logits: Tensor, tokens: Sequence[int]) -> Scores:
    """The scores of a text from the logits before its first token and after each of its tokens.

    *Shape:* logits (tokens + 1, vocabulary). Raises `ModelError` where they are not numbers.
    """
    logits = logits.float()
    totals = logits.logsumexp(-1)
    if not torch.isfinite(totals).all():  # so for any NaN, any +inf, and a row that is all -inf
        raise ModelError(
            "the model gives no numbers (NaN or infinite logits); load it with dtype float32, "
            "or check that its weights are not damaged"
        )
    chosen = torch.tensor(list(tokens), dtype=torch.long, device=logits.device)
    said = logits[:-1].gather(1, chosen[:, None])[:, 0] - totals[:-1]
    return Scores(said.cpu().numpy(), (logits[-1] - totals[-1]).cpu().numpy())
