"""Things that have something in common with a name: "who works in the same office as Ann?"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgqa.answer.asked_kind import kind_of_noun
from kgqa.answer.programs.asked_names import NamePlaces
from kgqa.graph import IndexedGraph, fold_name
from kgqa.program import Executor, Follow, Named, Program, StepIndex

__all__ = ["same_as"]

_SAME = re.compile(r"\bsame (?P<noun>[\w -]+?) (?:as|like)(?: the| that of)? $", re.IGNORECASE)


def same_as(question: str, places: NamePlaces, graph: IndexedGraph) -> Iterator[Program]:
    """From the name to what the noun behind "same" names, and back: Ann, her office, who works there."""
    for name, (start, _) in places.spans.items():
        same = _SAME.search(question[:start])
        kind = kind_of_noun(same["noun"], graph) if same else None
        nodes = tuple(sorted(graph.entity(number) for number, _ in graph.names.get(fold_name(name), ())))
        if kind is None or not nodes:
            continue
        numbers, index = Executor.of(graph).numbers(nodes), StepIndex.of(graph)
        for step in index.onward(numbers):
            named = not step.inverse and not set(kind.relations).isdisjoint(index.relations(step))
            if named or (kind.classes and kind.has_some(index.reached(numbers, step), graph)):
                yield Program(Named((nodes,)), (Follow(step), Follow(step.turned())))
