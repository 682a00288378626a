"""Random decodes over hostile graphs, and what must hold of every one of them."""

from __future__ import annotations

import dataclasses
import functools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, cast

import numpy as np
from named_graphs import ENTITIES, HOSTILE_NAMES, PLAIN_NAMES, RELATION_TEXTS, RELATIONS
from numpy.typing import NDArray
from tokenizer_families import FAMILIES, with_path_tokens

import kgqa.decode
from kgqa.constraint import GRAMMARS, CachingTokenizer, Constraint, GrammarName, KGTrie, Walk
from kgqa.constraint.testing import language
from kgqa.decode import Decoder, Draft, Engine, Hypothesis, Task, WeightedRejection
from kgqa.errors import ConstraintError, NoChainError, TokenizerError
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Node, NodeKind, RelationName, Statement, Triple
from kgqa.lm import Distributions, MockTokenizer, Prompt, Request
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer

__all__ = ["fuzz"]

GRAMMAR_NAMES = cast(list[GrammarName], sorted(GRAMMARS))
TOKENIZERS = ["bytes", "llama3", "bert"]
PER_GRAPH = 24
ROWS = 61


def fuzz(
    count: int, seed: int, *, decoders: Sequence[str] | None = None, impossible: bool = False
) -> Counter[str]:
    """Decode `count` times; `AssertionError` says what broke and how to see it again.

    With `impossible` the model gives many tokens no chance at all, at times all that are allowed.
    Returns how often each of the `decoders` (all there are) was run.
    """
    names = sorted(DECODERS if decoders is None else decoders)
    ran: Counter[str] = Counter()
    number = 0
    while ran.total() < count:
        number += 1
        chance = random.Random(f"{seed} {number}")
        graph, facts = random_graph(chance)
        for _ in range(PER_GRAPH // 4):
            try:
                ran += _round(chance, graph, facts, names, impossible)
            except Exception as error:
                how = f"fuzz({count}, {seed}, decoders={names}, impossible={impossible}), graph {number}"
                raise AssertionError(f"{how}: {error!r}") from error
    return ran


def random_graph(chance: random.Random) -> tuple[IndexedGraph, frozenset[Triple]]:
    """A multigraph with parallel relations, self-loops, equal and hostile names, unnamed entities."""
    facts = frozenset(
        Triple(chance.choice(ENTITIES), chance.choice(RELATIONS), chance.choice(ENTITIES))
        for _ in range(chance.randint(1, 10))
    )
    names = chance.choices(PLAIN_NAMES + HOSTILE_NAMES, k=chance.randint(2, 5))
    labels = {entity: chance.choice(names) for entity in ENTITIES if chance.random() < 0.75}
    statements: list[Statement] = [*sorted(facts)]
    statements += [Node(entity, NodeKind.BLANK) for entity in ENTITIES if entity not in labels]
    statements += [Name(entity, label) for entity, label in labels.items()]
    statements += [RelationName(relation, chance.choice(RELATION_TEXTS)) for relation in RELATIONS]
    return GraphBuilder.of(statements), facts


def _round(
    chance: random.Random,
    graph: IndexedGraph,
    facts: frozenset[Triple],
    names: Sequence[str],
    impossible: bool,
) -> Counter[str]:
    """Four decodes together; none where there is nothing to say or no tokenizer to say it with."""
    family = chance.choice(TOKENIZERS)
    model = RandomModel(family, chance.randrange(4), impossible)
    tasks, options = [], []
    for number in range(4):
        topics = chance.sample(ENTITIES, chance.choice([1, 1, 2]))
        grammar = chance.choice(GRAMMAR_NAMES)
        # A branching chain of three hops has too many texts to be checked against a list.
        hops = chance.randint(1, 2 if grammar == "chain" else 3)
        option: dict[str, Any] = {"grammar": grammar, "hops": hops}
        option |= {"inverse": chance.random() < 0.7, "allow_return": chance.random() < 0.4}
        try:
            walk = Walk.of(graph, topics, caching(family), **option)
        except (NoChainError, TokenizerError, kgqa.errors.UnknownEntityError):
            continue
        tasks.append(Task(Prompt(f"what {number}?", tuple(topics), grammar), walk))
        options.append(option)
    name, decoder = _decoder(chance, names)
    engine = Engine(model, chance.choice([1, 2, 8]), chance.choice([0, 3, 48]))
    for task, option, found in zip(tasks, options, engine.run(decoder, tasks), strict=True):
        if isinstance(decoder, WeightedRejection) and isinstance(found, NoChainError):
            assert not any(
                decoder.keeps(Draft(text, True, None, task.constraint)) for text in language(task.constraint)
            )
            continue
        assert isinstance(found, list), f"{name}: {found!r} for {option}"
        _check(found, task.constraint, facts, f"{decoder} over {task.constraint.topics} {option} {family}")
        if chance.random() < 0.05:
            trie = KGTrie.of(graph, task.constraint.topics, caching(family), **option)
            for hypothesis in found:
                assert _replayed(hypothesis, trie), f"{decoder}: {hypothesis} is not in the listed language"
    return Counter({name: len(tasks)})


def _check(found: list[Hypothesis], constraint: Constraint, facts: frozenset[Triple], where: str) -> None:
    assert found, f"nothing found by {where}"
    assert len({h.tokens for h in found}) == len(found), f"a text twice by {where}"
    for hypothesis in found:
        assert _replayed(hypothesis, constraint), f"{hypothesis} left the constraint, by {where}"
        chains = list(islice(hypothesis.chains(), 20))
        assert chains, f"{hypothesis} has no chain, by {where}"
        for chain in chains:
            assert facts.issuperset(chain.triples), f"{chain} is not in the graph, by {where}"
            assert chain.is_connected(constraint.topics), f"{chain} is not connected, by {where}"


def _replayed(hypothesis: Hypothesis, constraint: Constraint) -> bool:
    state = constraint.start
    for token in hypothesis.tokens:
        try:
            state = constraint.advance(state, token)
        except ConstraintError:
            return False
    return constraint.accepts(state)


class RandomModel:
    """A `LanguageModel` that draws from a table what follows a text: flat or sharp."""

    def __init__(self, family: str, seed: int, impossible: bool) -> None:
        self.tokenizer = tokenizer(family)
        self._rows = _table(self.tokenizer.vocabulary_size, seed, impossible)

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text."""
        answers = []
        for request in requests:
            rows = np.array([hash(text) % ROWS for text in request.texts], dtype=int)
            answers.append(Distributions(self._rows[rows]))
        return answers


@functools.cache
def _table(size: int, seed: int, impossible: bool) -> NDArray[np.float32]:
    chance = np.random.default_rng(seed)
    logits = chance.normal(size=(ROWS, size)) * chance.choice([0.0, 1.0, 5.0, 50.0], size=(ROWS, 1))
    if impossible:
        logits[chance.random((ROWS, size)) < 0.4] = -np.inf
    rows: NDArray[np.float32] = (logits - np.logaddexp.reduce(logits, axis=1)[:, None]).astype(np.float32)
    return rows


@functools.cache
def tokenizer(family: str) -> MockTokenizer | HuggingFaceTokenizer:
    """The tokenizer of a family; `bytes` is the mock's."""
    if family == "bytes":
        return MockTokenizer()
    return HuggingFaceTokenizer(with_path_tokens(family) if family == "llama3" else FAMILIES[family]())


@functools.cache
def caching(family: str) -> CachingTokenizer:
    """The same, which remembers what it encoded."""
    return CachingTokenizer(tokenizer(family))


def _decoder(chance: random.Random, names: Sequence[str]) -> tuple[str, Decoder]:
    """Any decoder there is, with random settings for those that are known here."""
    name = chance.choice(names)
    settings = {option: chance.choice(values) for option, values in SETTINGS.items()}
    kind: Any = DECODERS[name]
    taken = {field.name for field in dataclasses.fields(kind)}
    return name, kind(**{option: value for option, value in settings.items() if option in taken})


DECODERS: dict[str, type[Decoder]] = {
    name: kind
    for name in kgqa.decode.__all__
    if isinstance(kind := getattr(kgqa.decode, name), type)
    and issubclass(kind, Decoder)
    and kind is not Decoder
}
JUDGES: list[Callable[[Draft], bool]] = [
    lambda draft: True,
    lambda draft: not draft.ended or hash(draft.tokens) % 3 > 0,
    lambda draft: not draft.ended or hash(draft.tokens) % 5 == 0,
]
SETTINGS: dict[str, list[Any]] = {
    "beams": [1, 2, 5],
    "groups": [1],
    "length_penalty": [0.0, 1.0],
    "masked": [False, True],
    "samples": [1, 3, 8],
    "seed": [0, 1, 2, 3],
    "temperature": [0.3, 1.0, 10.0],
    "prefixes": [0, 20, 100],
    "hypotheses": [1, 3],
    "batch": [1, 16],
    "max_prefixes": [None, 10],
    "keeps": JUDGES,
}
