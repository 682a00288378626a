"""Chains that lead to an expected answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kgqa.constraint import EndsIn, Filter, Using
from kgqa.decode import BeamSearch, Hypothesis
from kgqa.errors import BudgetError
from kgqa.finders import ChainSpace, Found, LinkedQuestion, ModelFinder
from kgqa.finders.model_finder import AKIN_NATS, KNOWN_NATS
from kgqa.graph import IndexedGraph
from kgqa.training.examples.weak_supervision import answering_paths, path_f1

__all__ = ["WantedChains"]

_BEAMS = 10
"""Beams at least, where the chain to the expected answer is searched."""
_EXACT = 0.8
"""The F1 of the ends of a path against the expected answers, from which the path is what is asked for."""
_CODE = re.compile(r"[a-z]{0,3}[_ ]?\d+", re.IGNORECASE)
"""A name that says nothing, such as P57."""
_TOPICS = 3
"""So many topics are looked at."""


@dataclass(frozen=True, eq=False)
class WantedChains:
    """Searches for chains to the entities `goals`, as `finder` does; none without a finder.

    `expected` are the names of the goals, `hypotheses` what was found for the question.
    """

    finder: ModelFinder | None
    question: str
    expected: tuple[str, ...]
    goals: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    _found: dict[tuple[ChainSpace, tuple[str, ...]], Sequence[Hypothesis]] = field(default_factory=dict)

    def telling(self, space: ChainSpace, topics: Sequence[str]) -> Hypothesis | None:
        """The most probable chain to a goal that says what the question asks; `None` where none does."""
        leads = sorted(self.leads(space, topics), key=lambda one: (-one.log_probability, one.tokens))
        for says in (self.says_it, self._is_exact):
            for lead in leads:
                if says(lead, topics, space):
                    return lead
        return self._exact_lead(space, topics) if leads else None

    def leads(self, space: ChainSpace, topics: Sequence[str]) -> Sequence[Hypothesis]:
        """The hypotheses from `topics` that end at a goal, the best first; none if it takes too long."""
        key = space, tuple(topics)
        if key not in self._found:
            self._found[key] = self._searched(space, topics)
        return self._found[key]

    def _searched(self, space: ChainSpace, topics: Sequence[str]) -> Sequence[Hypothesis]:
        finder = self.finder
        if finder is None or not topics:
            return ()
        if isinstance(finder.decoder, BeamSearch):
            beams = max(_BEAMS, finder.decoder.beams)
            finder = replace(finder, decoder=replace(finder.decoder, beams=beams))
        narrowed = replace(space, filters=(*space.filters, EndsIn(frozenset(self.goals))))
        try:
            (found,) = finder.find([LinkedQuestion(self.question, tuple(topics))], narrowed)
        except BudgetError:
            return ()
        return found.hypotheses if isinstance(found, Found) else ()

    def _is_exact(self, lead: Hypothesis, _topics: Sequence[str], space: ChainSpace) -> bool:
        """Whether a path leads to several expected answers and hardly any others."""
        if len(self.expected) < 2 or space.grammar != "relations":
            return False
        steps = space.graph.labelled_steps(lead.chain)
        return path_f1(space.graph, lead.chain.start, steps, self.expected) >= _EXACT

    def _exact_lead(self, space: ChainSpace, topics: Sequence[str]) -> Hypothesis | None:
        """A path of one or two hops that leads to the expected answers and hardly any others.

        It is what is asked for, whatever its relations are called. Of a single answer, that may be chance:
        then only where a relation has a code for a name.
        """
        for topic in topics[:_TOPICS]:
            paths = answering_paths(space.graph, topic, self.expected)
            for path in sorted(paths, key=lambda one: (-one.weight, one.steps)):
                says = len(self.expected) > 1 or any(_CODE.fullmatch(step.relation) for step in path.steps)
                f1 = path_f1(space.graph, topic, path.steps, self.expected)
                if says and f1 >= _EXACT and len(path.steps) <= space.hops:
                    using = [_using(step.relation, space.graph) for step in path.steps]
                    narrowed = replace(space, filters=(*space.filters, *using))
                    return next(iter(self.leads(narrowed, [topic])), None)
        return None

    def says_it(self, lead: Hypothesis, topics: Sequence[str], space: ChainSpace) -> bool:
        """Whether a chain says what the question asks, as far as the model knows.

        It does where the model finds it probable, or more probable than what it found, or where its relations
        are akin to the question and it is no longer than what was found.
        """
        least = min([KNOWN_NATS, *(one.log_probability for one in self.hypotheses[:1])])
        if lead.log_probability >= least:
            return True
        usual = len(self.hypotheses[0].chain.hops) if self.hypotheses else 1
        if self.finder is None or self.finder.own_fit is None or len(lead.chain.hops) > usual:
            return False
        names = space.names(topics)
        (gained,) = self.finder.own_fit.gains(self.question, names, [lead], space.graph)
        return gained >= AKIN_NATS


def _using(label: str, graph: IndexedGraph) -> Filter:
    """Chains that use a relation of this label."""
    numbers = (number for number in range(graph.relation_count) if graph.relation_labels[number] == label)
    found: Filter | None = None
    for number in numbers:
        one = Using(relations={graph.relation(number)})
        found = one if found is None else found | one
    assert found is not None
    return found
