"""Linking, decoding and aggregating, each with its time, and each from a cache where it was done before."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from kgqa.answer import Answer, LlmAggregator
from kgqa.datasets import Question
from kgqa.decode import Engine, Hypothesis, Task
from kgqa.errors import CacheError, ConstraintError, KgqaError
from kgqa.evaluation.outcome import Outcome
from kgqa.evaluation.record import Timings
from kgqa.evaluation.scoring.gold_rank import gold_rank
from kgqa.evaluation.stage_cache import StageCache, digest
from kgqa.evaluation.stored_hypothesis import restore, store
from kgqa.pipeline import Answerer

__all__ = ["Caches", "Stages"]


@dataclass(frozen=True)
class Caches:
    """Where stages keep what they find, for runs in which all of `decided_by` (JSON values) is the same.

    The graph, the question and its topics need not be among it. The aggregator should not: that is
    what a run can be repeated with.
    """

    folder: Path
    decided_by: Mapping[str, object]

    @cached_property
    def linked(self) -> StageCache:
        """The topics that the linker found."""
        return StageCache(self.folder, "linked", self.decided_by)

    @cached_property
    def decoded(self) -> StageCache:
        """The hypotheses, ranked."""
        return StageCache(self.folder, "decoded", self.decided_by)


class _Linked(NamedTuple):
    """A question that has entities to start from; `topics` are what its record shows."""

    question: Question
    topics: tuple[str, ...]
    entities: list[str]
    seconds: float
    task: Task


class _Decoded(NamedTuple):
    hypotheses: Sequence[Hypothesis]
    seconds: float
    passes: int
    tokens: int


@dataclass(frozen=True)
class Stages:
    """An `Answerer`, stage by stage.

    Questions that are decoded together are taken from the cache together or not at all: what a model
    says depends, in its last digits, on what it is asked beside.
    """

    answerer: Answerer
    caches: Caches | None = None

    def outcomes(self, questions: Sequence[Question], link: bool) -> list[Outcome]:
        """What becomes of these questions, decoded together; what is no `KgqaError`, and what
        ends a run, comes through."""
        linked = [self._linked(question, link) for question in questions]
        good = [one for one in linked if isinstance(one, _Linked)]
        decoded = list(self._decoded(good))
        if isinstance(self.answerer.aggregator, LlmAggregator) and len(good) > 1:
            with ThreadPoolExecutor(len(good)) as threads:  # they wait for replies
                concluded = iter(list(threads.map(self._concluded, good, decoded)))
        else:
            concluded = map(self._concluded, good, decoded)
        return [next(concluded) if isinstance(one, _Linked) else one for one in linked]

    def cached(self, questions: Sequence[Question], link: bool) -> int:
        """How many of these questions, decoded together, are in the cache already."""
        if self.caches is None:
            return 0
        linked = [one for question in questions if isinstance(one := self._linked(question, link), _Linked)]
        return sum(key in self.caches.decoded for key in self._keys(linked))

    def _linked(self, question: Question, link: bool) -> _Linked | Outcome:
        began = time.perf_counter()
        topics = () if link else question.topic_entities
        kept = None
        try:
            if topics:
                entities = self.answerer.resolve(topics)
            else:
                entities, kept = self._found(question.question)
                topics = tuple(entities)
            seconds = kept if kept is not None else time.perf_counter() - began
            return _Linked(
                question, topics, entities, seconds, self.answerer.task(question.question, entities)
            )
        except CacheError:
            raise
        except KgqaError as error:
            return Outcome(error, topics, Timings(link=time.perf_counter() - began))

    def _found(self, question: str) -> tuple[list[str], float | None]:
        """The entities that the linker finds, and the time that took where it was done before."""
        if self.caches is None:
            return self.answerer.link(question), None
        key = digest([self.answerer.graph.checksum, question])
        if kept := self.caches.linked.get(key):
            return kept["entities"], kept["seconds"]
        began = time.perf_counter()
        entities = self.answerer.link(question)
        seconds = time.perf_counter() - began
        self.caches.linked.put(key, {"entities": entities, "seconds": seconds})
        return entities, seconds

    def _decoded(self, linked: Sequence[_Linked]) -> Iterator[_Decoded | KgqaError]:
        if self.caches is None:
            return iter(self._decode(linked))
        cache = self.caches.decoded
        keys = self._keys(linked)
        kept = [_restored(cache.get(key), one.task) for key, one in zip(keys, linked, strict=True)]
        whole = [one for one in kept if one is not None]
        if len(whole) == len(kept):
            return iter(whole)
        found = self._decode(linked)
        for key, one in zip(keys, found, strict=True):
            if isinstance(one, _Decoded):
                cache.put(key, _kept(one))
        return iter(found)

    def _keys(self, linked: Sequence[_Linked]) -> list[str]:
        asked = [[one.question.question, one.entities] for one in linked]
        beside = digest([self.answerer.graph.checksum, *asked])
        return [digest([beside, at]) for at in range(len(linked))]

    def _decode(self, linked: Sequence[_Linked]) -> list[_Decoded | KgqaError]:
        if not linked:
            return []
        began = time.perf_counter()
        engine = Engine(self.answerer.model, questions=len(linked))
        found: list[_Decoded | KgqaError] = []
        for one in linked:
            self.answerer.expect(one.question.question, one.entities)
        outcomes = engine.run(self.answerer.decoder, (one.task for one in linked))
        for one, outcome in zip(linked, outcomes, strict=True):
            if isinstance(outcome, KgqaError):
                found.append(outcome)
                continue
            spent = engine.spent
            ranked = self.answerer.ranked(one.question.question, one.entities, outcome)
            found.append(_Decoded(ranked, 0.0, spent.passes, spent.texts))
        share = (time.perf_counter() - began) / len(linked)
        return [one._replace(seconds=share) if isinstance(one, _Decoded) else one for one in found]

    def _concluded(self, linked: _Linked, decoded: _Decoded | KgqaError) -> Outcome:
        question, topics, _, seconds, _ = linked
        if isinstance(decoded, KgqaError):
            return Outcome(decoded, topics, Timings(link=seconds))
        rank = gold_rank(question, decoded.hypotheses, self.answerer.graph)
        began = time.perf_counter()
        answer: Answer | KgqaError
        try:
            answer = self.answerer.conclude(question.question, decoded.hypotheses)
        except KgqaError as error:
            answer = error
        timings = Timings(seconds, decoded.seconds, time.perf_counter() - began)
        return Outcome(answer, topics, timings, decoded.passes, decoded.tokens, rank)


def _kept(decoded: _Decoded) -> dict[str, object]:
    return {**decoded._asdict(), "hypotheses": [store(hypothesis) for hypothesis in decoded.hypotheses]}


def _restored(kept: Mapping[str, object] | None, task: Task) -> _Decoded | None:
    """What was decoded before; `None` where nothing was, or where it does not fit."""
    match kept:
        case {
            "hypotheses": [*hypotheses],
            "seconds": int() | float() as seconds,
            "passes": int(passes),
            "tokens": int(tokens),
        }:
            try:
                found = [restore(one, task.constraint) for one in hypotheses]
            except (ValueError, ConstraintError):
                return None
            return _Decoded(found, float(seconds), passes, tokens)
    return None
