"""A transformers tokenizer as a `ModelTokenizer`."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.grammars.plan_grammar import PLAN_MARK
from kgqa.errors import TokenizerError
from kgqa.lm.hf.boundary import check_boundaries
from kgqa.lm.hf.plain_text import PlainTextEncoder

__all__ = ["PATH_END", "PATH_START", "HuggingFaceTokenizer"]

PATH_START, PATH_END = "<PATH>", "</PATH>"
"""The tokens around a path in the checkpoints of GCR."""

_ANCHOR = "x"  # segments are encoded after this text
_ARROWS = (" ->", " <-")
_RUN = 16


class HuggingFaceTokenizer:
    """Encodes segments so that their concatenated ids are the ids of the whole text.

    Each segment is encoded after an anchor, as in the middle of a text, and checked between arrows:
    a segment at whose boundaries the tokenizer does not split raises `TokenizerError`. Ids that the
    tokenizer would not give for the whole text are never returned. A tokenizer that never splits at
    spaces is refused by the constructor. Special tokens in a segment are encoded as plain text.

    `vocabulary_size` is the number of scores of the model, where it is not the largest token id plus one.
    """

    def __init__(self, tokenizer: Any, *, vocabulary_size: int | None = None) -> None:
        self._tokenizer = tokenizer
        self._plain = PlainTextEncoder(tokenizer)
        vocabulary: dict[str, int] = tokenizer.get_vocab()
        known = max(len(tokenizer), 1 + max(vocabulary.values(), default=0))  # GPT-4o's ids have gaps
        self.vocabulary_size: int = known if vocabulary_size is None else vocabulary_size
        start, end = vocabulary.get(PATH_START), vocabulary.get(PATH_END)
        if end is None:
            start = None
        self.path_start_id = start
        self.path_end_id = None if start is None else end
        self.plan_mark_id = vocabulary.get(PLAN_MARK.strip())
        self.leading_space: bool = start is None
        self.end_id: int = _end_of_sequence(tokenizer) if start is None or end is None else end
        self._in_range("the end of a text", self.end_id)
        self._texts: list[str] | None = None
        self.unknown_id: int | None = getattr(tokenizer, "unk_token_id", None)
        options = f"\n{_ANCHOR} {self.leading_space}"
        self.fingerprint: str = hashlib.sha256((self._plain.fingerprint + options).encode()).hexdigest()
        check_boundaries(self)

    @property
    def family(self) -> str:
        """The kind of tokenizer, for messages."""
        backend = getattr(self._tokenizer, "backend_tokenizer", None)
        kind = "sentencepiece" if backend is None else type(backend.model).__name__
        splitter = getattr(backend, "pre_tokenizer", None)
        by = (
            ""
            if backend is None
            else f", split by {type(splitter).__name__}"
            if splitter
            else ", never split"
        )
        return f"{type(self._tokenizer).__name__} ({kind}{by})"

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        """The token ids of each segment; the only special token among them is the unknown one.

        A segment without a space in front opens a text. Raises `TokenizerError` where the ids would
        differ from those in a whole text, or are beyond what the model scores.
        """
        inner = [text for text in dict.fromkeys(segments) if text.startswith(" ")]
        first = [text for text in dict.fromkeys(segments) if not text.startswith(" ")]
        ids = dict(zip(inner, self._plain.encode_behind(_ANCHOR, inner), strict=True))
        self._verify(inner, ids)
        ids.update(zip(first, self._plain.encode_opening(first), strict=True))
        self._verify_first(first, ids)
        for text, tokens in ids.items():
            self._in_range(text, max(tokens, default=0))
            if not tokens and text.strip():
                raise TokenizerError(f"the tokenizer {self.family} gives no ids for {text!r}; rename it")
        return [ids[text] for text in segments]

    @cached_property
    def ordinary_ids(self) -> NDArray[np.int32]:
        """The tokens of plain text, sorted: without special, added and unknown tokens."""
        known = set(self._tokenizer.get_vocab().values())
        if len(known) < len(self._tokenizer):  # texts that stand twice, as GGUF files have them
            known = set(range(len(self._tokenizer)))
        added = getattr(self._tokenizer, "added_tokens_decoder", {})
        barred = {*added, *self._tokenizer.all_special_ids, self.end_id, self.unknown_id}
        ids = [token for token in sorted(known - barred) if token < self.vocabulary_size]
        return np.array(ids, dtype=np.int32)

    def ids_with(self, text: str) -> NDArray[np.int32]:
        """The ordinary tokens whose own text contains `text`, sorted."""
        if self._texts is None:
            rows = [[token] for token in self.ordinary_ids.tolist()]
            self._texts = self._tokenizer.batch_decode(rows, clean_up_tokenization_spaces=False)
        found = [text in own for own in self._texts]
        return self.ordinary_ids[np.array(found, dtype=np.bool_)]

    def behind_paths(self) -> Self:
        """The same tokenizer for texts that continue after `</PATH>`: its `end_id` is the end of sequence.

        Raises `TokenizerError` where the model has no such token.
        """
        other = copy.copy(self)
        other.end_id = _end_of_sequence(self._tokenizer)
        self._in_range("the end of a text", other.end_id)
        return other

    def encode_text(self, text: str) -> tuple[int, ...]:
        """The token ids of a whole text at the position of a chain, unchecked."""
        if text.startswith(" "):
            return self._plain.encode_behind(_ANCHOR, [text])[0]
        return self.encode_plain(text)

    def encode_plain(self, text: str) -> tuple[int, ...]:
        """The token ids of any text after a special token, without special tokens, unchecked."""
        return self._plain.encode_opening([text])[0]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of token ids, for people to read; the end token is left out."""
        ids = [int(token) for token in tokens if token != self.end_id]
        text: str = self._tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        return text

    @cached_property
    def _arrows(self) -> dict[str, tuple[int, ...]]:
        return dict(zip(_ARROWS, self._plain.encode_behind(_ANCHOR, _ARROWS), strict=True))

    def _verify(self, segments: Sequence[str], ids: dict[str, tuple[int, ...]]) -> None:
        """Check the boundaries of segments between arrows, several at once."""
        if not segments:
            return
        arrows = self._arrows
        runs = [segments[at : at + _RUN] for at in range(0, len(segments), _RUN)]
        rows = [self._row(run, ids, arrows) for run in runs]
        whole = self._plain.encode_behind(_ANCHOR, [text for text, _ in rows])
        for run, (_, expected), got in zip(runs, rows, whole, strict=True):
            if got != expected:
                self._blame(run, ids, arrows)

    def _blame(
        self, run: Sequence[str], ids: dict[str, tuple[int, ...]], arrows: dict[str, tuple[int, ...]]
    ) -> None:
        for text in run:
            row, expected = self._row([text], ids, arrows)
            if self._plain.encode_behind(_ANCHOR, [row])[0] != expected:
                raise self.boundary_error(text)

    @staticmethod
    def _row(
        run: Sequence[str], ids: dict[str, tuple[int, ...]], arrows: dict[str, tuple[int, ...]]
    ) -> tuple[str, tuple[int, ...]]:
        """The text of segments between arrows, and the ids that it must have."""
        segments = []
        for index, text in enumerate(run):
            segments += [_ARROWS[index % 2], text]
        segments.append(_ARROWS[0])
        tokens = [token for text in segments for token in (arrows.get(text) or ids[text])]
        return "".join(segments), tuple(tokens)

    def _verify_first(self, segments: Sequence[str], ids: dict[str, tuple[int, ...]]) -> None:
        if not segments:
            return
        arrow = self._arrows[_ARROWS[0]]
        whole = self._plain.encode_opening([text + _ARROWS[0] for text in segments])
        for text, got in zip(segments, whole, strict=True):
            if text and got != (*ids[text], *arrow):
                raise self.boundary_error(text)

    def boundary_error(self, text: str) -> TokenizerError:
        """The error for a text at whose boundaries the tokenizer does not split."""
        return TokenizerError(
            f"the tokenizer {self.family} does not split a chain around {text!r}: its ids there differ "
            "from those in the whole chain; use a model whose tokenizer splits at spaces"
        )

    def _in_range(self, text: str, token: int) -> None:
        if token >= self.vocabulary_size:
            raise TokenizerError(
                f"the tokenizer gives {text!r} the id {token}, but the model scores only "
                f"{self.vocabulary_size} tokens; use the tokenizer that belongs to the model"
            )


def _end_of_sequence(tokenizer: Any) -> int:
    for name in ("eos_token_id", "sep_token_id"):
        index = getattr(tokenizer, name, None)
        if isinstance(index, int):
            return index
    raise TokenizerError(
        f"the tokenizer {type(tokenizer).__name__} has no token that ends a text: "
        "set its eos_token, or add the tokens <PATH> and </PATH>"
    )
