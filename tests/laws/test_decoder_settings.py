"""Every decoder checks its numeric settings, keeps to its time limit, and draws by its seed."""

from __future__ import annotations

import dataclasses
import math
import typing
from typing import Any, get_args

import numpy as np
import pytest

import kgqa.decode
from kgqa.constraint import Walk
from kgqa.decode import (
    BestFirst,
    Decoder,
    DecoderName,
    Engine,
    WeightedRejection,
    decode,
    decoder_settings,
    named_decoder,
)
from kgqa.errors import BudgetError, UsageError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel, Prompt

DECODERS: list[type[Any]] = [
    kind
    for kind in (getattr(kgqa.decode, name) for name in kgqa.decode.__all__)
    if isinstance(kind, type) and issubclass(kind, Decoder) and kind is not Decoder
]
GRAPH = GraphBuilder.of(Triple("hub", "knows", f"person {n}") for n in range(30))
PROMPT = Prompt("who?", ("hub",))

NEVER = (math.nan, -math.inf, True, False, "3", b"3", [1], 1j)
"""What is no value of any number."""

ZERO_ALLOWED = {"length_penalty", "lookahead", "margin", "penalty", "prefixes", "seed", "threshold"}
NEGATIVE_ALLOWED = {"length_penalty", "seed"}
INFINITY_ALLOWED = {"threshold"}
"""The fields whose docstrings say so."""


def required(kind: type[Any]) -> dict[str, Any]:
    """The fields without a default value."""
    if kind is Engine:
        return {"model": MockLanguageModel()}
    keeps: dict[str, Any] = {"keeps": lambda draft: True}
    return keeps if kind is WeightedRejection else {}


def numeric_fields(kind: type[Any]) -> dict[str, tuple[bool, bool]]:
    """For each numeric field, whether it is a whole number, and whether it may be None."""
    found = {}
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        kinds = [*get_args(hints[field.name]), hints[field.name]]
        if int in kinds or float in kinds:
            found[field.name] = int in kinds, type(None) in kinds
    return found


CASES = [(kind, field) for kind in (*DECODERS, Engine) for field in numeric_fields(kind)]


def test_every_decoder_has_a_time_limit() -> None:
    assert len(DECODERS) >= 9
    assert all("seconds" in numeric_fields(kind) for kind in DECODERS)


@pytest.mark.parametrize(("kind", "field"), CASES)
def test_a_numeric_setting_out_of_range_is_refused_by_name(kind: type[Any], field: str) -> None:
    whole, optional = numeric_fields(kind)[field]
    bad: list[object] = [*NEVER]
    bad += [] if optional else [None]
    bad += [2.5] if whole else []
    bad += [] if field in INFINITY_ALLOWED else [math.inf]
    bad += [] if field in ZERO_ALLOWED else [0, 0.0]
    bad += [] if field in NEGATIVE_ALLOWED else [-1]
    for value in bad:
        with pytest.raises(UsageError, match=f"^{field} must be "):
            kind(**{**required(kind), field: value})


@pytest.mark.parametrize(("kind", "field"), CASES)
def test_a_number_of_numpy_is_as_good_as_one_of_python(kind: type[Any], field: str) -> None:
    number = np.int64(10) if numeric_fields(kind)[field][0] else np.float64(2.5)
    assert getattr(kind(**{**required(kind), field: number}), field) == number


@pytest.mark.parametrize("kind", DECODERS)
def test_a_search_out_of_time_ends_in_a_budget_error(kind: type[Any]) -> None:
    decoder = kind(**required(kind), seconds=1e-9)
    model = MockLanguageModel()
    walk = Walk.of(GRAPH, ["hub"], model.tokenizer, hops=1)
    if kind is BestFirst:  # it returns the best texts found so far
        assert decode(decoder, model, PROMPT, walk)
    else:
        with pytest.raises(BudgetError, match="no answer within 1e-09 seconds"):
            decode(decoder, model, PROMPT, walk)


@pytest.mark.parametrize("name", get_args(DecoderName))
def test_a_named_decoder_takes_what_it_has_a_field_for(name: DecoderName) -> None:
    seed = {"seed": 4} if "seed" in decoder_settings(name) else {}
    decoder = named_decoder(name, beams=7, seconds=9.5, **seed)
    settings = {field: getattr(decoder, field) for field in numeric_fields(type(decoder))}
    assert settings["seconds"] == 9.5
    assert settings.get("seed", 4) == 4
    counts = {"beams", "hypotheses", "samples"} & settings.keys()
    assert {settings[field] for field in counts} == ({7} if name not in ("greedy", "adaptive") else set())


@pytest.mark.parametrize("name", ["sample", "stochastic", "aligned", "weighted"])
def test_a_decoder_that_draws_draws_by_its_seed(name: DecoderName) -> None:
    model = MockLanguageModel()
    walk = Walk.of(GRAPH, ["hub"], model.tokenizer, hops=1)

    def drawn(seed: int) -> list[tuple[int, ...]]:
        return [h.tokens for h in decode(named_decoder(name, beams=4, seed=seed), model, PROMPT, walk)]

    assert drawn(1) == drawn(1) == drawn(np.int64(1))  # type: ignore[arg-type]
    assert len({tuple(drawn(seed)) for seed in range(5)}) > 1


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="no decoder 'beams'; there are beam, diverse, exact, greedy"):
        named_decoder("beams")  # type: ignore[arg-type]
