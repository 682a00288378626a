"""The tokenizer of relation plans, where the model has a token between relations."""

from __future__ import annotations

from collections.abc import Sequence

from kgqa.constraint import Tokenizer
from kgqa.constraint.grammars.plan_grammar import PLAN_MARK

__all__ = ["PlanTokenizer"]


class PlanTokenizer:
    """A `Tokenizer` that writes the mark between relations as one special token, as RoG's models do."""

    def __init__(self, tokenizer: Tokenizer, mark: int) -> None:
        self._tokenizer = tokenizer
        self._mark = mark

    @property
    def leading_space(self) -> bool:
        """That of the wrapped tokenizer."""
        return self._tokenizer.leading_space

    @property
    def fingerprint(self) -> str:
        """That of the wrapped tokenizer, with the token of the mark."""
        return f"{self._tokenizer.fingerprint} {PLAN_MARK} {self._mark}"

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        """The token ids of each segment; of the mark its one token."""
        found = self._tokenizer.encode_batch(segments)
        return [
            (self._mark,) if text == PLAN_MARK else ids for text, ids in zip(segments, found, strict=True)
        ]
