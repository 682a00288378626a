"""Sets of nodes: what is known of one does not depend on what was asked first."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from random_programs import random_graph

from kgqa.constraint.programs.member_set import MemberSets


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_the_steps_of_a_set_are_those_that_it_reaches_something_by(seed: int, inverse: bool) -> None:
    random = Random(seed)
    graph = random_graph(random).graph
    for _ in range(20):
        chosen = random.sample(range(graph.entity_count), random.randint(1, graph.entity_count))
        ids = np.array(sorted(chosen), dtype=np.int32)
        first, second = (MemberSets(graph, inverse).of(ids) for _ in range(2))
        steps = first.onward
        assert second.reached.steps == steps
        assert second.onward == steps
