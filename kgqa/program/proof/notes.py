"""Proofs in words: notes on what an answer rests on, and lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kgqa.counted import counted
from kgqa.graph import IndexedGraph, Value, ValueKind, clean_name
from kgqa.program.condition import Compare
from kgqa.program.measure import Aggregate, Measure, Path
from kgqa.program.program import Clause, Combine, Each, Extreme, Final, Join, Keep, Program, Summary, Test
from kgqa.program.proof.evidence import Evidence, EvidenceKind, Member
from kgqa.program.proof.result import Result
from kgqa.program.text import program_text

if TYPE_CHECKING:
    from kgqa.program.proof.proof import Proof

__all__ = ["measure_words", "path_words", "proof_lines", "proof_notes", "result_words", "value_words"]

_LINES, _NAMES, _WIDTH = 8, 5, 160


def proof_notes(program: Program, evidence: Sequence[Evidence], graph: IndexedGraph) -> Iterator[str]:
    """Sentences on ties, missing values and absent facts; also on those of the programs combined with."""
    for piece in evidence:
        clause = _clause(program, piece.place)
        measure = _measure(clause)
        if measure is not None and piece.compared is not None and piece.missing:
            having = f"{piece.compared:,} of {piece.before:,} have a value ({measure_words(measure)})"
            yield f"{having}, {piece.missing:,} {'has' if piece.missing == 1 else 'have'} none."
        if isinstance(clause, Extreme):
            yield from _ranking(clause, piece)
        for member in piece.operands:
            if member.value is None:
                named = f"{_name(member.entity, graph)} has" if member.entity else "They have"
                yield f"{named} no value to compare with."
        if isinstance(clause, Combine):
            yield from proof_notes(clause.program, piece.inner, graph)
        if piece.absence:
            yield _absence(clause, piece)


def _ranking(clause: Extreme, piece: Evidence) -> Iterator[str]:
    if piece.total > clause.count:
        which = "lowest" if clause.least else "highest"
        if clause.rank > 1 or clause.count > 1:
            which = f"places {clause.rank} to {clause.rank + clause.count - 1}"
        yield f"{piece.total:,} tie ({which} {measure_words(clause.measure)}): all of them are given."
    if not piece.total and piece.ahead_total:
        have = "has" if piece.ahead_total == 1 else "have"
        yield f"Only {piece.ahead_total:,} {have} a value: there is no place {clause.rank}."


def _absence(clause: Clause | Final | None, piece: Evidence) -> str:
    closed = "which counts as false (closed world)."
    some = "1 is" if piece.after == 1 else f"{piece.after:,} are"
    match clause:
        case Keep():
            return f"{some} kept since no fact of the graph makes the condition true, {closed}"
        case Combine():
            return f"{some} kept since no fact of the graph puts them into the other set, {closed}"
        case Test():
            return f"No fact of the graph makes the condition true, {closed}"
        case _:
            return f"The graph holds no such fact, {closed}"


def proof_lines(proof: Proof, graph: IndexedGraph, *, verbose: bool) -> Iterator[str]:
    """The program, its result, what decided it, and the notes; with `verbose` all facts listed."""
    program, evidence = proof.program, proof.evidence
    yield program_text(program, graph)
    yield _cut(f"= {result_words(proof.result, graph)}")
    lines = [line for piece in evidence for line in _piece_lines(program, piece, graph, verbose)]
    notes = list(proof_notes(program, evidence, graph))
    if not verbose:
        notes = notes[:3]
        lines = lines[-(_LINES - 2 - len(notes)) :]
    yield from lines
    yield from notes


def result_words(result: Result, graph: IndexedGraph) -> str:
    """A result in one line."""
    match result.kind:
        case "set":
            return _names([Member(entity) for entity in result.entities], result.size, graph)
        case "table":
            return _names(result.rows, result.size, graph)
        case "truth":
            return "yes" if result.truth else "no"
        case _:
            return "no value" if result.value is None else value_words(result.value)


def _piece_lines(
    program: Program, piece: Evidence, graph: IndexedGraph, verbose: bool, indent: str = "  "
) -> Iterator[str]:
    clause = _clause(program, piece.place)
    if isinstance(clause, Combine):
        for inner in piece.inner:
            yield from _piece_lines(clause.program, inner, graph, verbose, indent + "  ")
    yield _cut(indent + _headline(clause, piece, graph))
    if not verbose:
        if piece.kind in (EvidenceKind.TEST, EvidenceKind.COUNT):
            yield from _first_fact(piece, graph, indent)
        return
    listed = [("", piece.members, piece.total), ("instead ", piece.there, piece.there_total)]
    listed += [("ahead ", piece.ahead, piece.ahead_total)]
    listed += [("compared with ", piece.operands, len(piece.operands))]
    if piece.runner_up:
        listed.append(("runner-up ", (piece.runner_up,), 1))
    for title, members, total in listed:
        for member in members:
            yield f"{indent}  {title}{_member(member, graph)}"
            yield from (f"{indent}    {chain.to_text(graph)}" for chain in member.chains if chain.hops)
            if member.terms > len(member.chains) > 0:
                yield f"{indent}    ... and {member.terms - len(member.chains):,} more"
        if total > len(members):
            yield f"{indent}  ... and {total - len(members):,} more"


def _first_fact(piece: Evidence, graph: IndexedGraph, indent: str) -> Iterator[str]:
    for member in (piece.members or piece.there)[:2]:
        yield from (_cut(f"{indent}  {chain.to_text(graph)}") for chain in member.chains[:1] if chain.hops)


def _headline(clause: Clause | Final | None, piece: Evidence, graph: IndexedGraph) -> str:
    names = _names(piece.members, piece.total, graph)
    match piece.kind:
        case EvidenceKind.START:
            return f"start: {names}"
        case EvidenceKind.FOLLOW:
            return f"reached {piece.after:,}: {names}"
        case EvidenceKind.KEEP:
            negated = isinstance(clause, Keep) and clause.negated
            return f"{piece.after:,} of {piece.before:,} kept; {'left out' if negated else 'kept'}: {names}"
        case EvidenceKind.EXTREME:
            behind = f"; next {_member(piece.runner_up, graph)}" if piece.runner_up else ""
            return f"{names}{behind}; {piece.compared or 0:,} of {piece.before:,} compared"
        case EvidenceKind.COMBINE:
            join = clause.join if isinstance(clause, Combine) else Join.AND
            shared = {Join.AND: "in both", Join.OR: "added", Join.BUT_NOT: "left out"}[join]
            return f"{piece.after:,} of {piece.before:,}; {shared}: {names}"
        case EvidenceKind.COUNT:
            return f"counted {piece.total:,}: {names}"
        case EvidenceKind.SUMMARY:
            return f"of {counted(piece.total, 'value')}: {names}"
        case EvidenceKind.TEST:
            if piece.total:
                return f"holds for {piece.total:,} of {piece.before:,}: {names}"
            there = f"; there is: {_names(piece.there, piece.there_total, graph)}" if piece.there else ""
            return f"holds for none of {piece.before:,}{there}"
        case EvidenceKind.EACH:
            return f"{counted(piece.total, 'row')}: {names}"


def _names(members: Sequence[Member], total: int, graph: IndexedGraph) -> str:
    shown = [_member(member, graph) for member in members[:_NAMES]]
    if total > len(shown):
        shown.append(f"... and {total - len(shown):,} more")
    return ", ".join(shown) or "none"


def _member(member: Member, graph: IndexedGraph) -> str:
    name = _name(member.entity, graph) if member.entity else "the average"
    return name if member.value is None else f"{name} ({value_words(member.value)})"


def _name(entity: str, graph: IndexedGraph) -> str:
    return clean_name(graph.label(entity) or "") or "·"


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"


def value_words(value: Value) -> str:
    """A value for people: as it was written, with its unit; numbers that are computed to 6 digits."""
    if value.kind is ValueKind.NUMBER and not value.text and value.low % 1:
        value = replace(value, text=f"{value.low:.6g}")
    return clean_name(str(value))


def measure_words(measure: Measure) -> str:
    """A measure in words: "population", "number of flows through", "average salary by department"."""
    words = path_words(measure.path) or "members"
    match measure.aggregate:
        case Aggregate.VALUE:
            return words
        case Aggregate.COUNT:
            words = f"number of {words}"
        case _:
            words = f"{measure.aggregate} {words}"
    return f"{words} by {path_words(measure.by)}" if measure.by else words


def path_words(path: Path) -> str:
    """A path by the texts of its relations, those walked against their direction with an arrow."""
    return ", ".join(f"{'<- ' if step.inverse else ''}{step.relation}" for step in path)


def _measure(clause: Clause | Final | None) -> Measure | None:
    match clause:
        case Keep(Compare(measure)) | Test(Compare(measure)) | Extreme(measure) | Each(measure):
            return measure
        case Summary(_, path):
            return Measure(path)
    return None


def _clause(program: Program, place: int) -> Clause | Final | None:
    """The clause at a place; the final operator after the last, none for the start."""
    if place < 0:
        return None
    return program.clauses[place] if place < len(program.clauses) else program.final
