"""One question of a set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from kgqa.counted import counted
from kgqa.errors import UsageError, check_count, check_name_lists, check_names, check_text
from kgqa.graph import Triple, as_triples

__all__ = ["ANSWER_TYPES", "AnswerType", "Question"]

AnswerType = Literal["entity", "number", "boolean", "literal"]
"""What a question asks for; `literal` is a date, a year, a time or a text."""
ANSWER_TYPES: tuple[AnswerType, ...] = get_args(AnswerType)


@dataclass(frozen=True)
class Question:
    """A question, the entities it starts from, and what is known to be right.

    Topic entities and answers are names, as in the set. `hops` is the length of the shortest right
    chain, if it is known. `gold_relation_path` has the form of
    `RelationPath.parse`; `gold_paths` are lists of triples. `graph` is the question's own graph
    (RoG form), None where the set shares one. `extras` has all other fields of the file, unchanged.

    `answer_type` says how answers are compared: entities by identifier or name, the others by value, which
    `answers` has as text ("1200", "yes", "1999-12-31"). `operators` name what the question needs beside a
    path ("count", "superlative"). `topic_ids` and `answer_ids` are the identifiers in the graph of topic
    entities and answers, where the set has them; `answer_aliases` are other names of each answer that are
    right too. `graph_name` is the graph that the question is about, in a
    set with several; the file of each is the set's.

    The gold fields (answers, paths, operators, identifiers, extras) are for evaluation and training only.
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
    answer_type: AnswerType = "entity"
    operators: tuple[str, ...] = ()
    topic_ids: tuple[str, ...] = ()
    answer_ids: tuple[str, ...] = ()
    answer_aliases: tuple[tuple[str, ...], ...] = ()
    graph_name: str | None = None

    def __post_init__(self) -> None:
        check_text(self.id, "id")
        check_text(self.question, "question")
        check_text(self.graph_name, "graph_name", optional=True)
        check_count(self.hops, "hops", 0, optional=True)
        if self.hops is not None:
            object.__setattr__(self, "hops", int(self.hops))  # of numpy, as data frames have them
        for name in ("topic_entities", "answers", "operators", "topic_ids", "answer_ids"):
            object.__setattr__(self, name, _names(getattr(self, name), name))
        if self.gold_relation_path is not None:
            path = _names(self.gold_relation_path, "gold_relation_path")
            object.__setattr__(self, "gold_relation_path", path)
        if self.answer_ids and len(self.answer_ids) != len(self.answers):
            given = counted(len(self.answer_ids), "identifier")
            raise UsageError(f"answer_ids has {given} for {counted(len(self.answers), 'answer')}")
        check_name_lists(self.answer_aliases, "answer_aliases")
        if self.answer_aliases and len(self.answer_aliases) != len(self.answers):
            given = counted(len(self.answer_aliases), "list")
            raise UsageError(f"answer_aliases has {given} for {counted(len(self.answers), 'answer')}")
        if self.answer_type not in ANSWER_TYPES:
            raise UsageError(f"answer_type is one of {', '.join(ANSWER_TYPES)}, not {self.answer_type!r:.60}")
        object.__setattr__(self, "gold_paths", tuple(map(as_triples, self.gold_paths)))
        if isinstance(self.graph, tuple | list):
            object.__setattr__(self, "graph", as_triples(self.graph))
        elif self.graph is not None and (isinstance(self.graph, str) or not isinstance(self.graph, Sequence)):
            raise UsageError(f"graph must be a sequence of triples, not {type(self.graph).__name__}")

    @property
    def kind(self) -> str | None:
        """The type of question, where the set has types: `qtype` (MetaQA), or `kind`.

        >>> Question("1", "who directed Kismet", extras={"qtype": "movie_to_director"}).kind
        'movie_to_director'
        """
        found = self.extras.get("kind") or self.extras.get("qtype")
        return found if isinstance(found, str) else None


def _names(names: Iterable[str], field: str) -> tuple[str, ...]:
    check_names(names, field)
    if not isinstance(names, Iterable):
        raise UsageError(f"{field} must be a sequence of names, not {names!r:.60}")
    found = tuple(names)
    check_names(found, field)
    return found
