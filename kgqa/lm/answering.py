"""Language models whose texts go on behind a path."""

from __future__ import annotations

from collections.abc import Sequence

from kgqa.lm.hf_tokenizer import HuggingFaceTokenizer
from kgqa.lm.protocol import LanguageModel, Tokenizer
from kgqa.lm.request import Distributions, Request

__all__ = ["AnsweringLanguageModel"]


class AnsweringLanguageModel:
    """The same model, whose texts end with the end of sequence even where it has `</PATH>`.

    For constraints that put something behind the path, such as
    `kgqa.constraint.answered.Answered`. Models without `</PATH>` are what they were.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        tokenizer = model.tokenizer
        self.tokenizer: Tokenizer = (
            tokenizer.behind_paths() if isinstance(tokenizer, HuggingFaceTokenizer) else tokenizer
        )

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text; see `LanguageModel.score`."""
        return self._model.score(requests)
