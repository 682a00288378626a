"""Questions about one name become questions about two."""

from __future__ import annotations

from kgqa.graph import GraphBuilder
from kgqa.program import Executor, parse_program, program_text
from kgqa.training.examples.program_example import ProgramExample
from scripts.programs.contrasts import contrasts

GRAPH = GraphBuilder.of(
    [
        *(("Texas", "borders", name) for name in ("Oklahoma", "Louisiana", "Mexico")),
        *(("Kansas", "borders", name) for name in ("Oklahoma", "Colorado")),
        *(("Utah", "borders", name) for name in ("Colorado", "Idaho")),
    ]
)
ASKED = ("What does Texas border?", "what does kansas border", "Utah has which neighbours?", "Name Utah")
PROGRAMS = ("Texas -> borders", "Kansas -> borders", "Utah -> borders", "Utah -> borders | count")


def examples() -> list[ProgramExample]:
    return [
        ProgramExample("given", question, (), parse_program(program, GRAPH))
        for question, program in zip(ASKED, PROGRAMS, strict=True)
    ]


def test_a_second_name_that_shares_some_is_left_out_joined_or_added() -> None:
    found = [one for seed in range(30) for one in contrasts(examples(), GRAPH, 10, seed)]
    texts = {(one.question, program_text(one.program, GRAPH)) for one in found}
    assert (
        "What does Texas but not Kansas border?",
        "Texas -> borders | but not ( Kansas -> borders )",
    ) in texts
    assert ("what does both kansas and texas border", "Kansas -> borders | and ( Texas -> borders )") in texts
    assert any(" or " in question and " or " in text for question, text in texts)
    assert all(one.source == "contrasts" for one in found)


def test_every_contrast_changes_the_answer() -> None:
    executor = Executor.of(GRAPH)
    plain = {executor.execute(example.program).key() for example in examples()}
    for seed in range(10):
        for one in contrasts(examples(), GRAPH, 10, seed):
            assert executor.execute(one.program).key() not in plain


def test_no_more_than_asked_for_are_made() -> None:
    assert len(list(contrasts(examples(), GRAPH, 2, 0))) == 2
    assert not list(contrasts([], GRAPH, 2, 0))
