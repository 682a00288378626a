"""Explains why a question has not the answer that was expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from kgqa.answer import Answer, ProgramVote
from kgqa.counted import counted
from kgqa.decode import Hypothesis
from kgqa.diagnosis.cause import Cause
from kgqa.diagnosis.diagnosis import Diagnosis, FoundChain, Judgement
from kgqa.diagnosis.expected_value import gives, is_value
from kgqa.diagnosis.missing_fact import missing_fact
from kgqa.diagnosis.topic_choice import TopicChoice
from kgqa.diagnosis.traced_search import TracedSearch
from kgqa.diagnosis.wanted_chains import WantedChains
from kgqa.errors import KgqaError, NoChainError, NoTopicError, UnknownEntityError, check_names
from kgqa.finders import LinkedQuestion, ModelFinder
from kgqa.finders.model_finder import KNOWN_NATS
from kgqa.graph import Chain, IndexedGraph, fold_name, shortest_chains
from kgqa.linking import SpellingIndex
from kgqa.pipeline import Answerer, Outcome, Query

__all__ = ["Explainer"]

_NAMED = {
    "PathFit": "meaning",
    "PathRelevance": "cross-encoder",
    "ProgramRank": "cross-encoder",
    "PathDirection": "direction",
    "VacuousPrograms": "programs whose result is known beforehand",
    "AskedValues": "values asked for",
    "NamedVariants": "variants with what is named",
    "AskedNames": "names asked for",
    "AskedMeasure": "measure asked for",
    "AskedNegation": "negation asked for",
    "AskedKind": "kind asked for",
    "AskedOrder": "order asked for",
    "AskedSuperlative": "superlative asked for",
    "NamedExceptions": "exceptions",
}
"""The rankers as they are shown."""
_USUAL_HOPS = 3
"""Chains up to this length are looked for beyond what the settings allow."""
_FAR = 5.0
"""So many nats more probable a chain that is kept out is what the question asks for."""
_NO_PROGRAM = (
    "no program that was found gives it; if the first one says what is asked, "
    "the graph lacks facts for it, or has wrong ones"
)
_ALIKE = 0.6
"""The least similarity of names that are shown for one that the graph has not."""


@dataclass(frozen=True, eq=False)
class Explainer:
    """Finds the first stage of an `answerer` that lost an expected answer.

    The likeliest chain to the expected answer is searched as the answerer searches, under the same constraint
    narrowed to the expected end. A chain that the model finds improbable and whose relations are not akin to
    the question does not say what is asked: then no chain leads there (`Cause.NO_CHAIN`).

    >>> from kgqa.graph import GraphBuilder, Triple
    >>> from kgqa.lm import MockLanguageModel
    >>> graph = GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle")])
    >>> explainer = Explainer(Answerer(graph, MockLanguageModel()))
    >>> explainer.explain("Who directed Kismet?", expected=["Joel Zwick"]).cause.sentence
    'the graph has no entity of the expected name'
    """

    answerer: Answerer

    def explain(self, question: str, topics: Sequence[str] = (), expected: Sequence[str] = ()) -> Diagnosis:
        """Why the first answer is none of the `expected` (names or values); without them, why there is none.

        `topics` are names, as for `Answerer.answer`; without them they are found in the question.
        """
        check_names(expected, "expected")
        line = self.answerer.line_of(question, topics)
        return _Case(line, question, tuple(topics), tuple(expected)).diagnosis()


@dataclass(frozen=True, eq=False)
class _Case:
    """One question, asked of an answerer of one grammar."""

    line: Answerer
    question: str
    topics: tuple[str, ...]
    expected: tuple[str, ...]

    def diagnosis(self) -> Diagnosis:
        error = self._outcome.error
        if self._is_right(self._answer):
            return self._said(Cause.ANSWERED)
        if isinstance(error, NoTopicError | UnknownEntityError):
            return self._said(Cause.TOPIC, notes=(str(error),))
        if error is not None and not isinstance(error, NoChainError):
            return self._said(Cause.FAILED, notes=(str(error),))
        if not self.expected and error is None:
            return self._said(Cause.ANSWERED) if self._answer else self._emptied()
        if self._answer is not None and not self._answer and self._is_right(self._bare_answer):
            return self._emptied()
        if self.line.grammar == "programs":
            return self._of_programs()
        if not self._goals:
            return self._unknown() if self.expected else self._said(Cause.NO_CHAIN, notes=(str(error),))
        return self._of_chains()

    # Answers --------------------------------------------------------------------------------------

    @cached_property
    def _outcome(self) -> Outcome:
        (outcome,) = self.line.run([Query(self.question, self.topics)])
        return outcome

    @property
    def _answer(self) -> Answer | None:
        return None if self._outcome.error is not None else self._outcome.unwrap()

    @cached_property
    def _bare_answer(self) -> Answer | None:
        """The answer that there would be if none were taken back."""
        return self._asked(min_confidence=0.0, check_form=False, coverage=None)

    def _asked(self, **changes: Any) -> Answer | None:
        line = replace(self.line, **changes)
        if isinstance(line.aggregator, ProgramVote):
            line = replace(line, aggregator=replace(line.aggregator, check_form=line.check_form))
        (outcome,) = line.run([Query(self.question, self.topics)])
        return None if outcome.error is not None else outcome.unwrap()

    def _is_right(self, answer: Answer | None) -> bool:
        """Whether an answer has an expected one in front."""
        if answer is None or not answer or not self.expected:
            return False
        if answer.value is not None:
            return any(gives(answer.value, one) for one in self.expected)
        first = answer.entities[0].entity if answer.entities else answer.rows[0].entity
        return first in self._goals or fold_name(_name(first, self.line.graph)) in self._wanted

    def _emptied(self) -> Diagnosis:
        """An answer that was found and taken back."""
        if self._asked(min_confidence=0.0):
            return self._said(Cause.CONFIDENCE)
        if self._asked(min_confidence=0.0, check_form=False):
            return self._said(Cause.FORM)
        return self._said(Cause.COVERAGE if self._bare_answer else Cause.NOT_CHOSEN)

    @cached_property
    def _goals(self) -> tuple[str, ...]:
        """The entities that go by an expected name."""
        return tuple(dict.fromkeys(found for name in self.expected for found in self.line.graph.find(name)))

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return frozenset(fold_name(name) for name in self.expected)

    def _unknown(self) -> Diagnosis:
        index = SpellingIndex.of(self.line.graph)
        alike = dict.fromkeys(name for one in self.expected for name, _ in index.search(one, _ALIKE))
        notes = (f"similar names: {', '.join(list(alike)[:5])}",) if alike else ()
        return self._said(Cause.UNKNOWN, notes=notes)

    # Chains ---------------------------------------------------------------------------------------

    def _of_chains(self) -> Diagnosis:
        chains, space = self._chains, self.line.space
        near, open_ = chains.telling(space, self._linked), self._open_lead()
        if open_ is not None and self._is_kept_out(open_) and not _is_nearly_as_probable(near, open_):
            return self._said(Cause.FILTERED, expected_chain=_found(open_), notes=self._settings())
        if near is not None and (near.log_probability >= KNOWN_NATS or not self._choice.is_weak):
            return self._lost(near)
        other = chains.telling(space, self._choice.others)
        if other is not None:
            return self._said(Cause.TOPIC, expected_chain=_found(other))
        if self._choice.is_weak:
            return self._said(Cause.TOPIC)
        return self._no_chain(next(iter(chains.leads(space, self._linked)), None))

    def _open_lead(self) -> Hypothesis | None:
        """The chain that says what is asked and leads to an expected answer, whatever the settings allow."""
        space = self.line.space
        hops, returns = max(space.hops, _USUAL_HOPS), bool(set(self._goals) & set(self._linked))
        if not space.filters and space.inverse and hops == space.hops and not returns:
            return None  # nothing that matters is kept out
        wide = replace(space, filters=(), hops=hops, inverse=True, allow_return=returns or space.allow_return)
        return self._chains.telling(wide, self._linked)

    def _no_chain(self, near: Hypothesis | None) -> Diagnosis:
        graph, space = self.line.graph, self.line.space
        notes = []
        if near is None:
            far = next(self._far_chains(graph, space.hops + 2), None)
            if far is not None:
                notes.append(f"there is a chain of {counted(len(far.hops), 'hop')}: {far.to_text(graph)}")
        fit = self._finder.own_fit if self._finder is not None else None
        fact = missing_fact(self.question, self._linked, self._goals, graph, fit) if fit else None
        found = None if near is None else _found(near)
        return self._said(Cause.NO_CHAIN, expected_chain=found, suggestion=fact, notes=tuple(notes))

    def _far_chains(self, graph: IndexedGraph, hops: int) -> Iterator[Chain]:
        pairs = ((topic, goal) for topic in self._linked[:3] for goal in self._goals[:3])
        return (chain for topic, goal in pairs for chain in shortest_chains(graph, topic, goal, hops))

    def _lost(self, lead: Hypothesis) -> Diagnosis:
        """The stage that lost a chain that says what is asked and leads to the expected answer."""
        found = _found(lead)
        answer = self._answer or self._bare_answer
        if answer and answer.entities and self._is_namesake(answer, lead):
            return self._said(Cause.TOPIC, expected_chain=found)
        ranked = self._outcome.hypotheses
        places = [at for at, one in enumerate(ranked, 1) if not one.ends.keys().isdisjoint(self._goals)]
        same = [at for at in places if ranked[at - 1].tokens == lead.tokens]
        if not places or (
            not same and not self._chains.says_it(ranked[places[0] - 1], self._linked, self.line.space)
        ):
            return self._not_decoded(lead)
        place = (same or places)[0]
        found = self._found_to(ranked[place - 1])
        if place > 1:
            return self._said(
                Cause.RANKED_LOW, expected_chain=found, place=place, judges=self._judged(ranked[place - 1])
            )
        is_voted = answer is not None and any(one.entity in self._goals for one in answer.entities)
        cause = Cause.NOT_FIRST if is_voted or answer is None else Cause.NOT_CHOSEN
        return self._said(cause, expected_chain=found, place=place)

    def _not_decoded(self, lead: Hypothesis) -> Diagnosis:
        trace, _ = self._traced
        stopped = None if trace is None else trace.given_up(lead)
        if trace is None or stopped is None or self._finder is None:
            return self._said(Cause.NOT_DECODED, expected_chain=_found(lead))
        length, least = stopped
        text = self._finder.model.tokenizer.decode(lead.tokens[:length]).strip()
        return self._said(
            Cause.NOT_DECODED, expected_chain=_found(lead), given_up_after=text, kept_least=least
        )

    def _is_namesake(self, answer: Answer, lead: Hypothesis) -> bool:
        """Whether the answer was found from another entity of the name of the topic."""
        graph = self.line.graph
        start = answer.entities[0].chains[0].start if answer.entities[0].chains else lead.chain.start
        own = lead.chain.start
        return start != own and fold_name(_name(start, graph)) == fold_name(_name(own, graph))

    def _is_kept_out(self, lead: Hypothesis) -> bool:
        """Whether the answerer's own constraint does not take a text."""
        if self._finder is None:
            return False
        try:
            constraint = self._finder.constraint(self._asked_about(self._linked), self.line.space)
            state = constraint.start
            for token in lead.tokens:
                state = constraint.advance(state, token)
            return not constraint.accepts(state) or constraint.ends(state).keys().isdisjoint(self._goals)
        except KgqaError:
            return True

    def _settings(self) -> tuple[str, ...]:
        """The settings that keep chains out."""
        space = self.line.space
        said = [f"only chains {one}" for one in space.filters]
        said += [f"chains have at most {space.hops} hop{'s' * (space.hops > 1)} (hops)"]
        said += [] if space.inverse else ["triples are followed in their own direction only (inverse)"]
        if not space.allow_return and set(self._goals) & set(self._linked):
            said.append("chains do not come back to their start (allow_return)")
        return tuple(said)

    def _judged(self, lost: Hypothesis) -> tuple[Judgement, ...]:
        """The scores of a hypothesis and of the best of the others after each judge."""
        finder, (_, hypotheses) = self._finder, self._traced
        if finder is None or not hypotheses:
            return ()
        found = [_judgement("model", lost, hypotheses)]
        topics = self.line.space.names(self._linked)
        for ranker in finder.rankers_for(self.line.space):
            ranker.prepare(self.question, topics)
            hypotheses = ranker.rank(self.question, topics, hypotheses, self.line.graph)
            name = type(ranker).__name__
            found.append(_judgement(_NAMED.get(name, name), lost, hypotheses))
        return tuple(found)

    @cached_property
    def _traced(self) -> tuple[TracedSearch | None, Sequence[Hypothesis]]:
        """The search, watched, and what it found before anything was ranked again."""
        finder, space = self._finder, self.line.space
        if finder is None:
            return None, ()
        trace = TracedSearch(finder.decoder_for(space))
        task = finder.task(self._asked_about(self._linked), space)
        (found,) = finder.engine_for(1).run(trace, [task])
        return (trace, ()) if isinstance(found, KgqaError) else (trace, found)

    # Programs -------------------------------------------------------------------------------------

    def _of_programs(self) -> Diagnosis:
        """Of programs only those are looked at that were decoded."""
        vote = ProgramVote(check_form=False)
        answers = [
            (one, vote.aggregate(self.question, [one], self.line.graph)) for one in self._outcome.hypotheses
        ]
        programs = tuple(answer.program for _, answer in answers[:3])
        for place, (hypothesis, answer) in enumerate(answers, 1):
            if self._is_right(answer) or self._holds(answer):
                right = answer.program
                judges = self._judged_program(hypothesis)
                if place == 1:
                    return self._said(Cause.NOT_FIRST, place=1, programs=programs)
                return self._said(Cause.RANKED_LOW, place=place, programs=(right, *programs), judges=judges)
        if not self._goals and not any(map(is_value, self.expected)):
            return self._unknown()
        return self._said(Cause.NOT_DECODED, programs=programs, notes=(_NO_PROGRAM,) if programs else ())

    def _holds(self, answer: Answer) -> bool:
        return any(one.entity in self._goals for one in answer.entities)

    def _judged_program(self, hypothesis: Hypothesis) -> tuple[Judgement, ...]:
        return () if self._finder is None else (_judgement("all", hypothesis, self._outcome.hypotheses),)

    # What it is made of ---------------------------------------------------------------------------

    @cached_property
    def _finder(self) -> ModelFinder | None:
        finder = self.line.hypothesis_finder
        return finder if isinstance(finder, ModelFinder) else None

    @cached_property
    def _choice(self) -> TopicChoice:
        return TopicChoice.of(self.question, self.topics, self.line.linker, self.line.graph)

    @cached_property
    def _linked(self) -> tuple[str, ...]:
        """The topics by identifier."""
        if self.topics:
            return tuple(self.line.resolve(self.topics))
        return tuple(self.line.link(self.question))

    def _asked_about(self, topics: Sequence[str]) -> LinkedQuestion:
        return LinkedQuestion(self.question, tuple(topics))

    @cached_property
    def _chains(self) -> WantedChains:
        hypotheses = self._outcome.hypotheses
        return WantedChains(self._finder, self.question, self.expected, self._goals, tuple(hypotheses))

    def _found_to(self, hypothesis: Hypothesis) -> FoundChain:
        """A hypothesis with its first chain to an expected answer."""
        goal = next(goal for goal in self._goals if goal in hypothesis.ends)
        return FoundChain(next(hypothesis.chains(goal)), hypothesis.log_probability)

    def _said(self, cause: Cause, **evidence: Any) -> Diagnosis:
        answer = self._answer
        first = None
        hypotheses = self._outcome.hypotheses
        if answer and answer.entities and answer.entities[0].chains and answer.proof is None and hypotheses:
            first = FoundChain(answer.entities[0].chains[0], hypotheses[0].log_probability)
        return Diagnosis(
            self.question,
            cause,
            self.line.graph,
            self.expected,
            _given(answer),
            self._choice.links,
            first_chain=first,
            confidence=None if answer is None else answer.confidence,
            **evidence,
        )


def _given(answer: Answer | None) -> tuple[str, ...]:
    if answer is None or not answer:
        return ()
    return (answer.value,) if answer.value is not None else answer.names


def _found(hypothesis: Hypothesis) -> FoundChain:
    return FoundChain(hypothesis.chain, hypothesis.log_probability)


def _is_nearly_as_probable(near: Hypothesis | None, other: Hypothesis) -> bool:
    return near is not None and near.log_probability + _FAR >= other.log_probability


def _judgement(judge: str, lost: Hypothesis, hypotheses: Sequence[Hypothesis]) -> Judgement:
    scores = {one.tokens: one.score for one in hypotheses}
    own = scores.pop(lost.tokens, float("-inf"))
    return Judgement(judge, own, max(scores.values(), default=float("-inf")))


def _name(entity: str | None, graph: IndexedGraph) -> str:
    return "" if entity is None else graph.label(entity) or entity
