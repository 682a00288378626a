"""A text is never taken for a sequence of names: to Python its letters are one."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, NamedTuple
from unittest.mock import MagicMock

import pytest

from kgqa.datasets import Question
from kgqa.errors import UsageError
from kgqa.evaluation import Prediction
from kgqa.lm import Prompt
from kgqa.validation import Claim

PACKAGES = ("graph", "graph.readers", "constraint", "lm", "linking", "datasets", "evaluation", "validation")
DATA = (Question, Prediction, Prompt, Claim)
"""Classes of data that a user makes; others are made by the library."""
OF_NAMES = re.compile(r"\b(Sequence|Collection|Iterable|Container)\[str\]|^list\[str\]")


class Taker(NamedTuple):
    """A parameter that takes names."""

    title: str
    function: Callable[..., Any]
    parameter: str


def functions(item: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """A function, or the constructor and the public methods of a class."""
    if inspect.isfunction(item):
        yield item.__name__, item
    if not inspect.isclass(item) or getattr(item, "_is_protocol", False):
        return
    for name, member in vars(item).items():
        if name == "__init__":
            yield item.__name__, item
        elif not name.startswith("_") and isinstance(member, classmethod):
            yield f"{item.__name__}.{name}", getattr(item, name)
        elif not name.startswith("_") and inspect.isfunction(member):
            yield f"{item.__name__}.{name}", member


def takers() -> Iterator[Taker]:
    for package in PACKAGES:
        module = import_module(f"kgqa.{package}")
        for item in {
            id(found): found for name in module.__all__ if (found := getattr(module, name))
        }.values():
            for title, function in functions(item):
                for name, parameter in inspect.signature(function).parameters.items():
                    annotation = str(parameter.annotation)
                    names = OF_NAMES.search(annotation) or (item in DATA and "tuple[str, ...]" in annotation)
                    if names and not re.search(r"\bstr \|", annotation):
                        yield Taker(f"{package}: {title}({name})", function, name)


TAKERS = list(takers())


def test_parameters_that_take_names_are_found() -> None:
    assert {"Topics.resolve", "Walk", "Walk.of", "Without", "Question", "score_answers", "subgraph"} <= {
        taker.title.split(": ")[1].split("(")[0] for taker in TAKERS
    }


@pytest.mark.parametrize("taker", TAKERS, ids=[taker.title for taker in TAKERS])
@pytest.mark.parametrize("text", ["Kenya", ""])
def test_a_text_where_names_are_expected_is_refused(taker: Taker, text: str) -> None:
    parameters = inspect.signature(taker.function).parameters.values()
    given: dict[str, Any] = {
        parameter.name: "x" if str(parameter.annotation) == "str" else MagicMock()
        for parameter in parameters
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    }
    given[taker.parameter] = text
    with pytest.raises(UsageError, match=f"must be a sequence of names, not the text {text!r}$"):
        list(taker.function(**given))
