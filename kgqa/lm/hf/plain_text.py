"""Tokenization of plain text: no text can spell a special token."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from kgqa.errors import TokenizerError

__all__ = ["PlainTextEncoder"]

_MARK = "\x00"  # what no cleaned name can hold


class PlainTextEncoder:
    """Encodes with a copy of the model's tokenizer from which the special tokens are removed.

    `split_special_tokens=True` alone is not enough: it keeps added tokens that are not declared
    special, and a Unigram vocabulary that holds `</s>` finds it in a text by itself. So a fast
    tokenizer is copied without its added tokens, and its special pieces get names that no text has.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._backend = None
        unknown = getattr(tokenizer, "unk_token_id", None)
        added = getattr(tokenizer, "added_tokens_decoder", {})
        special = {index for index, token in added.items() if token.special}
        self._forbidden = frozenset({*special, *tokenizer.all_special_ids} - {unknown})
        if getattr(tokenizer, "is_fast", False):
            document = _without_special_tokens(json.loads(tokenizer.backend_tokenizer.to_str()))
            self.serialised = json.dumps(document, ensure_ascii=True, sort_keys=True)
            self._backend = _build(self.serialised)
        else:
            self.serialised = _serialise_slow(tokenizer)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that decides the ids."""
        return hashlib.sha256(self.serialised.encode("utf-8", "surrogatepass")).hexdigest()

    def encode_behind(self, anchor: str, texts: Sequence[str]) -> list[tuple[int, ...]]:
        """The ids of texts directly after an anchor, without those of the anchor.

        Raises `TokenizerError` for a text that merges with the anchor or spells a special token
        that cannot be told from the real one.
        """
        if not texts:
            return []
        front = self._encode([anchor])[0]
        encoded = []
        for text, ids in zip(texts, self._encode([anchor + text for text in texts]), strict=True):
            if ids[: len(front)] != front:
                raise TokenizerError(
                    f"the tokenizer merges {text!r} with the text before it; "
                    "use a model whose tokenizer splits at spaces"
                )
            encoded.append(self._check(text, ids[len(front) :]))
        return encoded

    def encode_opening(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        """The ids of texts directly after a special token, such as `<PATH>`."""
        if self._backend is None:
            return [self._check(text, ids) for text, ids in zip(texts, self._encode(texts), strict=True)]
        encoded = self._encode([_MARK + text for text in texts])
        return [self._check(text, ids[1:]) for text, ids in zip(texts, encoded, strict=True)]

    def _encode(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        if not texts:
            return []
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        if self._backend is not None:
            return [tuple(e.ids) for e in self._backend.encode_batch(clean, add_special_tokens=False)]
        encoded = self._tokenizer(clean, add_special_tokens=False, split_special_tokens=True)
        return [tuple(ids) for ids in encoded["input_ids"]]

    def _check(self, text: str, ids: tuple[int, ...]) -> tuple[int, ...]:
        for index in ids:
            if index in self._forbidden:
                raise TokenizerError(
                    f"the tokenizer takes part of {text!r} for the special token with id {index}; "
                    "use the model with its fast tokenizer (tokenizer.json)"
                )
        return ids


def _without_special_tokens(document: dict[str, Any]) -> dict[str, Any]:
    """A tokenizer's JSON without added tokens; special pieces are renamed to what no text contains."""
    special = {token["content"] for token in document["added_tokens"] if token["special"]}
    model = dict(document["model"])
    made = {"".join(pair.split(" ") if isinstance(pair, str) else pair) for pair in model.get("merges", ())}
    hidden = special - made
    vocabulary = model["vocab"]
    if isinstance(vocabulary, dict):
        model["vocab"] = {_hide(piece, index, hidden): index for piece, index in vocabulary.items()}
        unknown = model.get("unk_token")
        if isinstance(unknown, str) and unknown in vocabulary:
            model["unk_token"] = _hide(unknown, vocabulary[unknown], hidden)
    else:
        model["vocab"] = [
            [_hide(piece, index, hidden), score] for index, (piece, score) in enumerate(vocabulary)
        ]
    plain: dict[str, Any] = {"added_tokens": [], "post_processor": None, "truncation": None, "padding": None}
    return {**document, **plain, "model": model}


def _hide(piece: str, index: int, hidden: set[str]) -> str:
    return f"{_MARK}{index}" if piece in hidden else piece


def _build(serialised: str) -> Any:
    from tokenizers import AddedToken, Tokenizer

    try:
        backend = Tokenizer.from_str(serialised)
    except Exception as error:  # tokenizers raises nothing more precise
        raise TokenizerError(
            f"the tokenizer cannot be taken apart ({error}); use a model with another tokenizer"
        ) from error
    backend.add_special_tokens([AddedToken(_MARK, special=True, normalized=False)])
    return backend


def _serialise_slow(tokenizer: Any) -> str:
    """What decides the ids of a tokenizer that is written in Python."""
    serialised: str | None = getattr(tokenizer, "serialised", None)
    if serialised is not None:
        return serialised
    pieces = getattr(tokenizer, "sp_model", None)
    if pieces is not None:
        content = pieces.serialized_model_proto().hex()
    else:
        content = json.dumps(tokenizer.get_vocab(), sort_keys=True)
    return json.dumps([type(tokenizer).__name__, getattr(tokenizer, "legacy", None), content])
