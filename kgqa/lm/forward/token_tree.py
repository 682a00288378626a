"""Which token sequences after one prompt are cached, and where their keys and values are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.lm.request import Text

__all__ = ["Plan", "TokenTree"]

_FIRST_CAPACITY = 256


class TokenTree:
    """The cached tokens of one row of a key-value pool, as a tree whose trunk is the prompt.

    Each token has a slot of the row; those of the prompt, except its last one, come first, in order.
    `sees` (the attention mask) is bool of shape (capacity, capacity): a slot attends to its ancestors
    and itself.
    """

    def __init__(self, prompt: Sequence[int]) -> None:
        self.prompt = tuple(prompt)
        self.used = 0
        self.sees: NDArray[np.bool_] = np.zeros((_FIRST_CAPACITY, _FIRST_CAPACITY), dtype=np.bool_)
        self._trunk = 0  # the number of cached tokens of the prompt, its last one not counted
        self._slots: dict[Text, int] = {}  # of each text's last token; () is the prompt's

    def seed(self, length: int) -> None:
        """Count the first `length` tokens of the prompt as cached, except its last token."""
        while self._trunk < min(length, len(self.prompt) - 1):
            self._grow(self._trunk - 1)
            self._trunk += 1

    def plan(self, texts: Sequence[Text]) -> Plan:
        """Give slots to the tokens that must be computed for the logits after each of `texts`.

        A text whose last token is cached is computed again: only its keys and values are cached.
        """
        plan = Plan(len(self.prompt), texts)
        for at in range(self._trunk, len(self.prompt) - 1):
            plan.pass_through(self.prompt[at], self.used, at)
            self.seed(at + 1)
        for text in sorted(set(texts), key=len):
            known = max(len(text) - 1, 0)
            while known and text[:known] not in self._slots:
                known -= 1
            if text and () not in self._slots:
                plan.pass_through(self.prompt[-1], self._read(()), len(self.prompt) - 1)
            for end in range(known + 1, len(text)):
                passed = text[:end]
                plan.pass_through(passed[-1], self._read(passed), len(self.prompt) - 1 + end)
            plan.ask_about(text, text[-1] if text else self.prompt[-1], self._read(text))
        return plan

    def forget_all_but(self, texts: Sequence[Text]) -> NDArray[np.int64]:
        """Keep only prefixes of `texts`; returns the old slots of what is kept, in the new order."""
        old_slots, old_sees = self._slots, self.sees
        kept = list(range(self._trunk))
        self.sees = np.zeros_like(old_sees)
        self._slots, self._trunk, self.used = {}, 0, 0
        self.seed(len(kept))
        for text in texts:
            for end in range(len(text) + 1):
                passed = text[:end]
                slot = old_slots.get(passed)
                if slot is None:
                    break
                if passed not in self._slots:
                    kept.append(slot)
                    self._read(passed)
        return np.array(kept, dtype=np.int64)

    def _read(self, text: Text) -> int:
        """Give the last token of a text a slot; the tokens before it have theirs."""
        slot = self._grow(self._slots[text[:-1]] if text else self._trunk - 1)
        self._slots[text] = slot
        return slot

    def _grow(self, parent: int) -> int:
        slot = self.used
        if slot == len(self.sees):
            grown = np.zeros((2 * slot, 2 * slot), dtype=np.bool_)
            grown[:slot, :slot] = self.sees
            self.sees = grown
        if parent >= 0:
            self.sees[slot] = self.sees[parent]
        self.sees[slot, slot] = True
        self.used += 1
        return slot


class Plan:
    """The tokens of one row in a pass: first those without logits, then those whose logits are needed.

    `places` has for each text the index of its last token among the latter.
    """

    def __init__(self, prompt: int, texts: Sequence[Text]) -> None:
        self._prompt = prompt
        self._texts = texts
        self._passed: list[tuple[int, int, int]] = []
        self._asked: list[tuple[int, int, int]] = []
        self._places: dict[Text, int] = {}

    def pass_through(self, token: int, slot: int, depth: int) -> None:
        """Compute a token without its logits."""
        self._passed.append((token, slot, depth))

    def ask_about(self, text: Text, token: int, slot: int) -> None:
        """Compute the last token of a text with its logits."""
        self._places[text] = len(self._asked)
        self._asked.append((token, slot, self._prompt - 1 + len(text)))

    @property
    def asked(self) -> int:
        """The number of tokens whose logits are needed."""
        return len(self._asked)

    @property
    def places(self) -> list[int]:
        """For each text, the index of its last token among those with logits."""
        return [self._places[text] for text in self._texts]

    def columns(self) -> NDArray[np.int64]:
        """Tokens, slots and depths. *Shape:* (3, tokens)."""
        return np.array([*self._passed, *self._asked], dtype=np.int64).T

    def __len__(self) -> int:
        return len(self._passed) + len(self._asked)
