"""A constraint in a plain decode loop, the way an inference engine would use it.

    python scripts/examples/bitmask_loop.py

Two sequences are written side by side. Each has a cursor, one row of the bitmask, and appends what
is forced without a forward pass. The "engine" is the mock model: logits in, tokens out.
"""

from __future__ import annotations

import numpy as np

from kgqa import GraphBuilder, MockLanguageModel, Prompt, Triple, Walk
from kgqa.constraint.engines import bitmask as bits
from kgqa.constraint.engines.matcher import Matcher
from kgqa.lm import Request

FACTS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "starred_actors", "Marlene Dietrich"),
    Triple("A Foreign Affair", "starred_actors", "Marlene Dietrich"),
    Triple("A Foreign Affair", "directed_by", "Billy Wilder"),
]
QUESTIONS = {"Kismet": "who directed Kismet?", "Marlene Dietrich": "who made films with Marlene Dietrich?"}


def main() -> None:
    """Write one chain for each question."""
    model = MockLanguageModel(preferences={" Kismet -> directed_by": 9.0})
    tokenizer = model.tokenizer
    graph = GraphBuilder.of(FACTS)
    prompts = [Prompt(text, (topic,)) for topic, text in QUESTIONS.items()]
    matchers = [Matcher(Walk.of(graph, [topic], tokenizer), tokenizer.end_id) for topic in QUESTIONS]
    bitmask = np.zeros((len(matchers), bits.words(tokenizer.vocabulary_size)), dtype=np.int32)
    passes = 0
    while not all(matcher.is_terminated() for matcher in matchers):
        for row, matcher in enumerate(matchers):
            for token in matcher.forced_tokens():  # jump ahead: no choice, no pass
                matcher.accept_token(token)
            matcher.fill_next_token_bitmask(bitmask, row)
        answers = model.score([Request(p, [_written(m)]) for p, m in zip(prompts, matchers, strict=True)])
        passes += 1
        for row, matcher in enumerate(matchers):
            allowed = bits.unpack(bitmask[row])
            logits = np.full(tokenizer.vocabulary_size, -np.inf)
            logits[allowed] = answers[row].of(0, allowed)
            assert matcher.accept_token(int(logits.argmax()))
    for question, matcher in zip(QUESTIONS.values(), matchers, strict=True):
        chain = next(matcher.constraint.chains(matcher.state))
        assert all(triple in graph for triple in chain.triples)
        print(question, *chain.triples, sep="\n    ")
    print(f"{sum(len(_written(matcher)) for matcher in matchers)} tokens in {passes} passes")


def _written(matcher: Matcher) -> tuple[int, ...]:
    """The text so far; the end token belongs to no text."""
    return tuple(token for token in matcher.tokens if token != matcher.end_id)


if __name__ == "__main__":
    main()
