"""Trying a way to read texts on a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from kgqa.errors import ModelError
from kgqa.lm.log_probabilities import memory_errors
from kgqa.lm.prompt import Prompt
from kgqa.lm.request import Distributions, Request, Text
from kgqa.lm.window import vocabulary_size

__all__ = ["Encode", "Reader", "Trial"]

_AGREEMENT = {torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}
_TRUNKS = {Prompt("long", ()): (11, 12, 13), Prompt("short", ()): (13,)}
_TEXTS = ((14, 15, 16), (14, 17, 12, 13), (14, 17), (15,))

Encode = Callable[[Prompt], Sequence[int]]


class Reader(Protocol):
    """A way to read texts behind prompts. It counts its passes and the prompts that it read."""

    @property
    def passes(self) -> int:
        """How many times the model was called."""
        ...

    @property
    def prompts_read(self) -> int:
        """How many prompts were read."""
        ...

    def read(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text."""
        ...

    def clear(self) -> None:
        """Forget everything that was read."""
        ...


class Trial:
    """What a model says of a few texts, each read alone, and whether it says so when read otherwise.

    Two prompts of unequal length, one of which is read before, texts that share a beginning, and one
    that others go on from. The bound is 1e-4 of the largest log-probability in float32. `opening` is what
    a decoder with an encoder reads before a text. Raises `ModelError` for a model that cannot read a
    text alone.
    """

    @torch.inference_mode()
    def __init__(self, model: Any, opening: Sequence[int] | None = None) -> None:
        self._kind = type(model).__name__
        size = vocabulary_size(model)
        self._trunks = {prompt: _modulo(trunk, size) for prompt, trunk in _TRUNKS.items()}
        self._texts = [_modulo(text, size) for text in _TEXTS]
        with memory_errors(lambda: None):
            try:
                truth = torch.stack(
                    [
                        _last(model, trunk, opening, text)
                        for trunk in self._trunks.values()
                        for text in self._texts
                    ]
                )
            except (MemoryError, torch.OutOfMemoryError):
                raise
            except Exception as error:  # whatever a model does that is not made to write texts
                raise ModelError(f"{self._kind} cannot read a text: {error}") from error
        self._speaks = bool(truth.isfinite().all())
        self._truth = truth.log_softmax(-1).cpu()
        self._bound = _AGREEMENT.get(model.dtype, 1e-4) * max(1.0, float(self._truth.abs().max()))

    @torch.inference_mode()
    def refusal(self, way: Callable[[Encode], Reader]) -> str | None:
        """Why a reader, given the prompts' ids, does not give the same; `None` where it does."""
        first, second = self._trunks
        try:
            reader = way(self._trunks.__getitem__)
            reader.read([Request(first, [self._texts[0][:2]])])
            found = reader.read([Request(first, self._texts), Request(second, self._texts)])
        except Exception as error:  # whatever a model does with what it does not take
            return " ".join(f"{type(error).__name__}: {error}".split())[:200]
        got = torch.cat([torch.from_numpy(follows.log_probabilities) for follows in found])
        apart = float((got - self._truth).abs().max())
        return None if apart <= self._bound else f"log-probabilities differ by {apart:.2g}"

    def insist(self, way: Callable[[Encode], Reader]) -> None:
        """Raise `ModelError` where a reader does not pass, unless the model says nothing at all anyway."""
        why = self.refusal(way) if self._speaks else None
        if why is not None:
            raise ModelError(
                f"{self._kind} does not score texts side by side as it scores each alone ({why}); use a "
                "model that writes a text from its beginning"
            )


def _modulo(tokens: Text, size: int) -> Text:
    return tuple(token % size for token in tokens)


def _last(model: Any, trunk: Text, opening: Sequence[int] | None, text: Text) -> Tensor:
    """The logits after a text, read alone."""

    def row(*tokens: int) -> Tensor:
        return torch.tensor([tokens], device=model.device)

    said = (
        model(input_ids=row(*trunk, *text))
        if opening is None
        else model(input_ids=row(*trunk), decoder_input_ids=row(*opening, *text))
    )
    logits: Tensor = said.logits[0, -1]
    return logits.float()
