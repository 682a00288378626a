"""The words of one graph: nouns for sets of nodes, and what its relations are compared by."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Self

import numpy as np

from kgqa.graph import IndexedGraph, ValueKind, separate_words
from kgqa.graph.adjacency import Ids
from kgqa.program import Executor, Path, Step
from kgqa.training.examples.phrasing.inflection import singular
from kgqa.training.examples.phrasing.reading import View, view_of

__all__ = ["GraphWords", "is_person"]

_PEOPLE = re.compile(
    r"(?:.* )?(?:person|people|individual|man|woman|child|kid|parent|spouse|wife|husband|sibling|friend"
    r"|president|artist|student|pupil|employee|staff|staff member|customer|client|assistant|patient|nurse"
    r"|physician|pilot|captain|guest|gymnast|athlete|citizen|candidate|agent|boss|head|coach|judge|resident|host|founder"
    r"|contestant|participant|accountant|politician|musician|spy|king|queen|member|faculty|applicant"
    r"|accelerator|\w{3,}(?:[^aeiou]er|[ct]or|visor|ist|ician|eer|man|ant))"
)
_NO_PEOPLE = re.compile(
    r"(?:.* )?(?:number|order|river|water|letter|chapter|paper|factor|sector|motor|tower|computer|theater"
    r"|center|quarter|semester|monster|matter|manner"
    r"|container|printer|trailer|monitor|doctorate|restaurant|plant"
    r"|poster|cluster|browser|server|filter|color|flavor|register|summer|winter|header|folder|timer|counter"
    r"|power|layer|charter|newsletter|router|parameter|diameter|perimeter|meter|offer|cylinder|error|career"
    r"|chamber|character|cover|corner|gender|elevator|reactor|vector|tractor|instant|grant|list|ant"
    r"|officer code|german|roman|human|cost|artist name|calendar|voucher|amount"
    r"|cancer|ticker|cooker|burger)"
)


def is_person(noun: str) -> bool:
    """Whether a noun (singular) is for people, as far as its ending tells.

    >>> is_person("employee"), is_person("film director"), is_person("order"), is_person("city")
    (True, True, False, False)
    """
    return _PEOPLE.fullmatch(noun) is not None and _NO_PEOPLE.fullmatch(noun) is None


class GraphWords:
    """The nouns and measures of a graph; answers are kept."""

    def __init__(self, graph: IndexedGraph) -> None:
        self.graph = graph
        self.executor = Executor.of(graph)
        self.class_of = lru_cache(maxsize=4096)(self._class_of)
        self._links: dict[str, bool] = {}

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The words of a graph, kept with it."""
        return graph.derive(cls)

    def class_noun(self, members: Ids) -> str:
        """The name of the smallest class that all of some nodes are in, in the singular, or empty."""
        return self.class_of(members[:64].tobytes()) if len(members) else ""

    def is_link(self, members: Ids) -> bool:
        """Whether some nodes are rows that only link others: of one class, with two relations to things."""
        noun = self.class_noun(members)
        if not noun:
            return False
        if noun not in self._links:
            some = members[:50]
            schema = self.executor.classes.type_relations
            _, relations, _ = self.graph.outward.gather(some)
            kinds = [
                self.executor.values.relation_kind(int(r))
                for r in np.unique(relations)
                if int(r) not in schema
            ]
            _, back, _ = self.graph.inward.gather(some)
            self._links[noun] = kinds.count(ValueKind.NONE) > 1 and not len(back)
        return self._links[noun]

    def kind(self, path: Path) -> ValueKind:
        """What the values at the end of a path are; `NONE` for entities."""
        if not path or path[-1].inverse:
            return ValueKind.NONE
        kinds = [self.executor.values.relation_kind(r) for r in self.executor.steps.relations(path[-1])]
        return next((kind for kind in kinds if kind is not ValueKind.NONE), ValueKind.NONE)

    def unit(self, path: Path) -> str:
        """The unit of the values at the end of a path, or empty."""
        if not path or path[-1].inverse:
            return ""
        return self.executor.values.unit_of(self.executor.steps.relations(path[-1])[0])

    def view(self, step: Step) -> View:
        """How a step is worded, seen from where it starts."""
        return view_of(step.relation, step.inverse)

    def _class_of(self, key: bytes) -> str:
        members = np.frombuffer(key, dtype=np.int32)
        classes = self.executor.classes
        shared = set(classes.classes_of(members[:1]).tolist())
        found = [named for named in classes.named if not shared.isdisjoint(named.nodes)]
        for named in sorted(found, key=lambda named: (named.size, named.name)):
            if np.isin(members, classes.instances_of(named.nodes)).all():
                return singular(" ".join(separate_words(named.name)))
        return ""
