"""The laws of matchers, to test the integration of a constraint into an inference engine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.engines import bitmask as bits
from kgqa.constraint.grammars.grammar import GrammarName
from kgqa.constraint.grammars.listing import list_chains, list_paths, list_relation_paths
from kgqa.constraint.protocol import Constraint
from kgqa.constraint.testing import Language
from kgqa.graph import KnowledgeGraph

__all__ = ["TokenMatcher", "check_matcher", "whole_text_language"]

Tokens = tuple[int, ...]

_LISTINGS = {"path": list_paths, "chain": list_chains, "relations": list_relation_paths}
_NOISE = np.int32(0x5A5A5A5A)
"""The content of a bitmask before a matcher fills a row of it."""


class TokenMatcher(Protocol):
    """The methods of an engine's cursor; see `kgqa.constraint.engines.matcher.Matcher`."""

    def accept_token(self, token: int, /) -> bool:
        """Append a token, or return False if it is not allowed."""
        ...

    def rollback(self, count: int, /) -> None:
        """Remove the last tokens."""
        ...

    def reset(self) -> None:
        """Remove all tokens."""
        ...

    def fork(self) -> Self:
        """An independent cursor at the same position."""
        ...

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int, /) -> object:
        """Write the allowed tokens over a row."""
        ...

    def is_terminated(self) -> bool:
        """Whether the end token was accepted."""
        ...

    def forced_tokens(self) -> Sequence[int]:
        """The tokens that must follow."""
        ...


def whole_text_language(
    graph: KnowledgeGraph,
    topics: Sequence[str],
    encode: Callable[[str], Tokens],
    *,
    grammar: GrammarName = "path",
    hops: int = 2,
    inverse: bool = True,
    allow_return: bool = False,
    leading_space: bool = True,
) -> Language:
    """Every text of a language with its chains, each text tokenised as a whole.

    Independent of `Walk` and slow; meant for `check_matcher`. `encode` gives the ids that the engine's
    own tokenizer has for a text at the position where the model writes it.
    """
    found: dict[Tokens, Counter[object]] = defaultdict(Counter)
    for segments, chain in _LISTINGS[grammar](graph, topics, hops, inverse, allow_return):
        text = "".join(segments)
        found[encode(text if leading_space else text.removeprefix(" "))][chain] += 1
    return dict(found)  # type: ignore[arg-type]


def check_matcher(
    make_matcher: Callable[[Constraint], TokenMatcher],
    constraint: Constraint,
    graph: KnowledgeGraph,
    expected: Language,
    *,
    end_id: int,
    vocabulary_size: int,
    refused: Collection[int] = (),
) -> None:
    """Check a matcher against an independently listed language; an `AssertionError` names the broken law.

    *Language*: the bitmasks allow exactly the `expected` texts; if their ids are those of whole texts
    (`whole_text_language`), this also checks that concatenated segments give the same ids. *Mask*: it
    is never empty, changes no other row, has no bit beyond the vocabulary, and agrees with
    `accept_token`. *Refusal*: a token that is not allowed changes nothing; all tokens of the
    language, the end token, the first and last token of the vocabulary and `refused` are tried.
    *Rollback*: `rollback` by any number of tokens restores the earlier masks, `reset` the first.
    *Fork*: forked cursors are independent. *Forced*: forced tokens are the run without alternative.
    *Soundness*: every chain of every text is in the graph.
    """
    assert expected, "Language: expected is empty; choose a topic with chains"
    tried = {*refused, *(t for text in expected for t in text), end_id, 0, vocabulary_size - 1}
    check = _Check(end_id, vocabulary_size, tried, _masks(expected, end_id))
    check.walk(make_matcher(constraint))
    for text in sorted(expected):
        check.go_back(make_matcher(constraint), text)
        check.go_apart(make_matcher(constraint), text)
        for chain in expected[text]:
            lost = [triple for triple in chain.triples if triple not in graph]
            assert not lost, f"Soundness: {text} claims {lost[0]}, which is not in the graph"


def _masks(expected: Language, end_id: int) -> dict[Tokens, frozenset[int]]:
    """The tokens that may follow each prefix of the expected texts."""
    following: dict[Tokens, set[int]] = defaultdict(set)
    for text in expected:
        ended = (*text, end_id)
        for at, token in enumerate(ended):
            following[ended[:at]].add(token)
        following[ended].add(end_id)
    return {beginning: frozenset(tokens) for beginning, tokens in following.items()}


@dataclass(frozen=True)
class _Check:
    end_id: int
    vocabulary_size: int
    tried: set[int]
    masks: dict[Tokens, frozenset[int]]

    def mask(self, matcher: TokenMatcher, text: Tokens) -> frozenset[int]:
        """The tokens that a matcher allows after a text, read from the middle row of a bitmask."""
        bitmask = np.full((3, bits.words(self.vocabulary_size)), _NOISE, dtype=np.int32)
        matcher.fill_next_token_bitmask(bitmask, 1)
        assert (bitmask[[0, 2]] == _NOISE).all(), f"Mask: other rows were written after {text}"
        allowed = frozenset(bits.unpack(bitmask[1]).tolist())
        assert allowed, f"Mask: it is empty after {text}"
        beyond = sorted(token for token in allowed if token >= self.vocabulary_size)
        assert not beyond, f"Mask: token {beyond[:1]} is beyond the vocabulary after {text}"
        return allowed

    def expect(self, matcher: TokenMatcher, text: Tokens, law: str) -> None:
        """Check the mask of a matcher after a text, and whether it is terminated."""
        allowed, wanted = self.mask(matcher, text), self.masks[text]
        assert allowed >= wanted, f"{law}: {sorted(wanted - allowed)[:5]} is missing after {text}"
        assert allowed <= wanted, f"{law}: {sorted(allowed - wanted)[:5]} is too much after {text}"
        ended = text[-1:] == (self.end_id,)
        assert matcher.is_terminated() == ended, f"{law}: is_terminated() is {not ended} after {text}"

    def walk(self, matcher: TokenMatcher) -> None:
        """Write every text with one matcher, rolling back one token at a time."""
        self.expect(matcher, (), "Language")
        stack: list[tuple[Tokens, list[int]]] = [((), sorted(self.masks[()]))]
        self.refuse(matcher, ())
        self.force(matcher, ())
        while stack:
            text, left = stack[-1]
            if not left:
                stack.pop()
                if stack:
                    matcher.rollback(1)
                    self.expect(matcher, stack[-1][0], "Rollback")
                continue
            token = left.pop()
            longer = (*text, token)
            assert matcher.accept_token(token), f"Mask: {token} is offered and not taken after {text}"
            self.expect(matcher, longer, "Language")
            self.refuse(matcher, longer)
            self.force(matcher, longer)
            stack.append((longer, [] if token == self.end_id else sorted(self.masks[longer])))

    def refuse(self, matcher: TokenMatcher, text: Tokens) -> None:
        """Check that tokens not offered are refused without any change."""
        for token in sorted(self.tried - self.masks[text]):
            assert not matcher.accept_token(token), f"Refusal: {token} is taken and not offered after {text}"
        self.expect(matcher, text, "Refusal")

    def force(self, matcher: TokenMatcher, text: Tokens) -> None:
        """Check the forced tokens against the masks, and that asking for them changes nothing."""
        run: list[int] = []
        here = text
        while len(self.masks[here]) == 1 and self.end_id not in self.masks[here]:
            run += self.masks[here]
            here = (*text, *run)
        got = [int(token) for token in matcher.forced_tokens()]
        assert got == run, f"Forced: {got} instead of {run} after {text}"
        self.expect(matcher, text, "Forced")

    def go_back(self, matcher: TokenMatcher, text: Tokens) -> None:
        """Roll back from the end of a text by every number of tokens, and forward again."""
        ended = (*text, self.end_id)
        for kept in range(len(ended) + 1):
            self.write(matcher, ended)
            matcher.rollback(len(ended) - kept)
            self.expect(matcher, ended[:kept], "Rollback")
            self.write(matcher, ended[kept:])
            self.expect(matcher, ended, "Rollback")
            matcher.reset()
            self.expect(matcher, (), "Rollback")

    def go_apart(self, matcher: TokenMatcher, text: Tokens) -> None:
        """After every prefix, advance one of two forked cursors and roll back the other."""
        ended = (*text, self.end_id)
        for at, token in enumerate(ended):
            fork = matcher.fork()
            self.expect(fork, ended[:at], "Fork")
            self.write(fork, ended[at:])
            self.expect(matcher, ended[:at], "Fork")
            fork.rollback(len(ended))
            self.expect(matcher, ended[:at], "Fork")
            other = matcher.fork()
            self.write(matcher, (token,))
            self.expect(other, ended[:at], "Fork")
            self.expect(fork, (), "Fork")

    @staticmethod
    def write(matcher: TokenMatcher, tokens: Tokens) -> None:
        """Accept tokens that are known to be allowed."""
        for token in tokens:
            assert matcher.accept_token(token), f"Language: {token} is refused where it is allowed"
