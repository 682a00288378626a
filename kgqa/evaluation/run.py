"""Answering a whole question set, with every outcome kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kgqa.datasets import Question
from kgqa.errors import DataError
from kgqa.evaluation.asker import Answering, Asker, WithGraph
from kgqa.evaluation.crew import Alone, Crew
from kgqa.evaluation.manifest import Manifest, questions_checksum
from kgqa.evaluation.provenance import Provenance
from kgqa.evaluation.record import Record
from kgqa.evaluation.record_file import RECORDS, RecordFile
from kgqa.evaluation.report import Report
from kgqa.evaluation.run_lock import run_lock
from kgqa.evaluation.stages import Caches

__all__ = ["Run", "evaluate", "in_groups"]


def evaluate(
    questions: Iterable[Question],
    answerer: Answering,
    out: Path,
    *,
    link: bool = False,
    settings: Mapping[str, object] | None = None,
    with_graph: WithGraph | None = None,
    together: int = 1,
    progress: Callable[[Record], None] | None = None,
    caches: Caches | None = None,
) -> Report:
    """Answer every question and write `records.jsonl` and `run.json` to the folder `out`.

    The answerer is given a question's topic entities, or, with `link` or where there are none, what
    it finds in the question's text. A question with a graph of its own is answered from that, by
    what `with_graph` makes of it (by default: the same `Answerer`, over that graph).

    A folder that holds a part of the same run is gone on with: what has a record is not asked again.
    The same run means the same questions, graph and `settings` (JSON values; whatever else decides
    what comes out: the model, the decoder); otherwise `UsageError`. `progress` is told every new record.
    With `caches` an `Answerer` links and decodes nothing twice, in this run or another.

    With `together` up to that many questions are answered at once, which is faster: what a run loses
    when it is killed, and the time of a question is then its share of the time they took. Questions
    with graphs of their own are answered one by one.

    A question that fails gets a record with the error's message. A `KeyboardInterrupt` or
    `MemoryError` ends the run; what was answered until then is kept. Raises `ParseError` for bad
    questions, before any is answered, or damaged records; `DataError` when the disk is full, and
    `UsageError` when another run is at work in the folder.
    """
    asked = tuple(questions) if isinstance(questions, Iterator) else questions
    run = Run(asked, answerer.graph.checksum, out, link, dict(settings or {}), together)
    return run.go(Alone(Asker(answerer, with_graph, link, caches)), progress)


@dataclass(frozen=True)
class Run:
    """Questions asked of a crew, with their records in a folder; see `evaluate`.

    `questions` are gone through more than once. `graph` is the checksum of the graph that they share.
    `about` (JSON values) is kept in `run.json` for whoever reads it. `warn` is told, one line each, what
    describes the run differently than when it was begun (another version of torch, another commit).
    """

    questions: Iterable[Question]
    graph: str
    out: Path
    link: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)
    together: int = 1
    about: Mapping[str, object] = field(default_factory=dict)
    warn: Callable[[str], None] | None = None

    def go(
        self,
        crew: Crew,
        progress: Callable[[Record], None] | None = None,
        begun: Callable[[int, int], None] | None = None,
    ) -> Report:
        """Have the crew answer whatever has no record yet, and let it go.

        `begun` is told the number of questions and how many have a record, then `progress` every new one.
        """
        try:
            ids, checksum = questions_checksum(self.questions)
            with run_lock(self.out):
                for change in self._manifest(checksum, len(ids), crew).claim(self.out):
                    if self.warn:
                        self.warn(change)
                with RecordFile(self.out / RECORDS) as file:
                    if foreign := file.records.keys() - ids.keys():
                        raise DataError(f"{self.out / RECORDS}: {min(foreign)!r} is no question of this run")
                    if begun:
                        begun(len(ids), len(file.records))
                    for record in crew.records(self._groups(file.records.keys())):
                        if record.id not in file.records:
                            file.append(record)
                            if progress:
                                progress(record)
                    file.put_in_order(ids)
                    return Report.of(file.records.values())
        finally:
            crew.close()

    def _manifest(self, checksum: str, n: int, crew: Crew) -> Manifest:
        settings = {**self.settings, **crew.facts()}
        describes = {**asdict(Provenance.here()), "together": self.together, "about": dict(self.about)}
        return Manifest(checksum, n, self.graph, self.link, settings, describes)

    def _groups(self, done: Set[str]) -> Iterator[list[Question]]:
        """The groups with a question that has no record.

        Whole ones: what a model says depends, in its last digits, on what it is asked beside, and a run
        that was stopped must end as one that was not.
        """
        for group in in_groups(self.questions, self.together):
            if any(question.id not in done for question in group):
                yield group


def in_groups(questions: Iterable[Question], size: int) -> Iterator[list[Question]]:
    """Questions in their order, up to `size` at a time; those with a graph of their own alone."""
    group: list[Question] = []
    for question in questions:
        if group and (len(group) >= size or question.graph is not None or group[0].graph is not None):
            yield group
            group = []
        group.append(question)
    if group:
        yield group
