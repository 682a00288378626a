"""From a model's logits to distributions, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from kgqa.errors import ModelError, OutOfMemoryError
from kgqa.lm.request import Distributions, Text

__all__ = ["batches", "check_texts", "distributions", "leaves", "memory_errors", "padded"]


def check_texts(texts: Sequence[Text], size: int, room: int | None) -> None:
    """Raise `ModelError` for a token out of range, or a text longer than what the model has room for."""
    for tokens in texts:
        if tokens and not 0 <= min(tokens) <= max(tokens) < size:
            wrong = next(token for token in tokens if not 0 <= token < size)
            raise ModelError(f"token {wrong} is outside the model's vocabulary of {size} tokens")
        if room is not None and len(tokens) > room:
            raise ModelError(
                f"a text of {len(tokens)} tokens does not fit: the model's window leaves {room} after "
                "the prompt; allow fewer hops or use a model with a longer window"
            )


def leaves(texts: Sequence[Text]) -> tuple[list[Text], list[tuple[int, int]]]:
    """The texts that no other goes on from, and for each text one of these and its own length."""
    rows: list[Text] = []
    owner: dict[Text, int] = {}
    for text in sorted(set(texts), key=len, reverse=True):
        if text not in owner:
            owner.update((text[:end], len(rows)) for end in range(len(text) + 1))
            rows.append(text)
    return rows, [(owner[text], len(text)) for text in texts]


def batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """The positions of rows in batches of at most `size`, those of like length together."""
    order = sorted(range(len(lengths)), key=lambda index: (lengths[index], index))
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


@torch.inference_mode()
def distributions(logits: Tensor) -> Distributions:
    """What logits say; on a processor, float32 ones are written over. *Shape:* (texts, vocabulary).

    Raises `ModelError` where they are not numbers.
    """
    found = logits.float()
    in_place = found if found.device.type == "cpu" else None  # new memory takes as long as the sums
    found = torch.log_softmax(found, -1, out=in_place)
    if found[:, :1].isnan().any():  # a whole row is: for any NaN, any +inf, and where all is -inf
        raise ModelError(
            "the model gives no numbers (NaN or infinite logits); load it with dtype float32, "
            "or check that its weights are not damaged"
        )
    return Distributions(found.cpu().numpy())


@contextmanager
def memory_errors(
    clear: Callable[[], None], advice: str = "use fewer beams, or a smaller dtype or model"
) -> Iterator[None]:
    """Turn what torch says when memory runs out into `OutOfMemoryError`, after `clear`."""
    message = f"the model's pass needs more memory than there is; {advice}"
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        clear()
        raise OutOfMemoryError(message) from error
    except RuntimeError as error:  # what torch raises on a processor
        if "alloc" not in str(error).lower() or "memory" not in str(error).lower():
            raise
        clear()
        raise OutOfMemoryError(message) from error
