"""The paths of a set: what large ones go on with."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from kgqa.constraint.programs import path_table
from kgqa.constraint.programs.path_table import PathTable
from kgqa.constraint.programs.step_columns import StepColumns
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.program import Executor, Step

Row = tuple[Step, Step, int, int]
"""Two steps, the place of a member, and the node that they lead to."""


@pytest.mark.parametrize("most", [1, 3, 8, 10_000])
def test_a_path_goes_on_with_each_step_that_its_ends_have_not_too_often(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(path_table, "MOST_PAIRS", most)
    for seed in range(8):
        graph = _graph(random.Random(seed))
        members = np.arange(graph.entity_count, dtype=np.int32)
        columns = StepColumns(Executor.of(graph), inverse=True)
        level = PathTable(members, columns, lambda _: None).level(2)
        first = PathTable(members, columns, lambda _: None).level(1)
        came = [columns.steps[first.steps[parent]] for parent in level.parents.tolist()]
        found = {
            (came[path], columns.steps[level.steps[path]], owner, end)
            for path, owner, end in zip(
                level.of.tolist(), level.owners.tolist(), level.ends.tolist(), strict=True
            )
        }
        assert found == _listed(graph, most)


def _graph(chance: random.Random) -> IndexedGraph:
    names = [f"n{number}" for number in range(6)]
    return GraphBuilder.of(
        (chance.choice(names), chance.choice("abc"), chance.choice(names)) for _ in range(14)
    )


def _listed(graph: IndexedGraph, most: int) -> set[Row]:
    """The same, by the rule: pair by pair of a member and an end, fact by fact of the end."""
    edges: set[tuple[int, Step, int]] = set()
    for fact in graph:
        head, tail = graph.entity_id(fact.head), graph.entity_id(fact.tail)
        edges |= {(head, Step(fact.relation), tail), (tail, Step(fact.relation, True), head)}
    pairs = [
        (came, step, member, end)
        for member, came, middle in edges
        for other, step, end in edges
        if other == middle and step != Step(came.relation, not came.inverse)
    ]
    counts = Counter((came, step) for came, step, _, _ in pairs)
    return {pair for pair in pairs if counts[pair[0], pair[1]] <= most}
