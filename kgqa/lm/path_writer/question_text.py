"""The encoder's input: the question with its topic masked, then the topic's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tokenizers import Tokenizer

from kgqa.constraint import GrammarName
from kgqa.graph import relation_words
from kgqa.lm.protocol import PathReading, ProgramReading

__all__ = [
    "CLS",
    "MASK",
    "SEP",
    "START_PIECES",
    "load_tokenizer",
    "pair_ids",
    "piece_ids",
    "program_pair_ids",
    "question_ids",
]

CLS, SEP, MASK = 101, 102, 103
START_PIECES: Mapping[GrammarName, int] = {"relations": CLS, "path": 2, "chain": 3, "programs": 4}
"""The decoder's start piece selects the grammar."""

MAX_QUESTION_PIECES = 96
MAX_NAME_PIECES = 24
MAX_TEXT_PIECES = 256
MAX_ASKED_PIECES = 64
MAX_RELATION_PIECES = 12
MAX_END_PIECES = 8
MAX_PROGRAM_PIECES = 72
MAX_RESULT_PIECES = 20

_FORWARD, _BACKWARD, _ENDS = 1028, 1026, 1024  # `>`, `<` and `:`


def load_tokenizer(folder: Path) -> Tokenizer:
    """The encoder's word-piece tokenizer, which encodes `[MASK]` in a name as plain text."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    return tokenizer


def question_ids(
    tokenizer: Tokenizer,
    question: str,
    topics: Sequence[str],
    *,
    masked: bool = True,
    named: bool = True,
) -> list[int]:
    """`[CLS] question [SEP] topic names [SEP]`, each topic's mention a `[MASK]`.

    Masking shows the decoder the form of the question, which new names share with known ones. A
    mention is the whole name, or a run of at least half of its pieces; a name that the question
    does not mention masks nothing. Training leaves the mask or the names out at times.
    """
    asked = _pieces(tokenizer, question)[:MAX_QUESTION_PIECES]
    names: list[int] = []
    for topic in topics:
        name = _pieces(tokenizer, topic)
        if masked:
            asked = _mask(asked, name)
        if named:
            names += name[:MAX_NAME_PIECES]
    return [CLS, *asked, SEP, *names[: 2 * MAX_NAME_PIECES], SEP]


def pair_ids(tokenizer: Tokenizer, question: str, topics: Sequence[str], path: PathReading) -> list[int]:
    """`[CLS] question [SEP] path [SEP]`, each topic's mention a `[MASK]`.

    The path is `> relation` or `< relation` (against it) for each step, and `:` with the names that it
    ends at, all in words.
    """
    asked = _pieces(tokenizer, question)[:MAX_ASKED_PIECES]
    for topic in topics:
        asked = _mask(asked, _pieces(tokenizer, topic))
    ids = [CLS, *asked, SEP]
    for step in path.steps:
        words, _ = relation_words(step.relation)
        ids += [_BACKWARD if step.inverse else _FORWARD, *_pieces(tokenizer, words)[:MAX_RELATION_PIECES]]
    if path.ends:
        ids.append(_ENDS)
        for name in path.ends:
            ids += _pieces(tokenizer, name)[:MAX_END_PIECES]
    return [*ids[: MAX_TEXT_PIECES - 1], SEP]


def program_pair_ids(tokenizer: Tokenizer, question: str, reading: ProgramReading) -> list[int]:
    """`[CLS] question [SEP] program : result [SEP]`, of at most 160 pieces."""
    ids = [CLS, *_pieces(tokenizer, question)[:MAX_ASKED_PIECES], SEP]
    ids += _pieces(tokenizer, reading.text)[:MAX_PROGRAM_PIECES]
    ids += [_ENDS, *_pieces(tokenizer, reading.result)[:MAX_RESULT_PIECES]]
    return [*ids, SEP]


def piece_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """`[CLS] text [SEP]`, of at most 256 pieces."""
    return [CLS, *_pieces(tokenizer, text)[: MAX_TEXT_PIECES - 2], SEP]


def _pieces(tokenizer: Tokenizer, text: str) -> list[int]:
    """The word pieces of a text; half a surrogate pair, which JSON can hold, becomes `?`."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    pieces: list[int] = tokenizer.encode(whole, add_special_tokens=False).ids
    return pieces


def _mask(asked: list[int], name: list[int]) -> list[int]:
    for length in range(min(len(name), len(asked)), max(0, (len(name) - 1) // 2), -1):
        for offset in range(len(name) - length + 1):
            run = name[offset : offset + length]
            for start in range(len(asked) - length + 1):
                if asked[start : start + length] == run:
                    return [*asked[:start], MASK, *asked[start + length :]]
    return asked
