"""The laws that every definition of scores satisfies, as a function for tests."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kgqa.evaluation.scoring.definition import Definition
from kgqa.evaluation.scoring.prediction import Prediction

__all__ = ["check_definition"]


def check_definition(definition: Definition, predictions: Sequence[Prediction]) -> None:
    """Hold a definition to its laws over some predictions; `AssertionError` says what broke.

    *Values*: a question has either none or a finite one, not negative, of every metric. *Purity*: the
    same prediction gets the same values and reasons. *Totals*: those of the metrics are means in
    percent, whatever the order of the questions, up to rounding; of no questions there are none.
    *Nothing*: a question never answered has 0 of every metric. *Reasons*: each is for a gold answer of
    the prediction, whose compared text is a part of what was found or the other way round, unless answers
    are compared by value.
    """
    scored = []
    for prediction in predictions:
        values = definition.score(prediction)
        assert values == definition.score(prediction), f"Purity: other values of {prediction}"
        reasons = definition.explain(prediction)
        assert reasons == definition.explain(prediction), f"Purity: other reasons for {prediction}"
        for reason in reasons:
            assert reason.gold in prediction.gold, (
                f"Reasons: {reason.gold!r} is no gold answer of {prediction}"
            )
            related = reason.wanted in reason.found or reason.found in reason.wanted
            related = related or prediction.answer_type != "entity"
            assert related, f"Reasons: {reason.wanted!r} and {reason.found!r} have nothing in common"
        nothing = definition.nothing(prediction)
        for name in definition.metrics:
            assert nothing.get(name) == 0, f"Nothing: {name} is {nothing.get(name)}"
            if values is not None:
                value = values.get(name, math.nan)
                assert 0 <= value < math.inf, f"Values: {name} is {value} of {prediction}"
        if values is not None:
            scored.append(values)
    assert definition.totals([]) == {}, "Totals: some of no questions"
    if scored:
        totals, turned = definition.totals(scored), definition.totals(scored[::-1])
        for name in definition.metrics:
            mean = 100 * math.fsum(values[name] for values in scored) / len(scored)
            for total in (totals.get(name, math.nan), turned.get(name, math.nan)):
                assert math.isclose(total, mean, abs_tol=1e-9), f"Totals: {name} is {total}, not {mean}"
