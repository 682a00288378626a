"""How far the next names are, held against walking there."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.constraint import Reach
from kgqa.constraint.tables.nearest import Nearest
from kgqa.constraint.tables.reach import WalkPosition
from kgqa.constraint.tables.step_rows import StepRows, distinct, ranges
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Node, NodeKind, Triple

NUMBERS = st.integers(0, 11)


@st.composite
def mediated_graphs(draw: st.DrawFn) -> IndexedGraph:
    """Graphs in which most entities are unnamed."""
    facts = draw(
        st.lists(
            st.builds(
                lambda head, relation, tail: Triple(f"e{head}", f"r{relation}", f"e{tail}"),
                NUMBERS,
                st.integers(0, 2),
                NUMBERS,
            ),
            min_size=1,
            max_size=24,
        )
    )
    named = draw(st.sets(NUMBERS, max_size=5))
    nodes = [Node(f"e{number}", NodeKind.BLANK) for number in range(12) if number not in named]
    return GraphBuilder.of([*facts, *nodes, *(Name(f"e{number}", f"name {number}") for number in named)])


def slow_leads(graph: IndexedGraph, inverse: bool, group: int, avoid: int, budget: int) -> bool:
    """Whether a walk over a group ends at a name within the budget, found by walking."""
    rows = StepRows.of(graph)

    @cache
    def ends(entity: int, left: int) -> bool:
        if entity == avoid:
            return False
        if graph.named[entity]:
            return True
        return left > 0 and any(ends(target, left - 1) for target in targets(entity))

    def targets(entity: int) -> list[int]:
        sides = [graph.outward, graph.inward] if inverse else [graph.outward]
        return [target for side in sides for target in side.row(entity)[1].tolist()]

    if budget < 1 or (rows.steps[group] & 1 and not inverse):
        return False
    reached = rows.targets[rows.starts[group] : rows.starts[group + 1]].tolist()
    return any(ends(target, budget - 1) for target in reached)


@examples(300)
@given(mediated_graphs(), st.booleans())
def test_a_step_leads_on_exactly_if_a_walk_over_it_ends_at_a_name(graph: IndexedGraph, inverse: bool) -> None:
    rows = StepRows.of(graph)
    groups = np.arange(len(rows.steps))
    for avoid in range(-1, graph.entity_count):
        unnamed = avoid >= 0 and not graph.named[avoid]
        nearest = Nearest.of(rows, graph.named, inverse, avoid if unnamed else -1)
        for budget in range(6):
            expected = [slow_leads(graph, inverse, int(group), avoid, budget) for group in groups]
            assert nearest.leads(groups, avoid, budget).tolist() == expected


@examples(150)
@given(mediated_graphs(), st.booleans(), st.sampled_from([0, 100]), st.data())
def test_a_place_has_the_frontier_and_the_steps_that_walking_finds(
    graph: IndexedGraph, silent: bool, most_rows: int, data: st.DataObject
) -> None:
    reach = Reach(graph, most_rows=most_rows)
    rows = reach.rows
    start = data.draw(st.integers(0, graph.entity_count - 1))
    avoid = data.draw(st.sampled_from([-1, start]))
    steps: tuple[int, ...] = ()
    sources = {start}
    for budget in (3, 2, 1, 0):
        place = WalkPosition(start, avoid, steps, budget, silent)
        assert set(reach.entities(place).tolist()) == sources
        assert len(reach.entities(place)) == len(sources)
        groups = [group for group, owner in enumerate(rows.owners.tolist()) if owner in sources]
        expected = {
            int(rows.steps[group]) for group in groups if slow_leads(graph, True, group, avoid, budget)
        }
        assert sorted(reach.onward(place).tolist()) == sorted(expected)
        if not expected:
            break
        step = data.draw(st.sampled_from(sorted(expected)))
        targets = {
            target
            for group in groups
            if rows.steps[group] == step
            for target in rows.targets[rows.starts[group] : rows.starts[group + 1]].tolist()
            if target != avoid
        }
        steps = (*steps, step)
        sources = {target for target in targets if not (silent and graph.named[target])}
        if silent:
            named = reach.named(WalkPosition(start, avoid, steps, budget - 1, silent))
            found = named.entities.tolist()
            if named.group >= 0:
                found = rows.targets[rows.starts[named.group] : rows.silent[named.group]].tolist()
            assert set(found) - set(named.without) == targets - sources
            assert reach.any_of(named) == bool(targets - sources)


@examples(150)
@given(mediated_graphs(), st.booleans(), st.booleans())
def test_a_graph_that_is_read_edge_by_edge_offers_the_same_steps(
    graph: IndexedGraph, inverse: bool, silent: bool
) -> None:
    rows, edges = Reach(graph, inverse), Reach(graph, inverse, most_rows=0)
    places = [WalkPosition(start, avoid, (), 3, silent) for start in range(12) for avoid in (-1, start, 3)]
    for place in (place for place in places if place.start < graph.entity_count > place.avoid):
        while True:
            assert set(rows.entities(place).tolist()) == set(edges.entities(place).tolist())
            steps = sorted(rows.onward(place).tolist())
            assert sorted(edges.onward(place).tolist()) == steps
            if not steps:
                break
            place = place._replace(steps=(*place.steps, steps[-1]), budget=place.budget - 1)


@given(st.lists(st.integers(0, 99), max_size=2000), st.sampled_from([100, 10**5]))
def test_distinct_values_are_the_set_in_order(values: list[int], count: int) -> None:
    assert distinct(np.array(values, dtype=np.int32), count).tolist() == sorted(set(values))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=9))
def test_ranges_are_put_end_to_end(pairs: list[tuple[int, int]]) -> None:
    low = np.array([start for start, _ in pairs], dtype=np.int64)
    high = np.array([start + length for start, length in pairs], dtype=np.int64)
    assert ranges(low, high).tolist() == [n for start, length in pairs for n in range(start, start + length)]


def test_large_rows_are_grouped_the_same_way_by_mask_and_by_search() -> None:
    facts = [Triple(f"s{number:03}", f"r{number % 7}", f"t{number % 50}") for number in range(300)]
    facts += [Triple(f"s{number:03}", "r0", "t0") for number in range(300)]
    graph = GraphBuilder.of(facts)
    rows = StepRows.of(graph)
    for size in (1, 2, 30, graph.entity_count):
        entities = np.arange(size, dtype=np.int32)
        every = [g for g, owner in enumerate(rows.owners.tolist()) if owner < size]
        assert sorted(rows.groups_of(entities).tolist()) == every
        for step in range(rows.step_count):
            expected = [group for group in every if rows.steps[group] == step]
            assert sorted(rows.groups_over(entities, step).tolist()) == expected
