"""The constraint of GCR: all chain texts of a question listed in one trie."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Self

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.grammars.grammar import GrammarName
from kgqa.constraint.grammars.listing import Listed, list_chains, list_paths, list_relation_paths
from kgqa.constraint.protocol import Constraint
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.counted import counted
from kgqa.errors import (
    BudgetError,
    ConstraintError,
    IndexFolderError,
    NoChainError,
    UsageError,
    check_count,
    check_names,
)
from kgqa.graph import Chain, Hop, KnowledgeGraph

__all__ = ["KGTrie"]

LISTINGS = {"path": list_paths, "chain": list_chains, "relations": list_relation_paths}
FORMAT, VERSION = "kgqa-trie", 1
WIDTH = 4
"""Bytes of a token in a key; big-endian, so that keys sort as their tokens do."""


class Span(NamedTuple):
    """The keys `low:high` of the sorted list, which share their first `depth` tokens."""

    low: int
    high: int
    depth: int


class KGTrie(Constraint):
    """A `Constraint` over a precomputed list of chains.

    For small graphs, for tries that are stored (`save`, `load`), and as the reference for `Walk`.
    Its size grows as the graph's degree to the power of the hops; `limit` bounds it.
    "Graph-constrained Reasoning" (GCR, ICML 2025) calls it KG-Trie.
    """

    def __init__(
        self,
        trie: marisa_trie.BinaryTrie,
        chains: Sequence[Sequence[Chain]],
        topics: Sequence[str],
        fingerprint: str,
    ) -> None:
        check_names(topics, "topics")
        self._trie = trie
        self._chains = chains
        self._topics = tuple(dict.fromkeys(topics))
        self._fingerprint = fingerprint
        self._keys: list[bytes] = sorted(trie.iterkeys())

    @classmethod
    def of(
        cls,
        graph: KnowledgeGraph,
        topics: Sequence[str],
        tokenizer: Tokenizer,
        *,
        grammar: GrammarName = "path",
        hops: int = 2,
        inverse: bool = True,
        allow_return: bool = False,
        limit: int = 5_000_000,
    ) -> Self:
        """List the chains from `topics`; the arguments are those of `Walk.of`.

        Raises what `Walk.of` raises, and `BudgetError` for more than `limit` chains.
        """
        check_names(topics, "topics")
        check_count(hops, "hops")
        check_count(limit, "limit")
        if grammar not in LISTINGS:
            raise UsageError(f"no grammar {grammar!r}; there are {', '.join(LISTINGS)}")
        listed = list(islice(LISTINGS[grammar](graph, topics, hops, inverse, allow_return), limit + 1))
        if len(listed) > limit:
            raise BudgetError(f"more than limit={limit} chains to list; use Walk, or fewer hops")
        if not listed:
            raise NoChainError(
                f"there is no chain of at most {counted(hops, 'hop')} from {', '.join(map(repr, topics))}"
            )
        return cls._of_listed(listed, topics, tokenizer)

    @classmethod
    def _of_listed(cls, listed: Iterable[Listed], topics: Sequence[str], tokenizer: Tokenizer) -> Self:
        groups: dict[bytes, list[Chain]] = {}
        for (first, *others), chain in listed:
            segments = [first if tokenizer.leading_space else first.removeprefix(" "), *others]
            ids = [token for part in tokenizer.encode_batch(segments) for token in part]
            groups.setdefault(_key(ids), []).append(chain)
        trie = marisa_trie.BinaryTrie(list(groups))
        chains: list[list[Chain]] = [[] for _ in groups]
        for key, group in groups.items():
            chains[trie[key]] = sorted(group)
        return cls(trie, chains, topics, tokenizer.fingerprint)

    @property
    def topics(self) -> tuple[str, ...]:
        """The entities that chains may start from."""
        return self._topics

    def __len__(self) -> int:
        """The number of texts."""
        return len(self._keys)

    def texts(self) -> list[NDArray[np.int64]]:
        """The tokens of all texts, in the order of their tokens. *Shape:* (tokens,) each."""
        return [np.frombuffer(key, dtype=">u4").astype(np.int64) for key in self._keys]

    @property
    def start(self) -> Span:
        """The state before the first token."""
        return Span(0, len(self._keys), 0)

    def allowed(self, state: Span) -> NDArray[np.int32]:
        """The token ids that may follow; see `Constraint.allowed`."""
        low, high, depth = state
        found = []
        low += low < high and len(self._keys[low]) == depth * WIDTH
        while low < high:
            token = _token(self._keys[low], depth)
            found.append(token)
            low = self._bisect(low, high, depth, token + 1)
        return np.array(found, dtype=np.int32)

    def advance(self, state: Span, token: int) -> Span:
        """The state after one more token; see `Constraint.advance`."""
        low, high, depth = state
        low += low < high and len(self._keys[low]) == depth * WIDTH
        low = self._bisect(low, high, depth, token)
        high = self._bisect(low, high, depth, token + 1)
        if low == high:
            raise ConstraintError(f"token {token} is not allowed here; see Constraint.allowed")
        return Span(low, high, depth + 1)

    def accepts(self, state: Span) -> bool:
        """Whether the text may end here."""
        return state.low < state.high and len(self._keys[state.low]) == state.depth * WIDTH

    def ends(self, state: Span) -> Mapping[str, int]:
        """The entities that the chains end at; see `Constraint.ends`."""
        return dict(sorted(Counter(chain.end for chain in self._accepted(state)).items()))

    def chains(self, state: Span, end: str | None = None) -> Iterator[Chain]:
        """The chains of an accepted state; see `Constraint.chains`."""
        return (chain for chain in self._accepted(state) if end is None or chain.end == end)

    def save(self, folder: Path) -> None:
        """Write the trie to a new or empty folder. Raises `IndexFolderError` when it cannot."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise IndexFolderError(f"{folder}: the folder is not empty; choose another one for the trie")
            self._trie.save(str(folder / "keys.marisa"))
            with (folder / "chains.jsonl").open("w", encoding="utf-8") as stream:
                for group in self._chains:
                    rows = [[chain.start, chain.hops, chain.sources] for chain in group]
                    stream.write(json.dumps(rows, ensure_ascii=True) + "\n")
            manifest = {
                "format": FORMAT,
                "version": VERSION,
                "tokenizer": self._fingerprint,
                "topics": self._topics,
                "texts": len(self),
            }
            (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        except OSError as error:
            raise IndexFolderError(f"{folder}: cannot write the trie ({error.strerror})") from error

    @classmethod
    def load(cls, folder: Path, tokenizer: Tokenizer) -> Self:
        """Open a saved trie, with the tokenizer that it was built with.

        Raises `IndexFolderError` for a folder without a trie, a damaged trie, or another tokenizer.
        """
        try:
            manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
            if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
                raise IndexFolderError(f"{folder}: no trie of this kgqa's format; build it again")
            if manifest["tokenizer"] != tokenizer.fingerprint:
                raise IndexFolderError(f"{folder}: the trie was built for another tokenizer; build it again")
            trie = marisa_trie.BinaryTrie()
            trie.load(str(folder / "keys.marisa"))
            lines = (folder / "chains.jsonl").read_text("utf-8").splitlines()
            chains = [[_chain(*row) for row in json.loads(line)] for line in lines]
            if not len(trie) == len(chains) == manifest["texts"]:
                raise IndexFolderError(f"{folder}: damaged trie (its parts do not agree); build it again")
        except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
            raise IndexFolderError(
                f"{folder}: no trie, or a damaged one ({error}); build it again"
            ) from error
        return cls(trie, chains, manifest["topics"], tokenizer.fingerprint)

    def _accepted(self, state: Span) -> Sequence[Chain]:
        if not self.accepts(state):
            raise ConstraintError("the text is no complete chain yet; see Constraint.accepts")
        return self._chains[self._trie[self._keys[state.low]]]

    def _bisect(self, low: int, high: int, depth: int, token: int) -> int:
        return bisect_left(self._keys, token, low, high, key=lambda key: _token(key, depth))


def _key(ids: Sequence[int]) -> bytes:
    return np.asarray(ids, dtype=">u4").tobytes()


def _token(key: bytes, depth: int) -> int:
    return int.from_bytes(key[depth * WIDTH : (depth + 1) * WIDTH], "big")


def _chain(start: str, hops: list[tuple[str, str, bool]], sources: list[str]) -> Chain:
    return Chain(start, tuple(Hop(*hop) for hop in hops), tuple(sources))
