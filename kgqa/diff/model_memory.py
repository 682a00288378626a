"""What a language model said, so that it need not be asked twice."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.cache_file import CacheFile
from kgqa.lm import Prompt, Text

__all__ = ["ModelMemory", "PromptMemory"]

_TABLE = "CREATE TABLE IF NOT EXISTS said (key BLOB PRIMARY KEY, arrays BLOB NOT NULL) WITHOUT ROWID"
_Tokens = NDArray[np.int32]
_LARGEST = 1 << 30
"""No entry unpacks to more bytes."""


@dataclass
class PromptMemory:
    """The log-probabilities that a model gave after the texts of one prompt.

    `raw` has, for each text, tokens (sorted) with their log-probabilities, which depend on the text alone.
    `chosen` has those that were renormalised over some choices, by the text and these choices.
    """

    raw: dict[Text, tuple[_Tokens, NDArray[np.float32]]] = field(default_factory=dict)
    chosen: dict[tuple[Text, Text], NDArray[np.float64]] = field(default_factory=dict)
    changed: bool = False

    def find(self, text: Text, tokens: _Tokens) -> NDArray[np.float64] | None:
        """The log-probabilities of some tokens after a text; `None` where one of them is not known."""
        known = self.raw.get(text)
        if known is None:
            return None
        at = np.searchsorted(known[0], tokens)
        if len(known[0]) == 0 or not np.array_equal(known[0][np.minimum(at, len(known[0]) - 1)], tokens):
            return None
        return known[1][at].astype(np.float64)

    def add(self, text: Text, tokens: _Tokens, said: NDArray[np.float64]) -> None:
        """Keep the log-probabilities of some tokens; those that are known stay as they are."""
        values = said.astype(np.float32)
        if (known := self.raw.get(text)) is not None:
            tokens, values = np.concatenate((known[0], tokens)), np.concatenate((known[1], values))
        tokens, first = np.unique(tokens.astype(np.int32), return_index=True)
        self.raw[text] = tokens, values[first]
        self.changed = True

    def add_chosen(self, text: Text, choices: Text, said: NDArray[np.float64]) -> None:
        """Keep the renormalised log-probabilities of all choices after a text."""
        self.chosen[text, choices] = said
        self.changed = True

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it as arrays, which `of` reads."""
        texts, (counts, tokens) = list(self.raw), _packed([known[0] for known in self.raw.values()])
        lengths, flat = _packed(texts)
        chosen, choices = [text for text, _ in self.chosen], [some for _, some in self.chosen]
        return {
            "text_lengths": lengths,
            "texts": flat,
            "counts": counts,
            "tokens": tokens,
            "values": np.concatenate([*(known[1] for known in self.raw.values()), np.zeros(0, np.float32)]),
            "chosen_lengths": _packed(chosen)[0],
            "chosen": _packed(chosen)[1],
            "choice_counts": _packed(choices)[0],
            "choices": _packed(choices)[1],
            "chosen_values": np.concatenate([*self.chosen.values(), np.zeros(0)]),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> PromptMemory:
        """What `arrays` gave. Raises `KeyError` or `ValueError` for anything else."""
        found = cls()
        values = np.asarray(arrays["values"], dtype=np.float32)
        tokens = _split(arrays["counts"], arrays["tokens"])
        for text, some, said in zip(
            _split(arrays["text_lengths"], arrays["texts"]),
            tokens,
            _split(arrays["counts"], values),
            strict=True,
        ):
            found.raw[tuple(text.tolist())] = some.astype(np.int32), said
        for text, some, said in zip(
            _split(arrays["chosen_lengths"], arrays["chosen"]),
            _split(arrays["choice_counts"], arrays["choices"]),
            _split(arrays["choice_counts"], np.asarray(arrays["chosen_values"], dtype=np.float64)),
            strict=True,
        ):
            found.chosen[tuple(text.tolist()), tuple(some.tolist())] = said
        return found


class ModelMemory:
    """All that one model said: of texts after prompts, the vectors of texts, the relevance of paths.

    It holds for any graph, because a model is never told of one. With a `file`, what was said in earlier
    processes is known too; `flush` writes what is new. `model` identifies the model with its code.
    """

    def __init__(self, file: str | Path | None = None, model: str = "") -> None:
        self._file = None if file is None else CacheFile(Path(file), _TABLE, "what models said")
        self._model = model
        self._prompts: dict[Prompt, PromptMemory] = {}
        self._values: dict[Hashable, NDArray[np.float32] | None] = {}
        self._new: list[Hashable] = []

    def of_prompt(self, prompt: Prompt) -> PromptMemory:
        """What was said after a prompt; it may be added to."""
        found = self._prompts.get(prompt)
        if found is None:
            found = self._prompts[prompt] = self._read_prompt(prompt)
        return found

    def value(self, key: Hashable) -> NDArray[np.float32] | None:
        """A vector or scores, by what they were given for; `None` where that is new."""
        if key not in self._values:
            arrays = self._read(key)
            self._values[key] = None if arrays is None else np.asarray(arrays.get("value"), np.float32)
        return self._values[key]

    def keep(self, key: Hashable, value: NDArray[np.float32]) -> None:
        """Keep a vector or scores."""
        self._values[key] = np.array(value, dtype=np.float32)
        self._new.append(key)

    def flush(self) -> None:
        """Write what is new to the file, if there is one."""
        if self._file is None:
            return
        for prompt, memory in self._prompts.items():
            if memory.changed:
                self._write(prompt, memory.arrays())
                memory.changed = False
        for key in self._new:
            self._write(key, {"value": np.asarray(self._values[key])})
        self._new.clear()

    def _read_prompt(self, prompt: Prompt) -> PromptMemory:
        arrays = self._read(prompt)
        try:
            return PromptMemory() if arrays is None else PromptMemory.of(arrays)
        except (KeyError, ValueError, TypeError):
            return PromptMemory()

    def _key(self, key: Hashable) -> bytes:
        text = f"{self._model}\n{key!r}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=20).digest()

    def _read(self, key: Hashable) -> dict[str, NDArray[Any]] | None:
        if self._file is None:
            return None
        row = self._file.attempt("SELECT arrays FROM said WHERE key = ?", (self._key(key),))
        if row is None or not isinstance(row[0], bytes):
            return None
        try:
            with zipfile.ZipFile(io.BytesIO(row[0])) as packed:
                if sum(one.file_size for one in packed.infolist()) > _LARGEST:
                    return None
            with np.load(io.BytesIO(row[0]), allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def _write(self, key: Hashable, arrays: Mapping[str, NDArray[Any]]) -> None:
        assert self._file is not None
        content = io.BytesIO()
        np.savez_compressed(content, allow_pickle=False, **arrays)
        self._file.attempt("INSERT OR REPLACE INTO said VALUES (?, ?)", (self._key(key), content.getvalue()))


def _packed(parts: Sequence[Sequence[int] | NDArray[np.int32]]) -> tuple[NDArray[np.int64], _Tokens]:
    """The lengths of some lists of tokens, and all of them end to end."""
    lengths = np.array([len(part) for part in parts], dtype=np.int64)
    return lengths, np.concatenate([*(np.asarray(part, np.int32) for part in parts), np.zeros(0, np.int32)])


def _split(lengths: NDArray[Any], flat: NDArray[Any]) -> list[NDArray[Any]]:
    """The lists that were packed. Raises `ValueError` where the lengths do not add up."""
    ends = np.cumsum(np.asarray(lengths, dtype=np.int64))
    if len(flat) != (int(ends[-1]) if len(ends) else 0):
        raise ValueError("lengths do not add up")
    return np.split(flat, ends[:-1]) if len(ends) else []
