"""What a request to an inference engine says of the constraint that it wants, as one text."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self, cast

from kgqa.constraint.filters.named_filters import named_filters
from kgqa.constraint.filters.scope import Scope
from kgqa.constraint.grammars.grammar import GrammarName
from kgqa.constraint.walk import GRAMMARS
from kgqa.errors import UsageError
from kgqa.graph import IndexedGraph

__all__ = ["MARK", "WalkRequest"]

MARK = "kgqa:"
"""What such a text begins with, before JSON in base64; it stands where engines take a regular expression."""

MOST_CHARACTERS = 2**16
"""A longer text is refused unread."""


@dataclass(frozen=True, kw_only=True)
class WalkRequest:
    """The chains from some topics of a graph that an engine holds, in one grammar.

    The graph is named by `graph`, its name at the engine, or by its `checksum`, or by both: then they must
    agree. `topics` are identifiers, or names, which stand for all entities of that name. The other fields
    are those of `Walk`, `spoken_identifiers` and `named_filters`. Raises `UsageError` that names the field
    for a bad value.

    >>> request = WalkRequest(graph="atlas", topics=("Kenya",), grammar="relations")
    >>> WalkRequest.decode(request.encode()) == request
    True
    >>> WalkRequest.of({"graph": "atlas", "topics": ["Kenya"], "hop": 2})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    kgqa.errors.UsageError: 'hop' is no field of a request; there are topics, graph, ...
    """

    topics: tuple[str, ...]
    graph: str | None = None
    checksum: str | None = None
    grammar: GrammarName = "path"
    hops: int = 2
    inverse: bool = True
    allow_return: bool = False
    speak_identifiers: bool = False
    without: tuple[str, ...] = ()
    only_relation: tuple[str, ...] = ()
    must_use: tuple[str, ...] = ()
    answer_type: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for one in fields(self):
            is_right, wanted = _KINDS[str(one.type)]
            value = getattr(self, one.name)
            if not is_right(value):
                raise UsageError(f"{one.name} must be {wanted}, not {value!r:.80}")
        if not self.topics:
            raise UsageError("topics must name at least one entity")
        if self.graph is None and self.checksum is None:
            raise UsageError("graph must be the name of a graph, or checksum that of its content")

    @classmethod
    def of(cls, values: object) -> Self:
        """The request in a JSON object. Raises `UsageError` for anything else, naming the field."""
        if not isinstance(values, Mapping):
            raise UsageError(f"a request must be a JSON object, not {values!r:.80}")
        known = [one.name for one in fields(cls)]
        if unknown := [key for key in values if key not in known]:
            raise UsageError(f"{unknown[0]!r:.80} is no field of a request; there are {', '.join(known)}")
        if "topics" not in values:
            raise UsageError("topics is missing: the entities that chains start from")
        tuples = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
        return cls(**cast(dict[str, Any], tuples))

    @classmethod
    def decode(cls, text: str) -> Self:
        """The request in a text that `encode` gave, or that was written by hand in the same form."""
        if not text.startswith(MARK):
            raise UsageError(f"a request begins with {MARK!r}, not {text!r:.40}")
        if len(text) > MOST_CHARACTERS:
            raise UsageError(
                f"a request of {len(text)} characters is too long; at most {MOST_CHARACTERS} are read"
            )
        try:
            content = base64.b64decode(text.removeprefix(MARK), validate=True)
        except (binascii.Error, ValueError) as error:
            raise UsageError(f"what follows {MARK!r} must be JSON in base64: {error}") from error
        try:
            values = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"what follows {MARK!r} in base64 must be JSON: {error!s:.100}") from error
        return cls.of(values)

    def encode(self) -> str:
        """The text that stands for the request: `kgqa:` and its JSON in base64."""
        given = {key: value for key, value in asdict(self).items() if value not in (None, ())}
        return MARK + base64.b64encode(json.dumps(given).encode()).decode()

    def scope(self, graph: IndexedGraph) -> Scope:
        """The part of a graph that its chains may use. Raises `DataError` for a name that is not in it."""
        filters = named_filters(
            graph,
            without=self.without,
            only_relation=self.only_relation,
            must_use=self.must_use,
            answer_type=self.answer_type,
        )
        return Scope(graph, self.inverse, filters)


def _is_names(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(name, str) and name for name in value)


def _is_hops(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_HOPS


MOST_HOPS = 8
"""An engine serves many; longer chains take it too long."""

_KINDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "tuple[str, ...]": (_is_names, "a list of names"),
    "str | None": (lambda value: value is None or (isinstance(value, str) and value != ""), "a text"),
    "GrammarName": (
        lambda value: isinstance(value, str) and value in GRAMMARS,
        f"one of {', '.join(GRAMMARS)}",
    ),
    "int": (_is_hops, f"a whole number from 1 to {MOST_HOPS}"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
}
"""What a value of each type is."""
