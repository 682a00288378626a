"""The graph is the trie: a constraint that walks the graph itself."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.chain_grammar import ChainGrammar
from kgqa.constraint.grammar import Grammar, Node
from kgqa.constraint.path_grammar import PathGrammar
from kgqa.constraint.reach import Reach
from kgqa.constraint.relation_grammar import RelationGrammar
from kgqa.constraint.tokenizer import SegmentTokenizer
from kgqa.errors import ConstraintError, NoChainError, UsageError
from kgqa.graph import Chain, IndexedGraph

__all__ = ["GRAMMARS", "GrammarName", "Walk"]

GrammarName = Literal["path", "chain", "relations"]
GRAMMARS: dict[str, Callable[[Reach, tuple[int, ...], int, bool], Grammar]] = {
    "path": PathGrammar,
    "chain": ChainGrammar,
    "relations": RelationGrammar,
}


class Row(NamedTuple):
    """What may be said at a node: token sequences, sorted, and the nodes behind them."""

    tokens: list[tuple[int, ...]]
    nodes: list[Node]

    def span(self, low: int, high: int, depth: int, token: int) -> tuple[int, int]:
        """The part of `low:high`, whose first `depth` tokens are alike, that goes on with `token`."""
        low = bisect_left(self.tokens, token, low, high, key=lambda ids: ids[depth])
        return low, bisect_right(self.tokens, token, low, high, key=lambda ids: ids[depth])


class Reading(NamedTuple):
    """One way to understand a text: `depth` tokens into the entries `low:high` of a node's row."""

    node: Node
    low: int
    high: int
    depth: int


class Walk:
    """A `Constraint` that reads what may be said from the graph when it gets there.

    A state holds all readings of the text so far: names that are token prefixes of each other,
    entities that share a name, labels that look like separators. Nothing is listed beforehand, so
    neither time nor memory grows with the number of chains.
    """

    def __init__(
        self,
        graph: IndexedGraph,
        topics: Sequence[str],
        grammar: Grammar,
        tokenizer: SegmentTokenizer,
    ) -> None:
        self._graph = graph
        self._topics = tuple(dict.fromkeys(topics))
        self._grammar = grammar
        self._tokenizer = tokenizer
        self._row = lru_cache(maxsize=2048)(self._build_row)
        self._start = tuple(self._at(grammar.root))

    @classmethod
    def of(
        cls,
        graph: IndexedGraph,
        topics: Sequence[str],
        tokenizer: SegmentTokenizer,
        *,
        grammar: GrammarName = "path",
        hops: int = 2,
        inverse: bool = True,
        returns: bool = False,
    ) -> Self:
        """The chains of 1 to `hops` hops from `topics` (identifiers) in one of the grammars.

        Steps against the direction of triples are taken when `inverse`; chains come back to their
        own start when `returns`. Raises `UnknownEntityError` for an unknown topic, `NoChainError`
        when no chain leads from any topic, `UsageError` for fewer than one hop.
        """
        return cls.over(Reach(graph, inverse), topics, tokenizer, grammar, hops, returns)

    @classmethod
    def over(
        cls,
        reach: Reach,
        topics: Sequence[str],
        tokenizer: SegmentTokenizer,
        grammar: GrammarName = "path",
        hops: int = 2,
        returns: bool = False,
    ) -> Self:
        """Like `of`, over a `Reach` that many constraints of one graph share."""
        if hops < 1:
            raise UsageError(f"a chain has at least one hop, got hops={hops}")
        if grammar not in GRAMMARS:
            raise UsageError(f"no grammar {grammar!r}; there are {', '.join(GRAMMARS)}")
        numbers = tuple(dict.fromkeys(reach.graph.entity_id(topic) for topic in topics))
        automaton = GRAMMARS[grammar](reach, numbers, hops, returns)
        if not automaton.edges(automaton.root):
            raise NoChainError(f"no chain of at most {hops} hops leads from {_listed(topics)}")
        return cls(reach.graph, topics, automaton, tokenizer)

    @property
    def topics(self) -> tuple[str, ...]:
        """The entities that chains may start from."""
        return self._topics

    @property
    def start(self) -> tuple[Reading, ...]:
        """The state before the first token."""
        return self._start

    def allowed(self, state: tuple[Reading, ...]) -> NDArray[np.int32]:
        """The token ids that may follow; see `Constraint.allowed`."""
        found: set[int] = set()
        for node, low, high, depth in state:
            row = self._row(node)
            while low < high:
                token = row.tokens[low][depth]
                found.add(token)
                low = row.span(low, high, depth, token)[1]
        return np.array(sorted(found), dtype=np.int32)

    def advance(self, state: tuple[Reading, ...], token: int) -> tuple[Reading, ...]:
        """The state after one more token; see `Constraint.advance`."""
        following: dict[Reading, None] = {}
        for node, low, high, depth in state:
            row = self._row(node)
            low, high = row.span(low, high, depth, token)
            while low < high and len(row.tokens[low]) == depth + 1:
                following.update(dict.fromkeys(self._at(row.nodes[low])))
                low += 1
            if low < high:
                following[Reading(node, low, high, depth + 1)] = None
        if not following:
            raise ConstraintError(f"token {token} is not allowed here; see Constraint.allowed")
        return tuple(following)

    def accepts(self, state: tuple[Reading, ...]) -> bool:
        """Whether the text may end here."""
        return any(True for _ in self._accepting(state))

    def ends(self, state: tuple[Reading, ...]) -> Mapping[str, int]:
        """The entities that the chains end at; see `Constraint.ends`."""
        total: Counter[int] = Counter()
        for node in self._accepted(state):
            total.update(self._grammar.ends(node))
        return dict(sorted((self._graph.entity(number), count) for number, count in total.items()))

    def chains(self, state: tuple[Reading, ...], end: str | None = None) -> Iterator[Chain]:
        """The chains of an accepted state; see `Constraint.chains`."""
        nodes = self._accepted(state)
        number = None if end is None else self._graph.entity_id(end)
        return (chain for node in nodes for chain in self._grammar.chains(node, number))

    def _accepting(self, state: tuple[Reading, ...]) -> Iterator[Node]:
        return (r.node for r in state if r.depth == 0 and self._grammar.accepts(r.node))

    def _accepted(self, state: tuple[Reading, ...]) -> list[Node]:
        nodes = list(self._accepting(state))
        if not nodes:
            raise ConstraintError("the text so far is no chain yet; see Constraint.accepts")
        return nodes

    def _at(self, node: Node) -> Iterator[Reading]:
        """The readings of a text that has just reached a node.

        A tokenizer may have no tokens for some segment; what lies behind it is then reached too.
        """
        row = self._row(node)
        empty = bisect_right(row.tokens, ())
        yield Reading(node, empty, len(row.tokens), 0)
        for following in row.nodes[:empty]:
            yield from self._at(following)

    def _build_row(self, node: Node) -> Row:
        edges = self._grammar.edges(node)
        texts = [segments for segments, _ in edges]
        if node == self._grammar.root and not self._tokenizer.leading_space:
            texts = [(first.removeprefix(" "), *others) for first, *others in texts]
        ids = iter(self._tokenizer.encode_batch([text for segments in texts for text in segments]))
        tokens = [tuple(token for _ in segments for token in next(ids)) for segments in texts]
        order = sorted(range(len(edges)), key=tokens.__getitem__)
        return Row([tokens[place] for place in order], [edges[place][1] for place in order])


def _listed(topics: Sequence[str]) -> str:
    return ", ".join(repr(topic) for topic in topics) or "no topic at all"
