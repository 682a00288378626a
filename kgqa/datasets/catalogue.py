"""The question sets that are known by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from kgqa.datasets.atlas import ATLAS
from kgqa.datasets.known_set import KnownSet
from kgqa.datasets.metaqa import METAQA
from kgqa.datasets.pathquestion import PATHQUESTION
from kgqa.datasets.rog import ROG
from kgqa.datasets.webqsp import WEBQSP
from kgqa.errors import UsageError

__all__ = ["CATALOGUE", "known_set"]

CATALOGUE: Mapping[str, KnownSet] = {one.name: one for one in (*METAQA, *PATHQUESTION, WEBQSP, *ROG, ATLAS)}
"""The sets by their names."""


def known_set(name: str) -> KnownSet:
    """The set of this name. Raises `UsageError`, with the nearest name.

    >>> known_set("metaqa-2hop").portion(None).count
    14872
    """
    if name not in CATALOGUE:
        near = difflib.get_close_matches(name, CATALOGUE, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(CATALOGUE)}"
        raise UsageError(f"no data set {name!r} and no such file; {hint}")
    return CATALOGUE[name]
