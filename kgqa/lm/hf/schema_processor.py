"""Replies of a local model held to a JSON schema, by llguidance."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessor

from kgqa.constraint.engines import bitmask
from kgqa.errors import UsageError

__all__ = ["SchemaHolder", "schema_identity"]


def schema_identity() -> dict[str, str]:
    """What holds replies to schemas, for the identity of a model whose replies are kept; empty: nothing."""
    if importlib.util.find_spec("llguidance") is None:
        return {}
    return {"schemas": f"llguidance {importlib.metadata.version('llguidance')}"}


class SchemaHolder:
    """Makes processors for one tokenizer, whose tokens llguidance reads once."""

    def __init__(self, tokens: Any) -> None:
        self._tokens = tokens

    @classmethod
    def of(cls, tokenizer: Any, vocabulary_size: int, end_ids: Sequence[int]) -> SchemaHolder | None:
        """For a tokenizer of the tokenizers library and the ids that end a reply.

        `None` where llguidance is not installed, or does not read this tokenizer.
        """
        if importlib.util.find_spec("llguidance") is None or not getattr(tokenizer, "is_fast", False):
            return None
        import llguidance.hf

        ends = [end for end in end_ids if end < vocabulary_size]
        try:
            return cls(llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocabulary_size, eos_token=ends))
        except ValueError:  # how words are put together, or a vocabulary, that it does not know
            return None

    def processor(self, schema: Mapping[str, Any], prompt_length: int) -> LogitsProcessor:
        """What masks the scores of one reply, which begins at a place of the ids.

        Raises `UsageError` for a schema that llguidance does not take.
        """
        return _SchemaProcessor(self._tokens, schema, prompt_length)


class _SchemaProcessor(LogitsProcessor):  # type: ignore[misc]
    """Allows the tokens that can lead to a text of the schema; the end token where one is complete."""

    def __init__(self, tokens: Any, schema: Mapping[str, Any], prompt_length: int) -> None:
        import llguidance
        import llguidance.numpy

        compact: Any = {"whitespace_flexible": False}
        try:
            grammar = llguidance.LLMatcher.grammar_from_json_schema(dict(schema), defaults=compact)
            self._matcher = llguidance.LLMatcher(tokens, grammar)
        except ValueError as error:
            raise UsageError(f"no reply can be held to this schema: {error}") from error
        if self._matcher.is_error():
            raise UsageError(f"no reply can be held to this schema: {self._matcher.get_error()}")
        self._fill = llguidance.numpy.fill_next_token_bitmask
        self._bits = llguidance.numpy.allocate_token_bitmask(1, tokens.vocab_size)
        self._read = prompt_length

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        self._matcher.consume_tokens(input_ids[0, self._read :].tolist())
        self._read = input_ids.shape[1]
        self._fill(self._matcher, self._bits)
        allowed = torch.from_numpy(bitmask.unpack(self._bits[0])).long().to(scores.device)
        return torch.full_like(scores, -torch.inf).index_copy_(1, allowed, scores[:, allowed])
