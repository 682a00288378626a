"""All ways of scoring, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kgqa.errors import UsageError
from kgqa.evaluation.scoring.definition import Definition
from kgqa.evaluation.scoring.published import Gcr, GnnRag, Rog, SubgraphRag, Tog
from kgqa.evaluation.scoring.strict import Strict

__all__ = ["DEFINITIONS", "definition_named"]

DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {each.name: each for each in (Strict(), Rog(), GnnRag(), Gcr(), SubgraphRag(), Tog())}
)
"""The strict one first, then the published ones."""


def definition_named(name: str) -> Definition:
    """One of `DEFINITIONS`. Raises `UsageError`."""
    if name not in DEFINITIONS:
        raise UsageError(f"no definition of scores is called {name!r}; there are {', '.join(DEFINITIONS)}")
    return DEFINITIONS[name]
