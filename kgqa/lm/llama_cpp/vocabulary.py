"""llama.cpp's own tokenizer, with the interface that transformers' tokenizers have."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from kgqa.lm.llama_cpp.library import llama_cpp

__all__ = ["LlamaCppVocabulary"]

_UNKNOWN, _CONTROL, _USER_DEFINED = 1, 8, 16  # enum llama_token_attr
_LONGEST_META = 2**20


class _Added(NamedTuple):
    special: bool


class LlamaCppVocabulary:
    """The tokenizer of a GGUF model, as the C library has it.

    It has the attributes and methods of a slow tokenizer of transformers that `HuggingFaceTokenizer` and
    `PromptRenderer` use, so these two, with all their checks, serve llama.cpp too. `model` is a
    `llama_model_p`, the attribute `model` of a `llama_cpp.Llama`.
    """

    is_fast = False
    backend_tokenizer = None

    def __init__(self, model: Any) -> None:
        self._library = llama_cpp()
        self._model = model
        self._vocab = self._library.llama_model_get_vocab(model)
        self._pieces: dict[int, bytes] = {}

    def __len__(self) -> int:
        return int(self._library.llama_vocab_n_tokens(self._vocab))

    @property
    def eos_token_id(self) -> int | None:
        """The end of sequence; None where the model has none."""
        return _known(self._library.llama_vocab_eos(self._vocab))

    @property
    def bos_token_id(self) -> int | None:
        """The beginning of sequence; None where the model has none."""
        return _known(self._library.llama_vocab_bos(self._vocab))

    @property
    def sep_token_id(self) -> int | None:
        """The separator; None where the model has none."""
        return _known(self._library.llama_vocab_sep(self._vocab))

    @cached_property
    def unk_token_id(self) -> int | None:
        """The token for unknown characters; None where the model has none."""
        return next((token for token, kind in enumerate(self._kinds) if kind & _UNKNOWN), None)

    @cached_property
    def all_special_ids(self) -> list[int]:
        """The control tokens."""
        return [token for token, kind in enumerate(self._kinds) if kind & _CONTROL]

    @cached_property
    def added_tokens_decoder(self) -> dict[int, _Added]:
        """Control tokens and those that the model's authors added."""
        added = _CONTROL | _USER_DEFINED
        kinds = enumerate(self._kinds)
        return {token: _Added(bool(kind & _CONTROL)) for token, kind in kinds if kind & added}

    @cached_property
    def chat_template(self) -> str | None:
        """The chat template of the file; None where it has none."""
        text = self._library.llama_model_chat_template(self._model, None)
        return text.decode("utf-8", "replace") if text else None

    @cached_property
    def serialised(self) -> str:
        """What decides the ids of texts: the kind of tokenizer, and its vocabulary in order."""
        kind = [self.meta(f"tokenizer.ggml.{name}") for name in ("model", "pre", "add_space_prefix")]
        return json.dumps(["llama.cpp", kind, list(self.get_vocab()), self._kinds])

    def get_vocab(self) -> dict[str, int]:
        """The tokens as the file has them, with their ids."""
        text = self._library.llama_vocab_get_text
        return {text(self._vocab, at).decode("utf-8", "replace"): at for at in range(len(self))}

    def meta(self, key: str) -> str | None:
        """A value of the file's metadata, as text; None where it is missing."""
        buffer = ctypes.create_string_buffer(_LONGEST_META)
        size = self._library.llama_model_meta_val_str(self._model, key.encode(), buffer, _LONGEST_META)
        return None if size < 0 else buffer.value.decode("utf-8", "replace")

    def __call__(
        self,
        text: str | Sequence[str],
        *,
        add_special_tokens: bool = True,
        split_special_tokens: bool = False,
    ) -> dict[str, Any]:
        """The ids of a text, or of each of several, under the key `input_ids`."""
        options = (add_special_tokens, not split_special_tokens)
        if isinstance(text, str):
            return {"input_ids": self._ids(text, *options)}
        return {"input_ids": [self._ids(one, *options) for one in text]}

    def decode(self, tokens: Sequence[int], **_options: bool) -> str:
        """The text of tokens, special ones included."""
        return b"".join(map(self._piece, tokens)).decode("utf-8", "replace")

    def batch_decode(self, rows: Sequence[Sequence[int]], **_options: bool) -> list[str]:
        """The text of each row of tokens."""
        return [self.decode(row) for row in rows]

    def apply_chat_template(
        self,
        messages: Sequence[dict[str, str]],
        *,
        add_generation_prompt: bool = False,
        tokenize: bool = False,
        date_string: str | None = None,
    ) -> str:
        """The text of a conversation in the chat template of the file."""
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        assert not tokenize
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        template = environment.from_string(self.chat_template or "")
        return template.render(
            messages=messages,
            add_generation_prompt=add_generation_prompt,
            date_string=date_string,
            bos_token=self._special_text(self.bos_token_id),
            eos_token=self._special_text(self.eos_token_id),
            raise_exception=_raise,
        )

    @cached_property
    def _kinds(self) -> list[int]:
        kind = self._library.llama_vocab_get_attr
        return [int(kind(self._vocab, token)) for token in range(len(self))]

    def _ids(self, text: str, add_special: bool, parse_special: bool) -> list[int]:
        content = text.encode("utf-8", "replace")
        size = len(content) + 16
        while True:
            tokens = (self._library.llama_token * size)()
            count = self._library.llama_tokenize(
                self._vocab, content, len(content), tokens, size, add_special, parse_special
            )
            if count >= 0:
                return list(tokens[:count])
            size = -count

    def _piece(self, token: int) -> bytes:
        piece = self._pieces.get(token)
        if piece is None:
            size = 256
            while True:
                buffer = ctypes.create_string_buffer(size)
                count = self._library.llama_token_to_piece(self._vocab, token, buffer, size, 0, True)
                if count >= 0:
                    break
                size = -count
            piece = self._pieces[token] = buffer.raw[:count]
        return piece

    def _special_text(self, token: int | None) -> str:
        return "" if token is None else self.decode([token])


def _known(token: int) -> int | None:
    return int(token) if token >= 0 else None


def _raise(message: str) -> None:
    raise ValueError(message)
