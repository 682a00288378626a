"""Whether a way to batch and cache forward passes gives what the plain model gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from kgqa.errors import ModelError
from kgqa.lm.forward.log_probabilities import memory_errors
from kgqa.lm.forward.scorer import Encode, Scorer
from kgqa.lm.hf.context_window import vocabulary_size
from kgqa.lm.request import Prompt, Request, Text

__all__ = ["EquivalenceCheck"]

_TOLERANCE = {torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}
_TRUNKS = {Prompt("long", ()): (11, 12, 13), Prompt("short", ()): (13,)}
_TEXTS = ((14, 15, 16), (14, 17, 12, 13), (14, 17), (15,))


class EquivalenceCheck:
    """Compares a `Scorer` with the model's plain forward pass over each text alone.

    The texts: behind two prompts of unequal length, one of them cached before, with shared prefixes and
    one that is a prefix of others. The tolerance is 1e-4 of the largest log-probability in float32.
    `opening` is what an encoder-decoder's decoder reads before a text. Raises `ModelError` for a
    model whose plain forward pass fails.
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
            except Exception as error:  # any error of a model that is not made to write texts
                raise ModelError(f"{self._kind} cannot read a text: {error}") from error
        self._finite = bool(truth.isfinite().all())
        self._truth = truth.log_softmax(-1).cpu()
        self._bound = _TOLERANCE.get(model.dtype, 1e-4) * max(1.0, float(self._truth.abs().max()))

    @torch.inference_mode()
    def refusal(self, make: Callable[[Encode], Scorer]) -> str | None:
        """Why a scorer, made with the prompts' ids, differs from the plain model; `None` if it does not."""
        first, second = self._trunks
        try:
            scorer = make(self._trunks.__getitem__)
            scorer.score([Request(first, [self._texts[0][:2]])])
            found = scorer.score([Request(first, self._texts), Request(second, self._texts)])
        except Exception as error:  # any error of a model that does not take these arguments
            return " ".join(f"{type(error).__name__}: {error}".split())[:200]
        got = torch.cat([torch.from_numpy(follows.log_probabilities) for follows in found])
        apart = float((got - self._truth).abs().max())
        return None if apart <= self._bound else f"log-probabilities differ by {apart:.2g}"

    def insist(self, make: Callable[[Encode], Scorer]) -> None:
        """Raise `ModelError` where a scorer differs, unless the model gives no finite numbers anyway."""
        why = self.refusal(make) if self._finite else None
        if why is not None:
            raise ModelError(
                f"{self._kind} does not score texts side by side as it scores each alone ({why}); use a "
                "model that writes a text from its beginning"
            )


def _modulo(tokens: Text, size: int) -> Text:
    return tuple(token % size for token in tokens)


def _last(model: Any, trunk: Text, opening: Sequence[int] | None, text: Text) -> Tensor:
    """The logits after a text, computed alone."""

    def row(*tokens: int) -> Tensor:
        return torch.tensor([tokens], device=model.device)

    output = (
        model(input_ids=row(*trunk, *text))
        if opening is None
        else model(input_ids=row(*trunk), decoder_input_ids=row(*opening, *text))
    )
    logits: Tensor = output.logits[0, -1]
    return logits.float()
