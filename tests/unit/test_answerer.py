"""The straight line, one question and many."""

from __future__ import annotations

import pytest

from kgqa import Answerer, GraphBuilder, MockLanguageModel, Triple
from kgqa.answer import Answer
from kgqa.constraint import Explained
from kgqa.decode import BeamSearch, BestFirst, Greedy
from kgqa.errors import KgqaError, NoTopicError, UnknownEntityError

GRAPH = GraphBuilder.of(
    [Triple(f"film {n}", "directed by", f"director {n % 3}") for n in range(9)]
    + [Triple(f"film {n}", "in", "English") for n in range(9)]
)
MODEL = MockLanguageModel()
ASKED = [
    ("who directed film 1?", ()),
    ("who directed nothing?", ()),
    ("who directed it?", ("film 2",)),
    ("who directed it?", ("film 99",)),
    ("who directed it?", ("film 3",)),
    ("who?", ()),
]


@pytest.mark.parametrize("together", [1, 2, 8])
def test_questions_answered_together_are_answered_as_alone_and_errors_stand_in_their_places(
    together: int,
) -> None:
    answerer = Answerer(GRAPH, MODEL, hops=2)
    outcomes = list(answerer.answers(ASKED, together))
    assert [type(outcome) for outcome in outcomes] == [
        Answer,
        NoTopicError,
        Answer,
        UnknownEntityError,
        Answer,
        NoTopicError,
    ]
    for (question, topics), outcome in zip(ASKED, outcomes, strict=True):
        if isinstance(outcome, KgqaError):
            with pytest.raises(type(outcome)):
                answerer.answer(question, topics)
        else:
            assert outcome == answerer.answer(question, topics)


def test_no_questions_have_no_answers() -> None:
    assert list(Answerer(GRAPH, MODEL).answers([])) == []


@pytest.mark.parametrize("decoder", [BeamSearch(3), BestFirst(3), Greedy()])
@pytest.mark.parametrize("grammar", ["path", "chain", "relations"])
def test_every_answer_has_its_chains_whatever_searches(decoder: BeamSearch, grammar: str) -> None:
    answer = Answerer(GRAPH, MODEL, grammar, 2, decoder=decoder).answer("who?", ["film 4"])  # type: ignore[arg-type]
    assert answer.entities
    for ranked in answer.entities:
        assert all(triple in GRAPH for chain in ranked.chains for triple in chain.triples)
        assert all(chain.end == ranked.entity for chain in ranked.chains)


def test_a_wrapped_constraint_is_what_is_decoded() -> None:
    def explained(chain: object) -> Explained:
        return Explained(chain, MODEL.tokenizer, explanation_tokens=3)  # type: ignore[arg-type]

    answerer = Answerer(GRAPH, MODEL, "chain", 2, wrap=explained)
    found = answerer.decode("who?", ["film 4"])
    assert all("This tells us" in MODEL.tokenizer.decode(h.tokens) for h in found)
    assert all(triple in GRAPH for h in found for triple in h.chain.triples)
