"""The exact JSON form of programs: what is written is read back equal."""

from __future__ import annotations

from typing import Any, assert_never

from kgqa.errors import ProgramError
from kgqa.graph import Value, ValueKind
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
    TextTest,
)
from kgqa.program.measure import Aggregate, Measure, Path, Step
from kgqa.program.program import (
    Clause,
    Combine,
    Count,
    Each,
    Extreme,
    Final,
    Follow,
    Instances,
    Join,
    Keep,
    Named,
    Program,
    Start,
    Summary,
    Test,
)

__all__ = ["program_from_dict", "program_to_dict"]


def program_to_dict(program: Program) -> dict[str, Any]:
    """A program as objects, lists, texts, numbers and booleans of JSON.

    >>> program_to_dict(Program(Named((("Q5",),)), (Follow(Step("capital")),), Count()))
    {'start': {'named': [['Q5']]}, 'clauses': [{'follow': ['capital', False]}], 'final': {'count': True}}
    """
    found: dict[str, Any] = {
        "start": _start(program.start),
        "clauses": [_clause(clause) for clause in program.clauses],
    }
    if program.final is not None:
        found["final"] = _final(program.final)
    return found


def program_from_dict(form: object) -> Program:
    """The program of `program_to_dict`. Raises `ProgramError` for anything else."""
    try:
        return _read_program(form)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, IndexError) as error:
        raise ProgramError(f"no JSON form of a program: {error}") from error


def _start(start: Start) -> dict[str, Any]:
    if isinstance(start, Instances):
        return {"instances": list(start.nodes)}
    return {"named": [list(nodes) for nodes in start.groups]}


def _clause(clause: Clause) -> dict[str, Any]:
    match clause:
        case Follow(step):
            return {"follow": list(step)}
        case Keep(condition, negated):
            return {"keep": _condition(condition), "negated": negated}
        case Extreme(measure, least, rank, count):
            return {"extreme": _measure(measure), "least": least, "rank": rank, "count": count}
        case Combine(join, program):
            return {"combine": str(join), "program": program_to_dict(program)}
    assert_never(clause)


def _final(final: Final) -> dict[str, Any]:
    match final:
        case Count():
            return {"count": True}
        case Summary(aggregate, path):
            return {"summary": str(aggregate), "path": _path(path)}
        case Test(condition, negated):
            return {"test": _condition(condition), "negated": negated}
        case Each(measure):
            return {"each": _measure(measure)}
    assert_never(final)


def _condition(condition: Condition) -> dict[str, Any]:
    match condition:
        case Is(path, nodes):
            return {"is": list(nodes), "path": _path(path)}
        case InClass(nodes):
            return {"in_class": list(nodes)}
        case Has(path):
            return {"has": _path(path)}
        case TextMatch(path, test, text):
            return {"text": text, "test": str(test), "path": _path(path)}
        case Compare(measure, comparator, operand, upper):
            found = {
                "compare": _measure(measure),
                "comparator": str(comparator),
                "operand": _operand(operand),
            }
            return found if upper is None else {**found, "upper": _operand(upper)}
    assert_never(condition)


def _operand(operand: Operand) -> dict[str, Any]:
    match operand:
        case Average():
            return {"average": True}
        case OwnValue(nodes):
            return {"own_value": list(nodes)}
        case Constant(value):
            found = {
                "value": value.text,
                "kind": value.kind.name.lower(),
                "low": value.low,
                "high": value.high,
            }
            return {**found, "unit": value.unit} if value.unit else found
    assert_never(operand)


def _measure(measure: Measure) -> dict[str, Any]:
    found: dict[str, Any] = {"path": _path(measure.path), "aggregate": str(measure.aggregate)}
    return {**found, "by": _path(measure.by)} if measure.by else found


def _path(path: Path) -> list[list[Any]]:
    return [list(step) for step in path]


# Reading -----------------------------------------------------------------------------------------


def _read_program(form: Any) -> Program:
    final = form.get("final")
    return Program(
        _read_start(form["start"]),
        tuple(map(_read_clause, form["clauses"])),
        None if final is None else _read_final(final),
    )


def _read_start(form: Any) -> Start:
    if "instances" in form:
        return Instances(_read_nodes(form["instances"]))
    groups = tuple(map(_read_nodes, form["named"]))
    if not groups:
        raise ValueError("no names to start at")
    return Named(groups)


def _read_clause(form: Any) -> Clause:
    if "follow" in form:
        return Follow(_read_step(form["follow"]))
    if "keep" in form:
        return Keep(_read_condition(form["keep"]), _truth(form["negated"]))
    if "extreme" in form:
        return Extreme(
            _read_measure(form["extreme"]),
            _truth(form["least"]),
            _number(form["rank"]),
            _number(form["count"]),
        )
    return Combine(Join(form["combine"]), _read_program(form["program"]))


def _read_final(form: Any) -> Final:
    if "count" in form:
        return Count()
    if "summary" in form:
        return Summary(Aggregate(form["summary"]), _read_path(form["path"]))
    if "test" in form:
        return Test(_read_condition(form["test"]), _truth(form["negated"]))
    return Each(_read_measure(form["each"]))


def _read_condition(form: Any) -> Condition:
    if "is" in form:
        return Is(_read_path(form["path"]), _read_nodes(form["is"]))
    if "in_class" in form:
        return InClass(_read_nodes(form["in_class"]))
    if "has" in form:
        return Has(_read_path(form["has"]))
    if "text" in form:
        return TextMatch(_read_path(form["path"]), TextTest(form["test"]), _text(form["text"]))
    upper = form.get("upper")
    return Compare(
        _read_measure(form["compare"]),
        Comparator(form["comparator"]),
        _read_operand(form["operand"]),
        None if upper is None else _read_operand(upper),
    )


def _read_operand(form: Any) -> Operand:
    if "average" in form:
        return Average()
    if "own_value" in form:
        return OwnValue(_read_nodes(form["own_value"]))
    kind = ValueKind[form["kind"].upper()]
    return Constant(
        Value(
            kind, float(form["low"]), float(form["high"]), _text(form["value"]), _text(form.get("unit", ""))
        )
    )


def _read_measure(form: Any) -> Measure:
    return Measure(_read_path(form["path"]), Aggregate(form["aggregate"]), _read_path(form.get("by", [])))


def _read_path(form: Any) -> Path:
    if not isinstance(form, list):
        raise TypeError("a path is a list of steps")
    return tuple(map(_read_step, form))


def _read_step(form: Any) -> Step:
    relation, inverse = form
    return Step(_text(relation), _truth(inverse))


def _read_nodes(form: Any) -> Nodes:
    if not isinstance(form, list) or not form:
        raise TypeError("nodes are a list of identifiers, never empty")
    return tuple(map(_text, form))


def _text(form: Any) -> str:
    if not isinstance(form, str):
        raise TypeError(f"{form!r} is no text")
    return form


def _truth(form: Any) -> bool:
    if not isinstance(form, bool):
        raise TypeError(f"{form!r} is not true or false")
    return form


def _number(form: Any) -> int:
    if not isinstance(form, int) or isinstance(form, bool) or form < 1:
        raise ValueError(f"{form!r} is no positive whole number")
    return form
