"""Tests whether a name is an instance of a class: "is Ann a doctor?"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgqa.answer.asked_kind import kind_of_noun
from kgqa.answer.programs.asked_names import NamePlaces
from kgqa.graph import IndexedGraph, fold_name
from kgqa.program import Instances, Is, Program, Test

__all__ = ["class_tests"]

_BEFORE = re.compile(r"\s*(?:is|are|was|were) (?:the )?", re.IGNORECASE)
_BEHIND = re.compile(r" (?:also |really )?(?:an?|one of the) (?P<noun>[^?.!]+)[?.! ]*", re.IGNORECASE)


def class_tests(question: str, places: NamePlaces, graph: IndexedGraph) -> Iterator[Program]:
    """The test for each class that the question's noun may be, if it asks for nothing else."""
    for name, (start, end) in places.spans.items():
        behind = _BEHIND.fullmatch(question, end)
        if behind is None or _BEFORE.fullmatch(question, 0, start) is None:
            continue
        nodes = tuple(sorted(graph.entity(number) for number, _ in graph.names.get(fold_name(name), ())))
        kind = kind_of_noun(behind["noun"], graph)
        for instances in kind.classes_in(graph) if kind and nodes else ():
            yield Program(Instances(instances), (), Test(Is((), nodes)))
