"""Of the ends of a path, those of the class that is asked for: "which composers were born in Vienna?"."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kgqa.answer.answer import Answer
from kgqa.answer.asked_kind import kind_asked
from kgqa.graph import Chain, IndexedGraph
from kgqa.program import Classes, Executor, Follow, InClass, Keep, Named, Program, Step, prove
from kgqa.program.steps import relation_text

__all__ = ["only_asked_class"]


def only_asked_class(answer: Answer, graph: IndexedGraph) -> Answer:
    """The entities of the class that the question's noun names, if some are instances of it and some are not.

    They are proven by a program: the path of the first answer, and the class. The answer stays as it is where
    that program leads to something else, too, or leaves out others of the class.
    """
    kind = kind_asked(answer.question, graph)
    if kind is None or not answer.entities or not answer.entities[0].chains:
        return answer
    given = np.array(sorted(graph.entity_id(one.entity) for one in answer.entities), dtype=np.int32)
    executor, classes = Executor.of(graph), Classes.of(graph)
    path = _path(answer.entities[0].chains[0], graph)
    for nodes in kind.classes_in(graph):
        wanted = np.intersect1d(given, classes.instances(executor.numbers(nodes)), assume_unique=True)
        if not 0 < len(wanted) < len(given):
            continue
        program = replace(path, clauses=(*path.clauses, Keep(InClass(nodes))))
        members = executor.execute(program).members
        if members is not None and np.array_equal(members, wanted):
            kept = set(map(graph.entity, wanted.tolist()))
            entities = tuple(one for one in answer.entities if one.entity in kept)
            return replace(answer, entities=entities, proof=prove(program, graph))
    return answer


def _path(chain: Chain, graph: IndexedGraph) -> Program:
    """The program that takes the steps of a chain."""
    steps = (
        Step(relation_text(graph, graph.relation_id(hop.relation)).strip(), hop.inverse) for hop in chain.hops
    )
    return Program(Named(((chain.start,),)), tuple(map(Follow, steps)))
