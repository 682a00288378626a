"""Whether the answers of a record are proven by its chains."""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence

from kgqa.evaluation.chain_check import find_flaws

__all__ = ["faithful_share"]

Triples = Sequence[tuple[str, str, str]]


def faithful_share(
    entities: Sequence[str],
    chains: Sequence[Triples],
    proves: Sequence[int],
    topics: Collection[str],
    graph: Container[object],
) -> float:
    """The share of answers whose every chain holds, each with one chain at least; 1.0 for no answers.

    `proves` says for each chain which of `entities` it is given for (from 0). Every chain must be in
    the graph triple by triple, connected, start at one of `topics`, and end at its entity.
    """
    if not entities:
        return 1.0
    proven = [False] * len(entities)
    flawed = [False] * len(entities)
    for chain, answer in zip(chains, proves, strict=True):
        if find_flaws(chain, graph, topics, (entities[answer],)):
            flawed[answer] = True
        else:
            proven[answer] = True
    return sum(p and not f for p, f in zip(proven, flawed, strict=True)) / len(entities)
