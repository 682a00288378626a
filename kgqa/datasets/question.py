"""One question of a set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kgqa.errors import check_names
from kgqa.graph import Triple, as_triples

__all__ = ["Question"]


@dataclass(frozen=True)
class Question:
    """A question, the entities it starts from, and what is known to be right.

    Topic entities and answers are names, as in the set. `hops` is the length of the shortest right
    chain, if it is known. `gold_relation_path` has the form of
    `RelationPath.parse`; `gold_paths` are lists of triples. `graph` is the question's own graph
    (RoG form), None where the set shares one. `extras` has all other fields of the file, unchanged.

    The gold fields (answers, paths, extras) are for evaluation and training only.
    """

    id: str
    question: str
    topic_entities: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    hops: int | None = None
    gold_relation_path: tuple[str, ...] | None = None
    gold_paths: tuple[tuple[Triple, ...], ...] = ()
    graph: Sequence[Triple] | None = field(default=None, repr=False)
    extras: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_names(self.topic_entities, "topic_entities")
        check_names(self.answers, "answers")
        check_names(self.gold_relation_path, "gold_relation_path")
        object.__setattr__(self, "gold_paths", tuple(map(as_triples, self.gold_paths)))
        if isinstance(self.graph, tuple | list):
            object.__setattr__(self, "graph", as_triples(self.graph))

    @property
    def kind(self) -> str | None:
        """The type of question, where the set has types: `qtype` (MetaQA), or `kind`.

        >>> Question("1", "who directed Kismet", extras={"qtype": "movie_to_director"}).kind
        'movie_to_director'
        """
        found = self.extras.get("kind") or self.extras.get("qtype")
        return found if isinstance(found, str) else None
