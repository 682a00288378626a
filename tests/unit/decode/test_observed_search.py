import pytest

from kgqa.constraint import Walk
from kgqa.decode import BeamSearch, Hypothesis, decode
from kgqa.decode.observed_search import ObservedSearch
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel, Prompt

GRAPH = GraphBuilder.of([Triple("a", f"r{i}", f"b{i % 3}") for i in range(8)] + [Triple("b0", "s", "c")])
MODEL = MockLanguageModel()
PROMPT = Prompt("where?", ("a",), "relations")


def constraint() -> Walk:
    return Walk.of(GRAPH, ["a"], MODEL.tokenizer, hops=2)


@pytest.mark.parametrize("beams", [1, 3, 10])
def test_all_hypotheses_are_told_before_they_are_returned_and_the_results_are_the_same(beams: int) -> None:
    told: list[Hypothesis] = []
    found = decode(ObservedSearch(BeamSearch(beams), told.append, beams), MODEL, PROMPT, constraint())
    wanted = decode(BeamSearch(beams), MODEL, PROMPT, constraint())
    as_pairs = [(one.tokens, one.log_probability) for one in found]
    assert as_pairs == [(one.tokens, one.log_probability) for one in wanted]
    assert set(as_pairs) <= {(one.tokens, one.log_probability) for one in told}
    assert len({one.tokens for one in told}) == len(told)


def test_no_text_is_told_that_so_many_better_ones_precede() -> None:
    told: list[float] = []
    observed = ObservedSearch(BeamSearch(10), lambda one: told.append(one.log_probability), best=2)
    decode(observed, MODEL, PROMPT, constraint())
    for at, one in enumerate(told):
        assert sum(other > one for other in told[:at]) < 2


def test_an_exception_of_the_observer_ends_the_search() -> None:
    class Left(Exception):
        pass

    def leave(_: Hypothesis) -> None:
        raise Left

    with pytest.raises(Left):
        decode(ObservedSearch(BeamSearch(3), leave), MODEL, PROMPT, constraint())
