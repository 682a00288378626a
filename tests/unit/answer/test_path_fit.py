"""Relation paths ranked by what they mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from decoded import decoded
from numpy.typing import NDArray

from kgqa.answer import PathFit
from kgqa.answer.words import akin, words
from kgqa.decode import Hypothesis
from kgqa.graph import GraphBuilder, Triple

GRAPH = GraphBuilder.of(
    [
        Triple("Kismet", "directed_by", "William Dieterle"),
        Triple("Kismet", "in_language", "English"),
        Triple("Kismet", "release_year", "1944"),
        Triple("William Dieterle", "born_in", "Ludwigshafen"),
    ]
)


class Letters:
    """Vectors that count letters, and what was embedded how often."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.calls = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seen += texts
        self.calls += 1
        counts = np.array(
            [[1 + text.count(chr(97 + at)) for at in range(26)] for text in texts], dtype=np.float32
        )
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def hypotheses() -> list[Hypothesis]:
    return decoded(GRAPH, "Kismet", ["Kismet"], hops=2)


def relations(ranked: Sequence[Hypothesis]) -> list[tuple[str, ...]]:
    return [tuple(hop.relation for hop in hypothesis.chain.hops) for hypothesis in ranked]


def test_words_of_the_question_bring_their_path_to_the_front(hypotheses: list[Hypothesis]) -> None:
    fit = PathFit(Letters().embed, per_cosine=0, per_word=100)
    assert relations(fit.rank("which languages is Kismet in", ["Kismet"], hypotheses, GRAPH))[0] == (
        "in_language",
    )
    first = relations(fit.rank("where was whoever directed Kismet born", ["Kismet"], hypotheses, GRAPH))[0]
    assert first == ("directed_by", "born_in")


def test_meaning_brings_its_path_to_the_front(hypotheses: list[Hypothesis]) -> None:
    fit = PathFit(Letters().embed, per_cosine=1000, per_word=0)
    assert relations(fit.rank("release year", ["Kismet"], hypotheses, GRAPH))[0] == ("release_year",)


def test_scores_grow_by_what_was_gained_and_probabilities_stay(hypotheses: list[Hypothesis]) -> None:
    before = {hypothesis.tokens: hypothesis for hypothesis in hypotheses}
    for ranked in PathFit(Letters().embed, per_cosine=0, per_word=2).rank("language", [], hypotheses, GRAPH):
        old = before[ranked.tokens]
        gained = 2 if "in_language" in relations([ranked])[0] else 0
        assert ranked.score == pytest.approx(old.score + gained)
        assert ranked.log_probability == old.log_probability


def test_topics_are_left_out_of_what_is_asked(hypotheses: list[Hypothesis]) -> None:
    letters = Letters()
    PathFit(letters.embed).rank("when was kismet released", ["Kismet"], hypotheses, GRAPH)
    assert letters.seen[0] == "when was it released"


def test_what_is_kept_of_other_questions_changes_nothing(hypotheses: list[Hypothesis]) -> None:
    fresh, used = PathFit(Letters().embed), PathFit(Letters().embed)
    used.rank("what was asked before", [], hypotheses[:3], GRAPH)
    assert used.rank("one", [], hypotheses, GRAPH) == fresh.rank("one", [], hypotheses, GRAPH)


def test_questions_that_were_said_to_come_are_embedded_together(hypotheses: list[Hypothesis]) -> None:
    letters = Letters()
    fit = PathFit(letters.embed)
    for question in ("one", "two", "three"):
        fit.prepare(question, [])
    for question in ("one", "two", "three", "four"):
        fit.rank(question, [], hypotheses, GRAPH)
    assert letters.calls == 2
    assert len(letters.seen) == len(set(letters.seen))


def test_a_path_is_embedded_once_a_question(hypotheses: list[Hypothesis]) -> None:
    letters = Letters()
    PathFit(letters.embed).rank("one", [], [*hypotheses, *hypotheses], GRAPH)
    assert len(letters.seen) == len(set(letters.seen))


def test_one_hypothesis_is_left_alone(hypotheses: list[Hypothesis]) -> None:
    letters = Letters()
    assert PathFit(letters.embed).rank("x", [], hypotheses[:1], GRAPH) == hypotheses[:1]
    assert PathFit(letters.embed).rank("x", [], [], GRAPH) == []
    assert not letters.seen


def test_words_are_compared_by_how_they_begin() -> None:
    assert words("The rivers' mouths: birthPlace_2") == ["the", "river", "mouth", "birth", "place", "2"]
    assert akin("originally", "original")
    assert akin("climber", "climbed")
    assert not akin("cat", "cats")
    assert not akin("born", "birth")
