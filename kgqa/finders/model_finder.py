"""Hypotheses from a language model, decoded under the constraint of the graph."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, cast

from kgqa.answer import (
    Answer,
    AskedKind,
    AskedMeasure,
    AskedNames,
    AskedNegation,
    AskedOrder,
    AskedSuperlative,
    AskedValues,
    Calibration,
    NamedExceptions,
    NamedVariants,
    PathDirection,
    PathFit,
    PathRanker,
    PathRelevance,
    ProgramRank,
    VacuousPrograms,
    can_be_quantity,
    compares_as_asked,
    goes_against,
    program_of,
)
from kgqa.constraint import (
    Answered,
    CachingTokenizer,
    Constraint,
    Explained,
    StatedAnswer,
    TextTokenizer,
    Tokenizer,
)
from kgqa.decode import BeamSearch, Decoder, Engine, Hypothesis, Task
from kgqa.errors import KgqaError, UsageError
from kgqa.finders.chain_space import ChainSpace
from kgqa.finders.plan_tokenizer import PlanTokenizer
from kgqa.finders.protocol import Finder, Found, LinkedQuestion
from kgqa.finders.question_prompt import question_prompt
from kgqa.lm import (
    Embeds,
    EndOfSequenceLanguageModel,
    LanguageModel,
    PromptForm,
    RanksPrograms,
    Relevance,
    Reranks,
    calibration_file,
)
from kgqa.program import Follow, Step, phrase, program_text

__all__ = ["ModelFinder"]

PROGRAM_MARGIN = 8.0
"""Programs that are so many nats less probable than the best one so far are not searched for."""
AKIN_NATS = 5.5
"""What `PathFit` gives at least to relations that are asked for; of absent facts, 97 % get less."""
KNOWN_NATS = -4.0
"""The log-probability from which the model knows that a question asks for a path, whatever its words."""
UNRELATED_CONFIDENCE = 0.4
"""Below what counts as sure, above what `kgqa ask` keeps silent about."""


class _Started(NamedTuple):
    question: LinkedQuestion
    task: Task


@dataclass(frozen=True, eq=False)
class ModelFinder(Finder):
    """Decodes the likeliest chains of a language model, then ranks them again.

    `rankers` score the hypotheses again, one after the other. `None`: for relation paths those that the model
    provides, by the meaning of its embeddings (`PathFit`) and its cross-encoder (`PathRelevance`), and the
    direction that the question's grammar asks in (`PathDirection`); for programs what the question names and
    asks for (`AskedValues`, `NamedVariants`), the model's cross-encoder (`ProgramRank`), that direction, and
    again the question's words (`VacuousPrograms`, `AskedNames`, `AskedNegation`, `AskedKind`, `AskedMeasure`,
    `AskedOrder`, `AskedSuperlative`, `NamedExceptions`).

    `wrap` replaces each question's constraint, for example by one that lets the model explain its links
    (`kgqa.constraint.Explained`); `explain` is that with its defaults. `prompt` is how questions are put,
    `answer` what the model writes behind each chain (`kgqa.constraint.Answered`); its probability counts in
    that of the text. The prompt "rog" also has relation paths written as plans (`PlanGrammar`), "dog" shows
    the facts around the topics (`question_prompt`).
    """

    model: LanguageModel
    decoder: Decoder = field(default_factory=BeamSearch)
    rankers: tuple[PathRanker, ...] | None = None
    wrap: Callable[[Constraint], Constraint] | None = None
    prompt: PromptForm = "kgqa"
    answer: StatedAnswer = "none"
    explain: bool = False

    def __post_init__(self) -> None:
        free = "answer" if self.answer != "none" else "explain" if self.explain else ""
        if free and not hasattr(self.model.tokenizer, "ordinary_ids"):
            raise UsageError(
                "the model's tokenizer does not say which tokens are plain text, so nothing can be written "
                f"behind chains: leave `{free}` out"
            )

    def find(self, questions: Sequence[LinkedQuestion], space: ChainSpace) -> list[Found | KgqaError]:
        """The ranked hypotheses of each question, decoded in common passes."""
        began = time.perf_counter()
        started = [self._start(question, space) for question in questions]
        running = [one for one in started if isinstance(one, _Started)]
        found = self._decoded(running, space)
        outcomes = [next(found) if isinstance(one, _Started) else one for one in started]
        share = (time.perf_counter() - began) / max(1, len(running))
        return [one._replace(seconds=share) if isinstance(one, Found) else one for one in outcomes]

    def constraint(self, question: LinkedQuestion, space: ChainSpace) -> Constraint:
        """The walk over the graph from the question's topics; see `Finder.constraint`."""
        plans = self.prompt == "rog"
        tokenizer = self._plan_tokenizer if plans else self._tokenizer
        walk = space.walk(question.topics, tokenizer, question.mentioned, plans=plans)
        chains = self.wrap(walk) if self.wrap else walk
        if self.explain:
            chains = Explained(chains, cast(TextTokenizer, self._speaker.tokenizer))
        if self.answer == "none":
            return chains
        tokenizer = cast(TextTokenizer, self._speaker.tokenizer)
        return Answered(chains, space.graph, tokenizer, held=self.answer == "held")

    def task(self, question: LinkedQuestion, space: ChainSpace) -> Task:
        """The prompt and the constraint that a question is decoded with. Raises as `constraint`."""
        return Task(question_prompt(question, space, self.prompt), self.constraint(question, space))

    def texts(self, hypotheses: Sequence[Hypothesis], _space: ChainSpace) -> list[str]:
        """The text of each hypothesis, as the model wrote it."""
        return [self.model.tokenizer.decode(one.tokens) for one in hypotheses]

    @property
    def writes_programs(self) -> bool:
        """Whether its model writes programs: any does, unless it says that it was not trained to."""
        return bool(getattr(self.model, "writes_programs", True))

    def calibration(self, space: ChainSpace) -> Calibration | None:
        """What came with the model, for this grammar and a beam search with the model's own rankers."""
        if self.rankers is not None or not isinstance(self.decoder, BeamSearch) or self.answer != "none":
            return None
        file = calibration_file(self.model, space.grammar)
        return None if file is None else Calibration.load(file)

    def confidence_limit(
        self, question: LinkedQuestion, answer: Answer, hypotheses: Sequence[Hypothesis], space: ChainSpace
    ) -> float:
        """0.4 where the answer is probably not what was asked. Only with the model's own rankers.

        - The relations of the best path are not akin to the question, in words or meaning: then the fact that
          is asked for is probably not in the graph, such as a budget where only the director is known. A path
          to which the model gives a log-probability of -4 or more has no such limit: from training it knows
          who "plays for" a team.
        - A program compares two names by what the question has no word for, or the other way than its words.
        - The quantity that is asked for is another one (`can_be_quantity`).
        """
        if self.rankers is not None or not hypotheses or space.grammar not in ("relations", "programs"):
            return 1.0
        limits = self._limits_program if space.grammar == "programs" else self._limits_path
        return UNRELATED_CONFIDENCE if limits(question, answer, hypotheses[0], space) else 1.0

    def _limits_program(
        self, question: LinkedQuestion, answer: Answer, best: Hypothesis, space: ChainSpace
    ) -> bool:
        text, graph = question.question, space.graph
        if question.mentioned is not None and question.mentioned.compared is not None:
            return not compares_as_asked(best, text)
        program = program_of(best) if answer.proof is None else answer.proof.program
        ends = None if program.final or not program.clauses else program.clauses[-1]
        last = ends.step if isinstance(ends, Follow) else None
        said = [program_text(program, graph)]
        return goes_against(program, text, graph) or not can_be_quantity(text, said, last, graph)

    def _limits_path(
        self, question: LinkedQuestion, _answer: Answer, best: Hypothesis, space: ChainSpace
    ) -> bool:
        names, graph = space.names(question.topics), space.graph
        steps = [step.relation for step in graph.labelled_steps(best.chain)]
        if steps and not can_be_quantity(question.question, [*steps, *names], Step(steps[-1]), graph):
            return True
        if self.own_fit is None or best.log_probability >= KNOWN_NATS:
            return False
        (gained,) = self.own_fit.gains(question.question, names, [best], graph)
        return gained < AKIN_NATS

    def similarity(self, question: LinkedQuestion, answer: Answer, space: ChainSpace) -> float | None:
        """Of a program in plain English; unknown of paths, and without the model's own rankers."""
        if self.own_fit is None or self.rankers is not None or answer.proof is None:
            return None
        return self.own_fit.similarity(question.question, phrase(answer.proof.program, space.graph))

    def relevance(self, space: ChainSpace) -> Relevance | None:
        """The model's cross-encoder, which reads relation paths."""
        if self.rankers is not None or space.grammar != "relations":
            return None
        return self.model.relevance if isinstance(self.model, Reranks) else None

    def rankers_for(self, space: ChainSpace) -> tuple[PathRanker, ...]:
        """What ranks the hypotheses of this kind of chains again, in this order."""
        if self.rankers is not None:
            return self.rankers
        if space.grammar == "programs":
            own = () if self.own_program_rank is None else (self.own_program_rank,)
            return (
                *(AskedValues(self._tokenizer), NamedVariants(self._tokenizer), *own),
                *(PathDirection(), VacuousPrograms(), AskedNames(), AskedNegation(), AskedKind()),
                *(AskedMeasure(), AskedOrder(self._tokenizer), AskedSuperlative(self._tokenizer)),
                NamedExceptions(self._tokenizer),
            )
        fits = (self.own_fit, self.own_relevance) if space.grammar == "relations" else ()
        found = tuple(ranker for ranker in fits if ranker is not None)
        return (*found, PathDirection(), AskedKind(other=3.0, behind_what=True)) if found else ()

    def decoder_for(self, space: ChainSpace) -> Decoder:
        """The decoder; for programs a beam search renormalises over the allowed tokens, as training does."""
        if space.grammar == "programs" and isinstance(self.decoder, BeamSearch):
            return replace(self.decoder, masked=True, margin=PROGRAM_MARGIN)
        return self.decoder

    def engine_for(self, questions: int) -> Engine:
        """The engine that decodes so many questions at a time."""
        return Engine(self._speaker, questions=questions)

    def _start(self, question: LinkedQuestion, space: ChainSpace) -> _Started | KgqaError:
        try:
            return _Started(question, self.task(question, space))
        except KgqaError as error:
            return error

    def _decoded(self, started: Sequence[_Started], space: ChainSpace) -> Iterator[Found | KgqaError]:
        rankers = self.rankers_for(space)
        for one in started:
            for ranker in rankers:
                ranker.prepare(one.question.question, one.task.prompt.topics)
        engine = self.engine_for(max(1, len(started)))
        outcomes = engine.run(self.decoder_for(space), [one.task for one in started])
        for one, hypotheses in zip(started, outcomes, strict=True):
            if isinstance(hypotheses, KgqaError):
                yield hypotheses
                continue
            spent = engine.spent
            for ranker in rankers:
                hypotheses = ranker.rank(
                    one.question.question, one.task.prompt.topics, hypotheses, space.graph
                )
            yield Found(hypotheses, 0.0, spent.passes, spent.texts)

    @cached_property
    def own_fit(self) -> PathFit | None:
        """The ranker by the meaning of the model's embeddings, if it has any."""
        return PathFit(self.model.embed) if isinstance(self.model, Embeds) else None

    @cached_property
    def own_relevance(self) -> PathRelevance | None:
        """The ranker by the model's cross-encoder, if it has one."""
        relevance = self.model.relevance if isinstance(self.model, Reranks) else None
        return PathRelevance(relevance) if relevance else None

    @cached_property
    def own_program_rank(self) -> ProgramRank | None:
        """The ranker of programs by the model's cross-encoder for them, if it has one."""
        relevance = self.model.program_relevance if isinstance(self.model, RanksPrograms) else None
        return ProgramRank(relevance) if relevance else None

    @cached_property
    def _tokenizer(self) -> CachingTokenizer:
        return CachingTokenizer(self._speaker.tokenizer)

    @cached_property
    def _plan_tokenizer(self) -> Tokenizer:
        """The tokenizer for relation plans, which may have a token of its own between relations."""
        mark: int | None = getattr(self.model.tokenizer, "plan_mark_id", None)
        return self._tokenizer if mark is None else PlanTokenizer(self._tokenizer, mark)

    @cached_property
    def _speaker(self) -> LanguageModel:
        """The model; its texts end behind the answer where it writes one."""
        return self.model if self.answer == "none" else EndOfSequenceLanguageModel(self.model)
