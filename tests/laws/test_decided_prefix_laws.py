"""What a beginning has settled, against all texts that begin so."""

from __future__ import annotations

from collections import Counter

import pytest
from ranked_language import Text, accepted, random_graph

from kgqa.constraint import GRAMMARS, GrammarName, Walk
from kgqa.decode.search.decided_prefix import DecidedPrefix
from kgqa.lm import MockLanguageModel

pytestmark = pytest.mark.slow  # minutes


@pytest.mark.parametrize("grammar", sorted(GRAMMARS))
@pytest.mark.parametrize("seed", range(8))
def test_what_is_settled_is_what_all_texts_that_begin_so_share(grammar: GrammarName, seed: int) -> None:
    graph = random_graph(seed)
    hops = 1 if grammar == "chain" else 2
    topics = list(graph.entities)[:2]
    constraint = Walk.of(graph, topics, MockLanguageModel().tokenizer, grammar=grammar, hops=hops)
    texts = dict(accepted(constraint))
    below: dict[Text, list[Text]] = {}
    for text in texts:
        for end in range(len(text) + 1):
            below.setdefault(text[:end], []).append(text)
    decided = DecidedPrefix(constraint)
    chains = {text: next(constraint.chains(state)) for text, state in texts.items()}
    settled: Counter[str] = Counter()
    for text, rest in below.items():
        state = constraint.start
        for token in text:
            state = constraint.advance(state, token)
        rows = [[(hop.relation, hop.inverse) for hop in chains[other].hops] for other in rest]
        shared = rows[0][: min(map(len, rows))]
        while shared and any(row[: len(shared)] != shared for row in rows):
            shared = shared[:-1]
        assert list(decided.steps(state)) == shared
        firsts = [o for o in rest if not any(o[:end] in texts for end in range(len(text), len(o)))]
        ends = {end for first in firsts for end in constraint.ends(texts[first])}
        assert decided.end(state) == (ends.pop() if len(firsts) == len(ends) == 1 else None)
        assert decided.settled(state) == (len(rest) == 1)
        settled.update({"steps": bool(shared), "end": decided.end(state) is not None})
    assert settled["steps"]
    assert settled["end"]
