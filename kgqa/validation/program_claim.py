"""Programs in files: whether the graph has them, with the answers stated, and their proofs hold."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from kgqa.constraint import NameLookup
from kgqa.errors import DataError
from kgqa.evaluation.proof_check.facts import Facts
from kgqa.evaluation.proof_check.member_check import MemberCheck
from kgqa.evaluation.proof_check.naive_program import NaiveProgram
from kgqa.evaluation.proof_check.program_check import check_proof
from kgqa.evaluation.proof_check.value_columns import Bounds
from kgqa.graph import Value, ValueKind, guess_value
from kgqa.graph.values.cell import guess_year
from kgqa.program.json_form import program_from_dict
from kgqa.program.measure import Measure
from kgqa.program.parser import parse_program
from kgqa.program.program import Count, Each, Program, Summary, Test
from kgqa.program.text import program_text
from kgqa.validation.claim import Claim
from kgqa.validation.result import ChainResult, Problem

__all__ = ["check_program"]


def check_program(claim: Claim, names: NameLookup, facts: Facts) -> ChainResult:
    """Check a program and, where they are given, its answers and its proof.

    The program must be one of the graph and denote the answers; its proof must be of this program and hold
    (`check_proof`). Nothing is executed but the plain way, on `facts`.
    """
    text = claim.program or ""
    try:
        form = None if claim.proof is None else program_from_dict(claim.proof.get("form"))
        program = parse_program(text, names.graph) if text or form is None else form
        problems = list(_problems(claim, program, form, names, facts))
    except DataError as error:
        problems = [Problem("no program", 0, detail=str(error))]
    return ChainResult(claim.line, claim.id, (), tuple(problems), text)


def _problems(
    claim: Claim, program: Program, form: Program | None, names: NameLookup, facts: Facts
) -> Iterator[Problem]:
    naive = NaiveProgram(facts)
    if claim.proof is not None and form is not None:
        # a name of the text may stand for more nodes than the program was made for
        if program_text(form, names.graph) != program_text(program, names.graph):
            yield Problem("wrong proof", 0, detail="it is the proof of another program")
            form = program
        yield from (Problem("wrong proof", 0, detail=said) for said in check_proof(claim.proof, facts, form))
    if claim.answers is not None:
        wrong = _wrong_answers(claim.answers, form or program, naive, names)
        if wrong:
            yield Problem("other answers", 0, detail=wrong)


def _wrong_answers(answers: Sequence[str], program: Program, naive: NaiveProgram, names: NameLookup) -> str:
    """What is wrong with the stated answers; empty if they are those of the program."""
    members, final = naive.stage(program).sets[-1], program.final
    checks = MemberCheck(naive)
    match final:
        case None:
            return _other_names(answers, members, names)
        case Each(measure):
            return _other_names(answers, set(naive.table(measure, members).least), names)
        case Test(condition, negated):
            truth = bool(naive.holding(condition, members)) != negated
            right = ("yes", "true") if truth else ("no", "false")
            return "" if [a.strip().lower() in right for a in answers] == [True] else f"it is {right[0]}"
        case Count():
            number = float(len(members))
            return _other_value(answers, ValueKind.NUMBER, (number, number), "")
        case Summary(_, path):
            measure = Measure(path)
            bounds = checks.summary(final, members)
            return _other_value(answers, naive.table(measure, members).kind, bounds, checks.unit(measure))


def _other_names(answers: Sequence[str], right: set[str], names: NameLookup) -> str:
    """The first answer too many, else the first member that no answer names."""
    named: set[str] = set()
    for answer in answers:
        entities = right & set(names.entities(answer))
        if not entities:
            return f"{answer!r} is not among the {len(right):,}"
        named |= entities
    missing = min(right - named, default=None)
    if missing is None:
        return ""
    label = names.graph.label(missing) or missing
    return f"{label!r} is missing, and {len(right - named) - 1:,} more"


def _other_value(answers: Sequence[str], kind: ValueKind, bounds: Bounds | None, unit: str) -> str:
    if bounds is None:
        return "it has no value" if answers else ""
    value = Value(kind, *bounds, "", unit)
    if len(answers) == 1 and (answers[0].strip() in (str(value), value.text) or _reads_as(answers[0], value)):
        return ""
    return f"it is {value}"


def _reads_as(answer: str, value: Value) -> bool:
    """Whether an answer is the value: the same date, or number to 9 digits, in the same unit or none."""
    stated = guess_value(answer)
    if value.kind == ValueKind.DATE:
        return (guess_year(answer) or (stated.low, stated.high)) == (value.low, value.high)
    same_unit = not stated.unit or not value.unit or stated.unit == value.unit
    return stated.kind == value.kind and same_unit and math.isclose(stated.low, value.low, rel_tol=1e-9)
