"""Checks that a tokenizer splits a chain's text at the boundaries of its segments."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Protocol

from kgqa.errors import TokenizerError
from kgqa.graph import clean_name
from kgqa.lm.protocol import ModelTokenizer

__all__ = ["WholeTextTokenizer", "check_boundaries", "sample_chains"]


class WholeTextTokenizer(ModelTokenizer, Protocol):
    """A tokenizer that also encodes whole texts, for the comparison."""

    @property
    def unknown_id(self) -> int | None:
        """The token for unknown characters, if the tokenizer has one."""
        ...

    def encode_text(self, text: str) -> tuple[int, ...]:
        """The token ids of a whole text at the position of a chain."""
        ...

    def boundary_error(self, text: str) -> TokenizerError:
        """The error for a text that is not split at its segments."""
        ...


_NAMES = (
    "Joel Zwick", "Kismet", "2001: A Space Odyssey", "Amélie", "WALL·E", "Seven (1995)", "R.E.M.",
    "m.0d05w3", "'Til", "Mary O'Hara's \"Best\"", "¿Qué?", "A -> B", "<- x", "> 2. <", "a > b < c",
    "snake_case_name", "100 % [sic]", "...", "-", "x", "宮崎 駿", "千と千尋の神隠し", "한국어", "مصر القديمة",
    "עברית", "ไทย", "हिन्दी", "👩‍🚀 crew", "🇫🇷", "ﬁnal", "½ Prince", "Ｆｕｌｌ", "e\u0301tude", "İstanbul",
    "</PATH>", "<|endoftext|>", "[SEP]", "</s>", "<unk>", "C++", "#1", "$9.99", "a,b;c", "naïve–dash—x",
)  # fmt: skip
_RELATIONS = (
    "directed_by", "film.actor.film", "in_language", "P31", "people.person.place_of_birth",
    "has part(s)", "rdf:type", "http://example.org/ns#knows", "CAUSES", "年", "is-a", "2nd_cousin",
)  # fmt: skip


def sample_chains() -> list[list[str]]:
    """Segments of varied chains in all three grammars, each with its boundary space."""
    names = [f" {clean_name(name)}" for name in _NAMES]
    chains = []
    for index, name in enumerate(names):
        other, third = names[(index * 7 + 3) % len(names)], names[(index * 5 + 1) % len(names)]
        first = " " + _RELATIONS[index % len(_RELATIONS)]
        second = " " + _RELATIONS[(index * 3 + 1) % len(_RELATIONS)]
        here, there = (" ->", " <-") if index % 2 else (" <-", " ->")
        chains += [
            [name, here, first, here, other, there, second, there, third],
            [name, here, first, there, second, there, third],
            [here, first, there, second],
            [
                " 1. <",
                name,
                here,
                first,
                here,
                other,
                " >",
                " 2. <",
                other,
                there,
                second,
                there,
                third,
                " >",
            ],
        ]
    return chains


def check_boundaries(tokenizer: WholeTextTokenizer) -> None:
    """Check on a varied sample that the concatenated ids of segments are the ids of the whole text.

    It also checks that the two arrows have different ids, and that decoding the ids gives the text back up
    to case, accents and spaces. Raises `TokenizerError` with the first text that fails.
    """
    forward, backward = tokenizer.encode_batch([" ->", " <-"])
    if forward == backward:
        raise TokenizerError(
            f"the tokenizer gives ' ->' and ' <-' the same ids {list(forward)}: it cannot tell the "
            "direction of a hop; use a model whose tokenizer knows '<' or '>'"
        )
    for chain in sample_chains():
        segments = chain if tokenizer.leading_space else [chain[0].lstrip(), *chain[1:]]
        text = "".join(segments)
        parts = tokenizer.encode_batch(segments)
        whole = tokenizer.encode_text(text)
        if tuple(token for part in parts for token in part) != whole:
            raise tokenizer.boundary_error(text)
        if text.isascii() and tokenizer.unknown_id not in whole:
            _check_decoding(tokenizer, text, whole)


def _check_decoding(tokenizer: WholeTextTokenizer, text: str, ids: Sequence[int]) -> None:
    back = tokenizer.decode(ids)
    if _folded(back) != _folded(text):
        raise TokenizerError(
            f"the tokenizer turns {text!r} into {back!r}; use a model whose tokenizer keeps its text"
        )


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not c.isspace() and not unicodedata.combining(c))
