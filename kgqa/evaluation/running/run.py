"""Answering a whole question set, with the outcome of every question kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kgqa.datasets import Question
from kgqa.errors import DataError, UsageError, check_count, check_path
from kgqa.evaluation.record import Record
from kgqa.evaluation.record_file import RECORDS, RecordFile
from kgqa.evaluation.report import Report
from kgqa.evaluation.running.batch_runner import BatchRunner
from kgqa.evaluation.running.executor import Batch, Executor, InProcess
from kgqa.evaluation.running.manifest import Manifest, questions_checksum
from kgqa.evaluation.running.named_graphs import NamedGraphs
from kgqa.evaluation.running.provenance import Provenance
from kgqa.evaluation.running.run_lock import run_lock
from kgqa.pipeline import Answers

__all__ = ["Run", "evaluate", "in_batches"]


def evaluate(
    questions: Iterable[Question],
    answerer: Answers,
    out: str | Path,
    *,
    link: bool = False,
    batch_size: int = 8,
    settings: Mapping[str, object] | None = None,
    progress: Callable[[Record], None] | None = None,
    graphs: NamedGraphs | None = None,
) -> Report:
    """Answer every question and write `records.jsonl` and `run.json` to the folder `out`.

    The answerer is given a question's topic entities; with `link`, or where there are none, the linker finds
    them in its text. A question with a graph of its own is answered from that, by the same answerer; for
    questions that name one of several graphs, `graphs` has the file of each.

    A folder that holds a part of the same run is resumed: questions with a record are not asked again. The
    same run means the same questions, graph, answerer (`Answers.describe`) and `settings` (further JSON
    values that decide the records); otherwise `UsageError`. `progress` gets every new record. To link and
    decode nothing twice, in this run or another, hand it an `Answerer.cached`.

    `batch_size` questions share the passes of the model, which is faster. A run that is killed repeats the
    unfinished batch, and the time of a question is its share of its batch. Questions with graphs of their own
    are answered one by one.

    A question that fails gets a record with the error's message. `KeyboardInterrupt` and `MemoryError` end
    the run; all finished records are kept. Raises `ParseError` for bad questions, before any is answered, or
    damaged records; `DataError` when the disk is full; `UsageError` when another process runs in the folder.
    """
    folder = check_path(out, "out")
    if isinstance(questions, (str, bytes, Path)) or not isinstance(questions, Iterable):
        raise UsageError("questions are Question objects; load_questions reads a file of them")
    if not callable(getattr(answerer, "run", None)):
        raise UsageError(f"answerer is an Answerer, or has its methods (Answers), not {answerer!r:.60}")
    if graphs is not None and not isinstance(graphs, NamedGraphs):
        raise UsageError(f"graphs is a NamedGraphs of kgqa.evaluation, not {type(graphs).__name__}")
    asked = tuple(questions) if isinstance(questions, Iterator) else questions
    names = _graph_names(asked)
    if graphs is None and len(names) > 1:
        known = ", ".join(sorted(f"{name!r:.80}" for name in names)[:2])
        raise UsageError(f"questions name different graphs ({known}); give the file of each in graphs")
    checksum = answerer.graph.checksum if graphs is None else graphs.checksum
    run = Run(asked, checksum, folder, link, _as_json(settings or {}), batch_size)
    return run.go(InProcess(BatchRunner(answerer, link, graphs)), progress)


def _graph_names(questions: Iterable[Question]) -> set[str | None]:
    """The graphs that questions without one of their own name. Raises `UsageError` for other objects."""
    names = set()
    for one in questions:
        if not isinstance(one, Question):
            raise UsageError(f"questions are Question objects, not {one!r:.60}; load_questions reads a file")
        if one.graph is None:
            names.add(one.graph_name)
    return names


def _as_json(settings: Mapping[str, object]) -> dict[str, object]:
    """Settings as `run.json` has them. Raises `UsageError` for values that JSON does not have."""
    try:
        return dict(json.loads(json.dumps(dict(settings))))
    except (TypeError, ValueError) as error:
        raise UsageError(f"settings are names with JSON values: {error}") from error


@dataclass(frozen=True)
class Run:
    """Questions to be executed, with their records in a folder; see `evaluate`.

    `questions` are read more than once. `graph` is the checksum of their graph or graphs. `about` (JSON
    values) is kept in `run.json` for readers. `warn` is called with one line for each circumstance that
    differs from when the run was begun (another version of torch, another commit).
    """

    questions: Iterable[Question]
    graph: str
    out: Path
    link: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)
    batch_size: int = 1
    about: Mapping[str, object] = field(default_factory=dict)
    warn: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        check_count(self.batch_size, "batch_size")

    def go(
        self,
        executor: Executor,
        progress: Callable[[Record], None] | None = None,
        begun: Callable[[int, int], None] | None = None,
    ) -> Report:
        """Execute whatever has no record yet, then close the executor.

        `begun` gets the number of questions and how many have a record, then `progress` every new record.
        """
        try:
            ids, checksum = questions_checksum(self.questions)
            with run_lock(self.out):
                for change in self._manifest(checksum, len(ids), executor).claim(self.out):
                    if self.warn:
                        self.warn(change)
                with RecordFile(self.out / RECORDS) as file:
                    if foreign := file.records.keys() - ids.keys():
                        raise DataError(f"{self.out / RECORDS}: {min(foreign)!r} is no question of this run")
                    if begun:
                        begun(len(ids), len(file.records))
                    for record in executor.records(self._batches(file.records.keys())):
                        if record.id not in file.records:
                            file.append(record)
                            if progress:
                                progress(record)
                    file.put_in_order(ids)
                    return Report.of(file.records.values())
        finally:
            executor.close()

    def _manifest(self, checksum: str, n: int, executor: Executor) -> Manifest:
        settings = {**self.settings, "answerer": executor.description()}
        describes = {**asdict(Provenance.here()), "batch_size": self.batch_size, "about": dict(self.about)}
        return Manifest(checksum, n, self.graph, self.link, settings, describes)

    def _batches(self, done: Set[str]) -> Iterator[Batch]:
        """The batches with a question that has no record.

        Always whole ones: in its last digits a score may depend on the questions beside it, and a resumed run
        must give the records of an undisturbed one.
        """
        for batch in in_batches(self.questions, self.batch_size):
            if any(question.id not in done for question in batch):
                yield batch


def in_batches(questions: Iterable[Question], size: int) -> Iterator[list[Question]]:
    """Questions in their order, up to `size` at a time; those with a graph of their own alone.

    Those that name their graph come last, graph by graph, so that each graph is opened once.
    """
    batch: list[Question] = []
    named: dict[str, list[Question]] = {}
    for question in questions:
        if question.graph_name is not None and question.graph is None:
            named.setdefault(question.graph_name, []).append(question)
            continue
        if batch and (len(batch) >= size or question.graph is not None or batch[0].graph is not None):
            yield batch
            batch = []
        batch.append(question)
    if batch:
        yield batch
    for alike in named.values():
        yield from (alike[at : at + size] for at in range(0, len(alike), size))
