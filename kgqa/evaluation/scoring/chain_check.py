"""Whether a list of triples proves an answer: written without the code that makes chains.

Nothing here uses `Chain`, `Hop`, a constraint or a decoder: only triples, and whether the graph
holds them.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from typing import Literal

from kgqa.errors import check_names

__all__ = ["Flaw", "FlawKind", "faithful_share", "find_flaws"]

Triples = Sequence[tuple[str, str, str]]
FlawKind = Literal["empty", "not in the graph", "not connected", "no topic entity", "no answer"]


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a chain, and at which of its triples (from 0; 0 for an empty chain)."""

    kind: FlawKind
    triple: int


def find_flaws(
    triples: Sequence[tuple[str, str, str]],
    graph: Container[object],
    topics: Collection[str] | None,
    answers: Collection[str] | None,
) -> tuple[Flaw, ...]:
    """All flaws of a chain, in the order of its triples; none: it proves the answer.

    A chain holds when every triple is in the graph, the first touches a topic entity, every other
    touches a topic entity or an entity of a triple before it, and the last leads on to one of
    `answers`. All are identifiers. `None` for topics or answers leaves that part out.

    >>> find_flaws([("a", "r", "b"), ("c", "r", "b")], {("a", "r", "b")}, ["a"], ["c"])
    (Flaw(kind='not in the graph', triple=1),)
    """
    check_names(topics, "topics")
    check_names(answers, "answers")
    if not triples:
        return (Flaw("empty", 0),)
    flaws: list[Flaw] = []
    known = set(topics or ())
    reached: set[str] = set()
    for at, triple in enumerate(triples):
        head, _, tail = triple
        if tuple(triple) not in graph:
            flaws.append(Flaw("not in the graph", at))
        if at == 0 and topics is None:
            known = {head, tail}
        elif not known & {head, tail}:
            flaws.append(Flaw("no topic entity" if at == 0 else "not connected", at))
        reached = {end for end, other in ((head, tail), (tail, head)) if other in known}
        known |= {head, tail}
    if answers is not None and not reached & set(answers):
        flaws.append(Flaw("no answer", len(triples) - 1))
    return tuple(flaws)


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
    check_names(entities, "entities")
    check_names(topics, "topics")
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
