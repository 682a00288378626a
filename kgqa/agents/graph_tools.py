"""What agents can do with graphs: each method is a tool."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Annotated, Any, TypeVar

from pydantic import Field

from kgqa.agents.results import (
    AskResult,
    FindResult,
    NeighboursResult,
    SchemaResult,
    ValidateResult,
    WhyResult,
)
from kgqa.counted import counted
from kgqa.errors import BudgetError, UnknownEntityError, UsageError
from kgqa.graph import IndexedGraph
from kgqa.service import (
    AnswerText,
    Direction,
    GraphCatalogue,
    HostedGraph,
    Reply,
    check_objects,
    find_names,
    graph_schema,
    neighbours,
)

__all__ = ["GraphTools"]

Found = TypeVar("Found")

MOST_CHAINS = 3
"""Chains of one answer that are told: agents pay for each word."""
Text = Annotated[str, Field(min_length=1, max_length=2000)]
GraphName = Annotated[str | None, Field(description="The graph; may be left out if there is only one.")]
Topics = Annotated[
    list[Text],
    Field(max_length=20, description="Names of entities that the question starts from [found in it]."),
]


class GraphTools:
    """Tools over the graphs of a catalogue; an answer may take `deadline` seconds."""

    def __init__(self, catalogue: GraphCatalogue, deadline: float = 60.0) -> None:
        self._catalogue = catalogue
        self._deadline = deadline

    async def ask(
        self,
        question: Annotated[Text, Field(description="A question in English, about one thing.")],
        graph: GraphName = None,
        topics: Topics = [],  # noqa: B006
        limit: Annotated[int, Field(ge=1, le=1000, description="At most so many answers.")] = 20,
    ) -> AskResult:
        """Answer a question from a knowledge graph, with the facts that prove each answer.

        Answers come from the graph only, never from what a language model knows. An empty answer means that
        the graph does not say, or that the question was not understood: `why` tells which.
        """
        hosted = self._hosted(graph)
        outcome = await self._result(hosted.ask(question, topics))
        reply = Reply.of(outcome)
        found = await asyncio.to_thread(reply.to_dict, 0.0, limit)
        for one in found["answers"]:
            one["chains"] = one["chains"][:MOST_CHAINS]
        text = await asyncio.to_thread(AnswerText.of, reply, hosted.graph_of(outcome))
        return AskResult(
            graph=hosted.name,
            version=hosted.version,
            text=text.plain(),
            total=len(reply.answer.entities),
            **{name: found[name] for name in AskResult.model_fields if name in found},
        )

    def find(
        self,
        text: Annotated[str, Field(max_length=400, description="A name or its beginning.")],
        graph: GraphName = None,
        limit: Annotated[int, Field(ge=1, le=100)] = 10,
    ) -> FindResult:
        """Find entities by name: exact names first, then beginnings and words in them, else similar ones."""
        hosted = self._hosted(graph)
        found = find_names(hosted.graph, text, limit)
        return FindResult.model_validate({"graph": hosted.name, "names": [one.to_dict() for one in found]})

    def neighbours(
        self,
        entity: Annotated[Text, Field(description="Its identifier, or a name that no other entity has.")],
        graph: GraphName = None,
        relation: Annotated[Text | None, Field(description="Only facts over this relation.")] = None,
        direction: Annotated[Direction | None, Field(description="Only facts in this direction.")] = None,
        offset: Annotated[int, Field(ge=0)] = 0,
        limit: Annotated[int, Field(ge=1, le=1000)] = 50,
    ) -> NeighboursResult:
        """List the facts of an entity page by page, with the number of its facts over each relation."""
        hosted = self._hosted(graph)
        page = neighbours(
            hosted.graph,
            _entity(hosted.graph, entity),
            relation=relation,
            direction=direction,
            offset=offset,
            limit=limit,
        )
        return NeighboursResult.model_validate({"graph": hosted.name, **page.to_dict()})

    def schema(
        self,
        graph: GraphName = None,
        limit: Annotated[int, Field(ge=1, le=1000, description="So many classes and relations.")] = 50,
    ) -> SchemaResult:
        """Tell what a graph is about: its size, and its most frequent classes and relations."""
        hosted = self._hosted(graph)
        found = graph_schema(hosted.graph, limit).to_dict()
        return SchemaResult.model_validate({"graph": hosted.name, **hosted.to_dict(), **found})

    def validate(
        self,
        claims: Annotated[
            list[str | dict[str, Any]],
            Field(
                min_length=1,
                max_length=1000,
                description="Each is a path as text (`Kismet -> directed_by -> William Dieterle`), a program "
                "(`Kismet -> starred_actors | count`), or an object with `chain`: a list of "
                "[head, relation, tail].",
            ),
        ],
        graph: GraphName = None,
    ) -> ValidateResult:
        """Check claims against the graph fact by fact: what holds, and what is near where one does not."""
        hosted = self._hosted(graph)
        found = check_objects(hosted.graph, claims)
        return ValidateResult.model_validate({"graph": hosted.name, **found})

    async def why(
        self,
        question: Annotated[Text, Field(description="The question as it was asked.")],
        graph: GraphName = None,
        expected: Annotated[
            list[Text], Field(max_length=20, description="Answers that were expected: names or values.")
        ] = [],  # noqa: B006
        topics: Topics = [],  # noqa: B006
    ) -> WhyResult:
        """Say why an answer is wrong or missing: the first stage that lost it, with evidence."""
        hosted = self._hosted(graph)
        found = await self._result(hosted.explain(question, topics, expected))
        return WhyResult.model_validate({"graph": hosted.name, **found})

    def _hosted(self, name: str | None) -> HostedGraph:
        graphs = {one.name: one for one in self._catalogue}
        if name is None and len(graphs) == 1:
            return next(iter(graphs.values()))
        if name not in graphs:
            said = "there are several graphs" if name is None else f"there is no graph {name!r:.100}"
            raise UsageError(f"{said}: name one of {', '.join(graphs)}")
        return graphs[name]

    async def _result(self, future: Future[Found]) -> Found:
        """A result in time; a call that is cancelled takes its question out of the queue."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._deadline)
        except TimeoutError:
            raise BudgetError(f"no answer within {counted(self._deadline, 'second')}") from None


def _entity(graph: IndexedGraph, given: str) -> str:
    """The entity with an identifier, or with a name that no other has."""
    matches = graph.find_ranked(given)
    best = [match.entity for match in matches if match.rank == matches[0].rank]
    if len(best) == 1:
        return best[0]
    if best:
        raise UsageError(
            f"{len(best)} entities are called {given!r}; name one by its identifier: {_listed(best)}"
        )
    near = [found.entity for found in find_names(graph, given, 5)]
    raise UnknownEntityError(given, f"near: {_listed(near)}" if near else "")


def _listed(entities: Sequence[str]) -> str:
    more = f" and {len(entities) - 10} more" if len(entities) > 10 else ""
    return ", ".join(map(repr, entities[:10])) + more
