"""One running search and the part of its token tree that was scored."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint, State
from kgqa.decode.decoder import Decoder, Task
from kgqa.decode.foresight import ByLength, ByLikelihood, Foresight, Guess
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.lm import Request, Text

__all__ = ["Job"]


MOST_GUESSED = 32
"""If more tokens than this may follow a text that was not scored, none of them is prefetched."""


WORTH_NATS = 2.5
"""Where log-probabilities are renormalised, what is so much less probable than the best is not prefetched."""
WORTH_TEXTS = 32
"""Nor is anything prefetched there beyond so many texts: opening a prefix of a program takes long."""


_UNSURE = (0.0, *map(math.log, range(1, MOST_GUESSED + 2)))
"""The cost of a token among so many where the text was not scored: as if all were equally likely."""


class Job:
    """Advances a search as far as the scored texts allow, then says which texts to score next.

    Beside the prefixes that the search needs, `ask` adds the forced runs after them and further
    prefixes that the search will probably need, up to `lookahead` texts. This prefetching does not
    change what the search receives.
    """

    def __init__(self, task: Task, decoder: Decoder, end: int) -> None:
        self.prompt = task.prompt
        self.renormalises = decoder.renormalises
        self.found: list[Hypothesis] | None = None
        self.passes = 0
        self.texts = 0
        self._constraint: Constraint = task.constraint
        self._search = decoder.search(task.constraint)
        self._end = np.array([end], dtype=np.int32)
        self._known: dict[Text, Branches] = {}
        self._allowed: dict[Text, tuple[State, NDArray[np.int32], bool]] = {}
        self._wanted: Sequence[Prefix] = ()
        self._width = 0
        self._limit = math.inf
        self._asked: list[Text] = []
        self._send(None)

    @property
    def done(self) -> bool:
        """Whether the search has returned."""
        return self.found is not None

    def ask(self, lookahead: int | None) -> Request:
        """The next request to the model; with `None` for only what the search needs."""
        if lookahead is None:
            return self._request(
                dict.fromkeys(one.tokens for one in self._wanted if one.tokens not in self._known)
            )
        chosen: dict[Text, None] = {}
        self._width = max(self._width, len(self._wanted))
        one_length = len({len(prefix.tokens) for prefix in self._wanted}) == 1
        foresight: Foresight = ByLength(self._width) if one_length else ByLikelihood()
        if self.renormalises:
            lookahead = min(lookahead, WORTH_TEXTS)
            self._limit = WORTH_NATS - max(prefix.log_probability for prefix in self._wanted)
        for prefix in self._wanted:
            text, state = prefix.tokens, prefix.state
            if text not in self._known:
                chosen[text] = None
                while (run := self._forced(text, state)) is not None and run[0] not in self._known:
                    text, state = run
                    chosen[text] = None
            foresight.add(self._likely(self._children(text, state, prefix.log_probability)))
        while len(chosen) < lookahead and (guess := foresight.pop()) is not None:
            text = guess.text
            known = self._allowed.get(text)
            state = self._constraint.advance(guess.before, text[-1]) if known is None else known[0]
            if text not in self._known:
                chosen[text] = None
            foresight.add(self._likely(self._children(text, state, -guess.cost)))
        return self._request(chosen)

    def _request(self, texts: Iterable[Text]) -> Request:
        self._asked = list(texts)
        return Request(self.prompt, self._asked, [self._allowed[text][1] for text in self._asked])

    @property
    def choices(self) -> list[NDArray[np.int32]]:
        """For each text of the request, the tokens that may follow, then the end where it may end."""
        opened = [self._allowed[text] for text in self._asked]
        return [
            np.concatenate((allowed, self._end)) if accepts else allowed for _, allowed, accepts in opened
        ]

    def tell(self, found: Sequence[NDArray[np.float64]]) -> None:
        """Take the log-probabilities of the choices of each text and continue the search."""
        self.passes += 1
        self.texts += len(self._asked)
        for text, gains in zip(self._asked, found, strict=True):
            _, allowed, accepts = self._allowed[text]
            self._known[text] = (
                Branches(allowed, gains[:-1], float(gains[-1])) if accepts else Branches(allowed, gains, None)
            )
        self._go_on()

    def close(self) -> None:
        """End the search early."""
        self._search.close()

    def _go_on(self) -> None:
        while self.found is None and all(prefix.tokens in self._known for prefix in self._wanted):
            self._send([self._known[prefix.tokens] for prefix in self._wanted])

    def _send(self, branches: Sequence[Branches] | None) -> None:
        try:
            self._wanted = next(self._search) if branches is None else self._search.send(branches)
        except StopIteration as stop:
            self.found = stop.value
            return
        for prefix in self._wanted:
            self._open(prefix.tokens, prefix.state)

    def _open(self, text: Text, state: State) -> tuple[NDArray[np.int32], bool]:
        known = self._allowed.get(text)
        if known is None:
            known = state, self._constraint.allowed(state), self._constraint.accepts(state)
            self._allowed[text] = known
        return known[1], known[2]

    def _forced(self, text: Text, state: State) -> tuple[Text, State] | None:
        allowed, accepts = self._open(text, state)
        if accepts or len(allowed) != 1:
            return None
        return self._step(text, state, int(allowed[0]))

    def _step(self, text: Text, state: State, token: int) -> tuple[Text, State]:
        longer = (*text, token)
        known = self._allowed.get(longer)
        return longer, self._constraint.advance(state, token) if known is None else known[0]

    def _likely(self, guesses: list[Guess]) -> list[Guess]:
        return [guess for guess in guesses if guess.cost <= self._limit]

    def _children(self, text: Text, state: State, log_probability: float) -> list[Guess]:
        """The children of a prefix to prefetch: the likeliest if it was scored, none if too many."""
        allowed, accepts = self._open(text, state)
        known = self._known.get(text)
        if known is None:
            if len(allowed) > MOST_GUESSED:
                return []
            cost = _UNSURE[len(allowed) + accepts] - log_probability
            return [Guess(cost, (*text, token), state) for token in allowed.tolist()]
        gains = known.log_probabilities
        if len(allowed) > MOST_GUESSED:
            best = np.argsort(-gains, kind="stable")[:MOST_GUESSED]
            allowed, gains = allowed[best], gains[best]
        costs = (-log_probability - gains).tolist()
        return [
            Guess(cost, (*text, token), state) for token, cost in zip(allowed.tolist(), costs, strict=True)
        ]
