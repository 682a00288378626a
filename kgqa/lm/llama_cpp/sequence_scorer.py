"""Logits after sequences of tokens, computed from what earlier sequences have in common with them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import OutOfMemoryError
from kgqa.lm.llama_cpp.context import Context, Node
from kgqa.lm.request import Text

__all__ = ["SequenceScorer"]


class SequenceScorer:
    """Keeps the keys and values of sequences: a longer one costs only its new tokens.

    The tokens of all sequences of a call are computed as one tree: what they share, once. `sequences` is
    how many the context takes; of those that are kept between calls, the ones used least recently are
    dropped where they have more than `kept` tokens together.
    """

    def __init__(self, context: Context, *, sequences: int, window: int, kept: int) -> None:
        self._context = context
        self._window, self._kept = window, kept
        self._sequences, self._most = range(sequences), sequences // 2
        self._known: dict[Text, int] = {}
        self.passes = 0

    def logits(self, wanted: Sequence[Text]) -> list[NDArray[np.float32]]:
        """The logits after each sequence of tokens. *Shape:* (vocabulary,) for each; none is empty."""
        found: dict[Text, NDArray[np.float32]] = {}
        for part in self._parts(sorted(set(wanted))):
            self.passes += 1
            rows = self._pass(part)
            if rows is None:
                self.clear()
                rows = self._pass(part)
            if rows is None:
                self.clear()
                raise OutOfMemoryError(
                    f"{len(part)} texts of up to {max(map(len, part))} tokens do not fit into the memory of "
                    "llama.cpp; use fewer beams"
                )
            found.update(zip(part, rows, strict=True))
        return [found[text] for text in wanted]

    def clear(self) -> None:
        """Forget all sequences."""
        self._context.clear()
        self._known.clear()

    def _parts(self, wanted: Sequence[Text]) -> Iterator[list[Text]]:
        """Sorted sequences in runs that one pass can take."""
        part: list[Text] = []
        cells = 0
        for text in wanted:
            new = len(text) - (_common(part[-1], text) if part else 0)
            if part and (len(part) == self._most or cells + new > self._window):
                yield part
                part, cells, new = [], 0, len(text)
            part.append(text)
            cells += new
        if part:
            yield part

    def _pass(self, wanted: list[Text]) -> NDArray[np.float32] | None:
        """The logits after sorted sequences; None where they do not fit beside what is kept."""
        ends = [not _begins(one, other) for one, other in pairwise(wanted)]
        leaves = [text for text, end in zip(wanted, [*ends, True], strict=True) if end]
        sources = self._sources(wanted, leaves)
        taken = self._take(len(leaves), {source for source, _ in sources})
        for target, (source, length) in zip(taken, sources, strict=True):
            if length:
                self._context.copy(self._known[source], target, length)
        rows = self._context.decode(list(_tree(wanted, leaves, [n for _, n in sources], taken)))
        if rows is None:
            return None
        for leaf, sequence in zip(leaves, taken, strict=True):
            for text in [known for known in self._known if _begins(known, leaf)]:
                self._drop(text)
            self._known[leaf] = sequence
        self._shrink()
        return rows

    def _sources(self, wanted: list[Text], leaves: list[Text]) -> list[tuple[Text, int]]:
        """For each leaf the known sequence that is most like it, and how much of it can be taken over.

        The last token of each wanted sequence is always computed, for its logits.
        """
        known = sorted(self._known)
        sources = []
        for leaf in leaves:
            at = bisect_left(known, leaf)
            near = known[max(0, at - 1) : at + 1]
            length, source = max(((_common(one, leaf), one) for one in near), default=(0, ()))
            first = next(len(text) for text in wanted if _begins(text, leaf))
            sources.append((source, min(length, first - 1)))
            if source in self._known:
                self._known[source] = self._known.pop(source)  # used most recently
        return sources

    def _take(self, count: int, needed: set[Text]) -> list[int]:
        """Empty sequences, if need be those used least recently."""
        for text in [text for text in self._known if text not in needed]:
            if len(self._sequences) - len(self._known) >= count:
                break
            self._drop(text)
        used = set(self._known.values())
        taken = [sequence for sequence in self._sequences if sequence not in used][:count]
        for sequence in taken:
            self._context.remove(sequence)
        return taken

    def _drop(self, text: Text) -> None:
        self._context.remove(self._known.pop(text))

    def _shrink(self) -> None:
        while len(self._known) > 1 and _size(sorted(self._known)) > self._kept:
            self._drop(next(iter(self._known)))


def _tree(wanted: list[Text], leaves: list[Text], lengths: list[int], sequences: list[int]) -> Iterator[Node]:
    """The tokens of sorted leaves beyond the given lengths, each once, a branch after the other."""
    ends = set(wanted)
    common = [_common(one, other) for one, other in pairwise([(), *leaves])]
    for at, leaf in enumerate(leaves):
        # With this leaf, the next one, and so on: of sorted texts, what all between them have in common.
        shared = list(accumulate([len(leaf), *common[at + 1 :]], min))
        for place in range(max(lengths[at], common[at]), len(leaf)):
            under = tuple(sequences[at + k] for k, length in enumerate(shared) if length > place)
            yield Node(leaf[place], place, under, leaf[: place + 1] in ends)


def _common(one: Text, other: Text) -> int:
    """The length of the common beginning."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def _begins(one: Text, other: Text) -> bool:
    return other[: len(one)] == one


def _size(texts: list[Text]) -> int:
    """The number of nodes of the tree of sorted texts."""
    return sum(len(b) - _common(a, b) for a, b in pairwise([(), *texts]))
