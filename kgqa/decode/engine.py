"""The engine: runs many searches against one model, in common forward passes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint
from kgqa.decode.decoder import Decoder, Task
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.job import Job
from kgqa.errors import KgqaError, OutOfMemoryError, check_count
from kgqa.lm import LanguageModel, Prompt, Request, ScoresChoices, renormalised

__all__ = ["Cost", "Engine", "Spent", "decode"]

Outcome = list[Hypothesis] | KgqaError


@dataclass
class Cost:
    """The cost of an engine: forward passes, texts scored in them, seconds in the model and in total."""

    passes: int = 0
    texts: int = 0
    model_seconds: float = 0.0
    seconds: float = 0.0


class Spent(NamedTuple):
    """The cost of one task: the passes that it took part in, and its texts in them.

    Scoring a text reads one more token, so `texts` counts tokens, without those of the prompt.
    """

    passes: int = 0
    texts: int = 0


@dataclass
class Engine:
    """Runs searches against a model, up to `questions` of them at a time.

    A finished search is replaced by the next one at once. Each pass also scores texts that a search
    will probably need: up to `lookahead` texts for one search, up to twice as many for all searches
    of a pass, because a few more texts cost less than another pass. Both settings change only the
    speed, never the results. Without `prefetches`, nothing is scored but what a search needs now, for a
    model that may be asked nothing else. `cost` is the total, `spent` that of the task whose outcome was
    yielded last.

    A pass that runs out of memory is repeated once with half the questions at a time; if that fails,
    the error is the outcome of its tasks.
    """

    model: LanguageModel
    questions: int = 8
    lookahead: int = 128
    prefetches: bool = True
    cost: Cost = field(default_factory=Cost)
    spent: Spent = field(default=Spent(), init=False)

    def __post_init__(self) -> None:
        check_count(self.questions, "questions")
        check_count(self.lookahead, "lookahead", 0)

    def run(self, decoder: Decoder, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """The outcomes of tasks, in order, each as soon as it and all before it are available.

        An outcome is the hypotheses of a task, or the error that ended its search.
        """
        waiting = enumerate(tasks)
        running: dict[int, Job] = {}
        outcomes: dict[int, Outcome] = {}
        spent: dict[int, Spent] = {}
        due, more = 0, True
        try:
            while running or more:
                while more and len(running) < self.questions:
                    began = time.perf_counter()
                    number, task = next(waiting, (-1, None))
                    if task is None:
                        more = False
                        break
                    self._start(number, task, decoder, running, outcomes)
                    self.cost.seconds += time.perf_counter() - began
                if running:
                    spent |= self._step(running, outcomes)
                while due in outcomes:
                    self.spent = spent.pop(due, Spent())
                    yield outcomes.pop(due)
                    due += 1
        finally:
            for job in running.values():
                job.close()

    def _start(
        self,
        number: int,
        task: Task,
        decoder: Decoder,
        running: dict[int, Job],
        outcomes: dict[int, Outcome],
    ) -> None:
        try:
            running[number] = Job(task, decoder, self.model.tokenizer.end_id)
        except KgqaError as error:
            outcomes[number] = error

    def _step(self, running: dict[int, Job], outcomes: dict[int, Outcome]) -> dict[int, Spent]:
        """One pass for all running searches, apart for equal prompts; the cost of those now done."""
        began = time.perf_counter()
        groups: list[dict[int, Job]] = []
        for number, job in running.items():
            group = next((g for g in groups if all(job.prompt != other.prompt for other in g.values())), None)
            if group is None:
                groups.append(group := {})
            group[number] = job
        for group in groups:
            self._pass(group, outcomes, halve=True)
        spent: dict[int, Spent] = {}
        for number in [number for number, job in running.items() if job.done or number in outcomes]:
            job = running.pop(number)
            spent[number] = Spent(job.passes, job.texts)
            if job.found is not None:
                outcomes[number] = job.found
        self.cost.seconds += time.perf_counter() - began
        return spent

    def _pass(self, jobs: dict[int, Job], outcomes: dict[int, Outcome], halve: bool) -> None:
        requests: dict[int, Request] = {}
        share = min(self.lookahead, 2 * self.lookahead // len(jobs)) if self.prefetches else None
        for number, job in jobs.items():
            try:
                requests[number] = job.ask(share)
            except KgqaError as error:
                outcomes[number] = error
        began = time.perf_counter()
        try:
            answers = self._answers(requests, jobs)
        except KgqaError as error:
            self._retry(jobs, outcomes, error, halve)
            return
        self.cost.model_seconds += time.perf_counter() - began
        self.cost.passes += 1
        self.cost.texts += sum(len(request.texts) for request in requests.values())
        for number, follows in zip(requests, answers, strict=True):
            try:
                jobs[number].tell(follows)
            except KgqaError as error:
                outcomes[number] = error

    def _answers(
        self, requests: Mapping[int, Request], jobs: Mapping[int, Job]
    ) -> list[list[NDArray[np.float64]]]:
        """For each text of each request, the log-probabilities of its choices, as the decoder wants them."""
        asked, choices = list(requests.values()), [jobs[number].choices for number in requests]
        renormalises = any(jobs[number].renormalises for number in requests)
        if renormalises and isinstance(self.model, ScoresChoices):
            return self.model.score_choices(asked, choices)
        answers = zip(self.model.score(asked), choices, strict=True)
        found = [follows.of_each(some) for follows, some in answers]
        return [renormalised(gains) for gains in found] if renormalises else found

    def _retry(
        self, jobs: dict[int, Job], outcomes: dict[int, Outcome], error: KgqaError, halve: bool
    ) -> None:
        """Repeat a failed pass: half the questions at a time if memory ran out, else one by one."""
        if len(jobs) == 1 or not halve:
            outcomes.update(dict.fromkeys(jobs, error))
            return
        numbers = list(jobs)
        size = (len(jobs) + 1) // 2 if isinstance(error, OutOfMemoryError) else 1
        for at in range(0, len(numbers), size):
            self._pass({number: jobs[number] for number in numbers[at : at + size]}, outcomes, halve=False)


def decode(
    decoder: Decoder, model: LanguageModel, prompt: Prompt, constraint: Constraint
) -> list[Hypothesis]:
    """The hypotheses of one question, most probable first. Raises what the search and the model raise."""
    (outcome,) = Engine(model).run(decoder, [Task(prompt, constraint)])
    if isinstance(outcome, KgqaError):
        raise outcome
    return outcome
