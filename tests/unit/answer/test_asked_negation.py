"""Programs that negate more often than their question lose."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import AskedNegation
from kgqa.graph import GraphBuilder

GRAPH = GraphBuilder.of(
    [
        *((name, "type", "patient") for name in ("Ann", "Bob", "Cid", "Eve", "Gil")),
        *(("Ann", "doctor", "Dan"), ("Bob", "doctor", "Fay"), ("Cid", "doctor", "Dan")),
        *(("Ann", "town", "Bern"), ("Bob", "town", "Bern"), ("Eve", "town", "Rome")),
        *(("Gil", "town", "Bern"), ("Gil", "doctor", "Dan")),
        *(("Dan", "boss", "Fay"), ("Ann", "phone", "12"), ("Cid", "phone", "7")),
    ]
)
NOT_DAN = "Bern <- town | but not ( Dan <- doctor )"
NEITHER = "all patient | where not -> doctor is Dan | where not -> doctor is Fay"
NOR_A_PHONE = "Bern <- town | without -> phone | but not ( Dan <- doctor )"


@pytest.mark.parametrize(
    ("question", "program", "lost"),
    [
        ("Who is from Bern but not with Dan?", NOT_DAN, 0),
        ("Who is from Bern but not with Dan?", NOR_A_PHONE, 3),
        ("Who is from Bern without a phone and not with Dan?", NOR_A_PHONE, 0),
        ("Which patients have a phone?", "all patient | without -> phone", 3),
        ("Which patients have no phone?", "all patient | without -> phone", 0),
        ("Which patients lack a phone?", "all patient | without -> phone", 0),
        ("Which patients are not with Dan or Fay?", NEITHER, 0),
        ("Besides Dan, who has patients?", "all patient -> doctor | where not is Dan", 0),
        ("Which patients are townless?", "all patient | without -> town", 0),
    ],
)
def test_each_negation_needs_a_word(question: str, program: str, lost: int) -> None:
    (given,) = written(GRAPH, question, program)
    (found,) = AskedNegation().rank(question, [], [given], GRAPH)
    assert text_of(found, GRAPH) == program
    assert given.score - found.score == lost
