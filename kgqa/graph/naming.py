"""How entities and relations are called that have no label."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self, get_args
from urllib.parse import unquote

from kgqa.graph.name import clean_name, split_humps
from kgqa.graph.statement import NodeKind

__all__ = ["MEDIATORS", "IriCounts", "Naming", "Unlabelled", "is_iri", "local_name", "spoken_name"]

MEDIATORS = r"(?:[mg]\.[0-9a-z_]+|cvt:.*)"
"""Identifiers of unnamed nodes: Freebase machine ids and compound values."""

Unlabelled = Literal["auto", "identifier", "verbatim", "mediator"]
IRI_BEGINNINGS = ("http://", "https://", "urn:")


@dataclass(frozen=True)
class IriCounts:
    """What decides how the IRIs of a graph are called: how many there are, and with labels."""

    entities: int
    iris: int
    labelled: int
    """IRIs with a label."""
    kinds: int
    """Entities of which it was said what kind they are."""

    @property
    def mostly_labelled(self) -> bool:
        """Whether at least half of the IRIs have labels."""
        return self.labelled > 0 and 2 * self.labelled >= self.iris

    @property
    def are_words(self) -> bool:
        """Whether the graph is of IRIs without labels, whose local names are read as words."""
        return not self.labelled and 2 * self.iris >= self.entities - self.kinds


@dataclass(frozen=True)
class Naming:
    """What entities without a label are called; see `GraphBuilder`. Empty for mediators."""

    mediators: re.Pattern[str]
    unlabelled: Unlabelled
    counts: IriCounts
    hides_iris: bool = field(init=False)

    def __post_init__(self) -> None:
        hides = self.unlabelled == "mediator" or (self.unlabelled == "auto" and self.counts.mostly_labelled)
        object.__setattr__(self, "hides_iris", hides)

    @property
    def speaks(self) -> bool:
        """Whether the local names of IRIs are read as words."""
        return self.counts.are_words and self.unlabelled != "verbatim"

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Self:
        """What `facts` gave. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        counts = IriCounts(**{part.name: int(facts[part.name]) for part in fields(IriCounts)})
        unlabelled = facts["unlabelled"]
        if unlabelled not in get_args(Unlabelled):
            raise ValueError(f"unlabelled is {unlabelled!r:.40}")
        return cls(re.compile(facts["mediators"]), unlabelled, counts)

    @property
    def facts(self) -> dict[str, object]:
        """All that it depends on, for JSON."""
        settings = {"mediators": self.mediators.pattern, "unlabelled": self.unlabelled}
        return {**settings, **asdict(self.counts)}

    def name(self, entity: str, kind: NodeKind | None) -> str:
        """The name of an entity without a label."""
        if kind is NodeKind.BLANK or self.mediators.fullmatch(entity) or not clean_name(entity):
            return ""
        if kind is NodeKind.LITERAL:
            return entity
        if is_iri(entity):
            return "" if self.hides_iris else local_name(entity)
        return "" if self.unlabelled == "mediator" else entity


def is_iri(identifier: str) -> bool:
    """Whether an identifier is an IRI.

    >>> is_iri("https://example.org/a"), is_iri("William Dieterle")
    (True, False)
    """
    return identifier.startswith(IRI_BEGINNINGS)


def local_name(iri: str) -> str:
    """The part of an IRI after its last `/` or `#`, the whole where that part is empty."""
    return re.split(r"[/#]", iri.rstrip("/#"))[-1] or iri


def spoken_name(name: str) -> str:
    """A local name of an IRI as people write it: escapes are decoded, its words are set apart.

    >>> spoken_name("William_Dieterle"), spoken_name("StateCapital"), spoken_name("Am%C3%A9lie")
    ('William Dieterle', 'State Capital', 'Amélie')
    """
    try:
        decoded = unquote(name, errors="strict")
    except UnicodeDecodeError:
        decoded = name
    words = " ".join(decoded.replace("_", " ").split())
    return (words if words != decoded else split_humps(decoded)) if clean_name(words) else name
