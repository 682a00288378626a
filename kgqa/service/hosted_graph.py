"""A graph that is held open to be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from kgqa.decode import Hypothesis
from kgqa.diagnosis import Explainer
from kgqa.errors import NoChainError, UsageError
from kgqa.finders import ModelFinder
from kgqa.finders.observed_finder import ObservedFinder
from kgqa.graph import IndexedGraph
from kgqa.pipeline import Answerer, Answers, EndpointAnswerer, Outcome, Query
from kgqa.service.claim_check import check_objects
from kgqa.service.found_chain import FoundChain, names_of
from kgqa.service.question_queue import QuestionQueue
from kgqa.service.question_worker import GraphVersion
from kgqa.service.reply import Reply

__all__ = ["HostedGraph"]


@dataclass(frozen=True, eq=False)
class HostedGraph:
    """One version of a graph under its name, with what answers from it and the queue of its questions.

    `version` is the checksum of the graph, or, of an endpoint, the version that the settings name. All
    versions of a graph have one queue.
    """

    name: str
    answers: Answers
    version: str
    queue: QuestionQueue = field(default_factory=QuestionQueue)
    checks: QuestionQueue = field(default_factory=QuestionQueue)
    """The queue of what needs no model and may take long, so that no question waits for it."""

    @property
    def graph(self) -> IndexedGraph:
        """The graph itself. Raises `UsageError` for one that stays at an endpoint."""
        if isinstance(self.answers, EndpointAnswerer):
            raise UsageError(
                f"the graph {self.name!r} stays at an endpoint, which cannot be browsed or searched"
            )
        return self.answers.graph

    @property
    def answerer(self) -> Answerer:
        """The answerer, which all but endpoints have. Raises as `graph`."""
        _ = self.graph
        assert isinstance(self.answers, Answerer)
        return self.answers

    @cached_property
    def explainer(self) -> Explainer:
        """Explains why answers are wrong or missing. Raises as `graph`."""
        return Explainer(self.answerer)

    def ask(self, question: str, topics: Sequence[str] = ()) -> Future[Outcome]:
        """The outcome of a question, when it is known. Raises `BusyError` where too many wait.

        It may come from another process, and then has no hypotheses.
        """
        version = GraphVersion(self.name, self.version)
        return self.queue.ask(self.answers, Query(question, tuple(topics)), version)

    def search(self, question: str, topics: Sequence[str] = ()) -> Future[Outcome]:
        """The outcome of a question with all its hypotheses. Raises as `ask`."""
        return self.queue.ask(self.answers, Query(question, tuple(topics)))

    def stream(
        self,
        question: str,
        topics: Sequence[str],
        tell_topics: Callable[[tuple[str, ...]], None],
        tell_found: Callable[[FoundChain], None],
    ) -> Future[Outcome]:
        """As `ask`, and what is found is told while it is searched for, in another thread.

        Where nothing can be told before the end, it is told then. An exception of either function ends the
        search, and is that of the future.
        """
        query, answers = Query(question, tuple(topics)), self.answers
        finder = answers.hypothesis_finder if isinstance(answers, Answerer) else None

        def asked() -> Outcome:
            if not isinstance(answers, Answerer) or not isinstance(finder, ModelFinder):
                (outcome,) = answers.run([query])
                graph = self.graph_of(outcome)
                tell_topics(outcome.topics)
                for one in outcome.hypotheses:
                    tell_found(FoundChain.of(one, graph))
                return outcome

            def tell(one: Hypothesis) -> None:
                tell_found(FoundChain.of(one, answers.graph))

            observed = ObservedFinder.of(finder, tell_topics, tell)
            (outcome,) = replace(answers, finder=observed).run([query])
            return outcome

        return self.queue.run(asked)

    def graph_of(self, outcome: Outcome) -> IndexedGraph:
        """The graph that names what is in an outcome: of an endpoint, what was fetched for its question."""
        return self.answers.graph if outcome.graph is None else outcome.graph

    def ask_object(self, outcome: Outcome, seconds: float, limit: int | None = None) -> dict[str, Any]:
        """The object of `kgqa ask --json`, with the names of all that it lists, its proof as text, and the
        graph's version.

        Raises the error of the outcome, but for `NoChainError`.
        """
        reply = Reply.of(outcome)
        graph = self.graph_of(outcome)
        proof = reply.answer.proof
        return {
            **reply.to_dict(seconds, limit),
            "names": reply.names(graph, limit),
            "proof_text": None if proof is None else proof.to_text(graph),
            "version": self.version,
        }

    def chains_object(self, outcome: Outcome) -> dict[str, Any]:
        """The topics of a question, and the chains or programs that were found for it, best first.

        Raises the error of the outcome, but for `NoChainError`: then there are none.
        """
        if outcome.error is not None and not isinstance(outcome.error, NoChainError):
            raise outcome.error
        graph = self.graph_of(outcome)
        chains = [FoundChain.of(one, graph) for one in outcome.hypotheses]
        facts = [fact for chain in chains for fact in chain.triples]
        known = [topic for topic in outcome.topics if topic in graph.entities]
        return {
            "topics": list(outcome.topics),
            "chains": [chain.to_dict() for chain in chains],
            "names": names_of(facts, graph, known),
        }

    def explain(
        self, question: str, topics: Sequence[str] = (), expected: Sequence[str] = ()
    ) -> Future[dict[str, Any]]:
        """The object of `kgqa why --json`, with its printed form as `text` and the `names` in it.

        Raises `BusyError` where too many wait, and as `graph`.
        """
        explainer = self.explainer

        def explained() -> dict[str, Any]:
            found = explainer.explain(question, tuple(topics), tuple(expected))
            chains = [one.chain for one in (found.expected_chain, found.first_chain) if one is not None]
            facts = [fact for chain in chains for fact in chain.triples]
            linked = [entity for link in found.links for entity in (*link.entities, *link.others)]
            suggested = [] if found.suggestion is None else [found.suggestion]
            names = names_of([*facts, *suggested], found.graph, linked)
            return {**found.to_dict(), "text": found.describe(), "names": names}

        return self.queue.run(explained)

    def check(self, claims: Sequence[str | dict[str, Any]]) -> Future[dict[str, Any]]:
        """What `check_objects` says of claims. Raises `BusyError` where too many wait, and as `graph`."""
        graph = self.graph
        return self.checks.run(lambda: check_objects(graph, claims))

    def to_dict(self) -> dict[str, Any]:
        """Name, version and size; of an endpoint the size is not known."""
        counts: dict[str, int | None] = dict.fromkeys(("entities", "facts", "relations"))
        if not isinstance(self.answers, EndpointAnswerer):
            graph = self.answers.graph
            counts = {
                "entities": graph.entity_count,
                "facts": len(graph),
                "relations": graph.relation_count,
            }
        return {"name": self.name, "version": self.version, **counts}
