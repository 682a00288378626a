"""The main constraint: it reads the allowed tokens from the graph, without listing chains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.grammars.chain_grammar import ChainGrammar
from kgqa.constraint.grammars.grammar import Grammar, GrammarName, NameChoices, Node, Phrase
from kgqa.constraint.grammars.path_grammar import PathGrammar
from kgqa.constraint.grammars.plan_grammar import PlanGrammar
from kgqa.constraint.grammars.relation_grammar import RelationGrammar
from kgqa.constraint.protocol import Constraint
from kgqa.constraint.tables.reach import Reach
from kgqa.constraint.tables.span import Span
from kgqa.constraint.tables.step_rows import distinct_edges
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.constraint.verbalize import arrow, entity_text, link_start, topic_text
from kgqa.counted import counted
from kgqa.errors import ConstraintError, NoChainError, TokenizerError, UsageError, check_count, check_names
from kgqa.graph import Chain, IndexedGraph
from kgqa.graph.adjacency import Ids

__all__ = ["GRAMMARS", "Walk"]

GRAMMARS: dict[str, Callable[[Reach, tuple[int, ...], int, bool], Grammar]] = {
    "path": PathGrammar,
    "chain": ChainGrammar,
    "relations": RelationGrammar,
}


class Reading(NamedTuple):
    """One parse of a text: its position in one of the spans of a grammar node.

    `depth` is the number of tokens since the node; all members from `low` to `high` begin with them.
    Below zero it is minus the number of tokens of `Span.after` that are missing. The span is -1
    for a text that is exactly at the node.
    """

    node: Node
    span: int
    low: int
    high: int
    depth: int


State: TypeAlias = tuple[Reading, ...]

_NO_TOKENS: NDArray[np.int32] = np.empty(0, dtype=np.int32)


class Walk(Constraint):
    """A `Constraint` that reads the allowed tokens from the graph on demand.

    A state holds all readings of the text, because names may be token prefixes of each other,
    entities may share a name, and labels may look like separators. No chains are listed: the names
    that may follow are a span of a sorted table, shared by all constraints of a graph and a
    tokenizer, and the span is searched. The cost depends on neither the number of chains nor, except
    for the search, the number of neighbours.
    """

    def __init__(self, reach: Reach, topics: Sequence[str], grammar: Grammar, tokenizer: Tokenizer) -> None:
        check_names(topics, "topics")
        self._graph = reach.graph
        self._topics = tuple(dict.fromkeys(topics))
        self._grammar = grammar
        self._tokenizer = tokenizer
        self._graph_tokens = reach.graph_tokens(tokenizer)
        separators = (arrow(False), arrow(True), link_start(1))
        self._separators_speak = all(self._graph_tokens.segments((text,)) for text in separators)
        self._openings = lru_cache(maxsize=2048)(grammar.openings)
        self._spans = lru_cache(maxsize=2048)(self._build_spans)
        self._following = lru_cache(maxsize=4096)(self._advanced)
        self._start = tuple(self._at(grammar.root))

    @classmethod
    def of(
        cls,
        graph: IndexedGraph,
        topics: Sequence[str],
        tokenizer: Tokenizer,
        *,
        grammar: GrammarName = "path",
        hops: int = 2,
        inverse: bool = True,
        allow_return: bool = False,
    ) -> Self:
        """The chains of 1 to `hops` hops from `topics` (identifiers) in one of the grammars.

        `inverse` also follows triples from tail to head; `allow_return` lets chains come back to
        their own start. Raises `UnknownEntityError` for an unknown topic, `NoChainError`
        when no chain leads from any topic, `UsageError, check_count` for fewer than one hop.
        """
        check_names(topics, "topics")
        return cls.over(Reach.of(graph, inverse), topics, tokenizer, grammar, hops, allow_return)

    @classmethod
    def over(
        cls,
        reach: Reach,
        topics: Sequence[str],
        tokenizer: Tokenizer,
        grammar: GrammarName = "path",
        hops: int = 2,
        allow_return: bool = False,
        *,
        plans: bool = False,
    ) -> Self:
        """Like `of`, with a `Reach` that all constraints of a graph share.

        With `plans` relation paths are written as RoG's plans (`PlanGrammar`).
        """
        check_names(topics, "topics")
        check_count(hops, "hops")
        if grammar not in GRAMMARS:
            raise UsageError(f"grammar must be one of {', '.join(GRAMMARS)}, not {grammar!r}")
        numbers = tuple(dict.fromkeys(reach.graph.entity_id(topic) for topic in topics))
        kind = PlanGrammar if plans and grammar == "relations" else GRAMMARS[grammar]
        automaton = kind(reach, numbers, hops, allow_return)
        root = automaton.root
        if not (automaton.openings(root) or automaton.phrases(root) or len(automaton.steps(root))):
            raise NoChainError(f"there is no chain of at most {counted(hops, 'hop')} from {_listed(topics)}")
        return cls(reach, topics, automaton, tokenizer)

    @property
    def topics(self) -> tuple[str, ...]:
        """The entities that chains may start from."""
        return self._topics

    @property
    def start(self) -> State:
        """The state before the first token."""
        return self._start

    def allowed(self, state: State) -> NDArray[np.int32]:
        """The token ids that may follow; see `Constraint.allowed`."""
        if len(state) == 1 and state[0].span >= 0:  # the usual case
            node, number, low, high, depth = state[0]
            return self._spans(node)[number].allowed(low, high, depth)
        found = [
            self._spans(node)[number].allowed(low, high, depth)
            for node, number, low, high, depth in self._inside(state)
        ]
        if len(found) < 2:
            return found[0] if found else _NO_TOKENS
        tokens = np.concatenate(found)
        tokens.sort()
        return tokens[distinct_edges(tokens)]

    def advance(self, state: State, token: int) -> State:
        """The state after one more token; see `Constraint.advance`."""
        return self._following(state, token)

    def accepts(self, state: State) -> bool:
        """Whether the text may end here."""
        if len(state) == 1 and state[0].span >= 0:
            return False
        return any(True for _ in self._accepting(state))

    def ends(self, state: State) -> Mapping[str, int]:
        """The entities that the chains end at; see `Constraint.ends`."""
        total: Counter[int] = Counter()
        for node in self._accepted(state):
            total.update(self._grammar.ends(node))
        return dict(sorted((self._graph.entity(number), count) for number, count in total.items()))

    def chains(self, state: State, end: str | None = None) -> Iterator[Chain]:
        """The chains of an accepted state; see `Constraint.chains`."""
        nodes = self._accepted(state)
        number = None if end is None else self._graph.entity_id(end)
        return (chain for node in nodes for chain in self._grammar.chains(node, number))

    def _advanced(self, state: State, token: int) -> State:
        following: list[Reading] = []
        for node, number, low, high, depth in self._inside(state):
            low, high = self._spans(node)[number].narrowed(low, high, depth, token)
            if low < high:
                following += self._on(node, number, low, high, depth)
        if not following:
            raise ConstraintError(f"token {token} is not allowed here; see Constraint.allowed")
        return tuple(dict.fromkeys(following) if len(following) > 1 else following)

    def _accepting(self, state: State) -> Iterator[Node]:
        return (r.node for r in state if r.span < 0 and self._grammar.accepts(r.node))

    def _accepted(self, state: State) -> list[Node]:
        nodes = list(self._accepting(state))
        if not nodes:
            raise ConstraintError("the text is no complete chain yet; see Constraint.accepts")
        return nodes

    def _inside(self, state: State) -> Sequence[Reading]:
        """The readings, with those at a node replaced by one for each of its spans."""
        if len(state) == 1 and state[0].span >= 0:  # the usual case
            return state
        readings = []
        for reading in state:
            if reading.span >= 0:
                readings.append(reading)
                continue
            for number, span in enumerate(self._spans(reading.node)):
                low = span.low if span.before else span.ended(span.low, span.high, 0)
                if low < span.high:
                    readings.append(Reading(reading.node, number, low, span.high, 0))
        return readings

    def _on(self, node: Node, number: int, low: int, high: int, depth: int) -> list[Reading]:
        """The readings after one more token, which all members have."""
        if depth < -1:
            return [Reading(node, number, low, high, depth + 1)]
        if depth == -1:
            return self._behind(self._spans(node)[number].nodes(low, high))
        return self._settled(node, number, low, high, depth + 1)

    def _settled(self, node: Node, number: int, low: int, high: int, depth: int) -> list[Reading]:
        """The readings of a text `depth` tokens into a span; some members may be complete there."""
        span = self._spans(node)[number]
        readings: list[Reading] = []
        if depth >= len(span.before):
            end = span.ended(low, high, depth)
            if low < end and span.after:
                readings.append(Reading(node, number, low, end, -len(span.after)))
            elif low < end:
                readings = self._behind(span.nodes(low, end))
            low = end
        if low < high:
            readings.append(Reading(node, number, low, high, depth))
        return readings

    def _behind(self, nodes: Iterable[Node]) -> list[Reading]:
        return [reading for node in nodes for reading in self._at(node)]

    def _at(self, node: Node) -> list[Reading]:
        """The readings of a text that is exactly at a node.

        If the tokenizer encodes a segment as no tokens, the nodes after it are reached as well.
        """
        readings = [Reading(node, -1, 0, 0, 0)]
        if self._separators_speak and node != self._grammar.root:
            return readings
        for number, span in enumerate(self._spans(node)):
            if not span.before:
                end = span.ended(span.low, span.high, 0)
                readings += self._settled(node, number, span.low, end, 0)
        return readings

    def _build_spans(self, node: Node) -> tuple[Span, ...]:
        """The spans of a node. Raises `TokenizerError` where the tokenizer cannot encode a name."""
        spans = [] if not self._openings(node) else [self._opening_span(node)]
        if phrases := self._grammar.phrases(node):
            spans.append(self._phrase_span(node, phrases))
        names = self._grammar.names(node)
        if names is not None:
            spans += self._name_spans(node, names)
        steps = self._grammar.steps(node)
        if len(steps) and (node != self._grammar.root or self._tokenizer.leading_space):
            spans.append(self._step_span(node, steps))
        elif len(steps):
            spans.append(self._first_step_span(node, steps))
        return tuple(spans)

    def _opening_span(self, node: Node) -> Span:
        openings = self._openings(node)
        unspaced = node == self._grammar.root and not self._tokenizer.leading_space
        sequences = []
        for before, entity, _ in openings:
            if unspaced:
                before = tuple(text.removeprefix(" ") if at == 0 else text for at, text in enumerate(before))
            ids = self._topic_ids(entity, spaced=bool(before) or not unspaced)
            sequences.append((*self._graph_tokens.segments(before), *ids))
        return Span.listed(sequences, [opening.node for opening in openings])

    def _phrase_span(self, node: Node, phrases: Sequence[Phrase]) -> Span:
        unspaced = node == self._grammar.root and not self._tokenizer.leading_space
        texts = [
            (phrase.segments[0].removeprefix(" "), *phrase.segments[1:]) if unspaced else phrase.segments
            for phrase in phrases
        ]
        known = dict.fromkeys(text for segments in texts for text in segments)
        ids = dict(zip(known, self._tokenizer.encode_batch(list(known)), strict=True))
        sequences = [tuple(token for text in segments for token in ids[text]) for segments in texts]
        return Span.listed(sequences, [phrase.node for phrase in phrases])

    def _topic_ids(self, entity: int, spaced: bool) -> tuple[int, ...]:
        if spaced and self._graph.has_name(np.array([entity])).item():
            found = self._graph_tokens.name(entity)
            if found is not None:
                return found
        text = topic_text(self._graph, self._graph.entity(entity))
        return self._tokenizer.encode_batch([text if spaced else text.removeprefix(" ")])[0]

    def _name_spans(self, node: Node, names: NameChoices) -> Iterator[Span]:
        """Spans of the names, one between any two names that are left out."""
        for table, members, low, high, shared, first_tokens in self._graph_tokens.name_spans(names.named):
            entities, tokens = table.entities, table.tokens
            if tokens.speakable <= members[high - 1]:
                self._refuse(entity_text(self._graph.labels[int(entities[members[high - 1]])]))
            yield Span(
                tokens,
                members,
                low,
                high,
                partial(self._after_name, node, entities),
                self._graph_tokens.segments(names.before),
                self._graph_tokens.segments(names.after),
                shared,
                first_tokens,
            )

    def _after_name(self, node: Node, entities: Ids, place: int) -> Node:
        return self._grammar.after_name(node, int(entities[place]))

    def _step_span(self, node: Node, steps: Ids) -> Span:
        table = self._graph_tokens.steps
        places = np.sort(table.places[steps])
        if table.tokens.speakable <= places[-1]:
            self._refuse(self._graph_tokens.texts[int(table.steps[places[-1]]) >> 1])
        return Span(
            table.tokens,
            places,
            0,
            len(places),
            lambda place: self._grammar.after_step(node, int(table.steps[place])),
        )

    def _first_step_span(self, node: Node, steps: Ids) -> Span:
        """The steps at the start of a text without a leading space."""
        numbers = steps.tolist()
        texts = [self._graph_tokens.texts[step >> 1] for step in numbers]
        first = [self._graph_tokens.segments((arrow(bool(step & 1)).removeprefix(" "),)) for step in numbers]
        rest = self._tokenizer.encode_batch(texts)
        sequences = [(*pointer, *ids) for pointer, ids in zip(first, rest, strict=True)]
        return Span.listed(sequences, [self._grammar.after_step(node, step) for step in numbers])

    def _refuse(self, text: str) -> None:
        """Raise the tokenizer's own error for a text that it could not encode."""
        self._tokenizer.encode_batch([text])
        raise TokenizerError(f"the tokenizer cannot encode the name {text!r}; rename it")


def _listed(topics: Sequence[str]) -> str:
    return ", ".join(repr(topic) for topic in topics) or "no topic at all"
