"""From a model's logits to log-probabilities, with the checks around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from kgqa.counted import counted
from kgqa.errors import ModelError, OutOfMemoryError
from kgqa.lm.forward.native_memory import limit_primitive_caches, release_free_memory
from kgqa.lm.request import Distributions, Text

__all__ = ["check_texts", "distributions", "memory_errors"]

limit_primitive_caches()  # before the first pass: afterwards it has no effect


def check_texts(texts: Sequence[Text], size: int, room: int | None) -> None:
    """Raise `ModelError` for a token outside the vocabulary, or a text longer than `room` tokens."""
    for tokens in texts:
        if tokens and not 0 <= min(tokens) <= max(tokens) < size:
            wrong = next(token for token in tokens if not 0 <= token < size)
            raise ModelError(f"token {wrong} is outside the model's vocabulary of {size} tokens")
        if room is not None and len(tokens) > room:
            raise ModelError(
                f"a text of {counted(len(tokens), 'token')} does not fit: the model's window leaves {room:,} "
                "after the prompt; allow fewer hops or use a model with a longer window"
            )


@torch.inference_mode()
def distributions(logits: Tensor) -> Distributions:
    """The log-softmax of logits; float32 logits on a CPU are overwritten. *Shape:* (texts, vocabulary).

    Raises `ModelError` for NaN and infinite logits.
    """
    found = logits.float()
    in_place = found if found.device.type == "cpu" else None  # a new buffer takes as long as the sums
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
    """The context of a model's pass: turns torch's out-of-memory errors into `OutOfMemoryError`.

    Calls `clear` before. What the C library holds without using it is bounded (`release_free_memory`).
    """
    message = f"the model's pass needs more memory than there is; {advice}"
    try:
        yield
        release_free_memory()
    except (torch.OutOfMemoryError, MemoryError) as error:
        clear()
        raise OutOfMemoryError(message) from error
    except RuntimeError as error:  # what torch raises on a CPU
        if "alloc" not in str(error).lower() or "memory" not in str(error).lower():
            raise
        clear()
        raise OutOfMemoryError(message) from error
