"""What says which tokens may follow: ours, the published one, and three engines of others.

A masker is made from a list of paths, which is what is measured as compiling. Then a path is gone
through: `reset`, and for each token `mask` (measured) and `consume`. `tokens` reads a mask.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from path_list import Language, PathList
from published import ScannedTrie

from kgqa.constraint import Constraint, KGTrie, Reach, Walk
from kgqa.constraint.engines.bitmask import fill, unpack, words
from kgqa.graph import IndexedGraph
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer

__all__ = ["MASKERS", "PACKAGES", "Given", "Masker"]


@dataclass(frozen=True, eq=False)
class Given:
    """What a masker can be made from."""

    graph: IndexedGraph
    reach: Reach
    language: Language
    paths: PathList
    raw: Any
    tokenizer: HuggingFaceTokenizer


class Masker(Protocol):
    """Says step by step what may follow."""

    def reset(self) -> None:
        """Go back to the beginning of a path."""
        ...

    def mask(self) -> Any:
        """What may follow, in the masker's own form."""
        ...

    def tokens(self, mask: Any) -> Iterable[int]:
        """The tokens of a mask, the end among them."""
        ...

    def consume(self, token: int) -> None:
        """Take one more token."""
        ...


class OfConstraint:
    """A constraint of kgqa; the mask is an array of tokens, and whether the text may end."""

    def __init__(self, constraint: Constraint, end: int) -> None:
        self._constraint = constraint
        self._end = end
        self.reset()

    def reset(self) -> None:
        self._state = self._constraint.start

    def mask(self) -> Any:
        return self._constraint.allowed(self._state), self._constraint.accepts(self._state)

    def tokens(self, mask: Any) -> Iterable[int]:
        allowed, accepts = mask
        return [*allowed.tolist(), *([self._end] if accepts else [])]

    def consume(self, token: int) -> None:
        self._state = self._constraint.advance(self._state, token)


class Packed(OfConstraint):
    """The same as a bitmask over the vocabulary, which is what inference engines take."""

    def __init__(self, constraint: Constraint, end: int, size: int) -> None:
        super().__init__(constraint, end)
        self._bits = np.zeros((1, words(size)), dtype=np.int32)

    def mask(self) -> Any:
        allowed, accepts = super().mask()
        fill(self._bits, 0, np.append(allowed, self._end) if accepts else allowed)
        return self._bits

    def tokens(self, mask: Any) -> Iterable[int]:
        return _unpacked(mask[0])


class Published:
    """The published trie: all keys under the prefix are gone through."""

    def __init__(self, given: Given) -> None:
        rows = given.raw(given.paths.texts, add_special_tokens=False, return_attention_mask=False)
        self._trie = ScannedTrie([*ids, given.paths.end] for ids in rows["input_ids"])
        self._prefix: list[int] = []

    def reset(self) -> None:
        self._prefix = []

    def mask(self) -> Any:
        return self._trie.get(self._prefix)

    def tokens(self, mask: Any) -> Iterable[int]:
        found: list[int] = mask
        return found

    def consume(self, token: int) -> None:
        self._prefix.append(token)


class LLGuidance:
    """llguidance with the paths as one regular expression, its limits raised out of the way."""

    def __init__(self, given: Given) -> None:
        import llguidance
        import llguidance.hf
        import llguidance.numpy

        self._numpy = llguidance.numpy
        tokenizer = llguidance.hf.from_tokenizer(given.raw, eos_token=given.paths.end)
        most = 2**31
        limits = llguidance.LLParserLimits(
            max_items_in_row=most,
            initial_lexer_fuel=most,
            step_lexer_fuel=most,
            step_max_items=most,
            max_lexer_states=most,
            max_grammar_size=most,
        )
        grammar = llguidance.LLMatcher.grammar_from_regex(_alternatives(given.paths.texts))
        self._matcher = llguidance.LLMatcher(tokenizer, grammar, limits=limits)
        self._check()
        self._bits = llguidance.numpy.allocate_token_bitmask(1, tokenizer.vocab_size)

    def reset(self) -> None:
        self._matcher.reset()

    def mask(self) -> Any:
        self._numpy.fill_next_token_bitmask(self._matcher, self._bits)
        return self._bits

    def tokens(self, mask: Any) -> Iterable[int]:
        self._check()
        return _unpacked(mask[0])

    def consume(self, token: int) -> None:
        self._matcher.consume_token(token)
        self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise RuntimeError(self._matcher.get_error())


class Outlines:
    """outlines-core with the paths as one regular expression."""

    def __init__(self, given: Given) -> None:
        from outlines_core import Guide, Index, Vocabulary

        known: dict[bytes, list[int]] = {}
        for token, own in enumerate(given.paths.token_bytes):
            if own:
                known.setdefault(own, []).append(token)
        vocabulary = Vocabulary(given.paths.end, known)
        self._guide = Guide(Index(_alternatives(given.paths.texts), vocabulary))
        self._bits = np.zeros((1, words(len(given.raw))), dtype=np.int32)

    def reset(self) -> None:
        self._guide.reset()

    def mask(self) -> Any:
        self._guide.write_mask_into(self._bits.ctypes.data, self._bits.size, self._bits.itemsize)
        return self._bits

    def tokens(self, mask: Any) -> Iterable[int]:
        return _unpacked(mask[0])

    def consume(self, token: int) -> None:
        self._guide.advance(token, return_tokens=False)


class XGrammar:
    """xgrammar with the paths as the alternatives of one rule."""

    def __init__(self, given: Given) -> None:
        import torch
        import xgrammar

        info = xgrammar.TokenizerInfo.from_huggingface(given.raw, stop_token_ids=[given.paths.end])
        compiler = xgrammar.GrammarCompiler(info, max_threads=torch.get_num_threads())
        quoted = (json.dumps(text, ensure_ascii=False) for text in given.paths.texts)
        self._matcher = xgrammar.GrammarMatcher(compiler.compile_grammar(f"root ::= {' | '.join(quoted)}"))
        self._bits = xgrammar.allocate_token_bitmask(1, info.vocab_size)

    def reset(self) -> None:
        self._matcher.reset()

    def mask(self) -> Any:
        self._matcher.fill_next_token_bitmask(self._bits)
        return self._bits

    def tokens(self, mask: Any) -> Iterable[int]:
        return _unpacked(np.asarray(mask)[0])

    def consume(self, token: int) -> None:
        if not self._matcher.accept_token(token):
            raise RuntimeError(f"token {token} of a path was refused")


def walk(given: Given) -> Walk:
    topic, hops, _ = given.language
    return Walk.over(given.reach, [topic], given.tokenizer, "path", hops)


def kg_trie(given: Given) -> KGTrie:
    topic, hops, _ = given.language
    return KGTrie.of(given.graph, [topic], given.tokenizer, grammar="path", hops=hops)


def _unpacked(row: Any) -> list[int]:
    tokens: list[int] = unpack(row).tolist()
    return tokens


def _alternatives(texts: Iterable[str]) -> str:
    """A regular expression for the texts, each before those that it goes on from.

    Where the first alternative that matches wins, a path would hide its continuations otherwise.
    """
    ordered = sorted(texts, reverse=True)
    return "|".join(re.sub(r"([\\.+*?()|\[\]{}^$#&~-])", r"\\\1", text) for text in ordered)


MASKERS: dict[str, Callable[[Given], Masker]] = {
    "our walk": lambda given: OfConstraint(walk(given), given.paths.end),
    "our walk, as a bitmask": lambda given: Packed(walk(given), given.paths.end, len(given.raw)),
    "our KGTrie": lambda given: OfConstraint(kg_trie(given), given.paths.end),
    "published trie": Published,
    "llguidance": LLGuidance,
    "outlines-core": Outlines,
    "xgrammar": XGrammar,
}
PACKAGES = {"llguidance": "llguidance", "outlines-core": "outlines_core", "xgrammar": "xgrammar"}
"""The packages that some maskers need."""
