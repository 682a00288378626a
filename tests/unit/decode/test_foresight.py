"""What is asked about before it is wanted."""

from __future__ import annotations

from typing import Any

from kgqa.decode.foresight import ByLength, ByLikelihood, Foresight, Guess

STATE: Any = None


def guess(cost: float, *text: int) -> Guess:
    return Guess(cost, text, STATE)


def popped(foresight: Foresight) -> list[tuple[int, ...]]:
    found = []
    while (next_one := foresight.pop()) is not None:
        found.append(next_one.text)
    return found


def test_by_likelihood_the_likeliest_come_first_whatever_their_length() -> None:
    foresight = ByLikelihood()
    foresight.add([guess(2.0, 1), guess(1.0, 2, 3), guess(1.5, 4)])
    foresight.add([guess(1.2, 5)])
    assert popped(foresight) == [(2, 3), (5,), (4,), (1,)]


def test_by_length_the_shortest_come_first_and_of_these_the_likeliest() -> None:
    foresight = ByLength(width=3)
    foresight.add([guess(2.0, 1), guess(1.0, 2, 3), guess(1.5, 4)])
    assert foresight.pop() == guess(1.5, 4)
    foresight.add([guess(0.1, 4, 1)])
    assert popped(foresight) == [(1,), (4, 1), (2, 3)]


def test_of_each_length_at_most_twice_as_many_as_the_search_keeps() -> None:
    foresight = ByLength(width=10)
    foresight.add([guess(float(token), token) for token in range(24)])
    foresight.add([guess(0.0, 1, 1)])
    assert popped(foresight) == [*((token,) for token in range(20)), (1, 1)]


def test_behind_a_length_of_which_much_is_missing_nothing_is_asked() -> None:
    foresight = ByLength(width=10)
    foresight.add([guess(float(token), token) for token in range(60)])
    foresight.add([guess(0.0, 1, 1)])
    assert popped(foresight) == []
