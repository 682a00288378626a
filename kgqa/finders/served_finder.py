"""Hypotheses that a model in a vLLM server writes under the constraint of the same graph."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kgqa.answer import PathRanker
from kgqa.constraint import CachingTokenizer, Constraint
from kgqa.constraint.engines.walk_request import WalkRequest
from kgqa.decode import Hypothesis
from kgqa.errors import ConstraintError, ModelError, UsageError, check_count, check_number
from kgqa.finders.chain_space import ChainSpace
from kgqa.finders.protocol import Found, LinkedQuestion
from kgqa.finders.question_prompt import question_prompt
from kgqa.finders.threaded_finder import ThreadedFinder
from kgqa.lm import PromptForm
from kgqa.lm.byte_tokenizer import ByteTokenizer
from kgqa.lm.vllm.served_model import HOTTEST, ServedModel, ServedText

__all__ = ["ServedFinder"]


@dataclass(frozen=True)
class ServedFinder(ThreadedFinder):
    """Samples chains from a model in a vLLM server that holds the same graph.

    `samples` texts are drawn for each question, as by `Sampler`; hypotheses have the log-probability of the
    model without the constraint. The server is told the graph by its checksum, so that it cannot take
    another version. It is not trusted: each text is read again here, under the same constraint over its
    bytes, and one that is no chain of the graph is a `ModelError`. The names that filters of the chain space
    were made of are in `without` and so on (`named_filters`), and `speak_identifiers` says whether its graph
    is one of `spoken_identifiers`. `rankers` as in `ModelFinder`. Raises `UsageError` for settings out of
    range.
    """

    model: ServedModel
    samples: int = 10
    temperature: float = 1.0
    seed: int = 0
    prompt: PromptForm = "kgqa"
    speak_identifiers: bool = False
    without: tuple[str, ...] = ()
    only_relation: tuple[str, ...] = ()
    must_use: tuple[str, ...] = ()
    answer_type: tuple[str, ...] = ()
    rankers: tuple[PathRanker, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)
    """Held while tables, tokenizer and rankers are used, which all questions share."""

    def __post_init__(self) -> None:
        check_count(self.samples, "samples")
        check_count(self.seed, "seed", None)
        check_number(self.temperature, "temperature", above=0, most=HOTTEST)
        if self.prompt == "rog":
            raise UsageError("prompt: a served model writes no relation plans; leave rog out")

    def constraint(self, question: LinkedQuestion, space: ChainSpace) -> Constraint:
        """The walk over the bytes of chains; see `Finder.constraint`."""
        if space.grammar == "programs":
            raise UsageError("grammar: a served model writes no programs; choose relations, path or chain")
        return space.walk(question.topics, self._tokenizer)

    def texts(self, hypotheses: Sequence[Hypothesis], _space: ChainSpace) -> list[str]:
        """The text of each hypothesis, as the model wrote it."""
        return [self._bytes.decode(one.tokens) for one in hypotheses]

    def _found(self, question: LinkedQuestion, space: ChainSpace) -> Found:
        with self._lock:
            constraint = self.constraint(question, space)
            prompt = question_prompt(question, space, self.prompt)
        written = self.model.sample(
            prompt,
            self._request(question.topics, space),
            samples=self.samples,
            temperature=self.temperature,
            seed=self.seed,
        )
        with self._lock:
            hypotheses: Sequence[Hypothesis] = [self._read(one, constraint) for one in written]
            for ranker in self.rankers:
                ranker.prepare(question.question, prompt.topics)
                hypotheses = ranker.rank(question.question, prompt.topics, hypotheses, space.graph)
        return Found(hypotheses, tokens=sum(one.tokens * one.count for one in written))

    def _request(self, topics: Sequence[str], space: ChainSpace) -> WalkRequest:
        if space.filters and not (self.without or self.only_relation or self.must_use or self.answer_type):
            raise UsageError("filters: a served model must be given the names that they were made of")
        return WalkRequest(
            topics=tuple(topics),
            checksum=space.graph.checksum,
            grammar=space.grammar,
            hops=space.hops,
            inverse=space.inverse,
            allow_return=space.allow_return,
            speak_identifiers=self.speak_identifiers,
            without=self.without,
            only_relation=self.only_relation,
            must_use=self.must_use,
            answer_type=self.answer_type,
        )

    def _read(self, written: ServedText, constraint: Constraint) -> Hypothesis:
        """The hypothesis of a text. Raises `ModelError` for one that is no chain of the constraint."""
        (tokens,) = self._bytes.encode_batch([f" {written.text.strip()}"])
        state = constraint.start
        try:
            for token in tokens:
                state = constraint.advance(state, token)
        except ConstraintError:
            state = constraint.start  # which ends no text
        if not constraint.accepts(state):
            raise ModelError(
                f"{self.model} wrote {written.text!r:.200}, which is no chain that was asked for: it is no "
                "server of this graph, or its tokenizer changes names"
            )
        share = math.log(written.count / self.samples)
        return Hypothesis(tokens, written.log_probability, state, constraint, log_weight=share, exact=True)

    @cached_property
    def _bytes(self) -> ByteTokenizer:
        return ByteTokenizer()

    @cached_property
    def _tokenizer(self) -> CachingTokenizer:
        return CachingTokenizer(self._bytes)
