"""Hypotheses with other programs in the place of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from kgqa.constraint import ProgramWalk, Tokenizer
from kgqa.decode import Hypothesis
from kgqa.errors import ConstraintError
from kgqa.graph import IndexedGraph
from kgqa.program import Program, program_segments

__all__ = ["merged", "program_of", "rewritten"]


def program_of(hypothesis: Hypothesis) -> Program:
    """The program of a hypothesis, in its first reading."""
    walk = hypothesis.constraint
    assert isinstance(walk, ProgramWalk)
    return walk.programs(hypothesis.state)[0]


def rewritten(
    hypothesis: Hypothesis, program: Program, graph: IndexedGraph, tokenizer: Tokenizer
) -> Hypothesis | None:
    """The hypothesis with the text of another program; None if its constraint does not lead to it."""
    walk = hypothesis.constraint
    assert isinstance(walk, ProgramWalk)
    segments = program_segments(program, graph)
    if not tokenizer.leading_space:
        segments = (segments[0].removeprefix(" "), *segments[1:])
    tokens = tuple(token for ids in tokenizer.encode_batch(segments) for token in ids)
    state = walk.start
    try:
        for token in tokens:
            state = walk.advance(state, token)
    except ConstraintError:
        return None
    return replace(hypothesis, tokens=tokens, state=state) if walk.accepts(state) else None


def merged(hypotheses: Iterable[Hypothesis]) -> list[Hypothesis]:
    """Hypotheses, best first; those with one text as one, with the score of all (log of the sum of exp)."""
    found: dict[tuple[int, ...], Hypothesis] = {}
    for hypothesis in hypotheses:
        same = found.get(hypothesis.tokens)
        if same is not None:
            hypothesis = same.rescored(float(np.logaddexp(same.score, hypothesis.score)))
        found[hypothesis.tokens] = hypothesis
    return sorted(found.values(), key=lambda hypothesis: hypothesis.rank)
