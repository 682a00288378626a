"""Which token sequences a model has read behind one prompt, and where their keys and values are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.lm.request import Text

__all__ = ["TokenTree"]

_FIRST_CAPACITY = 256


class Node:
    """A token that was read: where its keys and values are, and what was read after it."""

    __slots__ = ("children", "depth", "slot")

    def __init__(self, slot: int, depth: int) -> None:
        self.slot = slot
        self.depth = depth
        self.children: dict[int, Node] = {}


class TokenTree:
    """The tokens behind one row of a key-value pool, as a tree whose trunk is the prompt.

    Every node has a slot of the row. `sees` is bool of shape (capacity, capacity): which slots a
    slot attends to, its ancestors and itself.
    """

    def __init__(self, prompt: Sequence[int]) -> None:
        self.prompt = tuple(prompt)
        self.used = 0
        self.sees: NDArray[np.bool_] = np.zeros((_FIRST_CAPACITY, _FIRST_CAPACITY), dtype=np.bool_)
        self._root = Node(-1, -1)

    def seed(self, length: int) -> None:
        """Take the first `length` tokens of the prompt for read; their slots come first, in order."""
        node = self._root
        for token in self.prompt[:length]:
            node = self._grow(node, token)

    def plan(self, texts: Sequence[Text]) -> Plan:
        """Make room for what must be read before it is known what follows each of `texts`.

        A text whose last token was read before is read again: only its keys and values were kept.
        """
        wanted = [(*self.prompt, *text) for text in texts]
        passed: list[tuple[Node, int]] = []
        last: list[tuple[Node, int]] = []
        places: dict[tuple[int, ...], int] = {}
        for tokens in dict.fromkeys(sorted(wanted, key=len)):
            node = self._root
            for token in tokens[:-1]:
                child = node.children.get(token)
                if child is None:
                    child = self._grow(node, token)
                    passed.append((child, token))
                node = child
            node = self._grow(node, tokens[-1])
            places[tokens] = len(last)
            last.append((node, tokens[-1]))
        return Plan(passed, last, [places[tokens] for tokens in wanted])

    def forget_all_but(self, texts: Sequence[Text]) -> NDArray[np.int64]:
        """Keep only what `texts` go on from; returns the old slots of what is kept, in new order."""
        kept: list[int] = []
        old = self._root
        self._root = Node(-1, -1)
        sees = self.sees
        self.sees = np.zeros_like(sees)
        self.used = 0
        for text in texts:
            before, after = old, self._root
            for token in (*self.prompt, *text):
                following = before.children.get(token)
                if following is None:
                    break
                if token not in after.children:
                    kept.append(following.slot)
                    self._grow(after, token)
                before, after = following, after.children[token]
        return np.array(kept, dtype=np.int64)

    def _grow(self, parent: Node, token: int) -> Node:
        if self.used == len(self.sees):
            grown = np.zeros((2 * self.used, 2 * self.used), dtype=np.bool_)
            grown[: self.used, : self.used] = self.sees
            self.sees = grown
        before = parent.children.get(token)
        node = Node(self.used, parent.depth + 1)
        if before is not None:
            node.children = before.children
        parent.children[token] = node
        if parent.slot >= 0:
            self.sees[self.used] = self.sees[parent.slot]
        self.sees[self.used, self.used] = True
        self.used += 1
        return node


class Plan:
    """The tokens that one row reads in a pass: those only passed through, then those asked about.

    `places` says for each text which of the latter is its last token.
    """

    def __init__(
        self, passed: list[tuple[Node, int]], last: list[tuple[Node, int]], places: list[int]
    ) -> None:
        read = [*passed, *last]
        self.asked = len(last)
        self.places = places
        self.tokens = [token for _, token in read]
        self.slots = [node.slot for node, _ in read]
        self.depths = [node.depth for node, _ in read]

    def __len__(self) -> int:
        return len(self.tokens)
