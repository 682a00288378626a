"""What an LLM cites, weighed against the vote."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kgqa.answer import Answer, RankedEntity
from kgqa.answer.llm.citations import weighed
from kgqa.graph import Chain, Hop

PROOF = (Chain("topic", (Hop("r", "end"),)),)
SHARES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.001, 1.0), max_size=8)


def answer(shares: dict[str, float], *, best_first: bool = True) -> Answer:
    ranked = [RankedEntity(name, share, PROOF) for name, share in shares.items()]
    return Answer("q?", tuple(sorted(ranked, key=lambda one: -one.vote_share) if best_first else ranked))


def names(one: Answer) -> list[str]:
    return [ranked.entity for ranked in one.entities]


def share_of(cited: int, lines: int) -> float:
    return (cited + 0.5) / (lines + 1)


def test_one_line_of_many_is_a_choice_and_comes_first() -> None:
    voted, cited = answer({"vote": 0.95}), answer({"llm": 0.01})
    assert names(weighed(voted, cited, share_of(1, 12), 12)) == ["llm", "vote"]


def test_a_choice_among_the_answers_of_the_vote_leaves_the_others_out() -> None:
    voted = answer({"a": 0.9, "b": 0.9, "c": 0.9})
    assert names(weighed(voted, answer({"b": 0.9}), share_of(1, 12), 12)) == ["b"]


def test_line_after_line_says_nothing() -> None:
    voted = answer({"a": 0.9, "b": 0.9})
    copied = answer(dict.fromkeys("abcdefghij", 0.1))
    assert names(weighed(voted, copied, share_of(10, 10), 10)) == ["a", "b"]


def test_a_citation_never_speaks_against_an_answer() -> None:
    voted = answer({"a": 0.5, "b": 0.3})
    for lines in (3, 10, 30, 300):
        assert names(weighed(voted, answer({"a": 0.5}), share_of(lines, lines), lines))[0] == "a"


def test_the_first_of_equally_cited_answers_is_the_votes() -> None:
    voted = answer({"less": 0.4, "more": 0.5}, best_first=False)  # a cross-encoder put "less" in front
    assert names(weighed(voted, answer({"more": 0.5, "less": 0.4}), share_of(2, 3), 3))[0] == "less"


def test_the_chains_shown_are_those_that_were_cited() -> None:
    other = (Chain("topic", (Hop("other", "a"),)),)
    voted = Answer("q?", (RankedEntity("a", 0.9, PROOF),))
    given_back = weighed(voted, Answer("q?", (RankedEntity("a", 0.2, other),)), share_of(1, 4), 4)
    assert given_back.entities == (RankedEntity("a", 0.9, other),)


@given(SHARES, SHARES, st.integers(1, 30), st.integers(0, 30))
def test_answers_are_proven_and_no_citation_changes_nothing(
    vote: dict[str, float], llm: dict[str, float], lines: int, cited: int
) -> None:
    voted, said = answer(vote), answer(llm)
    found = names(weighed(voted, said, share_of(min(cited, lines), lines), lines))
    assert len(found) == len(set(found))
    assert set(found) <= vote.keys() | llm.keys()
    assert bool(found) == bool(vote or llm)
    if not llm:
        assert found == names(voted)
    if vote and llm.keys() == vote.keys():
        assert found[0] == names(voted)[0]  # all are cited: the order is the vote's
