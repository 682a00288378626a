"""Relations in programs are written as in the paths of the constraint."""

from __future__ import annotations

import pytest

from kgqa.constraint import ProgramWalk
from kgqa.constraint.programs.mentioned import Mentioned
from kgqa.graph import GraphBuilder
from kgqa.lm import MockTokenizer
from kgqa.program import parse_program, program_text

GRAPH = GraphBuilder.of([("Rolo", "hasFlavor", "Mild")])


def test_camel_case_is_written_as_words_by_walk_and_parser() -> None:
    walk = ProgramWalk.programs_of(GRAPH, Mentioned(topics=(("Rolo",),)), MockTokenizer(), hops=1)
    text = "Rolo -> has Flavor"
    state = walk.start
    for token in MockTokenizer().encode_batch([f" {text}"])[0]:
        state = walk.advance(state, token)
    assert [program_text(program, GRAPH) for program in walk.programs(state)] == [text]
    assert program_text(parse_program(text, GRAPH), GRAPH) == text


@pytest.mark.parametrize("text", ["Rolo -> hasFlavor", "Rolo -> hasflavor", "Rolo -> HAS FLAVOR"])
def test_the_name_of_the_graph_is_read_too(text: str) -> None:
    assert program_text(parse_program(text, GRAPH), GRAPH) == "Rolo -> has Flavor"
