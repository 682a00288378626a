"""The text of a program, as a language model writes and reads it.

::

    Danube -> flows through | count
    Africa <- continent | only Country | most -> population
    all River | where -> length above 1000 | count
    France -> shares border with | but not ( Germany -> shares border with )

A name stands for all nodes that have it. Every segment has its boundary space in front, as in all texts of
chains.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from kgqa.graph import IndexedGraph, KnowledgeGraph, Value, ValueKind, clean_name
from kgqa.program.classes import Classes
from kgqa.program.condition import (
    Average,
    Comparator,
    Compare,
    Condition,
    Constant,
    Has,
    InClass,
    Is,
    Nodes,
    Operand,
    OwnValue,
    TextMatch,
)
from kgqa.program.measure import Aggregate, Measure, Path
from kgqa.program.program import (
    Clause,
    Combine,
    Count,
    Each,
    Extreme,
    Final,
    Follow,
    Instances,
    Keep,
    Program,
    Start,
    Summary,
    Test,
)

__all__ = [
    "BAR",
    "CLOSE",
    "COMPARATORS",
    "DATE_COMPARATORS",
    "OPEN",
    "ORDINALS",
    "constant_text",
    "node_text",
    "program_segments",
    "program_text",
]

BAR, OPEN, CLOSE, OR = " |", " (", " )", " or"
ORDINALS = ("", "", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
COMPARATORS = {
    Comparator.ABOVE: " above",
    Comparator.BELOW: " below",
    Comparator.AT_LEAST: " at least",
    Comparator.AT_MOST: " at most",
    Comparator.EQUALS: " equals",
}
DATE_COMPARATORS = {
    Comparator.ABOVE: " after",
    Comparator.BELOW: " before",
    Comparator.AT_LEAST: " since",
    Comparator.AT_MOST: " until",
    Comparator.EQUALS: " in",
}
"""The words for comparisons with a date of the question."""


def program_text(program: Program, graph: KnowledgeGraph) -> str:
    """The text of a program, by the names of the graph.

    >>> from kgqa.graph import GraphBuilder
    >>> from kgqa.program import Count, Follow, Named, Step
    >>> graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    >>> program = Program(Named((("Kismet",),)), (Follow(Step("directed_by")),), Count())
    >>> program_text(program, graph)
    'Kismet -> directed_by | count'
    """
    return "".join(program_segments(program, graph)).strip()


def program_segments(program: Program, graph: KnowledgeGraph) -> tuple[str, ...]:
    """The segments of the text; joined, they are the text with a space in front."""
    return tuple(_program(program, graph))


def node_text(nodes: Nodes, graph: KnowledgeGraph) -> str:
    """The segment of nodes that share a name; of a class without a label, `Classes.name`."""
    label = clean_name(graph.label(nodes[0]) or "")
    if not label and isinstance(graph, IndexedGraph):
        label = Classes.of(graph).spoken.get(nodes[0], "")
    return " " + (label or clean_name(nodes[0]) or "?")


def constant_text(value: Value) -> str:
    """The segment of a value, in the form that `kgqa.graph.guess_value` reads."""
    return " " + (value.text or str(value))


def _program(program: Program, graph: KnowledgeGraph) -> Iterator[str]:
    yield from _start(program.start, graph)
    chained = True
    for clause in program.clauses:
        if isinstance(clause, Follow):
            if not chained:
                yield BAR
            yield from _path((clause.step,))
            chained = True
        else:
            yield BAR
            yield from _clause(clause, graph)
            chained = False
    if program.final is not None:
        yield BAR
        yield from _final(program.final, graph)


def _start(start: Start, graph: KnowledgeGraph) -> Iterator[str]:
    if isinstance(start, Instances):
        yield " all"
        yield node_text(start.nodes, graph)
        return
    for place, nodes in enumerate(start.groups):
        if place:
            yield OR
        yield node_text(nodes, graph)


def _clause(clause: Clause, graph: KnowledgeGraph) -> Iterator[str]:
    match clause:
        case Keep(InClass(nodes), negated):
            yield " except" if negated else " only"
            yield node_text(nodes, graph)
        case Keep(Has(path), negated):
            yield " without" if negated else " with"
            yield from _path(path)
        case Keep(condition, negated):
            yield " where not" if negated else " where"
            yield from _condition(condition, graph)
        case Extreme(measure, least, rank, count):
            yield from _by(measure)
            if rank > 1:
                yield f" {ORDINALS[rank]}" if rank < len(ORDINALS) else f" {rank} th"
            if count > 1:
                yield f" top {count}"
            yield " least" if least else " most"
            yield from _measured(measure)
        case Combine(join, program):
            yield f" {join}"
            yield OPEN
            yield from _program(program, graph)
            yield CLOSE
        case Follow(step):
            yield from _path((step,))
        case _:
            assert_never(clause)


def _final(final: Final, graph: KnowledgeGraph) -> Iterator[str]:
    match final:
        case Count():
            yield " count"
        case Summary(aggregate, path):
            yield f" {aggregate}"
            yield from _path(path)
        case Test(condition, negated):
            yield " test not" if negated else " test"
            yield from _condition(condition, graph)
        case Each(measure):
            yield from _by(measure)
            yield " each"
            yield from _measured(measure)
        case _:
            assert_never(final)


def _condition(condition: Condition, graph: KnowledgeGraph) -> Iterator[str]:
    match condition:
        case Is(path, nodes):
            yield from _path(path)
            yield " is"
            yield node_text(nodes, graph)
        case InClass(nodes):
            yield " in class"
            yield node_text(nodes, graph)
        case Has(path):
            yield " has"
            yield from _path(path)
        case Compare(measure, comparator, operand, upper):
            yield from _by(measure)
            yield from _measured(measure)
            if upper is not None:
                yield " between"
                yield from _operand(operand, graph)
                yield " and"
                yield from _operand(upper, graph)
                return
            dated = isinstance(operand, Constant) and operand.value.kind is ValueKind.DATE
            yield (DATE_COMPARATORS if dated else COMPARATORS)[comparator]
            yield from _operand(operand, graph)
        case TextMatch(path, test, text):
            yield from _path(path)
            yield f" {test}"
            yield f" {clean_name(text)}"
        case _:
            assert_never(condition)


def _operand(operand: Operand, graph: KnowledgeGraph) -> Iterator[str]:
    match operand:
        case Constant(value):
            yield constant_text(value)
        case OwnValue(nodes):
            yield " that of"
            yield node_text(nodes, graph)
        case Average():
            yield " the average"
        case _:
            assert_never(operand)


def _by(measure: Measure) -> Iterator[str]:
    if measure.by:
        yield " by"
        yield from _path(measure.by)


def _measured(measure: Measure) -> Iterator[str]:
    if measure.aggregate is not Aggregate.VALUE:
        yield f" {measure.aggregate}"
    yield from _path(measure.path)


def _path(path: Path) -> Iterator[str]:
    for relation, inverse in path:
        yield " <-" if inverse else " ->"
        yield f" {relation}"
