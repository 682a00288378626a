"""The word pieces of the sentence encoder as a tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer

__all__ = ["WordPieces", "word_piece_tokenizer"]


class WordPieces:
    """The encoder's tokenizer with what `HuggingFaceTokenizer` needs of a transformers tokenizer.

    It saves the import of transformers, which takes longer than answering a question.
    """

    is_fast = True
    unk_token_id = 100
    sep_token_id = 102
    all_special_ids = (0, 100, 101, 102, 103)

    def __init__(self, folder: Path) -> None:
        self.backend_tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.backend_tokenizer.no_truncation()
        self.backend_tokenizer.no_padding()

    @property
    def added_tokens_decoder(self) -> dict[int, Any]:
        """The special tokens, by id."""
        return dict(self.backend_tokenizer.get_added_tokens_decoder())

    def __len__(self) -> int:
        return int(self.backend_tokenizer.get_vocab_size())

    def get_vocab(self) -> dict[str, int]:
        """All pieces and their ids."""
        return dict(self.backend_tokenizer.get_vocab())

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool, **_: object) -> str:
        """The text of ids."""
        return str(self.backend_tokenizer.decode(list(ids), skip_special_tokens=skip_special_tokens))

    def batch_decode(self, rows: Sequence[Sequence[int]], **_: object) -> list[str]:
        """The texts of several rows of ids, special tokens among them."""
        return list(
            self.backend_tokenizer.decode_batch([list(row) for row in rows], skip_special_tokens=False)
        )


@lru_cache(maxsize=4)
def word_piece_tokenizer(encoder: Path, size: int | None = None) -> HuggingFaceTokenizer:
    """The tokenizer in an encoder's folder for a model with so many scores (one a piece); made once."""
    return HuggingFaceTokenizer(WordPieces(encoder), vocabulary_size=size)
