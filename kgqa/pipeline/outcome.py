"""The outcome of a question: answer or error, hypotheses, timings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kgqa.answer import Answer
from kgqa.decode import Hypothesis
from kgqa.errors import UsageError, check_names, check_text
from kgqa.graph import IndexedGraph
from kgqa.graph.endpoint import EndpointUsage

__all__ = ["Outcome", "Query", "Timings", "queries_of"]


class Query(NamedTuple):
    """A question, and the names of the topic entities that it starts from; none: the linker finds them."""

    question: str
    topics: Sequence[str] = ()


def queries_of(questions: Iterable[str | Query]) -> Iterator[Query]:
    """Questions, texts or texts with their topics, one by one as queries.

    Raises `UsageError` for one text instead of several questions, at once, and for anything else in
    place of a text and names, where it comes to them.
    """
    if isinstance(questions, str):
        raise UsageError(f"questions are a sequence of questions, such as [{questions!r}], not one text")
    return map(_query, questions)


def _query(asked: str | Query) -> Query:
    if isinstance(asked, str):
        return Query(asked)
    if not isinstance(asked, tuple | list) or not 1 <= len(asked) <= 2:
        raise UsageError(f"a question is a text, or a Query of a text and its topics, not {asked!r:.60}")
    question, topics = Query(*asked)
    check_text(question, "question")
    check_names(topics, "topics")
    return Query(question, () if topics is None else tuple(topics))


@dataclass(frozen=True)
class Timings:
    """Seconds that each stage of a question took.

    `graph`: building the question's own graph, where it brings one; `link`: finding its topics; `decode`:
    finding and ranking hypotheses; `aggregate`: answering from them. Questions that are decoded together
    have their share each. Results from a cache have the time that they took when they were put there.
    """

    graph: float = 0.0
    link: float = 0.0
    decode: float = 0.0
    aggregate: float = 0.0

    @property
    def total(self) -> float:
        """The sum of all stages."""
        return self.graph + self.link + self.decode + self.aggregate


@dataclass(frozen=True)
class Outcome:
    """The answer to a question or the error that ended it, with topics, hypotheses and timings.

    `topics` are the names that were given, or the identifiers that the linker found. `hypotheses` are ranked,
    best first, and `texts`, where they are kept, what was written for each. `passes` of the language model
    took part, which read `tokens` tokens of chains in them. Of a question to an endpoint, `graph` is the part
    that was fetched for it, and `usage` what that cost.
    """

    question: str
    answer: Answer | Exception
    topics: tuple[str, ...] = ()
    hypotheses: Sequence[Hypothesis] = field(default=(), repr=False)
    timings: Timings = field(default_factory=Timings)
    passes: int = 0
    tokens: int = 0
    graph: IndexedGraph | None = field(default=None, repr=False)
    usage: EndpointUsage | None = None
    texts: Sequence[str] = field(default=(), repr=False)

    def unwrap(self) -> Answer:
        """The answer. Raises the error, if the question failed."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @property
    def confidence(self) -> float:
        """That of the answer; 1 where none is known, and for an error."""
        found = None if isinstance(self.answer, Exception) else self.answer.confidence
        return 1.0 if found is None else found

    @property
    def stated(self) -> tuple[str, ...]:
        """What the model wrote behind its chains as answers (`answer` free or held), each text once."""
        found = (hypothesis.stated for hypothesis in self.hypotheses)
        return tuple(dict.fromkeys(stated.text for stated in found if stated is not None))

    @property
    def error(self) -> Exception | None:
        """The error that ended the question, if one did."""
        return self.answer if isinstance(self.answer, Exception) else None
