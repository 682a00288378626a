"""Whether a language model's own answer is the graph's."""

from __future__ import annotations

from collections.abc import Sequence

from kgqa.answer.answer import Answer
from kgqa.answer.proof_search import folded_names, readings
from kgqa.answer.testimony import Agreement
from kgqa.graph import IndexedGraph

__all__ = ["agreement_of"]


def agreement_of(answer: Answer, own: Sequence[str], graph: IndexedGraph) -> Agreement:
    """How what a model says without chains stands to the graph's answer.

    They agree where one name of the model's is a label or alias of one of the answers, and conflict where
    both give answers and none is the same; otherwise one of them is silent. Names are compared whole, as
    `fold_name` folds them: "Nairobi, Kenya" is another answer than "Nairobi".
    """
    if not answer.entities or not own:
        return "silent"
    names = (folded_names(graph, ranked.entity) for ranked in answer.entities)
    known = {name for labels, aliases in names for name in labels | aliases}
    return "agrees" if any(reading in known for name in own for reading in readings(name)) else "conflicts"
