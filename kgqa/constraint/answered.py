"""Chains followed by an answer, in the text form of GCR."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import chain as concatenate
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.protocol import Constraint, State
from kgqa.constraint.tokenizer import TextTokenizer
from kgqa.constraint.verbalize import entity_text
from kgqa.errors import ConstraintError, UsageError, check_count
from kgqa.graph import Chain, KnowledgeGraph

__all__ = ["AfterChain", "Answered", "AnsweredState", "InChain", "StatedAnswer", "StatedText", "answer_ids"]

StatedAnswer = Literal["none", "held", "free"]
"""What a model writes behind a chain: nothing, the name of an entity of the chain, or any text."""

MARKED, SPACED = "\n# Answer:\n", " # Answer:"
"""The heading of an answer after a special token, and where it is encoded apart from the chain."""


class InChain(NamedTuple):
    """A reading of the text that is still inside the chain."""

    inner: State


class AfterChain(NamedTuple):
    """A reading in which the chain is complete; `written` are the tokens after it."""

    inner: State
    written: tuple[int, ...]


AnsweredState: TypeAlias = tuple[InChain | AfterChain, ...]


class StatedText(NamedTuple):
    """An answer in words, and whether it is the name of an entity of the chain."""

    text: str
    from_graph: bool


class Answered:
    """A constraint on chains that are followed by a heading and an answer.

    With `held` the answer must be the name of an entity that the chain visits (`among="visited"`)
    or ends at (`among="end"`). Without, it is any plain text of 1 to `answer_tokens` tokens, which
    the graph does not check. Chains and ends are those of the inner constraint; `answer` gives the
    entities that the answer names.

    Models with `</PATH>` write `...</PATH>⏎# Answer:⏎`, as GCR's checkpoints do, and end with the
    end-of-sequence token: score them with `kgqa.lm.EndOfSequenceLanguageModel`. For
    other models the heading is `" # Answer:"`, because many tokenizers merge a line break with the
    text before it, or drop it; `heading` sets another one. "Graph-constrained Reasoning" (GCR,
    ICML 2025).
    """

    def __init__(
        self,
        constraint: Constraint,
        graph: KnowledgeGraph,
        tokenizer: TextTokenizer,
        *,
        held: bool = True,
        among: Literal["visited", "end"] = "visited",
        answer_tokens: int = 32,
        heading: str | None = None,
    ) -> None:
        check_count(answer_tokens, "answer_tokens")
        if among not in ("visited", "end"):
            raise UsageError(f"among must be 'visited' or 'end', not {among!r}")
        self._heading = heading
        self._constraint = constraint
        self._graph = graph
        self._tokenizer = tokenizer
        self._held = held
        self._among = among
        self._ordinary = tokenizer.ordinary_ids
        self._front = self._encoded("")
        self._full = len(self._front) + answer_tokens
        self._names = lru_cache(maxsize=1024)(self._named)

    @property
    def topics(self) -> tuple[str, ...]:
        """The entities that chains may start from."""
        return self._constraint.topics

    @property
    def start(self) -> AnsweredState:
        """The state before the first token."""
        return (InChain(self._constraint.start),)

    def allowed(self, state: AnsweredState) -> NDArray[np.int32]:
        """The token ids that may follow; see `Constraint.allowed`."""
        found = []
        for reading in state:
            if isinstance(reading, InChain):
                found.append(self._constraint.allowed(reading.inner))
            if (after := self._after_chain(reading)) is not None:
                found.append(self._following(after))
        if len(found) == 1:
            return found[0]
        return np.unique(np.concatenate(found)).astype(np.int32)

    def advance(self, state: AnsweredState, token: int) -> AnsweredState:
        """The state after one more token; see `Constraint.advance`."""
        readings: dict[InChain | AfterChain, None] = {}
        for reading in state:
            if isinstance(reading, InChain):
                with suppress(ConstraintError):  # then the token must belong to the heading
                    readings[InChain(self._constraint.advance(reading.inner, token))] = None
            after = self._after_chain(reading)
            if after is not None and token in self._following(after):
                readings[AfterChain(after.inner, (*after.written, token))] = None
        if not readings:
            raise ConstraintError(f"token {token} is not allowed here; see Constraint.allowed")
        return tuple(readings)

    def accepts(self, state: AnsweredState) -> bool:
        """Whether the text may end here: after a complete answer."""
        return any(True for _ in self._accepting(state))

    def ends(self, state: AnsweredState) -> Mapping[str, int]:
        """The entities that the chains end at; see `Constraint.ends`."""
        total: Counter[str] = Counter()
        for reading in self._accepted(state):
            total.update(self._constraint.ends(reading.inner))
        return dict(sorted(total.items()))

    def chains(self, state: AnsweredState, end: str | None = None) -> Iterator[Chain]:
        """The chains of an accepted state; see `Constraint.chains`."""
        readings = self._accepted(state)
        return concatenate.from_iterable(self._constraint.chains(r.inner, end) for r in readings)

    def answer(self, state: AnsweredState) -> tuple[str, ...] | None:
        """The entities that the answer of an accepted text names, sorted; None for free text.

        More than one where several entities have the name.
        """
        readings = self._accepted(state)
        if not self._held:
            return None
        return tuple(sorted({entity for r in readings for entity in self._names(r.inner)[r.written]}))

    def answer_text(self, state: AnsweredState) -> StatedText:
        """The answer of an accepted text in words."""
        reading = self._accepted(state)[0]
        entities = self.answer(state)
        if entities is None:
            return StatedText(self._tokenizer.decode(reading.written[len(self._front) :]).strip(), False)
        return StatedText(entity_text(self._graph.label(entities[0]) or "").strip(), True)

    def _after_chain(self, reading: InChain | AfterChain) -> AfterChain | None:
        """The reading after the chain; None where the chain must go on."""
        if isinstance(reading, AfterChain):
            return reading
        return AfterChain(reading.inner, ()) if self._constraint.accepts(reading.inner) else None

    def _following(self, reading: AfterChain) -> NDArray[np.int32]:
        inner, written = reading
        place = len(written)
        if self._held:
            names = [name for name in self._names(inner) if len(name) > place and name[:place] == written]
            return np.unique(np.array([name[place] for name in names], dtype=np.int32))
        if place < len(self._front):
            return np.array([self._front[place]], dtype=np.int32)
        return self._ordinary if place < self._full else self._ordinary[:0]

    def _accepting(self, state: AnsweredState) -> Iterator[AfterChain]:
        return (reading for reading in state if isinstance(reading, AfterChain) and self._complete(reading))

    def _complete(self, reading: AfterChain) -> bool:
        if self._held:
            return reading.written in self._names(reading.inner)
        return len(reading.written) > len(self._front)

    def _accepted(self, state: AnsweredState) -> list[AfterChain]:
        readings = list(self._accepting(state))
        if not readings:
            raise ConstraintError("the text has no answer yet; see Constraint.accepts")
        return readings

    def _named(self, inner: State) -> dict[tuple[int, ...], list[str]]:
        """The token sequences that may follow a chain, heading included, and the entities that each names."""
        if self._among == "end":
            entities = set(self._constraint.ends(inner))
        else:
            entities = {
                entity
                for chain in self._constraint.chains(inner)
                for entity in (chain.start, *(hop.entity for hop in chain.hops))
            }
        found: dict[tuple[int, ...], list[str]] = {}
        for entity in sorted(entities):
            label = self._graph.label(entity)
            if label is not None:
                found.setdefault(self._encoded(entity_text(label)), []).append(entity)
        return found

    def _encoded(self, name: str) -> tuple[int, ...]:
        return answer_ids(self._tokenizer, name, self._heading)


def answer_ids(tokenizer: TextTokenizer, name: str, heading: str | None = None) -> tuple[int, ...]:
    """The tokens that follow a chain: `</PATH>` where there is one, the heading, and a name's segment.

    With `heading` `None` it is that of `Answered`.
    """
    mark = tokenizer.path_end_id
    front = () if mark is None else (mark,)
    if heading is None:
        heading = SPACED if mark is None else MARKED
    if not heading.startswith(" "):  # encoded as one text, so that no merge is missed
        return *front, *tokenizer.encode_plain(heading + name.removeprefix(" "))
    segments = [heading, name] if name else [heading]
    return *front, *(t for ids in tokenizer.encode_batch(segments) for t in ids)
