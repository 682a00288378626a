"""Language models for texts that continue after a path."""

from __future__ import annotations

from collections.abc import Sequence

from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.protocol import LanguageModel, ModelTokenizer
from kgqa.lm.request import Distributions, Request

__all__ = ["EndOfSequenceLanguageModel"]


class EndOfSequenceLanguageModel:
    """The same model, with the end-of-sequence token as the end of a text in place of `</PATH>`.

    For constraints whose texts continue after the path, such as `kgqa.constraint.answered.Answered`.
    A model without `</PATH>` is unchanged.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        tokenizer = model.tokenizer
        self.tokenizer: ModelTokenizer = (
            tokenizer.behind_paths() if isinstance(tokenizer, HuggingFaceTokenizer) else tokenizer
        )

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """See `LanguageModel.score`."""
        return self._model.score(requests)
