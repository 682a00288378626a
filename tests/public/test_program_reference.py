"""The reference of programs: its examples have the printed results, and every operator has one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import get_args

import pyoxigraph
import pytest

from kgqa import open_graph
from kgqa.graph import IndexedGraph, ValueKind, read_value
from kgqa.program import (
    Comparator,
    Compare,
    Condition,
    Constant,
    Executor,
    Extreme,
    Follow,
    Join,
    Keep,
    Measure,
    Named,
    Program,
    Result,
    Summary,
    Test,
    parse_program,
    program_text,
    prove,
    to_sparql,
)
from kgqa.program.json_form import program_from_dict, program_to_dict
from kgqa.program.measure import SUMMARIES
from kgqa.program.text import COMPARATORS, DATE_COMPARATORS, ORDINALS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "programs.md").read_text("utf-8")
ATLAS = ROOT / "graphs" / "atlas" / "atlas.ttl"
MOST_NAMES = 6
QUOTED = "all River | where -> length above 5000 | count"
"""The program whose JSON form and query the page prints."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def examples() -> Iterator[tuple[str, str]]:
    for block in blocks("program"):
        lines = block.splitlines()
        assert len(lines) % 2 == 0
        for text, printed in zip(lines[::2], lines[1::2], strict=True):
            assert not text.startswith(" ")
            assert printed.startswith("    ")
            yield text, printed.strip()


EXAMPLES = list(examples())


@pytest.fixture(scope="module")
def atlas() -> IndexedGraph:
    return open_graph("atlas")


@pytest.fixture(scope="module")
def programs(atlas: IndexedGraph) -> list[Program]:
    return [parse_program(text, atlas) for text, _ in EXAMPLES]


def shown(result: Result, graph: IndexedGraph) -> str:
    """A result as the page prints it."""
    match result.kind:
        case "truth":
            return "yes" if result.truth else "no"
        case "value":
            return "no value" if result.value is None else str(result.value)
        case "table":
            parts = sorted(f"{graph.label(row.entity)} {row.value}" for row in result.rows)
        case _:
            parts = sorted(graph.label(entity) or entity for entity in result.entities)
    if not parts:
        return "empty"
    more = "" if len(parts) <= MOST_NAMES else ", ..."
    return f"{result.size}: {', '.join(parts[: MOST_NAMES if not more else 4])}{more}"


@pytest.mark.parametrize(("text", "printed"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_an_example_has_the_printed_result(text: str, printed: str, atlas: IndexedGraph) -> None:
    program = parse_program(text, atlas)
    result = prove(program, atlas, most_results=100_000).result
    assert shown(result, atlas) == printed
    assert bool(Executor.of(atlas).execute(program)) == (printed not in ("empty", "no value"))


def test_every_example_has_the_same_result_in_sparql(atlas: IndexedGraph, programs: list[Program]) -> None:
    store = pyoxigraph.Store()
    store.bulk_load(path=str(ATLAS), format=pyoxigraph.RdfFormat.TURTLE)
    for program in programs:
        result = prove(program, atlas, most_results=100_000).result
        found = store.query(to_sparql(program, atlas))
        if isinstance(found, pyoxigraph.QueryBoolean):
            assert bool(found) == result.truth
            continue
        assert isinstance(found, pyoxigraph.QuerySolutions)
        rows = [row[0] for row in found]
        if result.kind != "value":
            iris = {row.value for row in rows if isinstance(row, pyoxigraph.NamedNode)}
            assert len(rows) == result.size
            assert iris <= {*result.entities, *(row.entity for row in result.rows)}
        elif result.value is None:
            assert rows == []
        else:
            (cell,) = rows
            assert isinstance(cell, pyoxigraph.Literal)
            value = read_value(cell.value, cell.datatype.value)
            assert (value.low, value.high) == pytest.approx((result.value.low, result.value.high))


@pytest.mark.parametrize("text", [text for text, _ in EXAMPLES])
def test_an_example_is_written_as_programs_are_written(text: str, atlas: IndexedGraph) -> None:
    assert program_text(parse_program(text, atlas), atlas) == text


def test_every_operator_has_an_example(programs: list[Program]) -> None:
    found = set().union(*(set(uses(program)) for program in programs))
    assert operators() - found == set()


def test_an_operator_without_an_example_is_noticed(programs: list[Program]) -> None:
    found = set().union(*(set(uses(one)) for one in programs if Join.BUT_NOT not in uses(one)))
    assert operators() - found == {Join.BUT_NOT}


def test_every_word_of_the_grammar_has_an_example() -> None:
    (grammar,) = blocks("ebnf")
    words = set(re.findall(r'"([^"]+)"', re.sub(r"\(\*.*?\*\)", "", grammar)))
    texts = " ".join(f" {text} " for text, _ in EXAMPLES)
    assert {word for word in words if f" {word} " not in texts} <= set(ORDINALS[3:])
    for word in (*COMPARATORS.values(), *DATE_COMPARATORS.values(), *ORDINALS[2:], *map(str, Join)):
        assert word.strip() in words


def test_the_python_example_prints_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    exec(compile(code, "programs.md", "exec"), {})
    printed = capsys.readouterr().out
    assert printed.startswith("10\n")
    assert "SELECT" in printed


def test_the_json_form_is_that_of_the_program(atlas: IndexedGraph) -> None:
    (form,) = map(json.loads, blocks("json"))
    program = parse_program(QUOTED, atlas)
    assert f"`{QUOTED}`" in PAGE
    assert form == program_to_dict(program)
    assert program_from_dict(form) == program


def test_the_query_is_that_of_the_program(atlas: IndexedGraph) -> None:
    (query,) = blocks("sparql")
    assert query.strip() == to_sparql(parse_program(QUOTED, atlas), atlas).strip()


def operators() -> set[object]:
    """Everything that a program may be made of."""
    modules = [import_module(f"kgqa.program.{name}") for name in ("program", "condition", "measure")]
    parts = [getattr(module, name) for module in modules for name in module.__all__]
    classes = [part for part in parts if isinstance(part, type)]
    return {
        *(part for part in classes if is_dataclass(part)),
        *(member for part in classes if issubclass(part, Enum) for member in part),
        *((Keep, part, negated) for part in get_args(Condition) for negated in (False, True)),
        *((Test, negated) for negated in (False, True)),
        *((Comparator, comparator, dated) for comparator in Comparator for dated in (False, True)),
        *((Compare, "between", dated) for dated in (False, True)),
        *((Extreme, least) for least in (False, True)),
        *((Extreme, name) for name in ("rank", "count", "rank and count", "groups")),
        *((Summary, aggregate) for aggregate in SUMMARIES),
        *((Follow, inverse) for inverse in (False, True)),
        (Named, "several"),
        (Measure, "groups"),
    }


def uses(part: object) -> Iterator[object]:
    """The operators in a program, or in a part of one."""
    if isinstance(part, tuple) and not hasattr(part, "_fields"):
        for one in part:
            yield from uses(one)
    if isinstance(part, Enum):
        yield part
    if not is_dataclass(part) or isinstance(part, type):
        return
    yield type(part)
    match part:
        case Named(groups) if len(groups) > 1:
            yield Named, "several"
        case Follow(step):
            yield Follow, step.inverse
        case Keep(condition, negated):
            yield Keep, type(condition), negated
        case Test(_, negated):
            yield Test, negated
        case Extreme(measure, least, rank, count):
            yield Extreme, least
            yield from (
                (Extreme, name)
                for name, is_used in (
                    ("rank", rank > 1),
                    ("count", count > 1),
                    ("rank and count", rank > 1 and count > 1),
                    ("groups", bool(measure.by)),
                )
                if is_used
            )
        case Summary(aggregate):
            yield Summary, aggregate
        case Measure(_, _, by):
            if by:
                yield Measure, "groups"
        case Compare(_, comparator, operand, upper):
            dated = isinstance(operand, Constant) and operand.value.kind is ValueKind.DATE
            yield (Comparator, comparator, dated) if upper is None else (Compare, "between", dated)
    for field in fields(part):
        yield from uses(getattr(part, field.name))
