"""Diverse beam search by the book, and as beam search where there is one group."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Hashable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import NamedGraph, named_graphs
from property_examples import examples
from ranked_language import GRAMMAR, PROMPT, SEED, SHARPNESS, TOPIC, Text, accepted, random_graph, walk

from kgqa.constraint import GRAMMARS, Constraint, GrammarName, Walk
from kgqa.decode import BeamSearch, DiverseBeamSearch, decode
from kgqa.lm import LanguageModel, MockLanguageModel, Request

pytestmark = pytest.mark.slow  # minutes


@examples(50)
@given(named_graphs(), GRAMMAR, TOPIC, SHARPNESS, SEED, st.integers(1, 5))
def test_one_group_is_beam_search(
    named: NamedGraph, grammar: GrammarName, topic: str, sharpness: float, seed: int, beams: int
) -> None:
    model = MockLanguageModel(seed, sharpness=sharpness)
    constraint = walk(named, topic, grammar, model)
    if constraint is None:
        return
    plain = decode(BeamSearch(beams), model, PROMPT, constraint)
    for penalty in (0.0, 1.0):
        assert decode(DiverseBeamSearch(beams, 1, penalty), model, PROMPT, constraint) == plain


def diversely(model: LanguageModel, constraint: Constraint, search: DiverseBeamSearch) -> set[Text]:
    """The texts of diverse beam search by the book: every candidate is scored, chains are listed."""
    chains = {text: next(constraint.chains(state)) for text, state in accepted(constraint)}
    below: dict[Text, list[Text]] = {}
    for text in chains:
        for end in range(len(text) + 1):
            below.setdefault(text[:end], []).append(text)

    @functools.cache
    def marks(text: Text) -> set[Hashable]:
        if search.penalise == "tokens":
            return set(enumerate(text))
        rows = [[(hop.relation, hop.inverse) for hop in chains[other].hops] for other in below[text]]
        shared: list[Hashable] = []
        while all(len(r) > len(shared) for r in rows) and len({r[len(shared)] for r in rows}) == 1:
            shared.append(rows[0][len(shared)])
        found: set[Hashable] = set(enumerate(shared)) if search.penalise != "entities" else set()
        for end in range(len(text) + 1):
            begun = text[:end]
            nexts = [
                other
                for other in below[begun]
                if not any(other[:stop] in chains for stop in range(len(begun), len(other)))
            ]
            if search.penalise != "relations" and len(nexts) == 1:
                reached = {chain.end for chain in constraint.chains(states[nexts[0]])}
                found |= reached if len(reached) == 1 else set()
        return found

    @functools.cache
    def gain(text: Text, token: int) -> float:
        (follows,) = model.score([Request(PROMPT, [text])])
        return float(follows.of(0, np.array([token]))[0])

    states = dict(accepted(constraint))
    size = search.beams // search.groups
    live: list[list[tuple[float, Text]]] = [[(0.0, ())] for _ in range(search.groups)]
    done: list[list[tuple[float, Text]]] = [[] for _ in range(search.groups)]
    while any(live):
        for number in range(search.groups):
            chosen: Counter[Hashable] = Counter()
            for other in range(number):
                for _, text in live[other] + done[other]:
                    chosen.update(marks(text))
            taken = {text for other in range(number) for _, text in done[other]}
            held = {text for other in range(number) for _, text in live[other]}
            for cost, text in live[number]:
                if text in chains and text not in taken:
                    done[number].append((cost - gain(text, model.tokenizer.end_id), text))
            done[number] = sorted(done[number])[:size]
            grown = []
            for cost, text in live[number]:
                for longer in {other[: len(text) + 1] for other in below[text] if len(other) > len(text)}:
                    if longer in held and len(below[longer]) == 1:
                        continue
                    paid = sum(chosen[mark] for mark in marks(longer) - marks(text))
                    grown.append((cost - gain(text, longer[-1]) + search.penalty * paid, longer))
            worst = done[number][-1][0] if len(done[number]) == size else math.inf
            live[number] = [beam for beam in sorted(grown)[:size] if beam[0] < worst]
    return {text for group in done for _, text in group}


@pytest.mark.parametrize("grammar", sorted(GRAMMARS))
@pytest.mark.parametrize("penalise", ["names", "relations", "entities", "tokens"])
@pytest.mark.parametrize(("beams", "groups"), [(4, 4), (6, 2)])
def test_diverse_beams_follow_their_rule(
    grammar: GrammarName, penalise: Any, beams: int, groups: int
) -> None:
    otherwise = 0
    for seed in range(2 if grammar == "chain" else 6):
        model = MockLanguageModel(seed)
        graph = random_graph(seed, 10)
        constraint = Walk.of(graph, list(graph.entities)[:1], model.tokenizer, grammar=grammar, hops=2)
        search = DiverseBeamSearch(beams, groups, 3.0, penalise)
        found = decode(search, model, PROMPT, constraint)
        assert {h.tokens for h in found} == diversely(model, constraint, search)
        plain = decode(BeamSearch(beams), model, PROMPT, constraint)
        otherwise += {h.tokens for h in found} != {h.tokens for h in plain}
    assert otherwise, "never other texts than those of beam search"
