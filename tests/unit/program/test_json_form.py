"""The JSON form of programs."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.errors import ProgramError
from kgqa.graph import Value, ValueKind
from kgqa.program import (
    Aggregate,
    Average,
    Combine,
    Comparator,
    Compare,
    Constant,
    Count,
    Each,
    Extreme,
    Follow,
    Has,
    InClass,
    Instances,
    Is,
    Join,
    Keep,
    Measure,
    Named,
    OwnValue,
    Program,
    Step,
    Summary,
    Test,
    TextMatch,
    TextTest,
)
from kgqa.program.json_form import program_from_dict, program_to_dict
from kgqa.program.measure import SUMMARIES

texts = st.text(max_size=6)
nodes = st.lists(texts, min_size=1, max_size=3).map(tuple)
steps = st.builds(Step, texts, st.booleans())
paths = st.lists(steps, max_size=3).map(tuple)
full = st.lists(steps, min_size=1, max_size=3).map(tuple)
aggregates = st.sampled_from([own for own in Aggregate if own is not Aggregate.VALUE])
numbers = st.floats(allow_nan=False)
values = st.builds(Value, st.sampled_from(ValueKind), numbers, numbers, texts, texts)
operands = st.one_of(st.builds(Constant, values), st.builds(OwnValue, nodes), st.just(Average()))
measures = st.one_of(
    st.builds(Measure, full), st.builds(Measure, full, aggregates), st.builds(Measure, full, aggregates, full)
)
counted = st.builds(Measure, st.just(()), st.just(Aggregate.COUNT), full)
conditions = st.one_of(
    st.builds(Is, paths, nodes),
    st.builds(InClass, nodes),
    st.builds(Has, full),
    st.builds(Compare, measures | counted, st.sampled_from(Comparator), operands, st.none() | operands),
    st.builds(TextMatch, paths, st.sampled_from(TextTest), texts),
)
starts = st.one_of(
    st.builds(Named, st.lists(nodes, min_size=1, max_size=3).map(tuple)), st.builds(Instances, nodes)
)
ranks = st.integers(1, 9)
clauses = st.one_of(
    st.builds(Follow, steps),
    st.builds(Keep, conditions, st.booleans()),
    st.builds(Extreme, measures | counted, st.booleans(), ranks, ranks),
)
finals = st.one_of(
    st.none(),
    st.just(Count()),
    st.builds(Summary, st.sampled_from(SUMMARIES), full),
    st.builds(Test, conditions, st.booleans()),
    st.builds(Each, measures | counted),
)
plain = st.builds(Program, starts, st.lists(clauses, max_size=3).map(tuple), finals)
programs = st.builds(
    Program,
    starts,
    st.lists(clauses | st.builds(Combine, st.sampled_from(Join), plain), max_size=4).map(tuple),
    finals,
)


@given(programs)
def test_a_program_is_read_back_equal_through_json(program: Program) -> None:
    assert program_from_dict(json.loads(json.dumps(program_to_dict(program)))) == program


@given(programs, programs)
def test_different_programs_have_different_forms(one: Program, other: Program) -> None:
    assert (program_to_dict(one) == program_to_dict(other)) == (one == other)


@pytest.mark.parametrize(
    "form",
    [
        None,
        [],
        {},
        {"start": {}, "clauses": []},
        {"start": {"named": []}, "clauses": []},
        {"start": {"named": [[]]}, "clauses": []},
        {"start": {"named": ["Q5"]}, "clauses": []},
        {"start": {"instances": "Q5"}, "clauses": []},
        {"start": {"instances": ["Q5"]}, "clauses": [{"follow": ["capital"]}]},
        {"start": {"instances": ["Q5"]}, "clauses": [{"follow": ["capital", 1]}]},
        {"start": {"instances": ["Q5"]}, "clauses": [{"keep": {"has": "capital"}, "negated": False}]},
        {"start": {"instances": ["Q5"]}, "clauses": [], "final": {"summary": "mode", "path": [["a", False]]}},
        {
            "start": {"instances": ["Q5"]},
            "clauses": [],
            "final": {"each": {"path": [], "aggregate": "value"}},
        },
    ],
)
def test_anything_else_is_no_program(form: Any) -> None:
    with pytest.raises(ProgramError, match="no JSON form of a program"):
        program_from_dict(form)


scalars = st.none() | st.booleans() | st.integers() | texts


@given(st.recursive(scalars, lambda own: st.lists(own) | st.dictionaries(texts, own)))
def test_no_json_makes_the_reader_fail_otherwise(form: Any) -> None:
    with contextlib.suppress(ProgramError):
        program_from_dict(form)
