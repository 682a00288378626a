"""The laws of constraints, to test your own against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from kgqa.constraint.programs.program_walk import ProgramWalk
from kgqa.constraint.protocol import Constraint, State
from kgqa.errors import ConstraintError
from kgqa.graph import Chain, KnowledgeGraph

__all__ = ["check_constraint", "language"]

Language = dict[tuple[int, ...], Counter[Chain]]
"""The chains of each text, given as token ids."""


def language(constraint: Constraint, limit: int = 100_000) -> Language:
    """Every text of a constraint with its chains, found by walking all states.

    Raises `AssertionError` when there are more than `limit` states.
    """
    found: Language = {}
    for seen, (tokens, state) in enumerate(_states(constraint)):
        assert seen < limit, f"more than {limit} states; check a smaller language"
        if constraint.accepts(state):
            found[tokens] = Counter(constraint.chains(state))
    return found


def check_constraint(
    constraint: Constraint,
    graph: KnowledgeGraph,
    *,
    vocabulary: Collection[int] = (),
    expected: Language | None = None,
    limit: int = 100_000,
) -> None:
    """Check the laws in every reachable state; an `AssertionError` names the broken law and the text.

    `vocabulary` are tokens to try in every state, beside those that are allowed in some state.
    `expected` is the whole language, listed independently; with it completeness is checked.
    """
    states = []
    for seen, pair in enumerate(_states(constraint)):
        assert seen < limit, f"more than {limit} states; check a smaller language"
        states.append(pair)
    tokens_tried = {*vocabulary, *(token for tokens, _ in states for token in tokens)}
    for tokens, state in states:
        allowed = constraint.allowed(state).tolist()
        _check_agreement(constraint, tokens, state, allowed, tokens_tried)
        assert allowed or constraint.accepts(state), f"liveness: dead end after {tokens}"
        assert constraint.allowed(state).tolist() == allowed, f"purity: allowed differs after {tokens}"
        _check_soundness(constraint, graph, tokens, state)
    replayed = [_replay(constraint, tokens) for tokens, _ in states]
    assert [state for _, state in states] == replayed, "purity: the same tokens led to another state"
    if expected is not None:
        found = {
            tokens: Counter(constraint.chains(state)) for tokens, state in states if constraint.accepts(state)
        }
        assert found.keys() >= expected.keys(), (
            f"completeness: missing texts {sorted(expected.keys() - found.keys())[:5]}"
        )
        assert found.keys() <= expected.keys(), (
            f"soundness: surplus texts {sorted(found.keys() - expected.keys())[:5]}"
        )
        for tokens, chains in expected.items():
            assert found[tokens] == chains, f"completeness: other chains for {tokens}"


def _states(constraint: Constraint) -> Iterator[tuple[tuple[int, ...], State]]:
    stack: list[tuple[tuple[int, ...], State]] = [((), constraint.start)]
    while stack:
        tokens, state = stack.pop()
        yield tokens, state
        stack += [
            ((*tokens, token), constraint.advance(state, token))
            for token in constraint.allowed(state).tolist()
        ]


def _replay(constraint: Constraint, tokens: tuple[int, ...]) -> State:
    state = constraint.start
    for token in tokens:
        state = constraint.advance(state, token)
    return state


def _check_agreement(
    constraint: Constraint, tokens: tuple[int, ...], state: State, allowed: list[int], tried: set[int]
) -> None:
    assert allowed == sorted(set(allowed)), f"agreement: allowed is not sorted or not unique after {tokens}"
    hash(state)
    for token in tried.difference(allowed):
        try:
            constraint.advance(state, token)
        except ConstraintError:
            continue
        raise AssertionError(f"agreement: {token} is taken but not offered after {tokens}")


def _check_soundness(
    constraint: Constraint, graph: KnowledgeGraph, tokens: tuple[int, ...], state: State
) -> None:
    if not constraint.accepts(state):
        for call in (constraint.ends, constraint.chains):
            try:
                call(state)
            except ConstraintError:
                continue
            raise AssertionError(f"soundness: {call.__name__} answers for {tokens}, no complete chain")
        return
    chains = list(constraint.chains(state))
    if not chains and isinstance(constraint, ProgramWalk):  # a value, yes or no
        assert not constraint.ends(state), f"soundness: ends without chains after {tokens}"
        assert constraint.denotation(state), f"soundness: {tokens} denotes nothing"
        return
    assert chains, f"soundness: no chain of the accepted {tokens}"
    ends = dict(constraint.ends(state))
    assert ends == dict(Counter(chain.end for chain in chains)), f"soundness: wrong ends after {tokens}"
    for end in ends:
        assert graph.label(end) is not None, f"soundness: {tokens} ends at the mediator {end!r}"
        own = list(constraint.chains(state, end))
        assert own == [chain for chain in chains if chain.end == end], f"soundness: wrong chains to {end!r}"
    for chain in chains:
        lost = [triple for triple in chain.triples if triple not in graph]
        assert not lost, f"soundness: {tokens} claims {lost[0]}, which is not in the graph"
        assert chain.start in constraint.topics, f"soundness: {chain} does not start at a topic"
        assert chain.is_connected(constraint.topics), (
            f"soundness: a hop of {chain} leaves an entity not visited"
        )
