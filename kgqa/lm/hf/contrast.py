"""Context-aware contrastive decoding, weighted by how much the context changes the prediction (AdaCAD)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessor

from kgqa.lm.forward.forward_arguments import ForwardArguments

__all__ = ["ContextContrast", "contrasted", "divergence"]


def divergence(scores: Tensor, others: Tensor) -> Tensor:
    """The Jensen-Shannon divergence of the distributions of two rows of logits each, in nats.

    *Shape:* (rows, vocabulary) each; gives (rows,), from 0 (the same) to ln 2 (disjoint).
    """
    p, q = torch.softmax(scores.double(), -1), torch.softmax(others.double(), -1)
    both = torch.special.entr((p + q) / 2).sum(-1)
    apart = (torch.special.entr(p).sum(-1) + torch.special.entr(q).sum(-1)) / 2
    result: Tensor = (both - apart).clamp(min=0.0)
    return result


def contrasted(scores: Tensor, others: Tensor, alpha: Tensor) -> Tensor:
    """`(1 + alpha) * scores - alpha * others`; -inf in the first stays -inf."""
    weight = alpha.to(scores.dtype)[:, None]
    result = (1 + weight) * scores - weight * others
    return torch.where(scores.isneginf(), scores, result)


class ContextContrast(LogitsProcessor):  # type: ignore[misc]
    """Gives the context more weight in `model.generate`: `generate(..., logits_processor=[this])`, one row.

    At each token the model runs a second time, with a prompt without the context (`without`),
    and the logits become `(1 + a) l_with - a l_without`, where `a` is the Jensen-Shannon divergence of
    the two predictions: large where context and memory disagree, 0 where they agree (AdaCAD,
    NAACL 2025). `divergences` has `a` of each token.
    """

    def __init__(self, model: Any, without: Sequence[int]) -> None:
        self._model = model
        self._prompt = torch.tensor([list(without)], device=model.device)
        self._name = ForwardArguments.of(model).cache
        self._cache: Any = None
        self._encoded: Any = None
        self._read: int | None = None
        self.divergences: list[float] = []

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Contrast one step. *Shape:* input_ids (1, length), scores (1, vocabulary)."""
        others = self._without(input_ids).to(scores)
        others = others.masked_fill(scores.isneginf(), -torch.inf)
        alpha = divergence(scores, others)
        self.divergences.append(float(alpha[0]))
        return contrasted(scores, others, alpha)

    def _without(self, input_ids: Tensor) -> Tensor:
        """The logits of the next token after the prompt without the context."""
        whole = self._cache is None  # at first, and always for a model without a cache
        if self._read is None:
            self._read = input_ids.shape[1]
        if self._model.config.is_encoder_decoder:
            if self._encoded is None:
                self._encoded = self._model.get_encoder()(input_ids=self._prompt)
            tokens = input_ids if whole else input_ids[:, -1:]
            inputs = {"encoder_outputs": self._encoded, "decoder_input_ids": tokens}
        elif whole:
            inputs = {"input_ids": torch.cat([self._prompt, input_ids[:, self._read :]], dim=1)}
        else:
            inputs = {"input_ids": input_ids[:, -1:]}
        kept = {} if whole else {self._name: self._cache}
        with torch.no_grad():
            output = self._model(**inputs, **kept, use_cache=True)
        self._cache = getattr(output, self._name, None)
        logits: Tensor = output.logits[:, -1].float()
        return logits
