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
from kgqa.lm import Prompt, Text, renormalised

__all__ = ["ModelMemory", "PromptMemory"]

_Tokens = NDArray[np.int32]
MOST_OPTIONS = 256
"""So many options are scored at every text, beside its own."""
MOST_PROMPTS = 1000
"""So many questions stay in memory where there is a file."""
_LARGEST = 1 << 30
"""No entry unpacks to more bytes."""


@dataclass
class PromptMemory:
    """The log-probabilities that a model gave after the texts of one prompt.

    `raw` has, for each text, tokens (sorted) with their log-probabilities, which depend on the text alone.
    `relative` has those that were renormalised over some choices: how probable the tokens are beside each
    other. From these follow the log-probabilities over any of the tokens.
    """

    raw: dict[Text, tuple[_Tokens, NDArray[np.float32]]] = field(default_factory=dict)
    relative: dict[Text, tuple[_Tokens, NDArray[np.float64]]] = field(default_factory=dict)
    changed: bool = False

    def find(self, text: Text, tokens: _Tokens) -> NDArray[np.float64] | None:
        """The log-probabilities of some tokens after a text; `None` where one of them is not known."""
        known = self.raw.get(text)
        at = None if known is None else _places(known[0], tokens)
        return None if known is None or at is None else known[1][at].astype(np.float64)

    def find_chosen(self, text: Text, choices: _Tokens) -> NDArray[np.float64] | None:
        """The log-probabilities of choices after a text, renormalised over them; `None` as for `find`."""
        known = self.relative.get(text)
        at = None if known is None else _places(known[0], choices)
        return None if known is None or at is None else renormalised([known[1][at]])[0]

    def add(self, text: Text, tokens: _Tokens, said: NDArray[np.float64]) -> None:
        """Keep the log-probabilities of some tokens; those that are known stay as they are."""
        values = said.astype(np.float32)
        if (known := self.raw.get(text)) is not None:
            tokens, values = np.concatenate((known[0], tokens)), np.concatenate((known[1], values))
        tokens, first = np.unique(tokens.astype(np.int32), return_index=True)
        self.raw[text] = tokens, values[first]
        self.changed = True

    def add_chosen(self, text: Text, choices: _Tokens, said: NDArray[np.float64]) -> None:
        """Keep the renormalised log-probabilities of all choices after a text.

        What is known of others is kept beside them, measured by a token that both have.
        """
        order = np.argsort(choices, kind="stable")
        tokens, values = choices[order].astype(np.int32), said[order]
        if (known := self.relative.get(text)) is not None:
            shared, own, other = np.intersect1d(tokens, known[0], assume_unique=True, return_indices=True)
            possible = np.isfinite(values[own]) & np.isfinite(known[1][other])
            if possible.any():
                first = int(np.argmax(possible))
                shift = values[own[first]] - known[1][other[first]]
                rest = ~np.isin(known[0], shared)
                tokens = np.concatenate((tokens, known[0][rest]))
                values = np.concatenate((values, known[1][rest] + shift))
                order = np.argsort(tokens, kind="stable")
                tokens, values = tokens[order], values[order]
        self.relative[text] = tokens, values
        self.changed = True

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it as arrays, which `of` reads."""
        return {**_table("raw", self.raw, np.float32), **_table("relative", self.relative, np.float64)}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> PromptMemory:
        """What `arrays` gave. Raises `KeyError` or `ValueError` for anything else."""
        return cls(_read_table("raw", arrays, np.float32), _read_table("relative", arrays, np.float64))


class ModelMemory:
    """All that one model said: of texts after prompts, the vectors of texts, the relevance of paths.

    It holds for any graph, because a model is never told of one. With a `file`, what was said in earlier
    processes is known too; `flush` writes what is new. `model` identifies the model with its code. The file
    has a bound, beyond which what was used longest ago is forgotten.
    """

    def __init__(self, file: str | Path | None = None, model: str = "") -> None:
        self._file = None if file is None else _opened(Path(file))
        self._model = model
        self._prompts: dict[Prompt, PromptMemory] = {}
        self._values: dict[Hashable, NDArray[np.float32] | None] = {}
        self._new: list[Hashable] = []
        self._used: set[bytes] = set()
        self.options = np.zeros(0, dtype=np.int32)
        """Tokens that were among the choices of some text, sorted; the first ones that were."""

    def offer(self, choices: Sequence[_Tokens]) -> None:
        """Count tokens among the options, until there are as many as may be."""
        room = MOST_OPTIONS - len(self.options)
        if room > 0 and len(choices):
            new = np.setdiff1d(np.concatenate([*choices]), self.options)
            self.options = np.sort(np.concatenate((self.options, new[:room].astype(np.int32))))

    def of_prompt(self, prompt: Prompt) -> PromptMemory:
        """What was said after a prompt; it may be added to."""
        found = self._prompts.get(prompt)
        if found is None:
            found = self._prompts[prompt] = self._read_prompt(prompt)
        return found

    def value(self, key: Hashable) -> NDArray[np.float32] | None:
        """A vector or scores, by what they were given for; `None` where that is new."""
        if key not in self._values:
            arrays = self._read(key) or {}
            self._values[key] = np.asarray(arrays["value"], np.float32) if "value" in arrays else None
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
        if self._used:
            self._file.tell_used(self._used)
            self._used.clear()
        for prompt in list(self._prompts)[:-MOST_PROMPTS]:
            del self._prompts[prompt]
        for key in list(self._values)[: -MOST_PROMPTS * 20]:
            del self._values[key]

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
        hashed = self._key(key)
        row = self._file.attempt("SELECT arrays FROM said WHERE key = ?", (hashed,))
        if row is None or not isinstance(row[0], bytes):
            return None
        self._used.add(hashed)
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
        content, hashed = io.BytesIO(), self._key(key)
        np.savez_compressed(content, allow_pickle=False, **arrays)
        self._file.attempt("INSERT OR REPLACE INTO said VALUES (?, ?)", (hashed, content.getvalue()))
        self._used.add(hashed)


def _opened(file: Path) -> CacheFile:
    return CacheFile(file, "said", "arrays BLOB NOT NULL", "what models said", key="BLOB")


def _places(known: _Tokens, tokens: _Tokens) -> NDArray[np.int64] | None:
    """Where tokens stand among known ones, which are sorted; `None` where one does not."""
    at = np.searchsorted(known, tokens)
    inside = len(known) > 0 and np.array_equal(known[np.minimum(at, len(known) - 1)], tokens)
    return at if inside else None


def _table(
    name: str, said: Mapping[Text, tuple[_Tokens, NDArray[Any]]], kind: type[np.floating[Any]]
) -> dict[str, NDArray[Any]]:
    """Texts with tokens and their values, end to end."""
    lengths, texts = _packed(list(said))
    counts, tokens = _packed([known for known, _ in said.values()])
    values = np.concatenate([*(own for _, own in said.values()), np.zeros(0, kind)])
    parts: dict[str, NDArray[Any]] = {"lengths": lengths, "texts": texts, "counts": counts}
    parts |= {"tokens": tokens, "values": values}
    return {f"{name}_{part}": array for part, array in parts.items()}


def _read_table(
    name: str, arrays: Mapping[str, NDArray[Any]], kind: type[np.floating[Any]]
) -> dict[Text, tuple[_Tokens, NDArray[Any]]]:
    """What `_table` gave. Raises `KeyError` or `ValueError` for anything else."""
    lengths, texts, counts, tokens, values = (
        arrays[f"{name}_{part}"] for part in ("lengths", "texts", "counts", "tokens", "values")
    )
    pairs = zip(_split(counts, tokens.astype(np.int32)), _split(counts, values.astype(kind)), strict=True)
    return dict(zip((tuple(text.tolist()) for text in _split(lengths, texts)), pairs, strict=True))


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
