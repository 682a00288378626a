"""Random programs that mean something: every clause changes the result, and some is left."""

from __future__ import annotations

import random

from kgqa.graph import IndexedGraph
from kgqa.program import Count, Follow, Instances, Program
from kgqa.training.examples.drawing.comparisons import Comparisons
from kgqa.training.examples.drawing.drawn import Drawn, Operation, tried
from kgqa.training.examples.drawing.finals import Finals
from kgqa.training.examples.drawing.graph_facts import THINGS, GraphFacts, Operations
from kgqa.training.examples.drawing.plans import PLANS
from kgqa.training.examples.drawing.set_clauses import SetClauses
from kgqa.training.examples.drawing.starts import Starts
from kgqa.training.examples.drawing.style import canonical
from kgqa.training.examples.drawing.superlatives import Superlatives

__all__ = ["ProgramDrawer"]

_MOST_ANSWERS, _MOST_LISTED = 40, 12
_STARTS = 5
"""So often a plan is begun anew before another is drawn, so that few graphs lack its operators."""


class ProgramDrawer:
    """Draws programs from one graph; `plan` says what was drawn last."""

    def __init__(self, graph: IndexedGraph, chance: random.Random) -> None:
        self._graph, self._chance = graph, chance
        self._facts = facts = GraphFacts(graph, chance)
        sets, superlatives = SetClauses(facts, chance), Superlatives(facts, chance)
        comparisons = Comparisons(facts, chance, superlatives)
        self._starts = Starts(facts, chance, sets, superlatives)
        finals = Finals(facts, chance, self._starts, sets, comparisons, superlatives)
        self._families: tuple[Operations, ...] = (sets, comparisons, superlatives, finals)
        self._plans, self._weights = tuple(plan.split(" ") for plan in PLANS), tuple(PLANS.values())
        self.plan = ""

    def program(self) -> Program | None:
        """One program, or `None` where the drawn plan cannot be filled."""
        plan = self._chance.choices(self._plans, self._weights)[0]
        self.plan = " ".join(plan)
        for _ in range(_STARTS):
            drawn = self._filled(plan)
            if drawn is not None and self._is_interesting(drawn):
                return canonical(Program(drawn.start, drawn.clauses, drawn.final), self._facts.executor)
        return None

    def _filled(self, plan: list[str]) -> Drawn | None:
        drawn = self._starts.begun(plan[0])
        for operation in plan[1:]:
            if drawn is None:
                return None
            drawn = tried(self._operation(operation), drawn)
        return drawn

    def _operation(self, name: str) -> Operation:
        found: Operation = next(getattr(family, name) for family in self._families if hasattr(family, name))
        return found

    def _is_interesting(self, drawn: Drawn) -> bool:
        size = len(drawn.members)
        if drawn.final is None:
            if not self._graph.named[drawn.members].any():
                return False
            if not drawn.clauses:
                return isinstance(drawn.start, Instances)
            return 0 < size <= (_MOST_LISTED if self._chance.random() < 0.7 else _MOST_ANSWERS)
        if isinstance(drawn.final, Count):
            last = drawn.clauses[-1] if drawn.clauses else None
            if isinstance(last, Follow) and self._facts.kind((last.step,)) not in THINGS:
                return False
            return size > 1 or self._chance.random() < (0.15 if isinstance(last, Follow) else 0.4)
        return True
