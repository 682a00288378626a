"""Where among the hypotheses the gold chain is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from kgqa.datasets import Question
from kgqa.decode import Hypothesis
from kgqa.graph import Chain, IndexedGraph, RelationPath, Triple

__all__ = ["gold_rank"]

CHAINS_INSPECTED = 1000
"""Of the chains of a hypothesis that end where a gold chain does."""


def gold_rank(question: Question, hypotheses: Sequence[Hypothesis], graph: IndexedGraph) -> int | None:
    """The place, from 1, of the first hypothesis that is the gold relation path or has a gold chain.

    Names of the question set are compared with identifiers and labels of the graph. 0 where no
    hypothesis is it, `None` where no gold is known.
    """
    steps = question.gold_relation_path
    gold = RelationPath.parse("", steps).steps if steps else ()
    if not gold and not any(question.gold_paths):
        return None
    for place, hypothesis in enumerate(hypotheses, 1):
        chain = next(hypothesis.chains(), None)
        if chain is None:
            continue
        if gold and _walks(chain, gold, graph):
            return place
        if any(_has(hypothesis, chain, path, graph) for path in question.gold_paths):
            return place
    return 0


def _walks(chain: Chain, gold: Sequence[tuple[str, bool]], graph: IndexedGraph) -> bool:
    return (
        chain.is_path
        and len(chain.hops) == len(gold)
        and all(
            hop.inverse == inverse and relation in (hop.relation, graph.relation_label(hop.relation))
            for hop, (relation, inverse) in zip(chain.hops, gold, strict=True)
        )
    )


def _has(hypothesis: Hypothesis, first: Chain, gold: Sequence[Triple], graph: IndexedGraph) -> bool:
    """Whether one of its chains has these triples; all its chains walk the relations of the first."""
    relations = [(hop.relation, graph.relation_label(hop.relation)) for hop in first.hops]
    if not gold or len(relations) != len(gold):
        return False
    if not all(triple.relation in names for triple, names in zip(gold, relations, strict=True)):
        return False
    ends = {entity for name in gold[-1][::2] if "\0" not in name for entity in graph.find(name)}
    return any(
        all(_same(*pair, graph) for pair in zip(chain.triples, gold, strict=True))
        for end in sorted(ends & hypothesis.ends.keys())
        for chain in islice(hypothesis.chains(end), CHAINS_INSPECTED)
    )


def _same(found: Triple, gold: Triple, graph: IndexedGraph) -> bool:
    return gold.head in (found.head, graph.label(found.head)) and gold.tail in (
        found.tail,
        graph.label(found.tail),
    )
